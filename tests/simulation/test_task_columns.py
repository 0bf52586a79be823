from dataclasses import replace

import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.task_columns import check_task, columns_before, courses
from driftmill.simulation.tasks import Bandit, Inputs
from tests.simulation.learners import DELTA, delta_model, sum_model

ARMS = Bandit(((0.8, 0.2),))
CUES = Bandit(((0.8, 0.2), (0.3, 0.6)), blocks=2)
ONES = Inputs(values=(1.0,) * 10)


@pytest.mark.parametrize(
    ("model", "task", "covariates", "message"),
    [
        (get_model("ddm"), ARMS, (), "ddm does not learn.*leave the task out"),
        (delta_model(), None, (), "learns from feedback.*needs a task; give a bandit"),
        (sum_model(), None, (), "learns from u.*needs a task; give inputs"),
        (delta_model(), ONES, (), "learns from feedback, which inputs .*give a bandit"),
        (sum_model(), ARMS, (), "learns from u, which a bandit .*give inputs"),
        (sum_model(), Inputs(walk=1.0), (), "is 0 or 1, .*give a schedule"),
        (sum_model(), Inputs(values=(0.0, 2.0) * 5), (), "is 0 or 1"),
        (
            delta_model("softmax_inv_temperature_3"),
            ARMS,
            (),
            "2 options, delta_softmax_inv_temperature_3 chooses among 3: give each cue 3 means",
        ),
        (delta_model(block="run"), CUES, (), "2 cues.*values are kept for each.*cue: cue"),
        (delta_model(cue="arm"), CUES, (), "2 blocks.*starts anew in each.*block: block"),
        (delta_model(), ARMS, ("feedback",), r"column feedback .*rename one"),
        (delta_model(columns={"feedback": "rt"}), ARMS, (), "column rt .*rename one"),
        (delta_model(cue="same", block="same"), CUES, (), "column same .*rename one"),
        (delta_model(elapsed="wait"), ARMS, ("x",), "elapsed from the column wait.*a covariate"),
        (delta_model(), Bandit(((0.8, 0.2),), blocks=1, reverse_every=2), (), None),
        (delta_model(cue="arm", block="run"), CUES, ("x",), None),
        (delta_model(elapsed="wait"), ARMS, ("wait",), None),
        (sum_model(), Inputs(values=(0.0,)), (), "values = 1 numbers: .* 10 trials"),
    ],
)
def test_a_model_and_its_task_must_go_together(model, task, covariates, message):
    if message is None:
        check_task(model, task, 10, covariates)
        return
    with pytest.raises(SimulationError, match=message):
        check_task(model, task, 10, covariates)


def test_further_inputs_may_come_from_covariates():
    process = replace(DELTA, inputs=("feedback", "stake"))
    model = delta_model()
    model = replace(model, learning=replace(model.learning, process=process))
    check_task(model, ARMS, 10, ("stake",))
    with pytest.raises(SimulationError, match="takes stake from the column stake"):
        check_task(model, ARMS, 10, ())


def test_columns_have_the_names_of_the_model():
    made = courses(CUES, 3, 20, np.random.SeedSequence(1))
    columns = columns_before(delta_model(cue="arm", block="run").learning, CUES, made)
    assert list(columns) == ["arm", "run"]
    assert [column.dtype for column in columns.values()] == [np.int64, np.int64]
    assert (
        columns["run"].tolist() == [0] * 10 + [1] * 10 + [0] * 10 + [1] * 10 + [0] * 10 + [1] * 10
    )
    np.testing.assert_array_equal(columns["arm"][20:40], made[1].cue)
    assert columns_before(delta_model().learning, ARMS, courses(ARMS, 2, 5, made_seed())) == {}


def made_seed():
    return np.random.SeedSequence(2)


def test_inputs_are_a_column_and_a_cue_column_is_there_where_the_model_has_one():
    model = sum_model(columns={"u": "outcome"}, cue="arm")
    made = courses(ONES, 2, 4, made_seed())
    columns = columns_before(model.learning, ONES, made)
    assert {name: column.tolist() for name, column in columns.items()} == {
        "outcome": [1.0] * 8,
        "arm": [0] * 8,
    }


def test_further_participants_leave_the_courses_of_the_first_alone():
    few, many = (courses(CUES, n, 20, made_seed()) for n in (2, 5))
    for course, again in zip(few, many, strict=False):
        np.testing.assert_array_equal(course.cue, again.cue)
        np.testing.assert_array_equal(course.means, again.means)
    assert (many[0].cue != many[3].cue).any()

import hashlib
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from driftmill.models import Prior, get_model
from driftmill.simulation.design import Design
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.simulate import simulate_datasets
from driftmill.simulation.truths import Grid
from tests.simulation.digests import digests

DESIGN = Design(
    cell="drifts",
    model=get_model("ddm"),
    truth={
        "v": Grid((0.8, 1.6)),
        "a": Prior("Uniform", {"lower": 0.4, "upper": 0.8}),
        "z": 0.5,
        "t": 0.3,
    },
    participants=2,
    trials=7,
    datasets=6,
    lapse=0.1,
    seed=20,
)
CHOICE = Design(
    cell="choice",
    model=get_model("softmax_inv_temperature_2"),
    truth={"beta": 2.0, "logit1": Prior("Normal", {"mu": 0, "sigma": 1})},
    participants=1,
    trials=4,
    datasets=3,
    lapse=0.0,
    seed=20,
)
DIGEST = """
import hashlib, random, sys
import numpy as np, pandas as pd
sys.path[:0] = {path!r}
np.random.seed(random.randrange(2**31))
from driftmill.models import Prior, get_model
from driftmill.simulation.design import Design
from driftmill.simulation.simulate import simulate_datasets
drift = Prior("Normal", dict(mu=1, sigma=1))
truth = dict(v=drift, a=0.5, z=0.4, t=0.2, sv=0.7)
design = Design("x", get_model("ddm_sdv"), truth, 2, 20, 3, 0.1, 5)
tables = simulate_datasets(design, [0, 2])
print(hashlib.sha256("".join(t.to_csv() for t in tables).encode()).hexdigest())
"""


def test_tables_have_the_columns_of_the_artifacts():
    trials, truth = simulate_datasets(DESIGN, range(6))
    assert list(trials) == ["dataset", "participant_id", "trial_id", "rt", "response"]
    assert [str(t) for t in trials.dtypes] == ["int64", "str", "int64", "float64", "int64"]
    assert list(truth) == ["dataset", "participant_id", "parameter", "value"]
    assert [str(t) for t in truth.dtypes] == ["int64", "str", "str", "float64"]
    assert truth["participant_id"].isna().all()
    assert truth["parameter"].tolist() == ["v", "a", "z", "t"] * 6
    groups = trials.groupby(["dataset", "participant_id"])["trial_id"].agg(list)
    assert groups.index.tolist() == [(d, p) for d in range(6) for p in ("0", "1")]
    assert all(ids == list(range(7)) for ids in groups)


def test_truth_is_drawn_for_every_dataset():
    _, truth = simulate_datasets(DESIGN, range(6))
    wide = truth.pivot_table(index="dataset", columns="parameter", values="value")
    assert wide["v"].tolist() == [0.8, 1.6] * 3
    assert wide["a"].between(0.4, 0.8).all()
    assert wide["a"].nunique() == 6


def test_choices_alone_have_no_rt():
    trials, _ = simulate_datasets(CHOICE, [0, 1, 2])
    assert list(trials) == ["dataset", "participant_id", "trial_id", "response"]


@pytest.mark.parametrize("design", [DESIGN, CHOICE], ids=lambda design: design.cell)
def test_batches_are_a_cost_choice(design):
    numbers = list(range(design.datasets))
    together = simulate_datasets(design, numbers)
    apart = [simulate_datasets(design, [number]) for number in numbers]
    backwards = simulate_datasets(design, numbers[::-1])
    for kind in (0, 1):
        single = pd.concat([tables[kind] for tables in apart], ignore_index=True)
        pd.testing.assert_frame_equal(together[kind], single, check_exact=True)
        again = backwards[kind].sort_values("dataset", kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(together[kind], again, check_exact=True)


def test_more_datasets_or_participants_leave_the_first_ones_alone():
    trials, _ = simulate_datasets(DESIGN, [1])
    more, _ = simulate_datasets(replace(DESIGN, participants=4, datasets=50), [1])
    pd.testing.assert_frame_equal(trials, more[more["participant_id"].isin(["0", "1"])])


@pytest.mark.parametrize("changed", [{"seed": 21}, {"cell": "other"}])
def test_seed_and_cell_change_everything(changed):
    trials, truth = simulate_datasets(DESIGN, [1])
    other_trials, other_truth = simulate_datasets(replace(DESIGN, **changed), [1])
    assert not np.isin(trials["rt"], other_trials["rt"]).any()
    assert truth["value"][1] != other_truth["value"][1]


def test_participants_share_the_truth_but_not_the_trials():
    trials, _ = simulate_datasets(replace(DESIGN, trials=2_000, lapse=0.0), [0])
    first, second = (trials.loc[trials["participant_id"] == p, "rt"] for p in ("0", "1"))
    assert not np.isin(first, second).all()
    error = np.hypot(first.std(), second.std()) / np.sqrt(2_000)
    assert abs(first.mean() - second.mean()) < 4 * error


def test_hash_seed_and_global_random_state_do_not_matter():
    code = DIGEST.format(path=sys.path)
    found = digests(code)
    assert len(found) == 1
    assert len(found.pop()) == 2 * hashlib.sha256().digest_size


def test_a_truth_that_does_not_finish_names_its_place():
    slow = replace(DESIGN, truth={"v": 0.0, "a": 6.0, "z": 0.5, "t": 0.3}, trials=100)
    with pytest.raises(SimulationError, match=r"cell drifts, dataset 4, participant 0: .*a=6"):
        simulate_datasets(slow, [4])


def test_datasets_outside_the_cell_are_refused():
    with pytest.raises(ValueError, match="datasets 0 to 5, not 6"):
        simulate_datasets(DESIGN, [6])
    with pytest.raises(ValueError, match="no datasets"):
        simulate_datasets(DESIGN, [])

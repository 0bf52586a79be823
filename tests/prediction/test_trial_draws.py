import numpy as np
import pandas as pd
import pytest

from driftmill.models import Prior, get_model
from driftmill.prediction.designs import designs_of, shapes_of
from driftmill.prediction.trial_draws import trial_draws
from driftmill.regression.columns import Shape, datasets_of
from driftmill.regression.draws import TrialParameters
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.regression.prior_draws import prior_draws

DDM = get_model("ddm")
FAST = {"v": 1.0, "a": 0.5, "z": 0.5, "t": 0.3}


def plain(n=8, **changes):
    return {name: np.full(n, value) for name, value in FAST.items()} | changes


@pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning")
def test_formulas_give_what_the_lifted_graph_gives(ddm, trials):
    columns = datasets_of(pd.DataFrame(trials()).assign(dataset=7), ddm)[7]
    designs = designs_of(ddm, columns)
    draws = prior_draws(ddm, shapes_of(designs), 10, np.random.SeedSequence(1))
    lifted, data = Lifter(ddm, Shape(90)).of(columns)
    flat = np.concatenate([draws[v.name].reshape(10, -1) for v in lifted.free], axis=1)
    expected = TrialParameters(lifted)(flat, data)
    found = trial_draws(ddm, designs, draws, columns, 90).of(np.arange(10))
    assert set(found) == set(expected)
    for name, values in expected.items():
        np.testing.assert_allclose(found[name], values, rtol=1e-12)


def test_plain_parameters_are_the_same_on_every_trial():
    spec = FitSpec("f", DDM, fixed={"z": 0.5}, p_outlier=0.05)
    draws = {k: x for k, x in plain(v=np.arange(8.0)).items() if k != "z"}
    found = trial_draws(spec, {}, draws, {}, 5).of(np.array([2, 6]), slice(1, 4))
    assert set(found) == {*FAST, "p_outlier"}
    np.testing.assert_array_equal(found["v"], [[2.0] * 3, [6.0] * 3])
    np.testing.assert_array_equal(found["p_outlier"], np.full((2, 3), 0.05))


def test_a_column_holds_one_value_a_trial():
    spec = FitSpec("f", DDM, fixed={"t": "ter"})
    draws = {k: x for k, x in plain().items() if k != "t"}
    ter = np.linspace(0.1, 0.5, 5)
    found = trial_draws(spec, {}, draws, {"ter": ter}, 5).of(np.array([0, 1]), slice(2, 5))
    np.testing.assert_array_equal(found["t"], np.tile(ter[2:], (2, 1)))


@pytest.mark.parametrize(
    "bad", [{"a": -1.0}, {"a": 1e-3}, {"z": 1.0}, {"v": np.nan}, {"p_outlier": 1.2}]
)
def test_plain_draws_that_cannot_be_simulated_are_not_usable(bad):
    spec = FitSpec("f", DDM, p_outlier=Prior("Beta", {"alpha": 1.0, "beta": 9.0}))
    draws = plain(p_outlier=np.full(8, 0.1))
    for name, value in bad.items():
        draws[name][3] = value
    found = trial_draws(spec, {}, draws, {}, 5)
    assert np.flatnonzero(~found.usable).tolist() == [3]
    assert 3 not in found.choose(8, np.random.SeedSequence(1))


def test_with_formulas_a_draw_is_usable_when_it_is_finite(softmax, trials):
    columns = trials()
    designs = designs_of(softmax, columns)
    draws = prior_draws(softmax, shapes_of(designs), 6, np.random.SeedSequence(1))
    draws["logit1_x|participant_id"][4, 1] = np.nan
    assert trial_draws(softmax, designs, draws, columns, 90).usable.tolist() == [True] * 4 + [
        False,
        True,
    ]


def test_draws_are_chosen_without_replacement_in_order():
    found = trial_draws(FitSpec("f", DDM), {}, plain(50), {}, 5)
    chosen = found.choose(20, np.random.SeedSequence(1))
    assert (np.diff(chosen) > 0).all()
    assert found.choose(80, np.random.SeedSequence(1)).tolist() == list(range(50))

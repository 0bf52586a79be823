import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.prediction.simulated import simulate_rows
from driftmill.simulation.trials import draw_trials

DDM = get_model("ddm")


def rows(n=200, **changes):
    fast = {"v": 1.0, "a": 0.6, "z": 0.5, "t": 0.3, "p_outlier": 0.0} | changes
    return {name: np.broadcast_to(np.asarray(x, float), n).copy() for name, x in fast.items()}


def test_possible_trials_are_those_of_the_simulator():
    parameters = rows(p_outlier=0.1)
    found = simulate_rows(DDM, parameters, np.random.SeedSequence(1))
    lapse = parameters.pop("p_outlier")
    expected = draw_trials(DDM, parameters, np.random.SeedSequence(1), float(lapse[0]))
    assert found.possible.all()
    for name, column in expected.columns.items():
        np.testing.assert_array_equal(found.columns[name], column)


@pytest.mark.parametrize(
    ("name", "value"),
    [("a", -0.1), ("a", 1e-3), ("t", 0.0), ("z", 1.0), ("v", np.nan), ("p_outlier", -0.01)],
)
def test_impossible_trials_are_marked_and_the_others_simulated(name, value):
    parameters = rows()
    parameters[name][[3, 50]] = value
    found = simulate_rows(DDM, parameters, np.random.SeedSequence(1))
    assert np.flatnonzero(~found.possible).tolist() == [3, 50]
    assert np.flatnonzero(np.isnan(found.columns["rt"])).tolist() == [3, 50]
    assert found.finished.all()
    assert (np.delete(found.columns["rt"], [3, 50]) > 0.3).all()


def test_when_nothing_is_possible_all_is_marked():
    found = simulate_rows(DDM, rows(a=-1.0), np.random.SeedSequence(1))
    assert not found.possible.any()
    assert np.isnan(found.columns["rt"]).all()


def test_lapses_go_by_each_trials_share():
    n = 20_000
    share = np.repeat([0.0, 0.5], n // 2)
    model = get_model("softmax_inv_temperature_2")
    parameters = {"beta": np.full(n, 50.0), "logit1": np.full(n, 1.0), "p_outlier": share}
    response = simulate_rows(model, parameters, np.random.SeedSequence(1)).columns["response"]
    assert (response[: n // 2] == 1).all()
    # Half of the lapses choose the other option.
    assert abs(np.mean(response[n // 2 :] == -1) - 0.25) < 4 * np.sqrt(0.25 * 0.75 / (n // 2))


def test_walks_without_end_are_marked_unfinished():
    found = simulate_rows(DDM, rows(20, v=0.0, a=6.0), np.random.SeedSequence(1))
    assert np.count_nonzero(~found.finished) > 0
    assert found.possible.all()
    assert (found.columns["rt"][~found.finished] > 20.0).all()

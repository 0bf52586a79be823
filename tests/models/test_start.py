"""Start values: near the truth where the data say so, tame where they do not."""

import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.simulation.simulate import simulate_trials


def simulated(model, n=8000, **values):
    parameters = {name: np.full(n, float(value)) for name, value in values.items()}
    return simulate_trials(model, parameters, np.random.SeedSequence(7))


@pytest.mark.parametrize(("v", "a", "t"), [(1.0, 1.2, 0.3), (-1.5, 0.9, 0.5), (0.5, 1.5, 0.2)])
def test_unbiased_diffusions_are_nearly_recovered(v, a, t):
    start = get_model("ddm").start(simulated(get_model("ddm"), v=v, a=a, z=0.5, t=t))
    assert abs(start["v"] - v) < 0.15 * abs(v)
    assert abs(start["a"] - a) < 0.1 * a
    assert abs(start["t"] - t) < 0.15


def test_outliers_hardly_move_the_start():
    trials = simulated(get_model("ddm"), n=500, v=1.0, a=1.2, z=0.5, t=0.3)
    clean = get_model("ddm").start(trials)
    trials["rt"][:5] = 15.0
    dirty = get_model("ddm").start(trials)
    assert all(abs(dirty[name] - clean[name]) < 0.15 for name in clean)


def test_chance_performance_has_no_drift():
    trials = simulated(get_model("ddm"), v=0.0, a=1.0, z=0.5, t=0.3)
    start = get_model("ddm").start(trials)
    assert abs(start["v"]) < 0.4
    assert abs(start["a"] - 1.0) < 0.1


@pytest.mark.parametrize("slowest", [0.6, 2.0, 19.9])
def test_bounds_of_the_start_meet_after_the_slowest_response(slowest):
    columns = {"rt": np.array([0.4, 0.5, slowest]), "response": np.array([1, -1, 1])}
    start = get_model("angle").start(columns)
    assert slowest < start["t"] + start["a"] / np.tan(start["theta"])


def test_softmax_starts_at_the_observed_shares():
    response = np.repeat([0, 1, 2], [20, 50, 30])
    start = get_model("softmax_inv_temperature_3").start({"response": response})
    odds = np.exp(start["beta"] * np.array([0.0, start["logit1"], start["logit2"]]))
    np.testing.assert_allclose(odds / odds.sum(), [0.2, 0.5, 0.3], atol=0.01)

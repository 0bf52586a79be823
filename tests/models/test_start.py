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


@pytest.mark.parametrize(
    ("name", "truth"),
    [
        ("lba2", {"A": 0.3, "b": 0.6, "v0": 0.9, "v1": 0.7, "t": 0.0}),
        (
            "racing_diffusion_3",
            {"A": 0.5, "b": 1.2, "v0": 2.5, "v1": 1.5, "v2": 1.0, "t": 0.2, "theta": 0.0},
        ),
        ("poisson_race", {"r1": 6.0, "r2": 4.0, "k1": 4.0, "k2": 4.0, "t": 0.2}),
    ],
)
def test_races_start_within_a_factor_of_three(name, truth):
    model = get_model(name)
    start = model.start(simulated(model, **truth))
    assert start["t"] < 0.5
    for parameter in (n for n in truth if n[0] in "bvrk"):
        assert 1 / 3 < start[parameter] / truth[parameter] < 3, parameter
    drifts = [start[n] for n in truth if n[0] in "vr"]
    assert drifts == sorted(drifts, reverse=True)


def test_softmax_starts_at_the_observed_shares():
    response = np.repeat([0, 1, 2], [20, 50, 30])
    start = get_model("softmax_inv_temperature_3").start({"response": response})
    odds = np.exp(start["beta"] * np.array([0.0, start["logit1"], start["logit2"]]))
    np.testing.assert_allclose(odds / odds.sum(), [0.2, 0.5, 0.3], atol=0.01)

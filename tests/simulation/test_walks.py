"""Walks against identities that hold for any bound: none of them uses our densities."""

import numpy as np
import pytest
from scipy.stats import ks_2samp
from ssms.basic_simulators.simulator_class import Simulator

from driftmill.models.declaration import SsmSimulator
from driftmill.simulation import walks
from driftmill.simulation.parameters import SimulationError

CHOICES = (-1, 1)
LEVY = SsmSimulator("levy", stability="alpha")


def rows(n, **values):
    return {name: np.full(n, float(value)) for name, value in values.items()}


def choice_probability(v, a, z):
    """Probability of the upper bound of a DDM."""
    return np.expm1(-4 * v * a * z) / np.expm1(-4 * v * a)


def mean_decision_time(v, a, z):
    """Mean first passage time of a DDM, by Wald's first identity."""
    return (2 * a * choice_probability(v, a, z) - 2 * a * z) / v


def standard_errors(sample, expected):
    return (np.mean(sample) - expected) / (np.std(sample) / np.sqrt(len(sample)))


@pytest.mark.parametrize(("v", "a", "z"), [(0.5, 0.5, 0.5), (1.0, 0.5, 0.3), (-0.8, 0.7, 0.85)])
def test_ddm_has_the_closed_form_mean_and_choice_probability(v, a, z):
    drawn = walks.walk(SsmSimulator("ddm"), CHOICES, rows(100_000, v=v, a=a, z=z, t=0.3), seed=11)
    assert drawn.finished.all()
    assert abs(standard_errors(drawn.rt - 0.3, mean_decision_time(v, a, z))) < 4
    assert abs(standard_errors(drawn.response == 1, choice_probability(v, a, z))) < 4


def test_mean_of_the_unbiased_start_is_the_textbook_one():
    assert mean_decision_time(0.7, 0.5, 0.5) == pytest.approx(0.5 / 0.7 * np.tanh(0.35))


def test_the_uncorrected_simulator_is_seven_per_cent_slow():
    raw = Simulator("ddm").simulate(
        {"v": 0.5, "a": 0.5, "z": 0.5, "t": 0.3},
        n_samples=100_000,
        random_state=11,
        return_option="minimal",
    )
    decision = raw["rts"].ravel().astype(float) - 0.3
    expected = mean_decision_time(0.5, 0.5, 0.5)
    assert standard_errors(decision, expected) > 15
    assert np.mean(decision) / expected == pytest.approx(1.07, abs=0.01)


@pytest.mark.parametrize("theta", [0.5, 0.2, -0.05])
def test_angle_bound_satisfies_walds_identities(theta):
    """W = X_T - x0 - vT has mean 0 and E W^2 = E T, wherever the bound lies."""
    v, a, z, t = 0.6, 0.6, 0.4, 0.2
    parameters = rows(100_000, v=v, a=a, z=z, t=t, theta=theta)
    drawn = walks.walk(SsmSimulator("angle"), CHOICES, parameters, seed=5)
    time = drawn.rt - t
    noise = drawn.response * (a - time * np.tan(theta)) - (2 * z - 1) * a - v * time
    assert abs(standard_errors(noise, 0)) < 4
    assert abs(standard_errors(noise**2 - time, 0)) < 4


def test_sv_is_the_standard_deviation_of_the_drift():
    v, a, z, sv = 0.7, 0.6, 0.4, 1.2
    parameters = rows(50_000, v=v, a=a, z=z, t=0.3, sv=sv)
    drawn = walks.walk(SsmSimulator("ddm_sdv"), CHOICES, parameters, seed=6)
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    weights = weights / weights.sum()
    drifts = v + sv * nodes
    assert abs(standard_errors(drawn.response == 1, weights @ choice_probability(drifts, a, z))) < 4
    assert abs(standard_errors(drawn.rt - 0.3, weights @ mean_decision_time(drifts, a, z))) < 4


def test_correction_keeps_the_start_and_the_other_parameters():
    parameters = rows(2, v=0.5, a=0.8, z=0.7, t=0.3, theta=0.2)
    corrected = walks.correct_bound(SsmSimulator("angle"), parameters, delta_t=0.001)
    np.testing.assert_allclose(corrected["a"], 0.8 - 0.5826 * np.sqrt(0.001))
    start = (2 * corrected["z"] - 1) * corrected["a"]
    np.testing.assert_allclose(start, (2 * 0.7 - 1) * 0.8)
    for name in ("v", "t", "theta"):
        np.testing.assert_array_equal(corrected[name], parameters[name])


@pytest.mark.parametrize(("a", "z"), [(0.01, 0.5), (0.06, 0.5), (1.2, 0.98), (1.2, 0.02)])
def test_a_start_too_near_a_bound_is_refused_with_the_remedy(a, z):
    with pytest.raises(SimulationError, match=f"a={a}, z={z}.*take a larger a or z nearer 0.5"):
        walks.walk(SsmSimulator("ddm"), CHOICES, rows(2, v=0, a=a, z=z, t=0.3), seed=1)


def test_walks_without_end_are_counted():
    """At v = 0 and z = .5 the survivor function is a theta series."""
    a, n = 3.0, 2_000
    drawn = walks.walk(SsmSimulator("ddm"), CHOICES, rows(n, v=0, a=a, z=0.5, t=0.3), seed=2)
    k = np.arange(20)
    rate = (2 * k + 1) ** 2 * np.pi**2 / (8 * a**2)
    survive = np.sum(4 / np.pi * (-1.0) ** k / (2 * k + 1) * np.exp(-rate * walks.MAX_T))
    unfinished = np.count_nonzero(~drawn.finished)
    assert abs(unfinished - n * survive) < 4 * np.sqrt(n * survive * (1 - survive))
    assert drawn.rt[drawn.finished].max() < walks.MAX_T + 0.3
    assert drawn.rt[~drawn.finished].min() >= walks.MAX_T + 0.3 - 2 * walks.DELTA_T


@pytest.mark.parametrize("length", [1, 50])
def test_rows_keep_their_order(length):
    t = np.repeat(np.linspace(0.1, 9.0, 100), length)
    parameters = rows(t.size, v=1.0, a=0.3, z=0.5, t=0) | {"t": t}
    drawn = walks.walk(SsmSimulator("ddm"), CHOICES, parameters, seed=3)
    assert (drawn.rt > t).all()
    assert (drawn.rt - t).max() < 2.0


def test_rows_of_their_own_have_their_own_distribution():
    z = np.tile([0.3, 0.7], 20_000)
    drawn = walks.walk(
        SsmSimulator("ddm"), CHOICES, rows(z.size, v=0, a=0.3, z=0, t=0) | {"z": z}, 4
    )
    for start in (0.3, 0.7):
        assert abs(standard_errors(drawn.response[z == start] == 1, start)) < 4


def test_same_seed_same_walks_other_seed_other_walks():
    parameters = rows(50, v=1.0, a=0.5, z=0.5, t=0.3, sv=0.5)
    first, second, other = (
        walks.walk(SsmSimulator("ddm_sdv"), CHOICES, parameters, seed).rt for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_names_and_choices_are_translated():
    ours = rows(200, drift=1.5, bound=0.5, start=0.5, t=0.3)
    renamed = SsmSimulator(
        "ddm", rename={"drift": "v", "bound": "a", "start": "z"}, bound="bound", start="start"
    )
    coded = walks.walk(renamed, (0, 1), ours, seed=9)
    plain = walks.walk(SsmSimulator("ddm"), CHOICES, rows(200, v=1.5, a=0.5, z=0.5, t=0.3), seed=9)
    np.testing.assert_array_equal(coded.rt, plain.rt)
    np.testing.assert_array_equal(coded.response, (plain.response + 1) // 2)


def test_disagreement_with_the_package_is_an_error():
    with pytest.raises(SimulationError, match="angle takes"):
        walks.walk(SsmSimulator("angle"), CHOICES, rows(2, v=0, a=1, z=0.5, t=0.3), seed=1)
    with pytest.raises(SimulationError, match="choices"):
        walks.walk(SsmSimulator("ddm"), (0, 1, 2), rows(2, v=0, a=1, z=0.5, t=0.3), seed=1)


@pytest.mark.parametrize("seed", [-1, 2**31])
def test_seed_outside_the_range_is_refused(seed):
    with pytest.raises(SimulationError, match="seed"):
        walks.walk(SsmSimulator("ddm"), CHOICES, rows(2, v=0, a=1, z=0.5, t=0.3), seed=seed)


def test_a_clock_that_outruns_the_arrays_is_refused():
    assert walks.clock_holds(0.001, 20.0)
    assert not walks.clock_holds(0.0001, 20.0)
    with pytest.raises(SimulationError, match="single precision"):
        walks.walk(
            SsmSimulator("ddm"), CHOICES, rows(2, v=0, a=1, z=0.5, t=0.3), seed=1, delta_t=0.0001
        )


def stable(rng, alpha, shape):
    """Draw symmetric stable noise of scale 1, by Chambers, Mallows & Stuck (1976)."""
    u = np.pi * (rng.random(shape) - 0.5)
    w = rng.standard_exponential(shape)
    return (
        np.sin(alpha * u)
        / np.cos(u) ** (1 / alpha)
        * (np.cos(u - alpha * u) / w) ** ((1 - alpha) / alpha)
    )


def fine_passages(v, a, z, alpha, n, delta_t, seed):
    """Walk in steps so small that a bound acts where it is; return times and sides."""
    rng = np.random.default_rng(seed)
    position, time, side = np.full(n, (2 * z - 1) * a), np.full(n, np.nan), np.zeros(n)
    alive, gone, stretch = np.arange(n), 0, 500
    while alive.size:
        steps = v * delta_t + delta_t ** (1 / alpha) * stable(rng, alpha, (alive.size, stretch))
        path = position[alive, None] + np.cumsum(steps, axis=1, dtype=np.float64)
        out = np.abs(path) > a
        done = out.any(axis=1)
        first = out.argmax(axis=1)
        time[alive[done]] = delta_t * (gone + first[done] + 1)
        side[alive[done]] = np.sign(path[done, first[done]])
        position[alive] = path[:, -1]
        alive, gone = alive[~done], gone + stretch
    return time, side


def test_levy_agrees_with_walks_of_our_own_in_much_finer_steps():
    v, a, z, alpha = 1.0, 0.3, 0.4, 1.8
    time, side = fine_passages(v, a, z, alpha, 5_000, 5e-6, seed=3)
    drawn = walks.walk(LEVY, CHOICES, rows(50_000, v=v, a=a, z=z, alpha=alpha, t=0.1), seed=4)
    raw = Simulator("levy").simulate(
        {"v": v, "a": a, "z": z, "alpha": alpha, "t": 0.1},
        n_samples=50_000,
        random_state=5,
        return_option="minimal",
    )
    error = np.hypot(np.std(time) / np.sqrt(time.size), np.std(drawn.rt) / np.sqrt(drawn.rt.size))
    # A crossing is told at the end of its step.
    late = 0.1 + 0.5 * walks.DELTA_T
    assert abs(np.mean(drawn.rt) - late - np.mean(time)) < 4 * error
    assert np.mean(raw["rts"].astype(float)) - late - np.mean(time) > 6 * error
    upper = np.mean(side == 1)
    assert abs(np.mean(drawn.response == 1) - upper) < 4 * np.sqrt(0.25 / 5_000 + 0.25 / 50_000)


def test_stable_noise_of_index_two_oversteps_like_brownian_noise():
    parameters = rows(1, v=0, a=1, z=0.5, alpha=2.0, t=0.3)
    expected = walks.OVERSHOOT * np.sqrt(2 * walks.DELTA_T)
    np.testing.assert_allclose(walks.overshoot(LEVY, parameters), expected, rtol=1e-4)
    brownian = rows(1, v=0, a=1, z=0.5, t=0.3)
    half = walks.step_scale(LEVY, parameters) / walks.step_scale(SsmSimulator("ddm"), brownian)
    np.testing.assert_allclose(half, np.sqrt(2))


def test_rows_of_another_index_have_noise_of_their_own():
    """Each index among the rows gives what it gives by itself."""
    alpha = np.tile([1.2, 1.9], 20_000)
    mixed = rows(alpha.size, v=0.5, a=0.5, z=0.4, alpha=0, t=0.1) | {"alpha": alpha}
    drawn = walks.walk(LEVY, CHOICES, mixed, seed=6)
    for index in (1.2, 1.9):
        alone = walks.walk(LEVY, CHOICES, rows(20_000, v=0.5, a=0.5, z=0.4, alpha=index, t=0.1), 7)
        assert ks_2samp(drawn.rt[alpha == index], alone.rt).pvalue > 1e-4

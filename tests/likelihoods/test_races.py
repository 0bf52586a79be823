"""Races: their limits, survivors and edges; reference values are in the protocol of the models."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

from driftmill.likelihoods import lba, poisson_race, racing_diffusion
from driftmill.likelihoods.gamma_survivor import log_gamma_survivor

RT = np.array([0.4, 0.7, 1.5])
RESPONSE = np.array([0, 1, 0])
lba2 = jax.jit(lba.lba2)
diffusion_2 = jax.jit(racing_diffusion.racing_diffusion_2)
poisson = jax.jit(poisson_race.poisson_race)


def test_accumulators_without_a_start_of_their_own_are_normal_rates():
    """At A = 0 the time of a ballistic accumulator is b over a normal drift."""
    b, v, t = 0.8, np.array([0.9, 0.6]), 0.1
    time = RT - t
    z = (b / time[:, None] - v) / 0.1
    log_f = np.log(b) - 2 * np.log(time[:, None]) + stats.norm.logpdf(z) - np.log(0.1)
    log_s = special.log_ndtr(z)
    row = np.arange(3)
    expected = log_f[row, RESPONSE] + log_s[row, 1 - RESPONSE]
    expected = expected - np.log1p(-np.prod(special.ndtr(-v / 0.1)))
    got = lba2(RT, RESPONSE, 0.0, b, *v, t)
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    np.testing.assert_allclose(lba2(RT, RESPONSE, 1e-7, b, *v, t), expected, rtol=1e-5)


def test_diffusions_without_a_start_of_their_own_are_walds():
    b, v, t = 0.8, np.array([1.5, 0.4]), 0.1
    time = (RT - t)[:, None]
    wald = stats.invgauss(1.0 / (v * b), scale=b * b)
    row = np.arange(3)
    expected = wald.logpdf(time)[row, RESPONSE] + wald.logsf(time)[row, 1 - RESPONSE]
    np.testing.assert_allclose(diffusion_2(RT, RESPONSE, 0.0, b, *v, t, 0.0), expected, rtol=1e-10)


def test_diffusions_without_drift_are_levys():
    b, t = 0.8, 0.1
    levy = stats.levy(scale=b * b)
    expected = levy.logpdf(RT - t) + levy.logsf(RT - t)
    got = diffusion_2(RT, RESPONSE, 0.0, b, 0.0, 0.0, t, 0.0)
    np.testing.assert_allclose(got, expected, rtol=1e-12)


def test_a_falling_threshold_is_met_by_a_walk_in_small_steps():
    A, b, v, t, theta = 0.4, 1.0, (1.2, 0.7), 0.1, 0.5
    rng, n, step = np.random.default_rng(4), 40_000, 0.05
    place = rng.uniform(0.0, A, (2, n))
    finish = np.full((2, n), np.inf)
    ends = np.arange(0, 3, step)
    for start in ends:
        before = b - np.tan(theta) * start - place
        place = place + np.array(v)[:, None] * step + np.sqrt(step) * rng.standard_normal((2, n))
        after = b - np.tan(theta) * (start + step) - place
        # Between two places a walk crosses a straight line with a probability that is known.
        crossed = rng.random((2, n)) < np.exp(-2 * np.maximum(before * after, 0) / step)
        crossed = np.where((after <= 0) | crossed, start + step, np.inf)
        finish = np.minimum(finish, crossed)
    # Both in one step count for neither.
    clear = finish[0] != finish[1]
    nodes, weights = np.polynomial.legendre.leggauss(12)
    for response in (0, 1):
        first = np.where(clear & (np.argmin(finish, axis=0) == response), finish.min(axis=0), -1)
        for low in ends[:14:2]:
            found = np.mean(np.isclose(first, low + step) | np.isclose(first, low + 2 * step))
            time = t + low + step * (nodes + 1)
            p = step * np.sum(weights * np.exp(diffusion_2(time, response, A, b, *v, t, theta)))
            both = np.mean(~clear & (np.abs(finish[0] - low - 1.5 * step) < step))
            sd = np.sqrt(p * (1 - p) / n)
            assert found - 5 * sd < p < found + both + 5 * sd


def test_counters_are_gammas():
    r, k, t = np.array([4.0, 2.5]), np.array([3.0, 0.7]), 0.1
    gamma = stats.gamma(k, scale=1 / r)
    time, row = (RT - t)[:, None], np.arange(3)
    expected = gamma.logpdf(time)[row, RESPONSE] + gamma.logsf(time)[row, 1 - RESPONSE]
    got = poisson(RT, 2 * RESPONSE - 1, *r, *k, t)
    np.testing.assert_allclose(got, expected, rtol=1e-11)


@pytest.mark.parametrize("k", [0.02, 0.7, 3.0, 12.5, 90.0])
def test_gamma_survivors_and_their_slopes(k):
    x = k * np.array([1e-3, 0.5, 0.99, 1.01, 1.5, 3.0]) + np.array([0, 0, 0, 1, 1, 2])
    expected = np.log(special.gammaincc(k, x))
    np.testing.assert_allclose(log_gamma_survivor(k, x), expected, rtol=1e-11, atol=1e-13)
    shape = np.full(x.size, k)
    got = jax.vmap(jax.grad(log_gamma_survivor, argnums=(0, 1)))(shape, x)
    for place in (0, 1):
        point = [shape, x]
        step = 1e-4 * point[place]
        at = [
            log_gamma_survivor(*[p + s * step * (i == place) for i, p in enumerate(point)])
            for s in (-2, -1, 1, 2)
        ]
        slope = (8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * step)
        np.testing.assert_allclose(got[place], slope, rtol=1e-6, atol=1e-9)


def test_gamma_survivors_far_out_follow_their_leading_term():
    """A log survivor of -1e4 is -1e4, where SciPy's has underflowed."""
    x = np.array([1e3, 1e4])
    leading = 2.0 * np.log(x) - x - np.log(2.0) + np.log1p(2.0 / x + 2.0 / x**2)
    np.testing.assert_allclose(log_gamma_survivor(3.0, x), leading, rtol=1e-13)


def test_drifts_that_are_not_positive_have_a_density():
    """Learned values may be 0 or below: the density given that some drift is positive."""
    rt = np.geomspace(0.05, 1e5, 40_001)
    for v in ((0.0, 0.0), (-0.2, 0.3), (-0.3, -0.2)):
        density = sum(np.exp(lba2(rt, r, 0.2, 0.5, *v, 0.0)) for r in (0.0, 1.0))
        mass = np.trapezoid(density * rt, np.log(rt))
        left = np.exp(lba.log_survivor(rt[-1], 0.2, 0.5, *v, 0.0))
        assert mass + left == pytest.approx(1.0, abs=1e-6)
    gradient = jax.grad(lambda v: lba2(1.0, 0, 0.2, 0.5, v, -4.5, 0.0))(-5.0)
    assert np.isfinite(gradient)
    assert gradient > 0


@pytest.mark.parametrize(
    ("density", "values"),
    [
        (lba2, {"A": 0.3, "b": 0.8, "v0": 0.9, "v1": 0.6, "t": 0.1}),
        (diffusion_2, {"A": 0.3, "b": 0.8, "v0": 0.9, "v1": 0.6, "t": 0.1, "theta": 0.2}),
        (poisson, {"r1": 3.0, "r2": 4.0, "k1": 2.0, "k2": 1.5, "t": 0.1}),
    ],
)
def test_outside_there_is_no_density_and_no_slope(density, values):
    outside = [{"t": 0.5}, {"t": 0.6}]
    if "A" in values:
        outside += [{"A": 0.8}, {"A": 1.0}, {"b": 0.2}, {"A": -0.1}]
    else:
        outside += [{"r1": 0.0}, {"k2": -1.0}]
    if density is diffusion_2:
        outside += [{"v1": -0.1}, {"theta": -0.1}, {"theta": 1.6}]
    for changed in outside:
        given = {n: jnp.asarray(x) for n, x in (values | changed).items()}
        value, slope = jax.value_and_grad(lambda g: density(0.5, 1, *(g[n] for n in values)))(given)
        assert value == -np.inf
        assert all(x == 0.0 for x in slope.values())
    assert density(0.5, 7, *values.values()) == -np.inf
    assert np.isfinite(density(0.5, 1, *values.values()))
    for name in values:
        assert np.isnan(density(0.5, 1, *(values | {name: np.nan}).values())), name
    assert np.isnan(density(np.nan, 1, *values.values()))
    assert np.isnan(density(0.5, np.nan, *values.values()))


@pytest.mark.parametrize(("density", "theta"), [(lba2, ()), (diffusion_2, (0.0,))])
def test_hardly_any_start_of_their_own_is_finite_in_single_precision(density, theta):
    """Where the width is less than the last digit of the way, in sds."""
    single = np.float32
    time = single(0.1) + np.array([1e-6, 1e-4, 1e-2, 1.0], dtype=single)

    def total(A, b):
        return density(time, single(0.0), A, b, *map(single, (0.9, 0.6, 0.1, *theta))).sum()

    for A in (0.0, 1e-9, 4e-8, 1e-3):
        value, slopes = jax.value_and_grad(total, argnums=(0, 1))(single(A), single(2.6))
        assert np.isfinite([value, *slopes]).all()


def test_a_survivor_of_drifts_far_below_zero_keeps_its_digits():
    """Given that one of them rises, which is most unlikely: of the faster one, all but surely."""
    A, b, v, t = 0.2, 0.5, -0.9, 0.1
    starts, weights = np.polynomial.legendre.leggauss(40)
    way = b - 0.5 * A * (1.0 + starts)
    for time in (0.6, 2.0, 20.0):
        finished = 0.5 * np.sum(weights * special.ndtr(v / 0.1 - way / (0.1 * (time - t))))
        expected = np.log1p(-finished / special.ndtr(v / 0.1))
        got = lba.log_survivor(time, A, b, v, v - 0.5, t)
        assert got == pytest.approx(float(expected), rel=1e-8)

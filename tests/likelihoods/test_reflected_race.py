"""The reflected race against eigenfunctions, the folded diffusion, and the raw equation."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from driftmill.likelihoods import first_passage
from driftmill.likelihoods.reflected_race import (
    ERROR,
    log_survivor,
    log_survivors,
    race_no_bias_angle_2,
)

FAR = 60.0
race = jax.jit(race_no_bias_angle_2)
survivors = jax.jit(log_survivors)


def alone(rt, v, a, z, theta):
    """Log density and log survivor of one accumulator, from a race of two that are alike."""
    padded = np.resize(rt, 12)
    log_p = race(padded, 0, v, v, a, z, 0.0, theta)
    log_s = survivors(padded, np.array([v, v]), a, z, theta)[0]
    return np.asarray(log_p - log_s)[: rt.size], np.asarray(log_s)[: rt.size]


def eigenfunctions(time, v, a, z):
    """Log density and survivor with a constant bound, by 60 eigenfunctions.

    With p = exp(v x - v^2 s / 2) q: q' = v q at 0 and q = 0 at a, so q is a sum of sin(k (a - x))
    with k cos(k a) + v sin(k a) = 0; and the survivor is the integral of p.
    """
    density = survivor = 0.0
    for n in range(1, 61):
        ends = (n - 0.5) * np.pi, n * np.pi
        k = brentq(lambda k: k * np.cos(k) + v * a * np.sin(k), *ends) / a if v else ends[0] / a
        norm = 0.5 * a - np.sin(2 * k * a) / (4 * k)
        decay = np.exp(-0.5 * (k * k + v * v) * time) * np.sin(k * (a - z * a)) / norm
        density = density + 0.5 * k * decay * np.exp(v * (a - z * a))
        mass = (k * np.exp(v * a) - k * np.cos(k * a) - v * np.sin(k * a)) / (k * k + v * v)
        survivor = survivor + decay * mass * np.exp(-v * z * a)
    return np.log(density), np.log(survivor)


@pytest.mark.parametrize(
    ("v", "a", "z"),
    [(0.0, 1.0, 0.3), (0.5, 1.2, 0.0), (1.5, 1.0, 0.3), (3.0, 2.0, 0.05), (4.0, 0.7, 0.9)],
)
def test_a_constant_bound_is_a_sum_of_eigenfunctions(v, a, z):
    time = a * a * np.array([0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3.0])
    log_f, log_s = alone(time, v, a, z, 0.0)
    expected_f, expected_s = eigenfunctions(time, v, a, z)
    likely = expected_f > np.log(1e-4)
    assert likely.sum() > 2
    np.testing.assert_allclose(log_f[likely], expected_f[likely], atol=0.2 * ERROR)
    likely = expected_s > np.log(1e-4)
    np.testing.assert_allclose(log_s[likely], expected_s[likely], atol=0.2 * ERROR)


@pytest.mark.parametrize("theta", [0.3, -0.05])
def test_without_drift_it_is_a_diffusion_folded_at_its_middle(theta):
    time = np.array([0.02, 0.1, 0.4, 1.1, 2.5])
    log_f, _ = alone(time, 0.0, 1.3, 0.4, theta)
    ends = [first_passage.angle(time, side, 0.0, 1.3, 0.7, 0.0, theta) for side in (-1, 1)]
    np.testing.assert_allclose(log_f, np.logaddexp(*ends), atol=1e-12)


def raw_equation(times, v, a, z, theta, order=64):
    """Density and survivor by Chebyshev collocation of the Fokker-Planck equation in x / b."""
    k = np.arange(order + 1)
    x, c = np.cos(np.pi * k / order), (-1.0) ** k
    c[[0, -1]] *= 2.0
    D = np.outer(c, 1 / c) / (x[:, None] - x + np.eye(order + 1))
    D = 2.0 * (D - np.diag(D.sum(axis=1)))
    y, inside, slope = 0.5 * (x + 1.0), slice(1, order), np.tan(theta)

    def whole(q, b):
        """Add the ends: 0 at the bound, and no flux at 0."""
        at_zero = D[order, inside] @ q / (2.0 * v * b - D[order, order])
        return np.concatenate([[0.0], q, [at_zero]])

    def change(t, q):
        b = a - slope * t
        p = whole(q, b)
        flow = (v + slope * y) / b * p - D @ p / (2.0 * b * b)
        return -(D @ flow)[inside]

    # So early the walk is free on both sides, by nine standard deviations.
    begin = (min(z, 1.0 - z) * a / 9.0) ** 2
    b = a - slope * begin
    start = b * np.exp(-((y * b - z * a - v * begin) ** 2) / (2 * begin))
    start = start[inside] / np.sqrt(2 * np.pi * begin)
    solved = solve_ivp(change, (begin, times[-1]), start, "BDF", times, rtol=1e-8, atol=1e-11).y.T
    bounds = a - slope * times
    p = np.array([whole(q, b) for q, b in zip(solved, bounds, strict=True)])
    polynomial = [np.polynomial.Chebyshev.fit(x, row, order, domain=[-1, 1]) for row in p]
    survivor = [0.5 * (s := f.integ())(1.0) - 0.5 * s(-1.0) for f in polynomial]
    return -(p @ D[0]) / (2.0 * bounds**2), np.array(survivor)


def test_a_collapsing_bound_solves_the_raw_equation():
    v, a, z, theta = 1.2, 1.5, 0.4, 0.6
    times = np.linspace(0.15, 2.0, 12)
    density, survivor = raw_equation(times, v, a, z, theta)
    log_f, log_s = alone(times, v, a, z, theta)
    likely = density > 1e-4
    assert likely.sum() > 8
    np.testing.assert_allclose(log_f[likely], np.log(density[likely]), atol=ERROR)
    likely = survivor > 1e-3
    np.testing.assert_allclose(log_s[likely], np.log(survivor[likely]), atol=ERROR)


def test_nothing_is_left_after_the_collapse():
    def both(values):
        rt = jnp.array([0.1, 1.0, 2.19, 2.3, FAR])
        log_p = race(rt, 1, *values)
        return jnp.sum(jnp.where(jnp.isfinite(log_p), log_p, 0.0)), log_p

    values = (1.0, 0.5, 1.0, 0.3, 0.2, np.arctan(0.5))
    gradient, log_p = jax.jit(jax.grad(both, has_aux=True))(tuple(map(jnp.asarray, values)))
    np.testing.assert_array_equal(np.isfinite(log_p), [False, True, True, False, False])
    assert all(np.isfinite(g) for g in gradient)
    left = jax.jit(log_survivor)(np.array([0.1, 2.3]), *values)
    np.testing.assert_array_equal(left, [0.0, -np.inf])


def test_shapes_tell_which_trials_share_parameters():
    rng = np.random.default_rng(1)
    v0, a = 1.0 + rng.random((3, 1)), 1.0 + rng.random((3, 1))
    rt, response = 0.4 + rng.random((3, 5)), rng.integers(0, 2, (3, 5))
    rest = (0.8, a, 0.3, 0.2, 0.1)
    shared = race(rt, response, v0, *rest)
    each = race(rt.ravel(), response.ravel(), np.repeat(v0, 5), 0.8, np.repeat(a, 5), 0.3, 0.2, 0.1)
    assert shared.shape == (3, 5)
    np.testing.assert_allclose(shared.ravel(), each, rtol=1e-12)

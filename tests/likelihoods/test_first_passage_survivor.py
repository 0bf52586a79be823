"""Survivor functions of diffusions against mpmath's series, quadrature and limits."""

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

from driftmill.likelihoods import first_passage
from driftmill.likelihoods import first_passage_survivor as survivor

T = 0.2
DDM, DDM_SDV = jax.jit(survivor.ddm), jax.jit(survivor.ddm_sdv)
ANGLE_SDV, DENSITY = jax.jit(survivor.angle_sdv), jax.jit(first_passage.angle_sdv)


def series(rt, v, a, z, terms=400):
    """Sum the sine series of both bounds' tails (Cox & Miller 1965, 5.7) in 60 digits."""
    with mp.workdps(60):
        s, v, w, width = mp.mpf(rt) - mp.mpf(T), mp.mpf(v), mp.mpf(z), 2 * mp.mpf(a)
        total = mp.mpf(0)
        for k in range(1, terms):
            rate = v * v / 2 + (k * mp.pi / width) ** 2 / 2
            sides = mp.sin(k * mp.pi * w) * mp.exp(-v * width * w)
            sides += mp.sin(k * mp.pi * (1 - w)) * mp.exp(v * width * (1 - w))
            total += k * mp.pi / width**2 * mp.exp(-rate * s) / rate * sides
        return float(mp.log(total))


def draws(n):
    rng = np.random.default_rng(5)
    return zip(
        T + np.exp(rng.uniform(np.log(0.03), np.log(8.0), n)),
        rng.uniform(-6.0, 6.0, n),
        rng.uniform(0.3, 3.0, n),
        rng.uniform(0.02, 0.98, n),
        strict=True,
    )


def test_the_ddm_agrees_with_its_series_down_to_tiny_probabilities():
    found, exact = [], []
    for rt, v, a, z in draws(40):
        found.append(float(DDM(rt, v, a, z, T)))
        exact.append(series(rt, v, a, z))
    assert min(exact) < np.log(1e-30)
    np.testing.assert_allclose(found, exact, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("sv", [0.3, 1.5])
def test_a_drift_that_varies_averages_over_drifts(sv):
    nodes, weights = np.polynomial.hermite_e.hermegauss(60)
    rt, v, a, z = 1.1, 0.7, 1.2, 0.4
    drifts = v + sv * nodes
    mean = np.sum(weights * np.exp(DDM(rt, drifts, a, z, T))) / weights.sum()
    np.testing.assert_allclose(DDM_SDV(rt, v, a, z, T, sv), np.log(mean), atol=1e-10)
    np.testing.assert_allclose(DDM_SDV(rt, v, a, z, T, 0.0), DDM(rt, v, a, z, T), atol=1e-14)


@pytest.mark.parametrize("theta", [0.1, 0.6, 1.2])
@pytest.mark.parametrize("sv", [0.0, 0.8])
def test_between_linear_bounds_it_is_the_mass_of_later_responses(theta, sv):
    v, a, z = 0.9, 1.3, 0.55
    nodes, weights = np.polynomial.legendre.leggauss(40)
    end = a / np.tan(theta)
    for share in (0.1, 0.5, 0.9):
        now = share * end
        # Panels ever smaller towards the meeting of the bounds.
        edges = end - (end - now) * np.concatenate([np.geomspace(1.0, 1e-6, 60), [0.0]])
        half = 0.5 * np.diff(edges)[:, None]
        times = edges[:-1, None] + half * (1.0 + nodes)
        mass = 0.0
        for response in (-1.0, 1.0):
            log_p = DENSITY(times, response, v, a, z, 0.0, theta, sv)
            mass += (np.exp(log_p) * half * weights).sum()
        found = ANGLE_SDV(now, v, a, z, 0.0, theta, sv)
        np.testing.assert_allclose(found, np.log(mass), atol=1e-11)


def test_gradients_equal_finite_differences():
    arguments = np.array([0.9, 1.3, 0.9, 0.4, T, 0.2, 0.7])
    both = jax.jit(jax.value_and_grad(survivor.angle_sdv, argnums=range(7)))
    _, gradient = both(*arguments)
    for k in range(7):
        step = np.zeros(7)
        step[k] = 1e-6
        up, down = both(*(arguments + step))[0], both(*(arguments - step))[0]
        assert abs((up - down) / 2e-6 - gradient[k]) < 1e-7


def test_ends_of_the_support_have_finite_gradients():
    both = jax.jit(jax.value_and_grad(survivor.angle, argnums=range(6)))
    meet = 1.0 / np.tan(0.5)
    cases = {
        (T - 0.1, 1.0, 1.0, 0.5, T, 0.0): 0.0,
        (T, 1.0, 1.0, 0.5, T, 0.0): 0.0,
        (T + meet + 1e-9, 1.0, 1.0, 0.5, T, 0.5): -np.inf,
        (T + 2 * meet, 1.0, 1.0, 0.5, T, 0.5): -np.inf,
        (1.0, 1.0, 1.0, 1.2, T, 0.0): -np.inf,
        (1.0, 1.0, -1.0, 0.5, T, 0.0): -np.inf,
    }
    for arguments, expected in cases.items():
        value, gradient = both(*arguments)
        assert value == expected
        assert all(g == 0.0 for g in gradient)
    for arguments in [(1.0, 50.0, 1.0, 0.5, T, 0.0), (5.0, 0.0, 0.02, 0.5, T, 0.0)]:
        value, gradient = both(*arguments)
        assert value < -700
        assert np.isfinite(gradient).all()
    assert np.isnan(both(np.nan, 1.0, 1.0, 0.5, T, 0.0)[0])


def test_arrays_broadcast_and_single_precision_is_close():
    rt = np.array([[0.4], [1.5]])
    v = np.array([-1.0, 0.5, 6.0])
    found = DDM(rt, v, 1.1, 0.45, T)
    assert found.shape == (2, 3)
    one = DDM(1.5, 6.0, 1.1, 0.45, T)
    np.testing.assert_allclose(found[1, 2], one, rtol=1e-14)
    single = DDM(*(jnp.asarray(x, jnp.float32) for x in (rt, v, 1.1, 0.45, T)))
    assert single.dtype == jnp.float32
    np.testing.assert_allclose(single, found, atol=2e-5, rtol=2e-5)

"""The first-passage kernel against its definition in 50 digits."""

import itertools

import jax
import jax.numpy as jnp
import mpmath as mp
import numpy as np
import pytest

from driftmill.likelihoods.fpt_kernel import SWITCH, log_fpt_between, log_fpt_unit

value_and_gradient = jax.jit(jax.vmap(jax.value_and_grad(log_fpt_between, (0, 1))))

TIMES = [*np.logspace(-2.5, 1.0, 15), np.nextafter(SWITCH, 0), SWITCH, 0.21, 0.23]
STARTS = [0.02, 0.1, 0.27, 0.5, 0.66, 0.9, 0.98]


def exact(u, w):
    """Sum the method of images until nothing is left; return log f and its two derivatives."""
    with mp.workdps(60):
        u, w = mp.mpf(float(u)), mp.mpf(float(w))
        f = f_u = f_w = mp.mpf(0)
        for k in range(-40, 41):
            x = w + 2 * k
            term = mp.exp(-x * x / (2 * u)) / mp.sqrt(2 * mp.pi * u**3)
            f += x * term
            f_u += x * term * (x * x / (2 * u * u) - mp.mpf(3) / 2 / u)
            f_w += term * (1 - x * x / u)
        return float(mp.log(f)), float(f_u / f), float(f_w / f)


def test_value_and_derivatives_against_50_digits():
    u, w = np.array(list(itertools.product(TIMES, STARTS))).T
    expected = np.array([exact(*pair) for pair in zip(u, w, strict=True)]).T
    value, (by_u, by_w) = value_and_gradient(u, w, 1.0 - w)
    np.testing.assert_array_equal(jax.jit(log_fpt_unit)(u, w), value)
    for got, reference in zip((value, by_u, by_w), expected, strict=True):
        error = np.abs(np.asarray(got) - reference) / np.maximum(1.0, np.abs(reference))
        assert error.max() < 3e-13


@pytest.mark.parametrize("u", [1e-4, 1e-2, 0.1, 0.2, 0.3, 2.0, 300.0])
@pytest.mark.parametrize("near", [1e-13, 1e-9, 1e-4])
def test_start_next_to_a_bound(u, near):
    # Next to its own bound the density is proportional to the distance, next to the other
    # bound to that distance: halving it costs log 2.
    towards = log_fpt_unit(u, near) - log_fpt_unit(u, 0.5 * near)
    away = log_fpt_between(u, 1.0 - near, near) - log_fpt_between(u, 1.0 - 0.5 * near, 0.5 * near)
    if near**2 < 1e-6 * u:
        np.testing.assert_allclose(towards, np.log(2.0), rtol=1e-5)
    if near < 1e-6 * u:
        np.testing.assert_allclose(away, np.log(2.0), rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_finite_far_beyond_what_data_hold(dtype):
    tiny = 4 * np.finfo(dtype).smallest_normal
    w = np.array([tiny, 1e-20, 1e-3, 0.5, 1 - 1e-3, 1.0], dtype)
    rest = np.array([1.0, 1.0, 1 - 1e-3, 0.5, 1e-3, tiny], dtype)
    u = np.array([1e-12, 1e-3, 0.2, 0.25, 10.0, 1e12], dtype)[:, None]
    value, gradient = jax.vmap(value_and_gradient)(*np.broadcast_arrays(u, w, rest))
    assert value.dtype == dtype
    assert np.isfinite(value).all()
    assert all(np.isfinite(g).all() for g in gradient)


def test_derivative_rule_can_be_differentiated():
    point = jnp.array([0.3, 0.4])
    hessian = jax.jit(jax.hessian(lambda p: log_fpt_unit(p[0], p[1])))(point)
    gradient = jax.jit(jax.grad(lambda p: log_fpt_unit(p[0], p[1])))
    steps = 1e-5 * np.eye(2)
    by_differences = [(gradient(point + s) - gradient(point - s)) / 2e-5 for s in steps]
    np.testing.assert_allclose(hessian, by_differences, rtol=1e-7)

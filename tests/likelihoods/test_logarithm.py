"""The vectorised logarithm, against many digits and the C library."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from driftmill.likelihoods.logarithm import log, log1p, logaddexp

#: Units in the last place: one by the arithmetic, half a one by rounding the reference.
LAST_DIGITS = 1.6


def ulps(got, exact):
    """Return errors in units of the last place of the exact values, with 30 digits."""
    with mpmath.workdps(30):
        away = [float(abs(mpmath.mpf(float(g)) - e)) for g, e in zip(got, exact, strict=True)]
    return np.array(away) / np.spacing(np.abs([float(e) for e in exact]))


def test_every_magnitude_and_the_neighbourhood_of_one():
    rng = np.random.default_rng(1)
    x = np.concatenate(
        [
            np.exp(rng.uniform(-708, 709, 3000)),
            1.0 + rng.normal(size=2000) * 0.2,
            1.0 + rng.normal(size=1000) * 1e-9,
            *(np.sqrt([0.5, 2.0]) * near for near in (1 - 1e-15, 1.0, 1 + 1e-15)),
            2.0 ** np.arange(-1022.0, 1023.0, 73.0),
        ]
    )
    with mpmath.workdps(30):
        exact = [mpmath.log(mpmath.mpf(float(value))) for value in x]
    assert ulps(np.asarray(jax.jit(log)(x)), exact).max() < LAST_DIGITS


def test_log1p_of_small_and_large():
    rng = np.random.default_rng(2)
    x = np.concatenate(
        [
            rng.uniform(-0.999999, 3.0, 3000),
            10.0 ** rng.uniform(-300, 300, 1000),
            -(10.0 ** rng.uniform(-300, -1e-9, 1000)),
        ]
    )
    with mpmath.workdps(340):
        exact = [mpmath.log(1 + mpmath.mpf(float(value))) for value in x]
    # Beyond (sqrt(1/2), sqrt(2)) the sum is rounded first: by half a unit, which is 1.5 at 0.35.
    assert ulps(np.asarray(jax.jit(log1p)(x)), exact).max() < LAST_DIGITS + 1.5


@pytest.mark.parametrize(("ours", "theirs"), [(log, np.log), (log1p, np.log1p)])
def test_the_ends_are_those_of_the_library(ours, theirs):
    x = np.array([0.0, -0.0, 1.0, -1.0, -2.0, np.inf, -np.inf, np.nan, np.finfo(float).tiny])
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(np.asarray(ours(x)), theirs(x))


@pytest.mark.parametrize(("ours", "theirs"), [(log, np.log), (log1p, np.log1p)])
def test_single_precision_stays_single(ours, theirs):
    x = np.linspace(0.1, 5.0, 50, dtype=np.float32)
    found = ours(x)
    assert found.dtype == jnp.float32
    np.testing.assert_allclose(np.asarray(found), theirs(x), rtol=1e-6, atol=1e-7)


def test_derivatives():
    for x in (1e-6, 0.3, 1.0, 7.0):
        assert jax.grad(log)(x) == 1.0 / x
        assert jax.grad(jax.grad(log))(x) == pytest.approx(-1.0 / x**2, rel=1e-14)
        assert jax.grad(log1p)(x) == 1.0 / (1.0 + x)
        assert jax.grad(logaddexp)(x, 1.0) == pytest.approx(1 / (1 + np.exp(1.0 - x)), rel=1e-14)


def test_logaddexp_is_numpys_ends_included():
    a, b = np.meshgrid([-np.inf, -800.0, -1.0, 0.0, 1e-3, 5.0, np.inf], [-np.inf, -3.0, 0.0, 700.0])
    np.testing.assert_allclose(np.asarray(logaddexp(a, b)), np.logaddexp(a, b), rtol=1e-15)
    assert np.isnan(logaddexp(np.nan, 0.0))
    assert np.isnan(logaddexp(0.0, np.nan))

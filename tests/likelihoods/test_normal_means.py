"""Mills' ratios and averages over a uniform start, against SciPy and quadrature."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import integrate, special, stats

from driftmill.likelihoods.mills import log_ndtr, mills, mills_ratio
from driftmill.likelihoods.uniform_start import log_mean_cdf, log_mean_density
from driftmill.likelihoods.wald_survivor import log_mean_survivor

Z = np.array([0.0, 0.3, 2.0, 4.99, 5.01, 9.0, 40.0, 3e3, 1e7])


def differences(function, point):
    """Derivatives of fourth order by each argument."""
    found = []
    for k, x in enumerate(point):
        step = 1e-3 * max(abs(x), 1e-2)
        at = [function(*(*point[:k], x + s * step, *point[k + 1 :])) for s in (-2, -1, 1, 2)]
        found.append((8 * (at[2] - at[1]) - (at[3] - at[0])) / (12 * step))
    return np.array(found, dtype=float)


def test_mills_ratios_are_the_integrals_that_define_them():
    by_z = jax.vmap(jax.jacfwd(mills))(jnp.asarray(Z))
    for k, got in enumerate([*mills(Z), -by_z[1]]):
        # Substituting u = y (1 + z) keeps the integrand's width near 1, whatever z is.
        scale = 1.0 + Z
        expected = [
            integrate.quad(
                lambda u, z=z, c=c, k=k: (u / c) ** k * np.exp(-z * u / c - 0.5 * (u / c) ** 2) / c,
                0,
                60,
                epsabs=0,
                epsrel=1e-12,
                limit=200,
            )[0]
            for z, c in zip(Z, scale, strict=True)
        ]
        np.testing.assert_allclose(got, expected, rtol=1e-11)


def test_mills_ratios_are_each_others_derivatives():
    by_z = jax.vmap(jax.jacfwd(mills))(jnp.asarray(Z))
    ratio, first = mills(Z)
    np.testing.assert_allclose(by_z[0], -first, rtol=1e-14)
    np.testing.assert_array_equal(mills_ratio(Z), ratio)
    np.testing.assert_array_equal(jax.vmap(jax.grad(mills_ratio))(jnp.asarray(Z)), -first)


def test_log_ndtr_in_both_tails():
    z = np.concatenate([-Z, Z])
    np.testing.assert_allclose(log_ndtr(z), special.log_ndtr(z), rtol=1e-12)


ENDS = [
    (0.4, 0.0),
    (-0.3, 0.6),
    (-3.0, 5.0),
    (2.0, 30.0),
    (4.0, 0.01),
    (0.4, 0.04),
    (-1.0, 0.06),
    (-9.0, 3.0),
    (-30.0, 0.4),
]


def integral(function, low, width, z):
    """The log of the average over the places in (0, 1), in units of the largest normal density."""
    top = min(max(0.0, z), z + width)
    points = sorted({min(max(x, 0.0), 1.0) for x in ((-z / width) if width else 0.5, 0.5)})
    scaled = integrate.quad(
        lambda y: function(y) * np.exp(0.5 * top**2), 0, 1, points=points, epsabs=0, epsrel=1e-12
    )
    return np.log(scaled[0]) - 0.5 * top**2


@pytest.mark.parametrize(("z", "width"), ENDS)
def test_averages_of_the_cumulative_are_integrals(z, width):
    expected = integral(lambda y: special.ndtr(z + width * y), z, width, min(z, -width))
    np.testing.assert_allclose(log_mean_cdf(z, width), expected, rtol=1e-10)


@pytest.mark.parametrize(("z", "width"), ENDS)
@pytest.mark.parametrize("low", [0.05, 3.0])
def test_averages_of_the_density_are_integrals(low, z, width):
    def p(y):
        return (low + width * y) * stats.norm.pdf(z + width * y)

    got = log_mean_density(low, width, low - z)
    np.testing.assert_allclose(got, integral(p, low, width, z), rtol=1e-10)


@pytest.mark.parametrize(("z", "width"), [ends for ends in ENDS if ends[1] > 0])
def test_slopes_of_averages_over_the_start(z, width):
    got = jax.grad(log_mean_cdf, argnums=(0, 1))(z, width)
    expected = differences(log_mean_cdf, (z, width))
    np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-11)
    got = jax.grad(log_mean_density, argnums=(0, 1, 2))(2.0, width, 2.0 - z)
    expected = differences(log_mean_density, (2.0, width, 2.0 - z))
    np.testing.assert_allclose(got, expected, rtol=1e-8, atol=1e-9)


WALDS = [
    (1.0, 0.5, 2.0),
    (1.0, 0.0, 2.0),
    (0.05, 0.08, 3.0),
    (0.01, 2.0, 1.0),
    (3.0, 4.0, 0.5),
    (0.4, 0.3, 1e-6),
    (0.3, 0.01, 6.0),
    (5.0, 0.02, 1.0),
    (0.02, 0.01, 0.2),
]


@pytest.mark.parametrize(("low", "width", "m"), WALDS)
def test_wald_survivors_are_averages_of_scipys(low, width, m):
    def one(x):
        # First passage over x at drift m and time 1: scale x^2, mean x / m.
        return stats.invgauss.sf(1.0 / x**2, 1.0 / (m * x), scale=1.0)

    expected = integrate.quad(lambda y: one(low + width * y), 0, 1, epsrel=1e-11)[0]
    np.testing.assert_allclose(
        log_mean_survivor(low, width, m), np.log(expected), rtol=1e-8, atol=1e-9
    )


@pytest.mark.parametrize(("low", "width", "m"), [w for w in WALDS if w[1] > 0])
def test_slopes_of_wald_survivors(low, width, m):
    got = jax.grad(log_mean_survivor, argnums=(0, 1, 2))(low, width, m)
    expected = differences(log_mean_survivor, (low, width, m))
    # At a drift of almost nothing differences lie across 0, where only the slope by it is known.
    kept = slice(0, 2) if m < 1e-3 else slice(0, 3)
    np.testing.assert_allclose(got[kept], expected[kept], rtol=2e-7, atol=1e-9)


def test_a_drift_of_nothing_has_the_slope_of_a_small_one():
    slope = jax.grad(log_mean_survivor, argnums=2)
    expected = slope(0.4, 0.3, 1e-4)
    np.testing.assert_allclose(slope(0.4, 0.3, 0.0), expected, rtol=1e-3)
    np.testing.assert_allclose(slope(0.4, 0.3, 1e-6), expected, rtol=1e-3)

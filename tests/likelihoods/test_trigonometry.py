"""Polynomials for sine, cosine and tangent, against mpmath."""

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest

from driftmill.likelihoods.trigonometry import arctangent, sine_and_cosine, tangent


def errors(got, wanted):
    return [abs(float(mpmath.mpf(float(a)) / b - 1)) for a, b in zip(got, wanted, strict=True)]


def test_sine_and_cosine_are_right_to_rounding():
    x = np.concatenate([np.linspace(0.001, 0.499, 400), [1e-12, 0.25, np.nextafter(0.25, 0)]])
    sine, cosine = (np.asarray(values) for values in sine_and_cosine(x))
    exact = [mpmath.mpf(float(value)) for value in x]
    with mpmath.workdps(40):
        assert max(errors(sine, [mpmath.sin(mpmath.pi * y) for y in exact])) < 4e-16
        assert max(errors(cosine, [mpmath.cos(mpmath.pi * y) for y in exact])) < 4e-16
    ends = [float(value) for pair in map(sine_and_cosine, (0.0, 0.5)) for value in pair]
    assert ends == [0.0, 1.0, 1.0, 0.0]


def test_tangent_is_right_to_rounding_and_odd():
    x = np.concatenate([np.linspace(-1.4, 1.4, 401)[:200], np.linspace(1e-3, 1.4, 200)])
    got = np.asarray(tangent(x))
    with mpmath.workdps(40):
        assert max(errors(got, [mpmath.tan(mpmath.mpf(float(y))) for y in x])) < 1e-15
    np.testing.assert_array_equal(tangent(-x), -got)
    assert float(tangent(0.0)) == 0.0


def test_derivatives_of_the_tangent():
    slope = jax.grad(tangent)
    for x in (-1.2, -0.3, 0.0, 0.5, 1.3):
        assert float(slope(x)) == pytest.approx(1.0 / np.cos(x) ** 2, rel=1e-14)
        second = 2.0 * np.tan(x) / np.cos(x) ** 2
        assert float(jax.grad(slope)(x)) == pytest.approx(second, rel=1e-13, abs=1e-15)


def test_arctangent_is_right_to_rounding_and_so_are_its_derivatives():
    rng = np.random.default_rng(0)
    y, x = np.exp(rng.uniform(-40, 40, (2, 400)))
    y[:4], x[:4] = [1.0, 1.0, 1e-3, 0.5], [1.0, 1e-3, 1.0, 0.5 + 1e-16]
    with mpmath.workdps(40):
        wanted = [mpmath.atan2(float(a), float(b)) for a, b in zip(y, x, strict=True)]
        assert max(errors(np.asarray(arctangent(y, x)), wanted)) < 1e-15
    by_y, by_x = jax.grad(arctangent, (0, 1))(1.2, 0.7)
    square = 1.2**2 + 0.7**2
    assert float(by_y) == pytest.approx(0.7 / square, rel=1e-14)
    assert float(by_x) == pytest.approx(-1.2 / square, rel=1e-14)


def test_single_precision_stays_single():
    x = jnp.linspace(0.0, 0.5, 7, dtype=jnp.float32)
    assert all(values.dtype == jnp.float32 for values in (*sine_and_cosine(x), tangent(x)))
    assert arctangent(x + 1, x + 2).dtype == jnp.float32

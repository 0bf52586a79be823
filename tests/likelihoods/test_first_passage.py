"""Linear bounds against constant ones, an integral equation and a closed form; the edges."""

import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.likelihoods import first_passage
from driftmill.likelihoods.lapse import log_lapse, mix

# Compiled once a shape: operation by operation, most of the time goes into compiling each.
angle, ddm = jax.jit(first_passage.angle), jax.jit(first_passage.ddm)
ddm_sdv = jax.jit(first_passage.ddm_sdv)

RT = np.linspace(0.32, 4.0, 60)
RESPONSE = np.where(np.arange(60) % 3 == 0, -1, 1)
FLAT = jax.jit(jax.value_and_grad(lambda p: ddm(RT, RESPONSE, *p).sum()))
LINEAR = jax.jit(jax.value_and_grad(lambda p: angle(RT, RESPONSE, *p, 0.0).sum()))


def grid_masses(log_density, a):
    """Return the mass at the upper and the lower bound, by the trapezoid rule in log time."""
    x = np.linspace(np.log(1e-5 * a * a), 12.0, 40_001)
    time = np.exp(x)
    return [
        float(np.sum(np.exp(log_density(time, side)) * time) * (x[1] - x[0])) for side in (1, -1)
    ]


def volterra(v, a, z, theta, step, n):
    """Solve the integral equations of the first-passage densities at both bounds.

    Buonocore, Giorno, Nobile & Ricciardi (1990), J. Appl. Probab. 27; for linear bounds a bound's
    own kernel is zero, and the other's vanishes at both ends, so the trapezoid rule converges
    fast. Returns times and densities (upper, lower).
    """
    slope, start = math.tan(theta), a * (2 * z - 1)
    times = step * np.arange(1, n + 1)
    upper = a - slope * times

    def psi(side, here, origin, elapsed):
        normal = np.exp(-((here - origin - v * elapsed) ** 2) / (2 * elapsed))
        rise = -side * slope - (here - origin) / elapsed
        return 0.5 * normal / np.sqrt(2 * np.pi * elapsed) * rise

    g = {
        1: -2 * psi(1, upper, start, times),
        -1: 2 * psi(-1, -upper, start, times),
    }
    for i in range(1, n):
        elapsed = times[i] - times[:i]
        for side in (1, -1):
            kernel = psi(side, side * upper[i], -side * upper[:i], elapsed)
            g[side][i] += side * 2 * step * np.sum(g[-side][:i] * kernel)
    return times, g[1], g[-1]


@pytest.mark.parametrize("v", [-1.5, 0.0, 0.7])
@pytest.mark.parametrize("z", [0.2, 0.5, 0.85])
def test_angle_without_slope_is_the_ddm(v, z):
    point = jnp.array([v, 1.3, z, 0.3])
    flat, linear = FLAT(point), LINEAR(point)
    np.testing.assert_allclose(linear[0], flat[0], rtol=1e-13)
    np.testing.assert_allclose(linear[1], flat[1], rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize(
    ("v", "a", "z", "theta"),
    [
        (0.5, 1.5, 0.5, 0.2),
        (-0.8, 0.9, 0.3, 0.6),
        (1.5, 1.2, 0.7, -0.05),
        (0.0, 2.0, 0.4, 1.1),
        (0.3, 0.7, 0.6, -0.0999),
    ],
)
def test_angle_against_an_integral_equation(v, a, z, theta):
    end = min(3.0, 0.97 * a / math.tan(theta)) if theta > 0 else 3.0
    times, upper, lower = volterra(v, a, z, theta, end / 3000, 3000)
    for side, density in ((1, upper), (-1, lower)):
        exact = np.exp(angle(times, side, v, a, z, 0.0, theta))
        assert np.abs(exact - density).max() < 1e-7 * density.max()


@pytest.mark.parametrize(
    ("v", "a", "z", "theta"),
    list(itertools.product([-1.0, 0.0, 2.5], [0.5, 1.5], [0.1, 0.5], [0.0, 0.01, 0.3, 1.3])),
)
def test_angle_has_mass_one_when_bounds_do_not_expand(v, a, z, theta):
    masses = grid_masses(lambda s, side: angle(s, side, v, a, z, 0.0, theta), a)
    assert abs(sum(masses) - 1.0) < 2e-12


@pytest.mark.parametrize(("v", "a", "z"), [(0.0, 5.0, 0.5), (0.04, 4.0, 0.3), (-0.07, 6.0, 0.8)])
def test_angle_keeps_back_what_expanding_bounds_never_catch(v, a, z):
    # Anderson (1960), theorem 4.2 with infinite time: a walk crosses the upper of two lines
    # before the lower one with this probability, lines gamma + delta s on both sides of 0.
    theta = -0.09
    slope, start = math.tan(-theta), a * (2 * z - 1)

    def crosses_first(gamma_1, delta_1, gamma_2, delta_2):
        total = 0.0
        for r in range(1, 200):
            reach = (r * gamma_1 - (r - 1) * gamma_2) * (r * delta_1 - (r - 1) * delta_2)
            back = (
                r * r * (gamma_1 * delta_1 + gamma_2 * delta_2)
                - r * (r - 1) * gamma_1 * delta_2
                - r * (r + 1) * gamma_2 * delta_1
            )
            total += math.exp(-2 * reach) - math.exp(-2 * back)
        return total

    upper = crosses_first(a - start, slope - v, -a - start, -slope - v)
    lower = crosses_first(a + start, slope + v, start - a, v - slope)
    masses = grid_masses(lambda s, side: angle(s, side, v, a, z, 0.0, theta), a)
    assert upper + lower < 0.95
    np.testing.assert_allclose(masses, [upper, lower], rtol=1e-11)


@pytest.mark.parametrize("theta", [0.4, 1.2])
def test_angle_ends_where_the_bounds_meet(theta):
    def log_density(rt, t, theta):
        return angle(rt, 1, 0.5, 1.5, 0.5, t, theta)

    end = 0.3 + 1.5 / math.tan(theta)
    inside, beyond = end - 1e-6, end + np.array([1e-9, 1.0, 100.0])
    value, gradient = jax.value_and_grad(log_density, (1, 2))(inside, 0.3, theta)
    assert -np.inf < value < -1e4
    # A later start or flatter bounds bring the trial back in.
    assert np.isfinite(gradient).all()
    assert gradient[0] > 0
    assert gradient[1] < 0
    for rt in beyond:
        value, gradient = jax.value_and_grad(log_density, (1, 2))(rt, 0.3, theta)
        assert value == -np.inf
        assert gradient == (0.0, 0.0)


def test_no_drift_variability_is_the_ddm():
    flat = ddm(RT, RESPONSE, 0.7, 1.3, 0.4, 0.3)
    np.testing.assert_allclose(ddm_sdv(RT, RESPONSE, 0.7, 1.3, 0.4, 0.3, 0.0), flat, rtol=1e-13)


@pytest.mark.parametrize(
    "wrong",
    [{"a": 0.0}, {"a": -1.0}, {"z": 0.0}, {"z": 1.0}, {"z": -0.2}, {"t": 1.0}, {"response": 0}],
)
def test_outside_the_support_nothing_pulls(wrong):
    values = {"rt": 1.0, "response": 1, "v": 0.5, "a": 1.5, "z": 0.5, "t": 0.3} | wrong
    rt, response = values.pop("rt"), values.pop("response")
    value, gradient = jax.value_and_grad(lambda p: ddm(rt, response, **p))(values)
    assert value == -np.inf
    assert all(g == 0.0 for g in gradient.values())


def test_negative_sv_and_steep_theta_are_outside():
    assert ddm_sdv(1.0, 1, 0.5, 1.5, 0.5, 0.3, -0.1) == -np.inf
    assert angle(1.0, 1, 0.5, 1.5, 0.5, 0.3, 0.5 * math.pi) == -np.inf


@pytest.mark.parametrize("name", ["v", "a", "z", "t"])
def test_nan_is_passed_on(name):
    values = {"v": 0.5, "a": 1.5, "z": 0.5, "t": 0.3} | {name: np.nan}
    assert np.isnan(ddm(1.0, 1, **values))


def test_far_tail_is_told_apart_and_points_home():
    def log_density(t):
        return mix(ddm(0.5, 1, 0.5, 1.5, 0.5, t), 0.0, log_lapse(0.5, 2))

    # (1.5)^2 / (2 T) = 384 at T = 2.9 ms.
    value, gradient = jax.value_and_grad(log_density)(0.5 - 1.5**2 / (2 * 384))
    assert -384 < value < -370
    assert -1.4e5 < gradient < -1.2e5

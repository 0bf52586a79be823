"""The mode and curvature of densities whose mode and curvature are known."""

import numpy as np
import pytest

from driftmill.sampling.mode import find_mode, hessian


def normal_potential(mean, precision):
    def potential(x):
        shift = x - mean
        return float(0.5 * shift @ precision @ shift), precision @ shift

    return potential


def test_normal_density():
    mean = np.array([1.0, -2.0, 0.5])
    root = np.array([[2.0, 0.0, 0.0], [0.7, 1.5, 0.0], [-0.3, 0.2, 3.0]])
    precision = root @ root.T
    mode = find_mode(normal_potential(mean, precision), np.zeros(3))
    np.testing.assert_allclose(mode.position, mean, atol=1e-5)
    np.testing.assert_allclose(
        mode.scale @ mode.scale.T, np.linalg.inv(precision), rtol=1e-6, atol=1e-9
    )


def test_curvature_of_a_curved_function():
    def gradient(x):
        return np.array([np.exp(x[0]) + x[1], x[0] + 3 * x[1] ** 2])

    at = np.array([0.3, 0.7])
    expected = [[np.exp(0.3), 1.0], [1.0, 6 * 0.7]]
    np.testing.assert_allclose(hessian(gradient, at), expected, rtol=1e-6)


def test_a_wall_of_zero_density_is_not_crossed():
    """The density x exp(-x) on x > 0 has its mode at 1; from 0.01 a Newton step overshoots."""

    def potential(x):
        if x[0] <= 0:
            return np.inf, np.zeros(1)
        return float(x[0] - np.log(x[0])), np.array([1 - 1 / x[0]])

    mode = find_mode(potential, np.array([0.01]))
    assert mode.position[0] == pytest.approx(1.0, abs=1e-3)


def test_a_flat_direction_gets_a_finite_scale():
    precision = np.diag([4.0, 0.0])
    mode = find_mode(normal_potential(np.zeros(2), precision), np.ones(2))
    assert np.all(np.isfinite(mode.scale))
    assert np.abs(mode.scale).max() <= 10.0 + 1e-9

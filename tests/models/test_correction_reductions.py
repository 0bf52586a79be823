"""What networks that correct a closed form need not learn holds exactly: scale, mirror, drift."""

import jax
import numpy as np
from tests.models.corrections import compiled, network_of

from driftmill.models import CATALOGUE
from driftmill.models.correction_networks import without_solver


def test_scale_and_mirror_are_exact():
    weibull, ornstein = (compiled(name)[0] for name in ("weibull", "ornstein"))
    time, c = np.array([0.2, 0.5, 0.9]), np.array([1.0, -1.0, 1.0])
    for k in (0.5, 2.0):
        # In units of k seconds space is in units of sqrt(k).
        root, log_k = np.sqrt(k), np.log(k)
        plain = weibull(time, c, 0.7, 1.1, 0.4, 0.0, 1.7, 1.4)
        scaled = weibull(k * time, c, 0.7 / root, 1.1 * root, 0.4, 0.0, 1.7, 1.4 * k)
        np.testing.assert_allclose(scaled + log_k, plain, rtol=1e-10, atol=1e-10)
        plain = ornstein(time, c, 0.7, 1.1, 0.4, 0.6, 0.0)
        scaled = ornstein(k * time, c, 0.7 / root, 1.1 * root, 0.4, 0.6 / k, 0.0)
        np.testing.assert_allclose(scaled + log_k, plain, rtol=1e-10, atol=1e-10)
    mirrored = weibull(time, -c, -0.7, 1.1, 0.6, 0.0, 1.7, 1.4)
    expected = weibull(time, c, 0.7, 1.1, 0.4, 0.0, 1.7, 1.4)
    np.testing.assert_allclose(mirrored, expected, rtol=1e-10, atol=1e-10)
    mirrored = ornstein(time, -c, -0.7, 1.1, 0.6, 0.6, 0.0)
    expected = ornstein(time, c, 0.7, 1.1, 0.4, 0.6, 0.0)
    np.testing.assert_allclose(mirrored, expected, rtol=1e-10, atol=1e-10)


def test_scale_mirror_and_narrow_windows_of_full_ddm_are_exact():
    model, network = CATALOGUE["full_ddm"], network_of("full_ddm")
    log_density = jax.jit(without_solver(model, network))
    time, c = np.array([0.2, 0.5, 0.9]), np.array([1.0, -1.0, 1.0])
    plain = log_density(time, c, 0.7, 1.1, 0.4, 0.1, 0.3, 0.5, 0.12)
    for k in (0.5, 2.0):
        root = np.sqrt(k)
        there = (0.7 / root, 1.1 * root, 0.4, 0.1 * k, 0.3, 0.5 / root, 0.12 * k)
        scaled = log_density(k * time, c, *there)
        np.testing.assert_allclose(scaled + np.log(k), plain, rtol=1e-10, atol=1e-10)
    mirrored = log_density(time, -c, -0.7, 1.1, 0.6, 0.1, 0.3, 0.5, 0.12)
    np.testing.assert_allclose(mirrored, plain, rtol=1e-10, atol=1e-10)
    # A window that would begin before 0 is cut there.
    cut = log_density(time, c, 0.7, 1.1, 0.4, 0.1, 0.3, 0.5, 0.4)
    same = log_density(time, c, 0.7, 1.1, 0.4, 0.15, 0.3, 0.5, 0.3)
    np.testing.assert_allclose(cut, same, rtol=1e-10, atol=1e-10)
    # Where nothing but the drift varies there is a closed form, and nothing to correct.
    closed = CATALOGUE["ddm_sdv"].likelihoods["analytical"](time, c, 0.7, 1.1, 0.4, 0.1, 0.5)
    still = log_density(time, c, 0.7, 1.1, 0.4, 0.1, 0.0, 0.5, 0.0)
    np.testing.assert_allclose(still, closed, rtol=1e-10, atol=1e-10)


def test_drift_enters_weibull_exactly():
    weibull, _ = compiled("weibull")
    time, v, a, z, alpha, beta = np.array([0.2, 0.5, 0.9]), 0.9, 1.1, 0.4, 1.7, 1.4
    b, start = a * np.exp(-((time / beta) ** alpha)), (2 * z - 1) * a
    for side in (1.0, -1.0):
        without = weibull(time, side, 0.0, a, z, 0.0, alpha, beta)
        expected = without + v * (side * b - start) - 0.5 * v * v * time
        found = weibull(time, side, v, a, z, 0.0, alpha, beta)
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-10)

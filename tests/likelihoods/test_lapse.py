"""Lapse mixtures against NumPy, and gradients where one side is impossible."""

import jax
import numpy as np
import pytest

from driftmill.likelihoods.first_passage import angle, ddm
from driftmill.likelihoods.lapse import RT_LAPSE_UPPER, log_lapse, mix


def test_mixture_is_a_weighted_sum():
    log_density = np.array([-3.0, 0.5, -40.0, 2.0])
    got = mix(log_density, 0.05, np.log(1 / 40))
    np.testing.assert_allclose(got, np.log(0.95 * np.exp(log_density) + 0.05 / 40), rtol=1e-14)


def test_lapse_is_a_density():
    rt = np.array([-0.1, 0.0, 3.0, RT_LAPSE_UPPER, 20.1])
    got = np.exp(log_lapse(rt, 2))
    np.testing.assert_allclose(got, [0, 1 / 40, 1 / 40, 1 / 40, 0], rtol=1e-14)
    np.testing.assert_allclose(np.exp(log_lapse(None, 3)), 1 / 3, rtol=1e-14)


def test_one_probability_a_trial_and_the_ends():
    p = np.array([0.0, 0.3, 1.0])
    got = mix(-1.0, p, -2.0)
    np.testing.assert_allclose(got, np.log((1 - p) * np.exp(-1) + p * np.exp(-2)), rtol=1e-14)
    by_density = jax.grad(lambda x: mix(x, p, -2.0).sum())(-1.0)
    share = 0.7 * np.exp(-1) / (0.7 * np.exp(-1) + 0.3 * np.exp(-2))
    np.testing.assert_allclose(by_density, 1.0 + share, rtol=1e-13)


@pytest.mark.parametrize(
    ("log_density", "rt"), [(-np.inf, 1.0), (-1e5, 1.0), (-2.0, 25.0), (-np.inf, 25.0)]
)
def test_gradients_are_finite_where_a_side_is_impossible(log_density, rt):
    value, gradient = jax.value_and_grad(lambda x, p: mix(x, p, log_lapse(rt, 2)), (0, 1))(
        log_density, 0.05
    )
    assert np.isfinite(gradient).all()
    assert np.isfinite(value) or (log_density == -np.inf and rt > RT_LAPSE_UPPER)


def test_a_trial_before_t_does_not_pull():
    def log_density(t, theta):
        return mix(angle(0.25, 1, 0.5, 1.5, 0.5, t, theta), 0.05, log_lapse(0.25, 2))

    value, gradient = jax.value_and_grad(log_density, (0, 1))(0.3, 0.2)
    np.testing.assert_allclose(value, np.log(0.05 / 40), rtol=1e-14)
    assert gradient == (0.0, 0.0)


def test_without_lapse_nothing_changes():
    rt = np.array([0.2, 0.31, 1.0])
    log_density = ddm(rt, 1, 0.5, 1.5, 0.5, 0.3)
    np.testing.assert_array_equal(mix(log_density, 0.0, log_lapse(rt, 2)), log_density)

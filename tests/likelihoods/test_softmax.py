"""Softmax choice rules against SciPy, and at the edges."""

import jax
import numpy as np
import pytest
from scipy.special import log_softmax

from driftmill.likelihoods.softmax import softmax_2, softmax_3, softmax_4

RNG = np.random.default_rng(5)
BETA = RNG.gamma(2.0, 2.0, 50)
LOGITS = RNG.normal(0.0, 3.0, (2, 50))
FOURTH = RNG.normal(0.0, 3.0, 50)


def test_two_options_against_scipy():
    expected = log_softmax(np.stack([np.zeros(50), BETA * LOGITS[0]]), axis=0)
    for row, response in enumerate((-1, 1)):
        np.testing.assert_allclose(softmax_2(response, BETA, LOGITS[0]), expected[row], atol=1e-13)


def test_three_options_against_scipy():
    expected = log_softmax(np.stack([np.zeros(50), *(BETA * LOGITS)]), axis=0)
    for response in range(3):
        got = softmax_3(response, BETA, *LOGITS)
        np.testing.assert_allclose(got, expected[response], atol=1e-13)


def test_four_options_against_scipy():
    logits = np.stack([*LOGITS, FOURTH])
    expected = log_softmax(np.stack([np.zeros(50), *(BETA * logits)]), axis=0)
    for response in range(4):
        got = softmax_4(response, BETA, *logits)
        np.testing.assert_allclose(got, expected[response], atol=1e-13)
    assert softmax_4(4, 1.0, 0.5, 0.1, 0.2) == -np.inf


@pytest.mark.parametrize("response", [0, 1, 2])
def test_gradient_is_choice_minus_probability(response):
    beta, logits = 1.7, np.array([0.4, -1.1])
    gradient = jax.grad(lambda x: softmax_3(response, beta, *x))(logits)
    p = np.exp(log_softmax([0.0, *(beta * logits)]))
    expected = beta * ((np.arange(1, 3) == response) - p[1:])
    np.testing.assert_allclose(gradient, expected, rtol=1e-12)


@pytest.mark.parametrize("utility", [0.0, 1e4, -1e4])
def test_ties_and_certain_choices_have_finite_gradients(utility):
    for response in (0, 1, 2):
        value, gradient = jax.value_and_grad(softmax_3, (1, 2, 3))(response, 1.0, utility, 0.0)
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()
    tie = jax.grad(softmax_3, 2)(1, 1.0, 0.0, 0.0)
    np.testing.assert_allclose(tie, 2 / 3, rtol=1e-14)


def test_unknown_codes_and_negative_beta_are_outside():
    assert softmax_2(0, 1.0, 0.5) == -np.inf
    assert softmax_3(3, 1.0, 0.5, 0.1) == -np.inf
    value, gradient = jax.value_and_grad(softmax_2, 1)(1, -0.5, 0.5)
    assert value == -np.inf
    assert gradient == 0.0

"""The proposal against SciPy's densities, and its draws against its own density."""

import numpy as np
import pytest
from scipy import stats

from driftmill.comparison.effects import Effects
from driftmill.comparison.proposal import DEFENSIVE, TAILS, fit_proposal

PEOPLE, WIDTH = 3, 2
SDS = np.array([[0.5, 1.2], [0.5, 1.2], [0.5, 1.0]])
SLOPE = np.array([[0.3, -0.5], [0.0, 0.2], [0.1, 0.0]])
MIDDLE = np.array([[0.2, 0.4], [-0.3, 0.9], [0.5, 0.0]])
COVARIANCE = np.array([[0.04, 0.03], [0.03, 0.09]])


@pytest.fixture(scope="module")
def effects():
    """Two deviations each, the second with heavy tails; the last participant has one alone."""
    known = np.array([[True, True], [True, True], [True, False]])
    nothing = np.zeros((PEOPLE, WIDTH), dtype=np.int64)
    tails = np.where(known, [np.inf, 4.0], np.inf)
    offset = np.zeros((PEOPLE, WIDTH), dtype=bool)
    rows = np.arange(PEOPLE)
    return Effects(("a", "b", "c"), rows, nothing, nothing, offset, tails, known, np.arange(2))


@pytest.fixture(scope="module")
def proposal(effects):
    """Fitted to many draws of deviations that depend on the first of two shared parameters."""
    rng = np.random.default_rng(0)
    shared = rng.normal([1.0, -2.0], [0.5, 3.0], (20_000, 2))
    noise = rng.multivariate_normal(np.zeros(2), COVARIANCE, (20_000, PEOPLE))
    deviations = MIDDLE + (shared[:, :1, None] - 1.0) * SLOPE + noise
    deviations = np.where(effects.known, deviations, 0.0)
    return fit_proposal(effects, shared, deviations, np.broadcast_to(SDS, deviations.shape))


def test_the_regression_is_found(proposal, effects):
    np.testing.assert_allclose(proposal.weights[0], SLOPE * effects.known, atol=0.02)
    np.testing.assert_allclose(proposal.weights[1], 0.0, atol=0.01)
    covariance = proposal.root @ np.swapaxes(proposal.root, 1, 2)
    np.testing.assert_allclose(covariance[:2], [COVARIANCE] * 2, rtol=0.1, atol=0.003)
    np.testing.assert_allclose(covariance[2], [[0.04, 0], [0, 1]], atol=0.003)


def test_ratio_is_that_of_scipys_densities(proposal):
    at = np.array([1.7, 0.5])
    points = np.random.default_rng(1).normal(0.3, 0.5, (20, PEOPLE, WIDTH)) * [
        [1, 1],
        [1, 1],
        [1, 0],
    ]
    ratio = proposal.log_ratio(points, at, SDS)
    centre = MIDDLE + 0.7 * SLOPE
    for k in range(2):
        heavy = stats.t(4.0, scale=SDS[k, 1]).logpdf(points[:, k, 1])
        prior = stats.norm(0, SDS[k, 0]).logpdf(points[:, k, 0]) + heavy
        near = stats.multivariate_t(centre[k], COVARIANCE, TAILS).pdf(points[:, k])
        mixed = DEFENSIVE * np.exp(prior) + (1 - DEFENSIVE) * near
        # The regression was estimated from draws.
        np.testing.assert_allclose(ratio[:, k], prior - np.log(mixed), atol=0.15)
        assert np.all(ratio[:, k] <= -np.log(DEFENSIVE))
    prior = stats.norm(0, SDS[2, 0]).logpdf(points[:, 2, 0])
    near = stats.t(TAILS, centre[2, 0], 0.2).pdf(points[:, 2, 0])
    mixed = DEFENSIVE * np.exp(prior) + (1 - DEFENSIVE) * near
    np.testing.assert_allclose(ratio[:, 2], prior - np.log(mixed), atol=0.15)


def test_draws_have_the_density_that_they_are_given(proposal, effects):
    """Weighted by prior over proposal, draws of the proposal are draws of the prior."""
    at = np.array([0.4, 0.0])
    n = 200_000
    draws = proposal.draw(np.random.default_rng(2), at, SDS, n)
    assert np.all(draws[:, 2, 1] == 0)
    weights = np.exp(proposal.log_ratio(draws, at, SDS))
    first, second = (np.abs(draws[..., k]) < SDS[:, k] for k in range(2))
    inside = 2 * stats.t.cdf(1, 4.0) - 1
    for k, expected in enumerate([0.682689 * inside, 0.682689 * inside, 0.682689]):
        both = first[:, k] & (second[:, k] | ~effects.known[k, 1])
        for value, answer in ((weights[:, k], 1.0), (weights[:, k] * both, expected)):
            error = value.std() / np.sqrt(n)
            assert abs(value.mean() - answer) < 4.5 * error
            assert error < 0.01


def test_few_draws_and_draws_that_never_vary_stay_sound(effects):
    rng = np.random.default_rng(3)
    few = rng.normal(size=(12, PEOPLE, WIDTH)) * effects.known
    sds = np.broadcast_to(SDS, few.shape)
    made = fit_proposal(effects, rng.normal(size=(12, 20)), few, sds)
    assert np.isfinite(made.draw(rng, np.zeros(20), SDS, 50)).all()
    still = fit_proposal(effects, np.ones((12, 20)), np.repeat(few[:1], 12, axis=0), sds)
    draws = still.draw(rng, np.ones(20), SDS, 50)
    assert np.isfinite(still.log_ratio(draws, np.ones(20), SDS)).all()

"""Bridge sampling of a trial's score against a normal model of known variance."""

import numpy as np
import pytest
from scipy import stats

from driftmill.comparison.bridge import bridge

#: What the other data are worth.
N = 10


def likelihoods(y, size, seed):
    """Log likelihoods of y at draws of the posteriors without and with it, and its score."""
    rng = np.random.default_rng(seed)
    without = rng.standard_normal(size) / np.sqrt(N)
    seen = y / (N + 1) + rng.standard_normal(size) / np.sqrt(N + 1)
    found = [stats.norm(mu, 1).logpdf(y) for mu in (without, seen)]
    return *found, stats.norm(0, np.sqrt(1 + 1 / N)).logpdf(y)


@pytest.mark.parametrize(("y", "within"), [(0.5, 0.01), (6.0, 0.13), (12.0, 0.36)])
def test_is_the_score_in_closed_form(y, within):
    """Four times the error's sd over a hundred seeds: 0.0026, 0.032, 0.09."""
    without, seen, closed = likelihoods(y, (4, 500), seed=3)
    assert bridge(without, seen) == pytest.approx(closed, abs=within)


def test_is_surer_than_the_mean_likelihood():
    errors = []
    for seed in range(40):
        without, seen, closed = likelihoods(8.0, 1000, seed)
        mean = np.logaddexp.reduce(without) - np.log(1000)
        errors.append((bridge(without, seen) - closed, mean - closed))
    ours, plain = np.std(errors, axis=0)
    assert ours < plain / 2


def test_a_trial_as_improbable_as_exp_minus_900_has_a_finite_score():
    without, seen, closed = likelihoods(44.0, 2000, seed=3)
    assert closed < -850
    assert np.isfinite(bridge(without, seen))


def test_impossible_draws_count_as_draws():
    """Half of the mass without the trial lies where the trial cannot be."""
    without = np.concatenate([np.full(100, -1.5), np.full(100, -np.inf)])
    assert bridge(without, np.full(200, -1.5)) == pytest.approx(-1.5 - np.log(2), abs=1e-8)
    assert bridge(np.full(100, -np.inf), np.full(100, -1.5)) == -np.inf


def test_a_likelihood_that_no_parameter_changes_is_the_score():
    assert bridge(np.full(50, -0.7), np.full((2, 30), -0.7)) == pytest.approx(-0.7, abs=1e-12)

"""Draws of first passages: their shares, times, and walks that never end."""

import numpy as np
import pytest

from driftmill.likelihoods.first_passage import angle
from driftmill.models.passages import Passages

SAMPLER = Passages(angle, ("v", "a", "z", "t", "theta"))
N = 4_000


def drawn(seed=3, **values):
    parameters = {name: np.full(N, value) for name, value in values.items()}
    return SAMPLER(np.random.default_rng(seed), parameters)


def test_without_drift_the_start_says_who_wins_and_when():
    found = drawn(v=0.0, a=1.0, z=0.3, t=0.4, theta=0.0)
    assert (found["rt"] > 0.4).all()
    share = np.mean(found["response"] == 1)
    assert abs(share - 0.3) < 5 * (0.3 * 0.7 / N) ** 0.5
    # The mean time of an undrifted walk from x between 0 and L is x (L - x).
    time = found["rt"] - 0.4
    assert abs(time.mean() - 0.6 * 1.4) < 5 * time.std() / N**0.5


def test_walks_between_bounds_that_run_away_may_never_end():
    found = drawn(v=0.0, a=0.5, z=0.5, t=0.1, theta=-0.8)
    never = np.isinf(found["rt"])
    assert 0 < never.mean() < 0.5
    assert set(np.unique(found["response"])) == {-1, 1}


def test_draws_follow_their_source_of_random_numbers():
    first, again, other = (drawn(seed, v=1.0, a=1.0, z=0.5, t=0.2, theta=0.3) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first["rt"], again["rt"])
    assert (first["rt"] != other["rt"]).any()


@pytest.mark.parametrize("theta", [0.0, 0.4])
def test_decisions_can_be_drawn_without_a_shift(theta):
    values = {"v": 1.0, "a": 1.0, "z": 0.5, "theta": theta}
    parameters = {name: np.full(50, value) for name, value in values.items()}
    response, time = SAMPLER.draw(np.random.default_rng(1), parameters)
    shifted = SAMPLER(np.random.default_rng(1), parameters | {"t": np.full(50, 0.3)})
    np.testing.assert_array_equal(shifted["rt"], 0.3 + time)
    np.testing.assert_array_equal(shifted["response"], response)

import numpy as np
import pytest
from arviz_stats.base import array_stats

from driftmill.report.rhat import expected_largest_r_hat, largest_r_hat_by_chance


def test_agrees_with_simulated_converged_posteriors():
    rng = np.random.default_rng(8)
    values, repeats, chains, draws = 20, 12, 4, 250
    largest = [
        max(
            array_stats.rhat(
                rng.normal(size=(chains, draws)), method="rank", chain_axis=0, draw_axis=1
            )
            for _ in range(values)
        )
        for _ in range(repeats)
    ]
    error = np.std(largest, ddof=1) / np.sqrt(repeats)
    expected = expected_largest_r_hat(values, chains, draws, chains * draws)
    assert abs(np.mean(largest) - expected) < 4 * error
    bound = largest_r_hat_by_chance(values, chains, draws, chains * draws)
    # Of twelve values the chance that four or more pass a 95 % bound is 0.2 %.
    assert sum(value > bound for value in largest) < 4
    assert bound > expected


def test_grows_with_the_number_of_posteriors_and_shrinks_with_their_size():
    few, many = (expected_largest_r_hat(n, 4, 1000, 2000) for n in (10, 10_000))
    assert 1 < few < many
    assert expected_largest_r_hat(10, 4, 1000, 500) > few
    # A sweep of thousands of posteriors of 400 effective draws passes the usual gate by chance.
    assert expected_largest_r_hat(20_000, 4, 1000, 400) > 1.01


@pytest.mark.parametrize("ess", [5.0, 8.0, 1e6])
def test_is_finite_at_the_ends(ess):
    assert np.isfinite(expected_largest_r_hat(1, 4, 1000, ess))

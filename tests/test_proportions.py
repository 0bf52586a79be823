import numpy as np
import pytest
from scipy import stats

from driftmill.proportions import jeffreys_interval


@pytest.mark.parametrize(("x", "n"), [(1, 12), (6, 12), (90, 100), (999, 1000)])
def test_interval_is_the_central_interval_of_the_beta_posterior(x, n):
    lower, upper = jeffreys_interval(x, n)
    posterior = stats.beta(x + 0.5, n - x + 0.5)
    assert posterior.cdf(lower) == pytest.approx(0.025)
    assert posterior.cdf(upper) == pytest.approx(0.975)


def test_no_success_and_all_successes_reach_the_ends():
    lower, upper = jeffreys_interval([0, 12], 12)
    np.testing.assert_array_equal([lower[0], upper[1]], [0.0, 1.0])
    assert upper[0] == pytest.approx(stats.beta(0.5, 12.5).ppf(0.975))
    assert lower[1] == pytest.approx(stats.beta(12.5, 0.5).ppf(0.025))


def test_no_trials_have_no_interval():
    lower, upper = jeffreys_interval([0, 3], [0, 4])
    np.testing.assert_array_equal(np.isnan(lower), [True, False])
    np.testing.assert_array_equal(np.isnan(upper), [True, False])


def test_a_lower_level_gives_a_shorter_interval():
    wide, narrow = jeffreys_interval(7, 10, 0.95), jeffreys_interval(7, 10, 0.5)
    assert wide[0] < narrow[0] < narrow[1] < wide[1]

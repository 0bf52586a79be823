import numpy as np
import pytest
from scipy import stats

from driftmill.simulation.lapses import replace_lapses


def trials(n):
    return {"rt": np.full(n, 0.5), "response": np.ones(n, dtype=np.int64)}


def test_lapses_are_uniform_in_time_and_over_choices():
    n = 40_000
    columns, lapsed = replace_lapses(np.random.default_rng(1), trials(n), (-1, 1), 0.2)
    count = np.count_nonzero(lapsed)
    assert stats.binomtest(count, n, 0.2).pvalue > 1e-4
    assert stats.kstest(columns["rt"][lapsed], stats.uniform(0, 20).cdf).pvalue > 1e-4
    assert stats.binomtest(int(np.sum(columns["response"][lapsed] == 1)), count).pvalue > 1e-4
    assert (columns["rt"][~lapsed] == 0.5).all()
    assert (columns["response"][~lapsed] == 1).all()
    assert columns["response"].dtype == np.int64


def test_without_lapses_nothing_is_drawn():
    rng = np.random.default_rng(1)
    columns, lapsed = replace_lapses(rng, trials(10), (-1, 1), 0.0)
    assert not lapsed.any()
    np.testing.assert_array_equal(columns["rt"], trials(10)["rt"])
    assert rng.random() == np.random.default_rng(1).random()


def test_choices_alone_lapse_too():
    response = {"response": np.zeros(30_000, dtype=np.int64)}
    columns, lapsed = replace_lapses(np.random.default_rng(2), response, (0, 1, 2), 0.5)
    assert list(columns) == ["response"]
    assert stats.chisquare(np.bincount(columns["response"][lapsed])).pvalue > 1e-4


@pytest.mark.parametrize("lapse", [-0.1, 1.0, np.nan])
def test_lapse_must_be_a_probability(lapse):
    with pytest.raises(ValueError, match="probability"):
        replace_lapses(np.random.default_rng(1), trials(3), (-1, 1), lapse)


def test_every_trial_may_have_its_own_probability():
    n = 40_000
    share = np.linspace(0.0, 0.9, n)
    columns, lapsed = replace_lapses(np.random.default_rng(3), trials(n), (-1, 1), share)
    error = np.sqrt(0.25 / 4_000)
    np.testing.assert_allclose(
        lapsed.reshape(10, -1).mean(axis=1), share.reshape(10, -1).mean(axis=1), atol=4 * error
    )
    assert (columns["rt"][~lapsed] == 0.5).all()


def test_equal_probabilities_are_as_one():
    one, first = replace_lapses(np.random.default_rng(3), trials(50), (-1, 1), 0.3)
    each, second = replace_lapses(np.random.default_rng(3), trials(50), (-1, 1), np.full(50, 0.3))
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(one["rt"], each["rt"])


def test_one_bad_probability_is_named():
    with pytest.raises(ValueError, match=r"lapse = 1\.5"):
        replace_lapses(np.random.default_rng(1), trials(3), (-1, 1), np.array([0.1, 1.5, 0.2]))

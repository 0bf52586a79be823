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

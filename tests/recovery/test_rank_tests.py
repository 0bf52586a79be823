"""P-values of ranks against enumeration of all samples, bounds against all completions."""

import itertools

import numpy as np
import pytest
from scipy import stats

from driftmill.recovery.rank_tests import p_range, p_value, spread_p_value
from driftmill.recovery.uniformity import band_p_value


@pytest.mark.parametrize("highest", [3, 4])
def test_the_spreads_p_value_is_that_of_all_samples_there_are(highest):
    samples = np.array(list(itertools.product(range(highest + 1), repeat=4)))
    spreads = ((samples - highest / 2) ** 2).sum(axis=1)
    for sample, spread in list(zip(samples, spreads, strict=True))[::13]:
        expected = min(1.0, 2 * min(np.mean(spreads <= spread), np.mean(spreads >= spread)))
        assert spread_p_value(sample, highest) == pytest.approx(expected, abs=1e-12)


def test_in_large_samples_the_spread_is_normal():
    rng = np.random.default_rng(1)
    ranks = rng.integers(3, 100, 400)
    possible = (np.arange(100) / 99 - 0.5) ** 2
    z = (np.mean((ranks / 99 - 0.5) ** 2) - possible.mean()) / possible.std() * np.sqrt(400)
    assert spread_p_value(ranks, 99) == pytest.approx(2 * stats.norm.sf(abs(z)), rel=0.05)


def test_the_smaller_of_the_two_counts_twice():
    ranks = np.random.default_rng(2).integers(0, 100, 60)
    parts = (band_p_value(ranks, 99), spread_p_value(ranks, 99))
    assert p_value(ranks, 99) == min(1.0, 2 * min(parts))
    assert np.isnan(p_value(np.array([], dtype=np.int64), 99))


@pytest.mark.parametrize("unknown", [1, 2, 3])
def test_no_ranks_of_failed_posteriors_lead_out_of_the_bounds(unknown):
    rng = np.random.default_rng(3)
    highest = 6
    for _ in range(5):
        known = rng.integers(0, highest + 1, 10)
        values = [
            p_value(np.concatenate([known, more]), highest)
            for more in itertools.combinations_with_replacement(range(highest + 1), unknown)
        ]
        lowest, most = p_range(known, highest, unknown)
        assert lowest == pytest.approx(min(values), abs=1e-12)
        assert most >= max(values) - 1e-12


def test_without_unknown_ranks_the_bounds_are_the_p_value():
    known = np.random.default_rng(4).integers(0, 100, 250)
    p = p_value(known, 99)
    assert p_range(known, 99, 0) == pytest.approx((p, p), abs=1e-12)

"""P-values and bands of ranks against enumeration, simulation and ranks that are not uniform."""

import itertools
import math

import numpy as np
import pytest
from scipy import stats

from driftmill.recovery.uniformity import (
    band_p_range,
    band_p_value,
    band_p_values,
    bands,
    below,
    tails_of,
)

HIGHEST, DATASETS = 9, 15


@pytest.fixture(scope="module")
def uniform():
    """Return p-values of uniform ranks."""
    rng = np.random.default_rng(3)
    samples = rng.integers(0, HIGHEST + 1, (2000, DATASETS))
    return band_p_values(np.array([below(sample, HIGHEST) for sample in samples]), DATASETS)


@pytest.mark.parametrize("level", [0.02, 0.1, 0.3])
def test_uniform_ranks_leave_the_bands_as_often_as_the_level_says(uniform, level):
    """A p-value takes few values where ranks do, so the largest one below the level counts."""
    reached = uniform[uniform <= level].max()
    low, high = stats.binom.ppf([1e-4, 1 - 1e-4], len(uniform), reached)
    assert low <= (uniform <= level).sum() <= high
    assert reached > level / 2


def test_p_values_are_those_of_all_samples_there_are():
    """Of 4 ranks among 0 to 3 all 256 samples are equally likely."""
    n, highest = 4, 3
    statistic = {}
    for sample in itertools.product(range(highest + 1), repeat=n):
        tails = []
        for k in range(1, highest + 1):
            count, share = sum(rank < k for rank in sample), k / (highest + 1)
            chances = [math.comb(n, c) * share**c * (1 - share) ** (n - c) for c in range(n + 1)]
            tails.append(min(sum(chances[: count + 1]), sum(chances[count:])))
        statistic[sample] = min(tails)
    reached = np.array(list(statistic.values()))
    for sample, value in list(statistic.items())[::17]:
        expected = np.mean(reached <= value * (1 + 1e-9))
        assert band_p_value(np.array(sample), highest) == pytest.approx(expected, abs=1e-12)


def test_ranks_that_are_not_uniform_leave_the_bands():
    rng = np.random.default_rng(4)
    share = {
        "too narrow": stats.beta(0.5, 0.5),
        "too wide": stats.beta(4, 4),
        "low": stats.beta(2, 1),
    }
    for shape in share.values():
        found = (shape.rvs(100, random_state=rng) * 100).astype(int)
        assert band_p_value(found, 99) < 1e-3


def test_evenly_spread_ranks_are_the_least_surprising():
    assert band_p_value(np.arange(100), 99) == pytest.approx(1.0, abs=1e-3)


@pytest.mark.parametrize("unknown", [1, 2, 3])
def test_the_range_is_that_of_all_ranks_that_failed_posteriors_could_have(unknown):
    rng = np.random.default_rng(5)
    highest = 6
    for _ in range(5):
        known = rng.integers(0, highest + 1, 12)
        values = [
            band_p_value(np.concatenate([known, more]), highest)
            for more in itertools.combinations_with_replacement(range(highest + 1), unknown)
        ]
        expected = (min(values), max(values))
        assert band_p_range(known, highest, unknown) == pytest.approx(expected, abs=1e-12)


def test_without_unknown_ranks_the_range_is_the_p_value():
    known = np.random.default_rng(6).integers(0, 100, 250)
    p = band_p_value(known, 99)
    assert band_p_range(known, 99, 0) == pytest.approx((p, p), abs=1e-12)


def test_no_ranks_have_no_p_value():
    none = np.array([], dtype=np.int64)
    assert np.isnan(band_p_value(none, 99))
    assert np.isnan(band_p_range(none, 99, 0)).all()
    # Were all known, they could be anything.
    lowest, greatest = band_p_range(none, 99, 50)
    assert lowest < 1e-12
    assert greatest == pytest.approx(1.0, abs=1e-2)


@pytest.mark.parametrize(("n", "level"), [(50, 0.95), (250, 0.95), (250, 0.99)])
def test_uniform_ranks_stay_inside_bands_as_often_as_they_say(n, level):
    lower, upper = bands(n, 99, level)
    rng = np.random.default_rng(7)
    counts = np.array([below(sample, 99) for sample in rng.integers(0, 100, (2000, n))])
    inside = ((counts >= lower) & (counts <= upper)).all(axis=1)
    low, high = stats.binom.ppf([1e-4, 1 - 1e-4], len(inside), level)
    assert low <= inside.sum() <= high


def test_ranks_leave_the_bands_where_their_p_value_is_below_the_level():
    rng = np.random.default_rng(8)
    lower, upper = bands(100, 99, 0.9)
    reached = tails_of(100, 99)[np.arange(99), lower].min()
    for sample in rng.integers(0, 100, (200, 100)):
        counts = below(sample, 99)
        left = ((counts < lower) | (counts > upper)).any()
        p = band_p_value(sample, 99)
        assert reached > 0
        if abs(p - 0.1) > 5e-3:
            assert left == (p < 0.1)

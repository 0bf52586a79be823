"""The p-value of simultaneous bands, against simulation and against ranks that are not uniform."""

import numpy as np
import pytest
from scipy import stats
from tests.validate.ranks import band_p_value

HIGHEST, DATASETS = 9, 15


@pytest.fixture(scope="module")
def uniform():
    """Return p-values of uniform ranks."""
    rng = np.random.default_rng(3)
    samples = rng.integers(0, HIGHEST + 1, (2000, DATASETS))
    return np.array([band_p_value(sample, HIGHEST) for sample in samples])


@pytest.mark.parametrize("level", [0.02, 0.1, 0.3])
def test_uniform_ranks_leave_the_bands_as_often_as_the_level_says(uniform, level):
    """A p-value takes few values where ranks do, so the largest one below the level counts."""
    reached = uniform[uniform <= level].max()
    low, high = stats.binom.ppf([1e-4, 1 - 1e-4], len(uniform), reached)
    assert low <= (uniform <= level).sum() <= high
    assert reached > level / 2


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

"""One p-value for ranks: of the bands around their ECDF, and of their distance from the middle.

The bands see any departure, but are slow to see ranks that lie a little too far out or too near the
middle, as those of posteriors of somewhat the wrong width do. The mean squared distance of ranks
from the middle sees that first; its distribution is exact too.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy import fft

from driftmill.recovery.batch import FloatArray
from driftmill.recovery.uniformity import IntArray, band_p_range, band_p_value


def p_value(ranks: IntArray, highest: int) -> float:
    """Return how surprising ranks are if all are equally likely.

    Parameters
    ----------
    ranks
        Independent ranks, each in 0, ..., ``highest``.
    highest
        The highest rank.

    Returns
    -------
    float
        Twice the smaller of the p-values of bands and spread, at most 1; NaN without ranks.
    """
    return float(_combined(band_p_value(ranks, highest), spread_p_value(ranks, highest)))


def p_range(ranks: IntArray, highest: int, unknown: int) -> tuple[float, float]:
    """Return bounds of `p_value`, whatever some unknown ranks would have been.

    Parameters
    ----------
    ranks
        The known ranks.
    highest
        The highest rank.
    unknown
        How many more there would be.

    Returns
    -------
    tuple
        The smallest p-value that there could be, and one that none can exceed.
    """
    bands = band_p_range(ranks, highest, unknown)
    spreads = _spread_range(ranks, highest, unknown)
    least, most = (_combined(*pair) for pair in zip(bands, spreads, strict=True))
    return float(least), float(most)


def spread_p_value(ranks: IntArray, highest: int) -> float:
    """Return the p-value, two-sided, of the mean squared distance of ranks from the middle."""
    if not len(ranks):
        return float("nan")
    return _two_sided(int(_steps(ranks, highest).sum()), len(ranks), highest)


def _combined(band: float, spread: float) -> float:
    return min(1.0, 2.0 * min(band, spread)) if not np.isnan(band) else band


def _spread_range(ranks: IntArray, highest: int, unknown: int) -> tuple[float, float]:
    n = len(ranks) + unknown
    if n == 0:
        return float("nan"), float("nan")
    every = _steps(np.arange(highest + 1), highest)
    known = int(_steps(ranks, highest).sum())
    totals = known + unknown * np.array([every.min(), every.max()])
    least = min(_two_sided(int(total), n, highest) for total in totals)
    if not unknown:
        return least, least
    # Squared distances are not dense, so that the middle need not be reached: a bound.
    middle = int(np.searchsorted(_cumulative(n, highest), 0.5))
    nearest = int(np.clip(middle, totals[0], totals[1]))
    return least, _two_sided(nearest, n, highest)


def _steps(ranks: IntArray, highest: int) -> IntArray:
    """Return squared distances from the middle as the smallest whole numbers."""
    squares = (2 * np.arange(highest + 1, dtype=np.int64) - highest) ** 2
    squares -= squares.min()
    unit = max(int(np.gcd.reduce(squares)), 1)
    return np.asarray(squares[ranks] // unit)


def _two_sided(total: int, n: int, highest: int) -> float:
    cumulative = _cumulative(n, highest)
    lower = cumulative[total]
    upper = 1.0 - (cumulative[total - 1] if total else 0.0)
    return float(np.clip(2.0 * min(lower, upper), 0.0, 1.0))


@lru_cache(maxsize=4)
def _cumulative(n: int, highest: int) -> FloatArray:
    """Return the distribution function of the sum of `_steps` of ``n`` uniform ranks."""
    steps = _steps(np.arange(highest + 1), highest)
    length = n * int(steps.max()) + 1
    chances = np.bincount(steps, minlength=length) / (highest + 1)
    size = fft.next_fast_len(length, real=True)
    summed = fft.irfft(fft.rfft(chances, size) ** n, size)[:length]
    found = np.asarray(np.cumsum(np.clip(summed, 0.0, None)))
    found.flags.writeable = False
    return found

"""How surprising the ranks of truths are if all is well: simultaneous bands around their ECDF.

Säilynoja, Bürkner & Vehtari (2022, Stat. Comput. 32:32): the number of ranks below k is binomial at
every k, and bands of one pointwise tail probability hold the whole ECDF of uniform ranks with a
probability that follows exactly, without simulation, since these numbers are a Markov chain in k.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special, stats

from driftmill.recovery.batch import FloatArray

IntArray = NDArray[np.int64]
#: Tail probabilities below this are never reached by uniform ranks, as far as p-values go.
_NEVER = 1e-15
#: A tail as small as the smallest observed one is outside the bands, whatever its rounding.
_TIE = 1 + 1e-9


def below(ranks: IntArray, highest: int) -> IntArray:
    """Count the ranks below 1, 2, ..., ``highest``; ranks are 0 to ``highest``."""
    return np.bincount(ranks, minlength=highest + 1).cumsum()[:-1].astype(np.int64)


def band_p_value(ranks: IntArray, highest: int) -> float:
    """Return the level at which the bands around the ECDF of ranks are just left.

    Parameters
    ----------
    ranks
        Independent ranks, each in 0, ..., ``highest``.
    highest
        The highest rank: the number of draws that truths are ranked among.

    Returns
    -------
    float
        Exact to about 1e-12; NaN without ranks.
    """
    return float(band_p_values(below(ranks, highest)[None], len(ranks))[0])


def band_p_values(counts: IntArray, n: int) -> FloatArray:
    """Return `band_p_value` of several quantities of ``n`` ranks each.

    Parameters
    ----------
    counts
        What `below` counts, a row a quantity.
    n
        How many ranks each has.
    """
    if n == 0:
        return np.full(len(counts), np.nan)
    highest = counts.shape[1]
    return np.clip(1.0 - _inside(n, highest, _smallest(counts, n) * _TIE), 0.0, 1.0)


def band_p_range(ranks: IntArray, highest: int, unknown: int) -> tuple[float, float]:
    """Return the smallest and the largest p-value, whatever some unknown ranks would have been.

    Parameters
    ----------
    ranks
        The known ranks.
    highest
        The highest rank.
    unknown
        How many more there would be: of posteriors that failed and datasets without one.

    Returns
    -------
    tuple
        The least p-value has all unknown ranks at one end. The greatest has them where they fill
        the gaps best: ranks below k grow with k, so for a tail probability the fewest that keep
        the ECDF inside are taken at each k, and the largest such probability is searched for.
    """
    n = len(ranks) + unknown
    if n == 0:
        return float("nan"), float("nan")
    counts = below(ranks, highest)
    ends = np.stack([counts, counts + unknown])
    tails = tails_of(n, highest)
    # Column x: the tail when x of the unknown ranks lie below k.
    rows, places = np.arange(highest)[:, None], counts[:, None] + np.arange(unknown + 1)
    reached = tails[rows, places]
    levels = np.unique(reached)
    low, high = 0, len(levels) - 1
    while low < high:
        middle = (low + high + 1) // 2
        if _can_keep(reached >= levels[middle]):
            low = middle
        else:
            high = middle - 1
    limits = np.array([_smallest(ends, n).min(), levels[low]]) * _TIE
    least, greatest = np.clip(1.0 - _inside(n, highest, limits), 0.0, 1.0)
    return float(least), float(greatest)


def _can_keep(allowed: NDArray[np.bool_]) -> bool:
    """Tell whether numbers that never fall from row to row can be chosen among the allowed."""
    least = 0
    for row in allowed:
        found = np.flatnonzero(row[least:])
        if not found.size:
            return False
        least += int(found[0])
    return True


def bands(n: int, highest: int, level: float = 0.95) -> tuple[IntArray, IntArray]:
    """Return the simultaneous bands of the numbers of ranks below 1, 2, ..., ``highest``.

    Parameters
    ----------
    n
        How many ranks there are.
    highest
        The highest rank.
    level
        Probability that uniform ranks stay inside throughout; the bands have at least this.

    Returns
    -------
    tuple
        The smallest and the largest number inside, each of shape (highest,).
    """
    least, most = np.log(_NEVER), np.log(0.5)
    for _ in range(4):
        limits = np.linspace(least, most, 33)
        kept = _inside(n, highest, np.exp(limits)) >= level
        last = int(np.flatnonzero(kept)[-1])
        least, most = limits[last], limits[min(last + 1, len(limits) - 1)]
    inside = tails_of(n, highest) > np.exp(least)
    return inside.argmax(axis=1), n - inside[:, ::-1].argmax(axis=1)


@lru_cache(maxsize=16)
def tails_of(n: int, highest: int) -> FloatArray:
    """Return the smaller tail probability of each number of uniform ranks below each k.

    Shape (highest, n + 1): of ``n`` ranks as many or fewer, or as many or more, below 1, 2, ....
    """
    counts = np.arange(n + 1)
    shares = np.arange(1, highest + 1)[:, None] / (highest + 1)
    fewer, more = stats.binom.cdf(counts, n, shares), stats.binom.sf(counts - 1, n, shares)
    found = np.asarray(np.minimum(fewer, more))
    found.flags.writeable = False
    return found


def _smallest(counts: IntArray, n: int) -> FloatArray:
    highest = counts.shape[1]
    tails = tails_of(n, highest)[np.arange(highest), counts]
    return np.asarray(tails.min(axis=1))


def _inside(n: int, highest: int, limits: FloatArray) -> FloatArray:
    """Return the probability that all counts have tails above each limit, shape of ``limits``."""
    tails, ordered = tails_of(n, highest), special.gammaln(np.arange(n + 1) + 1.0)
    floor = max(float(limits.min()), _NEVER)
    here, chance = np.zeros(1, dtype=np.int64), np.ones((len(limits), 1))
    for k in range(highest):
        there = np.flatnonzero(tails[k] > floor)
        if not there.size:
            return np.zeros(len(limits))
        # Of the ranks that are not below k, each is k with probability 1 / (ranks that are left).
        gained, left = there[None, :] - here[:, None], n - here[:, None]
        possible = (gained >= 0) & (gained <= left)
        gained = np.where(possible, gained, 0)
        share = 1.0 / (highest + 1 - k)
        log_step = ordered[left] - ordered[gained] - ordered[left - gained]
        log_step = log_step + gained * np.log(share) + (left - gained) * np.log1p(-share)
        step = np.where(possible, np.exp(log_step), 0.0)
        chance = (chance @ step) * (tails[k, there] > limits[:, None])
        here = there
    return np.asarray(chance.sum(axis=1))

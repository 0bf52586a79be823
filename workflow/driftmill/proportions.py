"""Intervals for a proportion, shared by every table that counts datasets."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

FloatArray = NDArray[np.float64]


def jeffreys_interval(
    successes: ArrayLike, total: ArrayLike, level: float = 0.95
) -> tuple[FloatArray, FloatArray]:
    """Jeffreys interval of a binomial proportion.

    The central interval of Beta(x + 1/2, n - x + 1/2), with the lower end 0 when
    x = 0 and the upper end 1 when x = n (Brown, Cai & DasGupta 2001, Statistical
    Science 16, section 4.3).

    Parameters
    ----------
    successes, total
        Counts x and n, broadcast against each other.
    level
        Probability of the interval.

    Returns
    -------
    tuple of arrays
        Lower and upper end, NaN where ``total`` is 0.
    """
    x, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(total, float))
    tail = (1.0 - level) / 2.0
    lower = np.where(x == 0, 0.0, special.betaincinv(x + 0.5, n - x + 0.5, tail))
    upper = np.where(x == n, 1.0, special.betaincinv(x + 0.5, n - x + 0.5, 1.0 - tail))
    return np.where(n > 0, lower, np.nan), np.where(n > 0, upper, np.nan)

"""Shares, means and medians of trials in cells, all cells at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray

IntArray = NDArray[np.int64]
#: Bins by rt, each with as many trials of its group as the others.
FIFTHS = 5


def over(counts: IntArray | FloatArray, total: IntArray) -> FloatArray:
    """Return shares; NaN of none."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(total > 0, counts / total, np.nan)


def means(values: FloatArray, cell: IntArray, width: int) -> FloatArray:
    """Return the mean in every cell; NaN in one without values."""
    counts = np.bincount(cell, minlength=width)
    return over(np.bincount(cell, values, minlength=width), counts)


def quantiles(
    values: FloatArray, cell: IntArray, width: int, probabilities: Sequence[float]
) -> FloatArray:
    """Return quantiles of every cell, between the values linearly as NumPy has them.

    Returns
    -------
    ndarray
        Shape (width, probabilities); NaN in a cell without values.
    """
    ordered = values[np.lexsort((values, cell))]
    counts = np.bincount(cell, minlength=width)
    starts = counts.cumsum() - counts
    found = np.full((width, len(probabilities)), np.nan)
    some = counts > 0
    place = (counts[some, None] - 1) * np.asarray(probabilities)
    lower = np.floor(place).astype(np.int64)
    upper = np.minimum(lower + 1, counts[some, None] - 1)
    share, first = place - lower, starts[some, None]
    found[some] = ordered[first + lower] * (1 - share) + ordered[first + upper] * share
    return found


def fifths(rt: FloatArray, group: IntArray, groups: int) -> IntArray:
    """Return which fifth of its group's times every time is among."""
    order = np.lexsort((rt, group))
    counts = np.bincount(group, minlength=groups)
    starts = counts.cumsum() - counts
    rank = np.empty(rt.size, dtype=np.int64)
    rank[order] = np.arange(rt.size) - starts[group[order]]
    return np.asarray(rank * FIFTHS // counts[group])

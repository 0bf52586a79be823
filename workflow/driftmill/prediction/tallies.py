"""Shares, means and medians of trials in cells, all cells at once."""

from __future__ import annotations

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


def medians(values: FloatArray, cell: IntArray, width: int) -> FloatArray:
    """Return the median in every cell; NaN in one without values."""
    ordered = values[np.lexsort((values, cell))]
    counts = np.bincount(cell, minlength=width)
    starts = counts.cumsum() - counts
    found = np.full(width, np.nan)
    some = counts > 0
    lower, upper = (starts + (counts - 1) // 2)[some], (starts + counts // 2)[some]
    found[some] = (ordered[lower] + ordered[upper]) / 2
    return found


def fifths(rt: FloatArray, group: IntArray, groups: int) -> IntArray:
    """Return which fifth of its group's times every time is among."""
    order = np.lexsort((rt, group))
    counts = np.bincount(group, minlength=groups)
    starts = counts.cumsum() - counts
    rank = np.empty(rt.size, dtype=np.int64)
    rank[order] = np.arange(rt.size) - starts[group[order]]
    return np.asarray(rank * FIFTHS // counts[group])

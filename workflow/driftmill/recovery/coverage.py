"""Coverage: how often central intervals hold the truth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from driftmill.proportions import jeffreys_interval
from driftmill.recovery.estimates import LEVELS
from driftmill.recovery.subsets import Group, groups, with_truth

COVERAGE_TYPES = {
    "cell": "str",
    "fit": "str",
    "parameter": "str",
    "subset": "str",
    "level": "float64",
    "n": "int64",
    "covered": "int64",
    "coverage": "float64",
    "lower": "float64",
    "upper": "float64",
}
#: Levels of the whole curve.
CURVE_LEVELS = tuple(percent / 100 for percent in range(1, 100))


def coverage(estimates: pd.DataFrame) -> pd.DataFrame:
    """Share of the central 50, 80, 90, 94 and 95 % intervals that hold the truth.

    Parameters
    ----------
    estimates
        Rows as `driftmill.recovery.estimates.estimates` makes them, of any cells and fits.

    Returns
    -------
    pd.DataFrame
        A row a cell, fit, parameter, subset and ``level`` (a probability): ``covered``
        of ``n`` datasets, with the Jeffreys 95 % interval of the share.
    """
    rows = []
    for group, members in groups(with_truth(estimates)):
        truth = members["truth"].to_numpy(dtype=float)
        for level in LEVELS:
            lower, upper = (members[f"{end}_{level}"].to_numpy() for end in ("lower", "upper"))
            held = int(np.sum((lower <= truth) & (truth <= upper)))
            rows.append((*group, level / 100, len(members), held))
    return _with_intervals(rows)


def coverage_curve(estimates: pd.DataFrame, levels: Sequence[float] = CURVE_LEVELS) -> pd.DataFrame:
    """Coverage of central intervals at every level, from where the truth lies in its posterior.

    A central interval of probability p holds the truth when its quantile q in the draws
    has abs(2 q - 1) <= p.

    Parameters
    ----------
    estimates
        Rows with ``truth_quantile``.
    levels
        Probabilities of the intervals.

    Returns
    -------
    pd.DataFrame
        As `coverage` returns.
    """
    rows: list[tuple[object, ...]] = []
    grid = np.asarray(levels, dtype=float)
    for group, members in groups(with_truth(estimates)):
        reached = np.sort(np.abs(2 * members["truth_quantile"].to_numpy(dtype=float) - 1))
        # A quantile is a multiple of 1/draws: allow for its rounding.
        held = np.searchsorted(reached, grid + 1e-9, side="right")
        rows += [
            (*group, p, len(members), h) for p, h in zip(grid.tolist(), held.tolist(), strict=True)
        ]
    return _with_intervals(rows)


def _with_intervals(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=[*Group._fields, "level", "n", "covered"])
    n, covered = table["n"].to_numpy(dtype=float), table["covered"].to_numpy(dtype=float)
    lower, upper = jeffreys_interval(covered, n)
    share = np.divide(covered, n, out=np.full(n.shape, np.nan), where=n > 0)
    return table.assign(coverage=share, lower=lower, upper=upper).astype(COVERAGE_TYPES)

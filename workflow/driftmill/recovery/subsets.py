"""Every cell, fit and parameter, with and without the fits that failed their gates.

The parameters are those that a reader may ask about: deviations are left out, since each
participant's own value says the same, and a parameter that every participant has of their own
is one parameter, whose rows are the participants of all datasets.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from driftmill.sampling.settings import APPROXIMATE, PASSED

SUBSETS = ("all", "passed")
#: Columns that name a parameter of a fit on a cell.
KEYS = ["cell", "fit", "parameter", "level"]


class Group(NamedTuple):
    """One row's keys in the tables of recovery."""

    cell: str
    fit: str
    parameter: str
    level: str
    subset: str


def groups(estimates: pd.DataFrame) -> Iterator[tuple[Group, pd.DataFrame]]:
    """Yield the estimates of each cell, fit and parameter, for every subset.

    Fits without a posterior have no numbers and are left out of the frames; a group
    all of whose fits failed is yielded with an empty frame, so that it keeps its row.
    Approximations did not pass; where there are some they are a third subset.

    Parameters
    ----------
    estimates
        Rows of one or more cells and fits.

    Yields
    ------
    tuple
        The keys, in the order of the rows, and the rows with a posterior mean.
    """
    told = estimates[estimates["level"] != "deviation"]
    for (cell, fit, parameter, level), rows in told.groupby(KEYS, sort=False):
        estimated = rows[rows["mean"].notna()]
        passed = estimated[estimated["code"].isin(PASSED)]
        for subset, members in zip(SUBSETS, (estimated, passed), strict=True):
            yield Group(str(cell), str(fit), str(parameter), str(level), subset), members
        approximate = estimated[estimated["code"] == APPROXIMATE]
        if not approximate.empty:
            yield Group(str(cell), str(fit), str(parameter), str(level), APPROXIMATE), approximate


def with_truth(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose truth is known.

    Observed data, and parameters that the generating model does not have, have none.
    """
    return estimates[estimates["truth"].notna()]

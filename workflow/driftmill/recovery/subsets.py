"""Every cell, fit and parameter, with and without the fits that failed their gates."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pandas as pd

from driftmill.sampling.settings import PASSED

SUBSETS = ("all", "passed")


class Group(NamedTuple):
    """One row's keys in the tables of recovery."""

    cell: str
    fit: str
    parameter: str
    subset: str


def groups(estimates: pd.DataFrame) -> Iterator[tuple[Group, pd.DataFrame]]:
    """Yield the estimates of each cell, fit and parameter, for both subsets.

    Fits without a posterior have no numbers and are left out of the frames; a group
    all of whose fits failed is yielded with an empty frame, so that it keeps its row.

    Parameters
    ----------
    estimates
        Rows of one or more cells and fits.

    Yields
    ------
    tuple
        The keys, in the order of the rows, and the rows with a posterior mean.
    """
    keys = ["cell", "fit", "parameter"]
    for (cell, fit, parameter), rows in estimates.groupby(keys, sort=False):
        estimated = rows[rows["mean"].notna()]
        passed = estimated[estimated["code"].isin(PASSED)]
        for subset, members in zip(SUBSETS, (estimated, passed), strict=True):
            yield Group(str(cell), str(fit), str(parameter), subset), members


def with_truth(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of cells, fits and parameters whose truth is known.

    Observed data, and parameters that the generating model does not have, have none.
    """
    return estimates[estimates["truth"].notna()]

"""Coverage: how often central intervals hold the truth."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from driftmill.proportions import jeffreys_interval
from driftmill.recovery.batch import INTERVALS
from driftmill.recovery.clusters import effective_n
from driftmill.recovery.subsets import Group, groups, with_truth

COVERAGE_TYPES = {
    "cell": "str",
    "fit": "str",
    "parameter": "str",
    "level": "str",
    "subset": "str",
    "interval": "float64",
    "n": "int64",
    "covered": "int64",
    "coverage": "float64",
    "lower": "float64",
    "upper": "float64",
}


def coverage(estimates: pd.DataFrame) -> pd.DataFrame:
    """Share of the central 50, 80, 90, 94 and 95 % intervals that hold the truth.

    Parameters
    ----------
    estimates
        Rows as `driftmill.recovery.estimates.estimates` makes them, of any cells and fits.

    Returns
    -------
    pd.DataFrame
        A row a cell, fit, parameter, subset and ``interval`` (its probability): ``covered``
        of ``n`` rows, with the Jeffreys 95 % interval of the share. Participants of one
        dataset are not counted as independent of each other.
    """
    rows = []
    for group, members in groups(with_truth(estimates)):
        truth = members["truth"].to_numpy(dtype=float)
        datasets = members["dataset"].to_numpy()
        for percent in INTERVALS:
            lower, upper = (members[f"{end}_{percent}"].to_numpy() for end in ("lower", "upper"))
            held = (lower <= truth) & (truth <= upper)
            known = effective_n(held.astype(float), datasets)
            rows.append((*group, percent / 100, len(members), int(np.sum(held)), known))
    return _with_intervals(rows)


def _with_intervals(rows: Sequence[tuple[object, ...]]) -> pd.DataFrame:
    columns = [*Group._fields, "interval", "n", "covered", "known"]
    table = pd.DataFrame(rows, columns=columns)
    n, covered = table["n"].to_numpy(dtype=float), table["covered"].to_numpy(dtype=float)
    share = np.divide(covered, n, out=np.full(n.shape, np.nan), where=n > 0)
    known = table["known"].to_numpy(dtype=float)
    # Counts stay whole where all rows are independent.
    counted = np.where(known == n, covered, np.nan_to_num(share) * known)
    lower, upper = jeffreys_interval(counted, known)
    table = table.assign(coverage=share, lower=lower, upper=upper)
    return table[list(COVERAGE_TYPES)].astype(COVERAGE_TYPES)

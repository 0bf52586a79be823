"""Simulation-based calibration: whether the ranks of truths among posterior draws are uniform."""

from __future__ import annotations

import numpy as np
import pandas as pd

from driftmill.recovery.batch import FloatArray
from driftmill.recovery.rank_tests import p_range, p_value
from driftmill.recovery.ranks import NOT_SIMULATED
from driftmill.recovery.uniformity import IntArray
from driftmill.sampling.settings import APPROXIMATE, PASSED

CALIBRATION_TYPES = {
    "cell": "str",
    "fit": "str",
    "parameter": "str",
    "level": "str",
    "n": "int64",
    "ranked": "int64",
    "failed": "int64",
    "not_simulated": "int64",
    "tests": "int64",
    "p_value": "float64",
    "p_lowest": "float64",
    "p_highest": "float64",
    "p_with_failed": "float64",
    "p_prior": "float64",
    "mean_z": "float64",
    "spread_z": "float64",
    "shape": "str",
}
#: Columns that name a quantity.
KEYS = ["cell", "fit", "parameter", "level"]
#: Below this adjusted p-value the shape of ranks is named.
_SURPRISING = 0.05


def calibration(ranks: pd.DataFrame) -> pd.DataFrame:
    """Test the ranks of every quantity for uniformity.

    Parameters
    ----------
    ranks
        Rows as `driftmill.recovery.ranks.ranks_table` makes them, of any cells and fits.

    Returns
    -------
    pd.DataFrame
        A row a cell, fit and quantity. Of ``n`` datasets ``ranked`` have a posterior that passed
        its gates (or is an approximation, of which none is asked), ``failed`` have one that did
        not, and ``not_simulated`` have no data. ``p_value`` is of those that are ranked;
        ``p_lowest`` and ``p_highest`` are what it could be at the extremes if the ranks of all
        others were known; ``p_with_failed`` takes the ranks of failed posteriors that have draws
        as they are. ``p_prior`` is of the truths' ranks among draws of the fit's priors: small
        where the truths were drawn from others. ``tests`` counts the tests of this cell and fit,
        two a quantity but one of the joint log likelihood.

        ``mean_z`` and ``spread_z`` are the mean rank, and the mean squared distance of ranks from
        the middle, as standard errors from what uniform ranks have. Where ``p_value`` times
        ``tests`` is below 0.05, ``shape`` puts the larger of the two in words: posteriors
        ``too low``, ``too high``, ``too narrow`` or ``too wide``; else it is empty.
    """
    rows = []
    for group, members in ranks.groupby(KEYS, sort=False):
        known = members["rank"].notna()
        trusted = known & members["code"].isin([*PASSED, APPROXIMATE])
        found = members.loc[trusted, "rank"].to_numpy(dtype=np.int64)
        highest, n = int(members["highest"].iloc[0]), len(members)
        lowest, greatest = p_range(found, highest, n - len(found))
        absent = int((members["code"] == NOT_SIMULATED).sum())
        mean, spread = moments(found, highest)
        rows.append(
            dict(zip(KEYS, map(str, group), strict=True))
            | {
                "n": n,
                "ranked": len(found),
                "failed": n - len(found) - absent,
                "not_simulated": absent,
                "p_value": p_value(found, highest),
                "p_lowest": lowest,
                "p_highest": greatest,
                "p_with_failed": p_value(
                    members.loc[known, "rank"].to_numpy(dtype=np.int64), highest
                ),
                "p_prior": p_value(
                    members["prior_rank"].dropna().to_numpy(dtype=np.int64), highest
                ),
                "mean_z": mean,
                "spread_z": spread,
                "shape": shape(mean, spread),
            }
        )
    table = pd.DataFrame(rows, columns=list(CALIBRATION_TYPES))
    counted = table.assign(two=1 + table["p_prior"].notna())
    table["tests"] = counted.groupby(["cell", "fit"])["two"].transform("sum")
    calm = ~(table["p_value"] * table["tests"] < _SURPRISING)
    table.loc[calm, "shape"] = ""
    return table.astype(CALIBRATION_TYPES)


def moments(ranks: IntArray, highest: int) -> tuple[float, float]:
    """Return how far mean and spread of ranks are from those of uniform ranks, in standard errors.

    Both NaN without ranks.
    """
    if not len(ranks):
        return float("nan"), float("nan")
    possible = _centred(np.arange(highest + 1), highest)
    found = _centred(ranks, highest)
    root = np.sqrt(len(found))
    spread = (np.mean(found**2) - np.mean(possible**2)) / np.std(possible**2)
    return float(np.mean(found) / np.std(possible) * root), float(spread * root)


def shape(mean_z: float, spread_z: float) -> str:
    """Say what is wrong with posteriors whose ranks have this mean and spread."""
    if np.isnan(mean_z):
        return ""
    if abs(mean_z) >= abs(spread_z):
        return "too low" if mean_z > 0 else "too high"
    return "too narrow" if spread_z > 0 else "too wide"


def _centred(ranks: IntArray, highest: int) -> FloatArray:
    return np.asarray(ranks / highest - 0.5, dtype=np.float64)

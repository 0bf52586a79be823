"""Uncertainty recovery: z-scores, contraction and the interval score."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.recovery.subsets import groups

FloatArray = NDArray[np.float64]

UNCERTAINTY_TYPES = {
    "cell": "str",
    "fit": "str",
    "parameter": "str",
    "level": "str",
    "subset": "str",
    "n": "int64",
    "mean_z": "float64",
    "sd_z": "float64",
    "mean_contraction": "float64",
    "sd_posterior": "float64",
    "interval_score_90": "float64",
    "rmse_over_sd": "float64",
}


def uncertainty(estimates: pd.DataFrame) -> pd.DataFrame:
    """Tell whether posteriors are as wide as their errors and narrower than their priors.

    Parameters
    ----------
    estimates
        Rows as `driftmill.recovery.estimates.estimates` makes them, of any cells and fits.

    Returns
    -------
    pd.DataFrame
        A row a cell, fit, parameter and subset: ``n`` posteriors, mean and sd of the
        z-score, mean contraction (Schad et al. 2021), mean posterior sd, mean interval
        score of the 90 % interval, and ``rmse_over_sd``, the root mean square error over
        the root mean posterior variance (1 for a calibrated posterior). What needs the
        truth is null where there is none.
    """
    rows = []
    for group, members in groups(estimates):
        number = {
            name: members[name].to_numpy(dtype=float)
            for name in ("truth", "mean", "sd", "z_score", "contraction", "lower_90", "upper_90")
        }
        score = interval_score(number["lower_90"], number["upper_90"], number["truth"], 0.9)
        squared_error = _mean((number["mean"] - number["truth"]) ** 2)
        variance = _mean(number["sd"] ** 2)
        rows.append(
            group._asdict()
            | {
                "n": len(members),
                "mean_z": _mean(number["z_score"]),
                "sd_z": float(number["z_score"].std(ddof=1)) if len(members) > 1 else np.nan,
                "mean_contraction": _mean(number["contraction"]),
                "sd_posterior": _mean(number["sd"]),
                "interval_score_90": _mean(score),
                "rmse_over_sd": np.sqrt(squared_error / variance) if variance > 0 else np.nan,
            }
        )
    return pd.DataFrame(rows, columns=list(UNCERTAINTY_TYPES)).astype(UNCERTAINTY_TYPES)


def interval_score(
    lower: FloatArray, upper: FloatArray, truth: FloatArray, level: float
) -> FloatArray:
    """Interval score: width plus 2/alpha times the distance of a truth outside.

    Gneiting & Raftery 2007 (JASA 102), equation 43, with alpha = 1 - level; smaller is
    better, in the parameter's unit.

    Parameters
    ----------
    lower, upper
        Ends of the central interval.
    truth
        The value it should hold.
    level
        Probability of the interval.
    """
    missed = np.maximum(lower - truth, 0.0) + np.maximum(truth - upper, 0.0)
    return np.asarray(upper - lower + 2.0 / (1.0 - level) * missed)


def _mean(values: FloatArray) -> float:
    return float(values.mean()) if len(values) else np.nan

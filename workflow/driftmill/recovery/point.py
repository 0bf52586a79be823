"""Point recovery: posterior means against truths."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from driftmill.recovery.batch import FloatArray
from driftmill.recovery.clusters import dataset_means, dataset_sums
from driftmill.recovery.subsets import groups, with_truth

POINT_TYPES = {
    "cell": "str",
    "fit": "str",
    "parameter": "str",
    "level": "str",
    "subset": "str",
    "n": "int64",
    "r": "float64",
    "r2": "float64",
    "spearman": "float64",
    "bias": "float64",
    "bias_mcse": "float64",
    "rmse": "float64",
    "mae": "float64",
    "rmse_over_prior_sd": "float64",
    "slope": "float64",
    "slope_se": "float64",
}


def point(estimates: pd.DataFrame) -> pd.DataFrame:
    """Tell how near the posterior means come to the truths.

    Parameters
    ----------
    estimates
        Rows as `driftmill.recovery.estimates.estimates` makes them, of any cells and fits.

    Returns
    -------
    pd.DataFrame
        A row a cell, fit, parameter and subset (``all``, ``passed``): ``n`` rows (datasets,
        or participants of all datasets), Pearson's ``r``, ``r2`` about the identity (1 -
        sum of squared errors over sum of squares of the truth), ``spearman``, ``bias``
        (mean of mean - truth) with its Monte-Carlo error, ``rmse``, ``mae``, and the
        ``slope`` of the posterior mean on the truth (below 1: shrinkage). A correlation or
        slope is null where the truth does not vary or fewer than three rows have one.
        Standard errors take datasets as independent, participants of one dataset not.
    """
    rows = []
    for group, members in groups(with_truth(estimates)):
        truth = members["truth"].to_numpy(dtype=float)
        mean = members["mean"].to_numpy(dtype=float)
        datasets = members["dataset"].to_numpy()
        rows.append(
            group._asdict()
            | {"n": len(members)}
            | _errors(mean - truth, members["prior_sd"].to_numpy(dtype=float), datasets)
            | _association(truth, mean, datasets)
        )
    return pd.DataFrame(rows, columns=list(POINT_TYPES)).astype(POINT_TYPES)


def _errors(
    error: FloatArray, prior_sd: FloatArray, datasets: NDArray[np.int64]
) -> dict[str, float]:
    if len(error) == 0:
        return dict.fromkeys(("bias", "bias_mcse", "rmse", "mae", "rmse_over_prior_sd"), np.nan)
    rmse = float(np.sqrt(np.mean(error**2)))
    means = dataset_means(error, datasets)
    n = len(means)
    return {
        "bias": float(means.mean()),
        "bias_mcse": float(means.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan,
        "rmse": rmse,
        "mae": float(np.abs(error).mean()),
        "rmse_over_prior_sd": rmse / float(prior_sd[0]),
    }


def _association(
    truth: FloatArray, mean: FloatArray, datasets: NDArray[np.int64]
) -> dict[str, float]:
    unknown = dict.fromkeys(("r", "r2", "spearman", "slope", "slope_se"), np.nan)
    if len(truth) < 2 or np.ptp(truth) == 0:
        return unknown
    r2 = {"r2": 1.0 - float(np.sum((mean - truth) ** 2) / np.sum((truth - truth.mean()) ** 2))}
    if len(truth) < 3:
        return unknown | r2
    line = stats.linregress(truth, mean)
    varies = np.ptp(mean) > 0
    return r2 | {
        "r": float(line.rvalue) if varies else np.nan,
        "spearman": float(stats.spearmanr(truth, mean).statistic) if varies else np.nan,
        "slope": float(line.slope),
        "slope_se": _slope_error(truth, mean, line, datasets),
    }


def _slope_error(
    truth: FloatArray, mean: FloatArray, line: Any, datasets: NDArray[np.int64]
) -> float:
    """Return the slope's standard error, by the sandwich where datasets have several rows."""
    clusters = len(np.unique(datasets))
    if clusters == len(truth):
        return float(line.stderr)
    if clusters == 1:
        return float("nan")
    centred = truth - truth.mean()
    residual = mean - line.intercept - line.slope * truth
    among = float(np.sum(dataset_sums(centred * residual, datasets) ** 2))
    return float(np.sqrt(clusters / (clusters - 1) * among) / np.sum(centred**2))

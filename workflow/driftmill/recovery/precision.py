"""How errors, widths and contraction change with the numbers of trials and participants."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.recovery.batch import FloatArray
from driftmill.recovery.clusters import dataset_means
from driftmill.recovery.coverage import coverage
from driftmill.recovery.sizes import Size
from driftmill.recovery.subsets import Group, groups, with_truth

#: Means over posteriors, each with its Monte-Carlo error.
MEANS = ("rmse", "sd_posterior", "width_90", "contraction")
PRECISION_TYPES = {
    "sweep": "str",
    "cell": "str",
    "fit": "str",
    "parameter": "str",
    "level": "str",
    "subset": "str",
    "trials": "int64",
    "participants": "int64",
    "n": "int64",
    **{f"{name}{end}": "float64" for name in MEANS for end in ("", "_mcse")},
    "coverage_90": "float64",
    "lower": "float64",
    "upper": "float64",
}


def precision(estimates: pd.DataFrame, sizes: Mapping[str, Size]) -> pd.DataFrame:
    """Tell how precise estimates are at every size of a sweep.

    Parameters
    ----------
    estimates
        Rows as `driftmill.recovery.estimates.estimates` makes them; those of fits of the
        generating model on cells of a sweep count.
    sizes
        Sweep and size by cell.

    Returns
    -------
    pd.DataFrame
        ``PRECISION_TYPES``, a row a cell, fit, parameter and subset: RMSE of the posterior mean,
        mean posterior sd, mean width of the 90 % interval and mean contraction, each with its
        Monte-Carlo error over datasets (``_mcse``, null for one dataset), and the coverage of
        the 90 % interval with its Jeffreys 95 % interval.
    """
    known = swept(estimates, sizes)
    held = coverage(known)
    at_90 = held[held["interval"] == 0.9]
    keys = at_90[list(Group._fields)].itertuples(index=False, name=None)
    shares = dict(zip(keys, at_90[["coverage", "lower", "upper"]].to_numpy(), strict=True))
    rows = []
    for group, members in groups(known):
        size = sizes[group.cell]
        row = {"sweep": size.sweep, **group._asdict(), "n": len(members)}
        row |= {"trials": size.trials, "participants": size.participants}
        row |= dict(zip(("coverage_90", "lower", "upper"), shares[group], strict=True))
        rows.append(row | _means(members))
    return pd.DataFrame(rows, columns=list(PRECISION_TYPES)).astype(PRECISION_TYPES)


def swept(estimates: pd.DataFrame, sizes: Mapping[str, Size]) -> pd.DataFrame:
    """Return the rows of fits of the generating model on cells of a sweep, truths known."""
    return with_truth(estimates[estimates["matched"] & estimates["cell"].isin(list(sizes))])


def _means(members: pd.DataFrame) -> dict[str, float]:
    if members.empty:
        return {f"{name}{end}": np.nan for name in MEANS for end in ("", "_mcse")}
    datasets = members["dataset"].to_numpy()
    number = {
        name: members[name].to_numpy(dtype=float)
        for name in ("mean", "truth", "sd", "contraction", "lower_90", "upper_90")
    }
    squared, squared_mcse = _mean((number["mean"] - number["truth"]) ** 2, datasets)
    rmse = float(np.sqrt(squared))
    found = {"rmse": rmse, "rmse_mcse": squared_mcse / (2 * rmse) if rmse > 0 else 0.0}
    width = number["upper_90"] - number["lower_90"]
    for name, values in zip(MEANS[1:], (number["sd"], width, number["contraction"]), strict=True):
        found[name], found[f"{name}_mcse"] = _mean(values, datasets)
    return found


def _mean(values: FloatArray, datasets: NDArray[np.int64]) -> tuple[float, float]:
    """Return the mean and its standard error, datasets being independent of each other."""
    means = dataset_means(values, datasets)
    error = float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else np.nan
    return float(means.mean()), error

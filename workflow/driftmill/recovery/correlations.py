"""Posterior correlations: which parameters trade off against each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import xarray as xr

from driftmill.recovery.batch import Labels, dataset_numbers, draws_by_parameter

CORRELATIONS_TYPES = {
    "cell": "str",
    "fit": "str",
    "dataset": "int64",
    "parameter_1": "str",
    "parameter_2": "str",
    "r": "float64",
}


def correlations(tree: xr.DataTree, labels: Labels) -> pd.DataFrame:
    """Posterior correlation of every two parameters, a row a dataset and pair.

    Parameters
    ----------
    tree
        Group ``posterior`` as in `driftmill.recovery.estimates`.
    labels
        Names of the cell and the fit.

    Returns
    -------
    pd.DataFrame
        Columns of `CORRELATIONS_TYPES`; null where a fit failed.
    """
    draws = draws_by_parameter(tree)
    datasets = dataset_numbers(tree)
    with np.errstate(invalid="ignore"):
        scaled = {
            name: (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
            for name, x in draws.items()
        }
    tables = [
        pd.DataFrame(
            {
                "dataset": datasets,
                "parameter_1": first,
                "parameter_2": second,
                "r": (scaled[first] * scaled[second]).mean(axis=1),
            }
        )
        for first, second in combinations(draws, 2)
    ]
    empty = pd.DataFrame(columns=["dataset", "parameter_1", "parameter_2", "r"])
    result = pd.concat(tables or [empty], ignore_index=True).sort_values(
        "dataset", kind="stable", ignore_index=True
    )
    result = result.assign(cell=labels.cell, fit=labels.fit)
    return result[list(CORRELATIONS_TYPES)].astype(CORRELATIONS_TYPES)

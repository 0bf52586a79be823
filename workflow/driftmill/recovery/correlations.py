"""Posterior correlations: which parameters trade off against each other."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import pandas as pd
import xarray as xr

from driftmill.recovery.batch import Labels, dataset_numbers, width_of
from driftmill.recovery.quantities import Quantity
from driftmill.recovery.roles import Level

#: What is correlated: all but what each participant has of their own.
SHARED: tuple[Level, ...] = ("dataset", "group", "sd")

CORRELATIONS_TYPES = {
    "cell": "str",
    "fit": "str",
    "dataset": "int64",
    "parameter_1": "str",
    "parameter_2": "str",
    "r": "float64",
}


def correlations(tree: xr.DataTree, labels: Labels, quantities: Iterable[Quantity]) -> pd.DataFrame:
    """Posterior correlation of every two parameters, a row a dataset and pair.

    Parameters
    ----------
    tree
        Group ``posterior`` as in `driftmill.recovery.estimates`.
    labels
        Names of the cell and the fit.
    quantities
        What the posterior holds on the levels of `SHARED`.

    Returns
    -------
    pd.DataFrame
        Columns of `CORRELATIONS_TYPES`; null where a fit failed and where draws do not vary.
    """
    draws = {quantity.parameter: quantity.draws for quantity in quantities}
    datasets = dataset_numbers(tree)
    scaled = {
        name: (x - x.mean(axis=1, keepdims=True)) / width_of(x, ddof=0)[:, None]
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

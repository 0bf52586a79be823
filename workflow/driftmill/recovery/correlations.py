"""Posterior correlations: which parameters trade off against each other."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pandas as pd
import xarray as xr

from driftmill.recovery.batch import FloatArray, Labels, dataset_numbers, width_of
from driftmill.recovery.quantities import Quantity
from driftmill.recovery.roles import Level

#: What is correlated: all but what each participant has of their own.
SHARED: tuple[Level, ...] = ("dataset", "group", "sd")

#: Contractions of logarithms: of each of two positive parameters, their product, their ratio.
LOGARITHMS = ("log_1", "log_2", "log_product", "log_ratio")
CORRELATIONS_TYPES = {
    "cell": "str",
    "fit": "str",
    "dataset": "int64",
    "parameter_1": "str",
    "parameter_2": "str",
    "r": "float64",
    **dict.fromkeys(LOGARITHMS, "float64"),
}


def correlations(tree: xr.DataTree, labels: Labels, quantities: Iterable[Quantity]) -> pd.DataFrame:
    """Posterior correlation of every two parameters, a row a dataset and pair.

    Where both are positive, it is told as well how much the data narrow the logarithm of each, of
    their product and of their ratio: a contraction of the product far above those of its
    factors means that the data tell the product alone. Priors of two parameters are taken as
    independent.

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
        Columns of `CORRELATIONS_TYPES`; null where a fit failed and where draws do not vary; the
        contractions of logarithms also where a parameter may be negative.
    """
    found = list(quantities)
    datasets = dataset_numbers(tree)
    scaled = {
        q.parameter: (q.draws - q.draws.mean(axis=1, keepdims=True))
        / width_of(q.draws, ddof=0)[:, None]
        for q in found
    }
    tables = [
        pd.DataFrame(
            {
                "dataset": datasets,
                "parameter_1": first.parameter,
                "parameter_2": second.parameter,
                "r": (scaled[first.parameter] * scaled[second.parameter]).mean(axis=1),
                **_logarithms(first, second),
            }
        )
        for first, second in combinations(found, 2)
    ]
    empty = pd.DataFrame(columns=["dataset", "parameter_1", "parameter_2", "r", *LOGARITHMS])
    result = pd.concat(tables or [empty], ignore_index=True).sort_values(
        "dataset", kind="stable", ignore_index=True
    )
    result = result.assign(cell=labels.cell, fit=labels.fit)
    return result[list(CORRELATIONS_TYPES)].astype(CORRELATIONS_TYPES)


def _logarithms(first: Quantity, second: Quantity) -> dict[str, FloatArray]:
    """Return the contractions of the logarithms of two parameters, their product and ratio."""
    if not np.isfinite([first.log_prior_sd, second.log_prior_sd]).all():
        return dict.fromkeys(LOGARITHMS, np.full(len(first.draws), np.nan))
    # A draw that is rounded to 0 leaves its dataset without a logarithm.
    logs = [np.log(np.where(q.draws > 0.0, q.draws, np.nan)) for q in (first, second)]
    priors = [quantity.log_prior_sd**2 for quantity in (first, second)]
    parts = [*logs, logs[0] + logs[1], logs[0] - logs[1]]
    widths = [*priors, sum(priors), sum(priors)]
    return {
        name: 1 - width_of(draws, ddof=0) ** 2 / prior
        for name, draws, prior in zip(LOGARITHMS, parts, widths, strict=True)
    }

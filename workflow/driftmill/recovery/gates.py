"""Which posteriors passed their gates, and how near the others came."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from driftmill.recovery.batch import Labels

GATES_TYPES = {
    "cell": "str",
    "fit": "str",
    "dataset": "int64",
    "code": "str",
    "rung": "int64",
    "r_hat": "float64",
    "ess_bulk": "float64",
    "ess_tail": "float64",
    "divergences": "Int64",
    "saturated": "Int64",
    "e_bfmi": "float64",
    "mcse_ratio": "float64",
    "message": "str",
}


def gates(tree: xr.DataTree, labels: Labels) -> pd.DataFrame:
    """Worst diagnostics of every posterior with its result code, a row a dataset.

    Parameters
    ----------
    tree
        Groups ``diagnostics`` (dataset, parameter) and ``result`` (dataset).
    labels
        Names of the cell and the fit.

    Returns
    -------
    pd.DataFrame
        Columns of `GATES_TYPES`: largest r_hat and mcse_ratio, smallest ess_bulk and
        ess_tail over the parameters of the dataset; null where any parameter's is, and
        where a fit failed.
    """
    result = tree["result"].to_dataset()
    diagnostics = _own(tree["diagnostics"].to_dataset().sel(dataset=result["dataset"]))
    table = pd.DataFrame(
        {
            "cell": labels.cell,
            "fit": labels.fit,
            "dataset": result["dataset"].to_numpy(),
            **{name: result[name].to_numpy() for name in ("code", "rung", "e_bfmi", "message")},
            **{name: _count(result[name].to_numpy()) for name in ("divergences", "saturated")},
            **{n: diagnostics[n].max("parameter", skipna=False) for n in ("r_hat", "mcse_ratio")},
            **{n: diagnostics[n].min("parameter", skipna=False) for n in ("ess_bulk", "ess_tail")},
        }
    )
    return table[list(GATES_TYPES)].astype(GATES_TYPES)


def _own(diagnostics: xr.Dataset) -> xr.Dataset:
    """Put what no gate minds in place of the parameters that a dataset does not have.

    Datasets of one batch may have other participants, whose parameters are null elsewhere.
    """
    known = diagnostics.to_array().notnull().any("variable")  # noqa: PD004
    lacking = ~known & known.any("parameter")
    least = {"r_hat": -np.inf, "mcse_ratio": -np.inf, "ess_bulk": np.inf, "ess_tail": np.inf}
    return diagnostics.assign(
        {name: diagnostics[name].where(~lacking, x) for name, x in least.items()}
    )


def _count(values: NDArray[np.generic]) -> pd.Series:
    """Return counts as whole numbers, null where a failed fit has none."""
    return pd.Series(values).astype("Float64").round().astype("Int64")

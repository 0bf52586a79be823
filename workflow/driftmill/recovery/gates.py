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
        ess_tail over the parameters; null where any parameter's is (a failed fit).
    """
    result = tree["result"].to_dataset()
    diagnostics = tree["diagnostics"].to_dataset().sel(dataset=result["dataset"])
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


def _count(values: NDArray[np.generic]) -> pd.Series:
    """Return counts as whole numbers, null where a failed fit has none."""
    return pd.Series(values).astype("Float64").round().astype("Int64")

"""What the tables of one batch share: whose rows they are, and the draws."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Labels:
    """What the rows of a table are about.

    Parameters
    ----------
    cell, fit
        Names in the study.
    model
        The model that was fitted.
    generator
        The model that made the data, None for observed data.
    """

    cell: str
    fit: str
    model: str
    generator: str | None = None


def dataset_numbers(tree: xr.DataTree) -> NDArray[np.int64]:
    """Return the numbers of the batch's datasets, in the order of the posterior."""
    return np.asarray(tree["posterior"]["dataset"].to_numpy(), dtype=np.int64)


def draws_by_parameter(tree: xr.DataTree) -> dict[str, FloatArray]:
    """Return all draws by parameter, shape (dataset, chain x draw).

    A dataset's draws lie side by side, so that sums over them run in one order
    whatever the number of datasets.
    """
    posterior = tree["posterior"].to_dataset()
    n_datasets = posterior.sizes["dataset"]
    return {
        str(name): np.ascontiguousarray(
            variable.transpose("dataset", "chain", "draw").to_numpy().astype(np.float64)
        ).reshape(n_datasets, -1)
        for name, variable in posterior.data_vars.items()
    }

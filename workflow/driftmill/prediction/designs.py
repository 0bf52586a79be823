"""A fit's formulas over the trials of a dataset, and the draws of what they leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from driftmill.formulas.design import DesignMatrix, Labels, design_matrix
from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression.fit_spec import FitSpec

#: The design of every parameter that has a formula.
Designs = Mapping[str, DesignMatrix]


def frame_of(spec: FitSpec, columns: Columns) -> pd.DataFrame:
    """Return the columns that a fit needs, one row a trial."""
    return pd.DataFrame({name: np.asarray(columns[name]) for name in spec.columns})


def designs_of(spec: FitSpec, columns: Columns) -> dict[str, DesignMatrix]:
    """Evaluate the formulas of a fit on the trials of a dataset.

    Parameters
    ----------
    spec
        The fit.
    columns
        All columns that the fit needs, arrays of shape (n,).
    """
    frame = frame_of(spec, columns)
    return {name: design_matrix(formula, frame) for name, formula in spec.formulas.items()}


def labels_of(designs: Designs) -> dict[str, Labels]:
    """Return the labels of each dim of every variable of some designs."""
    return {name: labels for design in designs.values() for name, labels in design.labels.items()}


def shapes_of(designs: Designs) -> dict[str, tuple[int, ...]]:
    """Return the shape of every variable of some designs."""
    return {
        name: tuple(len(levels) for levels in labels) for name, labels in labels_of(designs).items()
    }


def cut(design: DesignMatrix, rows: slice) -> DesignMatrix:
    """Return a design over some of its trials."""
    return replace(
        design,
        common=tuple(replace(c, columns=c.columns[rows]) for c in design.common),
        groups=tuple(replace(d, columns=d.columns[rows], rows=d.rows[rows]) for d in design.groups),
        offset=design.offset[rows],
    )


def finite(draws: Mapping[str, FloatArray]) -> NDArray[np.bool_]:
    """Tell for every draw whether all its variables are finite, as none of a failed fit are."""
    known = [np.isfinite(array.reshape(len(array), -1)).all(axis=1) for array in draws.values()]
    return np.asarray(np.all(known, axis=0))


def posterior_draws(
    spec: FitSpec, designs: Designs, posterior: xr.Dataset, dataset: int
) -> dict[str, FloatArray]:
    """Return the draws of one dataset's posterior by variable, chain after chain.

    Parameters
    ----------
    spec
        The fit.
    designs
        Its formulas over the trials of this dataset; they say which labels are the dataset's.
    posterior
        Dims chain, draw, dataset and those of the variables.
    dataset
        The dataset's number.

    Returns
    -------
    dict
        Arrays of shape (chains * draws, ...): plain parameters, coefficients, standard
        deviations and deviations.

    Raises
    ------
    KeyError
        When the posterior is not one of this fit on this dataset.
    """
    one = posterior.sel(dataset=dataset)
    wanted = dict.fromkeys(spec.plain_parameters, ()) | labels_of(designs)
    draws = {}
    for name, labels in wanted.items():
        array = one[name].transpose("chain", "draw", ...)
        for dim, levels in zip(array.dims[2:], labels, strict=True):
            known = {str(label): k for k, label in enumerate(array[dim].to_numpy())}
            array = array.isel({dim: [known[level] for level in levels]})
        values = array.to_numpy().astype(np.float64)
        draws[name] = values.reshape(-1, *values.shape[2:])
    return draws

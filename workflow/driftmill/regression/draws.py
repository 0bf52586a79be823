"""Draws of every parameter of a model, free or fixed, from a batch of posteriors."""

from __future__ import annotations

import numpy as np
import xarray as xr

from driftmill.models.declaration import FloatArray
from driftmill.regression.fit_spec import FitSpec


def natural_draws(spec: FitSpec, posterior: xr.Dataset, dataset: int) -> dict[str, FloatArray]:
    """Return one dataset's draws by parameter, chain after chain.

    Parameters
    ----------
    spec
        The fit.
    posterior
        Dims chain, draw, dataset; a variable a free parameter.
    dataset
        The dataset's number.

    Returns
    -------
    dict
        An array of shape (chains * draws,) a parameter of the model; a fixed one is constant.
    """
    one = posterior.sel(dataset=dataset)
    free = {name: one[name].to_numpy().reshape(-1) for name in spec.free_parameters}
    n = len(next(iter(free.values())))
    fixed = {name: np.full(n, value) for name, value in spec.fixed.items()}
    return {name: (free | fixed)[name] for name in spec.model.parameter_names}

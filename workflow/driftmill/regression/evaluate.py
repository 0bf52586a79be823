"""The log density of given trials under given parameters, learning models among them."""

from __future__ import annotations

from collections.abc import Mapping

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray, Model
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.panel import laid_out
from driftmill.regression.response import observed_columns, trial_log_density


def log_density(model: Model, columns: Mapping[str, NDArray[np.generic]], kind: str) -> FloatArray:
    """Return the log density of every trial.

    Parameters
    ----------
    model
        The model. One that learns does so from the trials of each participant in their order.
    columns
        Its response columns, what it learns from, and a column of every parameter that it does
        not hold at a value; each of shape (n,).
    kind
        Which of its log densities.

    Returns
    -------
    ndarray
        Shape (n,).
    """
    if model.learning is None:
        names = (*model.response_columns, *model.parameter_names)
        return np.asarray(model.likelihoods[kind](*(columns[name] for name in names)))
    given = {name: name for name in model.parameter_names if name in columns}
    spec = FitSpec("given", model, fixed=given, likelihood=kind)
    made, panel = laid_out(spec, dict(columns))
    names = observed_columns(spec, False, panel)
    matrix = jnp.stack([jnp.asarray(made[name], dtype=float) for name in names], axis=1)
    return np.asarray(trial_log_density(spec, matrix, (), panel))

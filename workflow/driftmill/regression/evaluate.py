"""The log density of given trials under given parameters, learning models among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import DEADLINE, FloatArray, Model
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.omissions import are_omitted, log_silence, marked
from driftmill.regression.panel import laid_out
from driftmill.regression.response import observed_columns, trial_log_density
from driftmill.regression.shared_solutions import log_density_of_rows


def log_density(
    model: Model,
    columns: Mapping[str, NDArray[np.generic]],
    kind: str,
    silent: int | None = None,
) -> FloatArray:
    """Return the log density of every trial; of omissions the log probability.

    Parameters
    ----------
    model
        The model. One that learns does so from the trials of each participant in their order.
    columns
        Its response columns, what it learns from, and a column of every parameter that it does
        not hold at a value; each of shape (n,). Omissions lack rt and response and have a
        ``deadline``.
    kind
        Which of its log densities.
    silent
        The response that is inferred from silence; None: none is.

    Returns
    -------
    ndarray
        Shape (n,).
    """
    omitted = are_omitted(columns)
    if model.learning is None:
        values = [columns[name] for name in model.parameter_names]
        # Some response, where there is none: what it gives is replaced.
        usual = {"rt": 1.0, "response": float(model.choices[0])}
        seen = (np.where(omitted, usual[n], columns[n]) for n in model.response_columns)
        rows = dict(zip(model.response_columns, seen, strict=True))
        result = np.array(log_density_of_rows(model.likelihoods[kind], model, rows, values))
        if omitted.any():
            until, *there = (np.asarray(x)[omitted] for x in (columns[DEADLINE], *values))
            result[omitted] = log_silence(model, silent, until, there)
        return result
    given = {name: name for name in model.parameter_names if name in columns}
    spec = FitSpec("given", model, fixed=given, likelihood=kind)
    if omitted.any():
        spec = replace(spec, deadlines=True, silent=silent)
    made, panel = laid_out(spec, dict(columns))
    spec, filled = marked(spec, made)
    names = observed_columns(spec, False, panel)
    matrix = jnp.stack([jnp.asarray(filled[name], dtype=float) for name in names], axis=1)
    return np.asarray(trial_log_density(spec, matrix, (), panel))

"""The distribution of the responses: a model's log density with its lapses, as a PyMC variable."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import pymc as pm
import pytensor.tensor as pt
from pytensor import wrap_jax

from driftmill.likelihoods.lapse import log_lapse, mix
from driftmill.regression.fit_spec import FitSpec

#: Column that says which rows are trials (1) and which only pad the shape (0).
COUNTED = "counted"


def observed_columns(spec: FitSpec, padded: bool) -> tuple[str, ...]:
    """Return the columns of the observed matrix of a fit, in order."""
    return (*spec.model.response_columns, *((COUNTED,) if padded else ()))


def trial_log_density(spec: FitSpec, observed: jax.Array, free: tuple[Any, ...]) -> jax.Array:
    """Log density of every row of the observed matrix, lapses mixed in.

    Parameters
    ----------
    spec
        The fit.
    observed
        Shape (n, k): the model's response columns, then optionally ``counted``.
        Rows that are not counted contribute zero.
    free
        Values of the free parameters in the model's order, each a scalar or of shape (n,).

    Returns
    -------
    jax.Array
        Shape (n,).
    """
    values = dict(zip(spec.free_parameters, free, strict=True)) | dict(spec.fixed)
    width = len(spec.model.response_columns)
    columns = [observed[:, k] for k in range(width)]
    density = spec.log_density(*columns, *(values[name] for name in spec.model.parameter_names))
    result = jnp.broadcast_to(jnp.asarray(density), observed.shape[:1])
    if spec.p_outlier > 0.0:
        rt = columns[0] if spec.model.has_rt else None
        result = mix(result, spec.p_outlier, log_lapse(rt, len(spec.model.choices)))
    if observed.shape[1] > width:
        result = jnp.where(observed[:, width] > 0, result, 0.0)
    return result


def response_distribution(spec: FitSpec) -> type:
    """Return a distribution that Bambi can build: called with a name, parameters and the data."""

    def operation(observed: Any, *free: Any) -> Any:
        matrix = observed if observed.ndim == 2 else observed[:, None]
        return trial_log_density(spec, matrix, free)

    wrapped = wrap_jax(operation)

    class Response:
        def __new__(
            cls, name: str, observed: Any = None, dims: Any = None, **parameters: Any
        ) -> Any:
            n = observed.shape[0]
            free = [parameters[key] for key in spec.free_parameters]
            first = pt.broadcast_to(pt.as_tensor_variable(free[0]), (n,))
            inputs = [first, *free[1:]]
            ranks = ",".join("(n)" if pt.as_tensor_variable(x).ndim else "()" for x in inputs)
            shape = "(n)" if observed.ndim == 1 else f"(n,{observed.shape[1]})"
            return pm.CustomDist(
                name,
                *inputs,
                logp=wrapped,
                signature=f"{ranks}->{shape}",
                observed=observed,
            )

    return Response

"""The distribution of the responses: a model's log density with its lapses, as a PyMC variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pymc as pm
import pytensor.tensor as pt
from pytensor import wrap_jax

from driftmill.likelihoods.lapse import log_lapse, mix
from driftmill.regression.fit_spec import P_OUTLIER, FitSpec
from driftmill.regression.support import settle

#: Column that says which rows are trials (1) and which only pad the shape (0).
COUNTED = "counted"


def observed_columns(spec: FitSpec, padded: bool) -> tuple[str, ...]:
    """Return the columns of the observed matrix of a fit, in order."""
    return (
        *spec.model.response_columns,
        *spec.fixed_columns.values(),
        *((COUNTED,) if padded else ()),
    )


def trial_log_density(spec: FitSpec, observed: jax.Array, free: tuple[Any, ...]) -> jax.Array:
    """Log density of every row of the observed matrix, lapses mixed in.

    Parameters
    ----------
    spec
        The fit.
    observed
        Shape (n, k): the model's response columns, the columns that hold fixed parameters,
        then optionally ``counted``. Rows that are not counted contribute zero.
    free
        Values of the free parameters in the spec's order, each a scalar or of shape (n,).

    Returns
    -------
    jax.Array
        Shape (n,). Outside the support as ``driftmill.regression.support`` has it.
    """
    width = len(spec.model.response_columns)
    columns = [observed[:, k] for k in range(width)]
    from_data = {name: observed[:, width + k] for k, name in enumerate(spec.fixed_columns)}
    values = dict(zip(spec.free_parameters, free, strict=True))
    values |= dict(spec.fixed_numbers) | from_data
    rt = columns[0] if spec.model.has_rt else None
    settled, outside, impossible = settle(spec, values, rt)
    density = spec.log_density(*columns, *(settled[name] for name in spec.model.parameter_names))
    result = jnp.broadcast_to(jnp.asarray(density), observed.shape[:1]) - impossible
    if spec.lapses:
        share: Any = settled[P_OUTLIER.name] if spec.estimates_lapse else spec.p_outlier
        result = mix(result, share, log_lapse(rt, len(spec.model.choices)))
    result = result - outside
    used = width + len(from_data)
    if observed.shape[1] > used:
        result = jnp.where(observed[:, used] > 0, result, 0.0)
    return jnp.asarray(result)


def pointwise_operation(spec: FitSpec) -> Callable[..., Any]:
    """Return the log density of every row as an operation on PyTensor's variables.

    It takes the observed matrix, or vector, and the free parameters in the spec's order.
    """

    def operation(observed: Any, *free: Any) -> Any:
        matrix = observed if observed.ndim == 2 else observed[:, None]
        return trial_log_density(spec, matrix, free)

    return wrap_jax(operation)  # type: ignore[no-any-return]


def response_distribution(spec: FitSpec) -> type:
    """Return a distribution that Bambi can build: called with a name, parameters and the data."""
    wrapped = pointwise_operation(spec)

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

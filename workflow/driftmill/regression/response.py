"""The distribution of the responses: a model's log density with its lapses, as a PyMC variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import pymc as pm
import pytensor.tensor as pt
from pytensor import wrap_jax

from driftmill.likelihoods.compiled import computed_once
from driftmill.likelihoods.lapse import log_lapse, mix
from driftmill.regression.fit_spec import P_OUTLIER, FitSpec
from driftmill.regression.omissions import (
    OMISSION_COLUMNS,
    OMITTED,
    log_lapse_silence,
    log_probabilities,
)
from driftmill.regression.panel import COUNTED, Panel, decision_values
from driftmill.regression.shared_solutions import Shared, density_by_sets
from driftmill.regression.support import settle


def observed_columns(
    spec: FitSpec, padded: bool, layout: Panel | Shared | None = None
) -> tuple[str, ...]:
    """Return the columns of the observed matrix of a fit, in order."""
    names = (
        *spec.model.response_columns,
        *(OMISSION_COLUMNS if spec.deadlines else ()),
        *(() if layout is None else layout.columns),
        *spec.fixed_columns.values(),
        *((COUNTED,) if padded else ()),
    )
    return tuple(dict.fromkeys(names))


def trial_log_density(
    spec: FitSpec, observed: jax.Array, free: tuple[Any, ...], layout: Panel | Shared | None = None
) -> jax.Array:
    """Log density of every row of the observed matrix, lapses mixed in.

    Parameters
    ----------
    spec
        The fit.
    observed
        Shape (n, k): the model's response columns, those that tell omissions, those of a learning
        process, the columns that hold fixed parameters, then optionally ``counted``. Rows that
        are not counted contribute zero.
    free
        Values of the free parameters in the spec's order, each a scalar or of shape (n,).
    layout
        How the rows lie, for a learning model, or where rows share numerical solutions.

    Returns
    -------
    jax.Array
        Shape (n,). Outside the support as ``driftmill.regression.support`` has it.
    """
    names = observed_columns(spec, False, layout)
    by_name = {name: observed[:, k] for k, name in enumerate(names)}
    columns = [by_name[name] for name in spec.model.response_columns]
    from_data = {name: by_name[column] for name, column in spec.fixed_columns.items()}
    values: dict[str, Any] = dict(zip(spec.free_parameters, computed_once(*free), strict=True))
    values |= dict(spec.fixed_numbers) | from_data
    rt = columns[0] if spec.model.has_rt else None
    omitted = by_name[OMITTED] > 0 if spec.deadlines else None
    settled, outside, impossible = settle(spec, values, rt, omitted)
    varying = {name: x for name, x in settled.items() if jnp.ndim(x) > 0}
    *kept, outside, impossible = computed_once(*varying.values(), outside, impossible)
    settled |= dict(zip(varying, kept, strict=True))
    decision = settled
    if isinstance(layout, Panel):
        decision = decision_values(spec, layout, by_name, settled)
    names_of_decision = spec.model.decision.parameter_names
    arguments = computed_once(*(jnp.asarray(decision[name]) for name in names_of_decision))
    shared = None if layout is None else layout.shared
    if shared is not None:
        model = spec.model.decision
        density = density_by_sets(spec.log_density, model, shared, by_name, arguments)
    else:
        density = jnp.asarray(spec.log_density(*columns, *arguments))
    if omitted is not None and rt is not None:
        density = jnp.where(omitted, log_probabilities(spec, by_name, rt, arguments), density)
    result = jnp.broadcast_to(density, observed.shape[:1]) - impossible
    if spec.lapses:
        share: Any = settled[P_OUTLIER.name] if spec.estimates_lapse else spec.p_outlier
        n_choices = len(spec.model.choices)
        lapse = log_lapse(rt, n_choices)
        if omitted is not None and rt is not None:
            lapse = jnp.where(omitted, log_lapse_silence(rt, n_choices, spec.silent), lapse)
        result = mix(result, share, lapse)
    result = result - outside
    if observed.shape[1] > len(names):
        result = jnp.where(observed[:, len(names)] > 0, result, 0.0)
    return jnp.asarray(result)


def pointwise_operation(spec: FitSpec, layout: Panel | Shared | None = None) -> Callable[..., Any]:
    """Return the log density of every row as an operation on PyTensor's variables.

    It takes the observed matrix, or vector, and the free parameters in the spec's order.
    """

    def operation(observed: Any, *free: Any) -> Any:
        matrix = observed if observed.ndim == 2 else observed[:, None]
        return trial_log_density(spec, matrix, free, layout)

    return wrap_jax(operation)  # type: ignore[no-any-return]


def response_distribution(spec: FitSpec, layout: Panel | Shared | None = None) -> type:
    """Return a distribution that Bambi can build: called with a name, parameters and the data."""
    wrapped = pointwise_operation(spec, layout)

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

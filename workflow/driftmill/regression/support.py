"""Trials whose parameters leave their support: a density that leads home.

A formula on the identity scale, or one on the non-decision time, may give some trials values at
which the model has no density. There the log density is continued: it is taken at the nearest
point a small margin inside the support, less a penalty that grows with the distance. The
posterior's mass outside is then of the order of exp(-distance / margin), negligible beside its
width, while a chain that starts there, or steps there, finds a slope towards the inside.

Under a lapse a response before the non-decision time, or after the bounds have met, is a lapse:
its density is exact and nothing is continued.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp

from driftmill.likelihoods.compiled import computed_once
from driftmill.models.declaration import MovingEnd
from driftmill.regression.fit_spec import FitSpec

#: Seconds between a response and its non-decision time below which the density is continued.
SHIFT_MARGIN = 2e-3
#: Slope of the penalty for a response before its non-decision time, per second.
SHIFT_SLOPE = 1e3
#: Share of the way from a moving end of a support within which the density is continued.
CEILING_MARGIN = 1e-2


def _outside_link(spec: FitSpec, name: str) -> bool:
    """Tell whether a formula may lead the parameter out of its support."""
    return name in spec.formulas and spec.formulas[name].link.name == "identity"


def settle(
    spec: FitSpec, values: Mapping[str, Any], rt: Any | None, omitted: Any | None = None
) -> tuple[dict[str, Any], Any, Any]:
    """Move parameters into their support and say what it costs.

    Parameters
    ----------
    spec
        The fit.
    values
        Every parameter, a scalar or of shape (n,).
    rt
        Response times in seconds, shape (n,), or None.
    omitted
        Which rows have no response up to their rt, shape (n,); None: all have one. A response
        may be later than that, and silent ones may have come before it.

    Returns
    -------
    values
        As given, those of formulas on the identity scale at least a margin inside their
        support, and below an end that other parameters set; without lapses those of the shift
        below the rt, those of a parameter with a moving end below that end.
    outside
        Penalty of trials outside the static support, 0 inside; it counts whatever the lapse.
    impossible
        Penalty of responses that no decision can have made; 0 where lapses are possible.
    """
    settled = dict(values)
    outside: Any = 0.0
    shift, ceiling = spec.model.shift, spec.model.ceiling
    varying = set(spec.formulas) | set(spec.fixed_columns)
    for name in spec.formulas:
        parameter = spec.parameter(name)
        if not _outside_link(spec, name) or (
            math.isinf(parameter.lower) and math.isinf(parameter.upper)
        ):
            continue
        margin = parameter.margin
        inside = jnp.clip(values[name], parameter.lower + margin, parameter.upper - margin)
        outside = outside + jnp.abs(values[name] - inside) / margin
        settled[name] = inside
    # Where all are plain, the coordinate of `ceiling.py` keeps the order.
    if (
        ceiling is not None
        and ceiling.by
        and (ceiling.parameter in varying | set(spec.fixed) or spec.fixed_columns)
    ):
        outside = outside + _below(ceiling, spec, settled, rt)
    impossible: Any = 0.0
    if rt is None or spec.lapses:
        return settled, outside, impossible
    width = spec.model.shift_width
    if shift is not None and (shift in spec.formulas or width is not None):
        latest = rt - SHIFT_MARGIN + (0.0 if width is None else 0.5 * settled[width])
        below = jnp.minimum(settled[shift], latest)
        if omitted is not None:
            below = jnp.where(omitted, settled[shift], below)
        impossible = impossible + SHIFT_SLOPE * (settled[shift] - below)
        settled[shift] = below
    # Beyond a lower end the density falls off by itself.
    ends = ceiling is not None and not ceiling.by and not ceiling.lower
    if ceiling is not None and ends and ceiling.parameter in varying | set(spec.fixed):
        before = settled[ceiling.parameter]
        cost = _below(ceiling, spec, settled, rt)
        if omitted is not None and spec.silent is not None:
            cost = jnp.where(omitted, 0.0, cost)
            settled[ceiling.parameter] = jnp.where(omitted, before, settled[ceiling.parameter])
        impossible = impossible + cost
    return settled, outside, impossible


def _below(ceiling: MovingEnd, spec: FitSpec, settled: dict[str, Any], rt: Any | None) -> Any:
    """Move a parameter below its moving end, in place, and return the penalty for it."""
    parameter = spec.parameter(ceiling.parameter)
    (end,) = computed_once(jnp.asarray(ceiling.limit(settled, rt)))
    highest = end - CEILING_MARGIN * (end - parameter.lower)
    value = settled[ceiling.parameter]
    below = jnp.minimum(value, highest)
    settled[ceiling.parameter] = below
    return (value - below) / parameter.margin

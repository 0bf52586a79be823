"""The leaky diffusion between constant bounds by a corrected closed form.

In units of the bound, ``dX = (v - g X) ds + dW`` from ``y`` to the upper bound 1, the other being
-1. With ``p = exp(v x - g x^2 / 2) q`` what is left of the leak is the potential ``v g x - g^2 x^2
/ 2`` (see ``bounded_diffusion``), so that ``log f`` is that of the undrifted diffusion, plus::

    v (1 - y) - g (1 - y^2) / 2 - s (v^2 - g) / 2

and ``s`` times a mean of the potential: for short times that along a Brownian bridge, which is
known, for long times that of the slowest decay.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.beyond_box import (
    Box,
    LogDensity,
    any_outside,
    handing_over,
    within,
)
from driftmill.likelihoods.correction_network import Asked, Weights, corrected, hits
from driftmill.likelihoods.fpt_kernel import log_fpt_between
from driftmill.likelihoods.logarithm import log

#: Inputs: drift in units of the bound, relative start, leak in units of the squared bound.
INPUTS = ("v", "z", "g")
_LOG_4 = math.log(4.0)
#: Times at which features are half way from their first to their last value.
_HALVES = (0.05, 0.3, 1.5)


def reduced(v: Any, a: Any, z: Any, g: Any) -> dict[str, Any]:
    """Return the inputs of a network that belong to parameters of the model."""
    return {"v": v * a, "z": z, "g": g * (a * a)}


def is_beyond(box: Box, inputs: Mapping[str, Any]) -> Any:
    """Tell whether inputs, or their mirror image, lie outside of a box."""
    return any_outside(box, both_ways(inputs))


def both_ways(inputs: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return inputs as the upper bound has them, and as the lower."""
    return inputs, {"v": -inputs["v"], "z": 1.0 - inputs["z"], "g": inputs["g"]}


def asked(y: Array, v: Array, g: Array, time: Array) -> Asked:
    """Return what is asked of a network, all in units of the bound.

    Parameters
    ----------
    y
        Start towards the bound that is hit, in (-1, 1).
    v
        Drift towards that bound.
    g
        Leak.
    time
        Since the start; positive.

    Returns
    -------
    Asked
        Of one output: the log density of hitting the bound.
    """
    log_f = log_fpt_between(0.25 * time, 0.5 * (1.0 - y), 0.5 * (1.0 + y)) - _LOG_4
    gauge = (1.0 - y) * (v - 0.5 * g * (1.0 + y)) - 0.5 * time * (v * v - g)
    square = (y * y + y + 1.0) / 3.0 + time / 6.0
    mean = 0.5 * g * (v * (1.0 + y) - g * square)
    known = log_f + gauge + mean * time / (1.0 + 2.0 * time)
    features = (
        1.25 * y,
        0.25 * v,
        0.33 * g,
        0.1 * v * g,
        *(2.0 * time / (time + half) - 1.0 for half in _HALVES),
        v * v / 12.0 - 1.0,
        0.2 * g * g - 1.0,
    )
    columns = jnp.stack(jnp.broadcast_arrays(*features), axis=-1)
    return Asked(known[..., None], columns, time[..., None])


def log_density(weights: Weights, box: Box, exact: LogDensity | None) -> LogDensity:
    """Make the log density of the model.

    Parameters
    ----------
    weights
        Of the perceptron.
    box
        In which it was trained, by input; it serves both bounds.
    exact
        By a solver, for parameters outside of it; None: a floor stands there.

    Returns
    -------
    Callable
        As ``nonlinear_bounds.ornstein``, at one evaluation of the network a trial.
    """
    finish = handing_over(exact, box, sets=(0, 1, 2, 3))

    def ornstein(
        rt: ArrayLike,
        response: ArrayLike,
        v: ArrayLike,
        a: ArrayLike,
        z: ArrayLike,
        g: ArrayLike,
        t: ArrayLike,
    ) -> Array:
        kind = jnp.result_type(rt, v, a, z, g, t, jnp.float32)
        given = (v, a, z, g, t)
        v, a, z, g, t = (jnp.asarray(x, kind) for x in given)
        never, a, ticks, side = hits(rt, response, a, t)
        inputs = reduced(v, a, z, g)
        beyond = is_beyond(box, inputs)
        safe = within(box, beyond, inputs)
        y = side * (2.0 * safe["z"] - 1.0)
        parts = jnp.broadcast_arrays(y, side * safe["v"], safe["g"], ticks)
        found = corrected(weights, asked(*parts))[..., 0] - 2.0 * log(a)
        found = finish(found, ~never, both_ways(inputs), rt, response, given)
        return jnp.where(never, -jnp.inf, found)

    return ornstein

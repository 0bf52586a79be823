"""The diffusion whose drift, start and non-decision time vary, by few nodes and a correction.

In units of the bound a few nodes (see ``few_nodes``) give the log density to within some percent
where windows are wide, and to the last digits where they are narrow. A perceptron knows the rest
from the parameters, the time and the shares of the nodes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods import few_nodes
from driftmill.likelihoods.beyond_box import Box, LogDensity, any_outside, handing_over, within
from driftmill.likelihoods.correction_network import Asked, Weights, corrected, hits
from driftmill.likelihoods.full_ddm import longest_decision, widest_start
from driftmill.likelihoods.logarithm import log

#: Inputs: drift in units of the bound, relative start, the width of its window as a share of the
#: widest there can be, sd of the drift, width of the window of non-decision times.
INPUTS = ("v", "z", "spread", "sv", "st")
#: Times at which features are half way from their first to their last value.
_HALVES = (0.05, 0.3, 1.5)
#: How much of a log density is left to learn, about.
_REST = 0.1


def reduced(v: Any, a: Any, z: Any, t: Any, sz: Any, sv: Any, st: Any) -> dict[str, Any]:
    """Return the inputs of a network that belong to parameters of the model."""
    widest = widest_start(z)
    # A window of non-decision times begins at 0 where it would begin before.
    window = jnp.minimum(st, t + 0.5 * st)
    return {
        "v": v * a,
        "z": z,
        "spread": sz / jnp.where(widest > 0, widest, 1.0),
        "sv": sv * a,
        "st": window / (a * a),
    }


def walk_of(inputs: Mapping[str, Any], side: Any) -> few_nodes.Walk:
    """Return the walk of inputs towards a bound: side 1 is the upper one, -1 the lower."""
    v, z, spread, sv, st = (inputs[name] for name in INPUTS)
    return few_nodes.Walk(1.0 - side * (2.0 * z - 1.0), spread * widest_start(z), side * v, sv, st)


def is_beyond(box: Box, inputs: Mapping[str, Any]) -> Any:
    """Tell whether inputs, or their mirror image, lie outside of a box."""
    return any_outside(box, both_ways(inputs))


def both_ways(inputs: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return inputs as the upper bound has them, and as the lower."""
    return inputs, {**inputs, "v": -inputs["v"], "z": 1.0 - inputs["z"]}


def asked(walk: few_nodes.Walk, time: Array) -> Asked:
    """Return what is asked of a network.

    Parameters
    ----------
    walk
        Towards the bound that is hit.
    time
        Since the earliest end of the non-decision time, in units of the squared bound; positive.

    Returns
    -------
    Asked
        Of one output: the log density of hitting the bound.
    """
    middle, half, v, sv, width = walk
    known = few_nodes.average(time, walk)
    wide = half * half / (middle * (2.0 - middle))
    long = width / (width + time)
    features = (
        0.25 * v,
        1.25 * (middle - 1.0),
        2.5 * half - 1.0,
        0.8 * sv - 1.0,
        1.6 * width - 1.0,
        *(2.0 * time / (time + half_way) - 1.0 for half_way in _HALVES),
        2.0 * long - 1.0,
        2.0 * wide - 1.0,
        2.0 * known.way - 1.0,
        *(2.0 * share - 1.0 for of_time in known.shares for share in of_time),
    )
    columns = jnp.stack(jnp.broadcast_arrays(*features), axis=-1)
    # A network has nothing to say where the start and the non-decision time do not vary.
    scale = _REST * (wide + long * long)
    return Asked(known.log_p[..., None], columns, scale[..., None])


def log_density(weights: Weights, box: Box, exact: LogDensity | None) -> LogDensity:
    """Make the log density of the model.

    Parameters
    ----------
    weights
        Of the perceptron.
    box
        In which it was trained, by input; it serves both bounds.
    exact
        The exact one, for parameters outside of it; None: a floor stands there.

    Returns
    -------
    Callable
        As ``full_ddm.full_ddm``, at one evaluation of the network a trial.
    """
    finish = handing_over(exact, box, sets=range(7))

    def full_ddm(
        rt: ArrayLike,
        response: ArrayLike,
        v: ArrayLike,
        a: ArrayLike,
        z: ArrayLike,
        t: ArrayLike,
        sz: ArrayLike,
        sv: ArrayLike,
        st: ArrayLike,
    ) -> Array:
        kind = jnp.result_type(rt, v, a, z, t, sz, sv, st, jnp.float32)
        given = (v, a, z, t, sz, sv, st)
        v, a, z, t, sz, sv, st = (jnp.asarray(x, kind) for x in given)
        rt = jnp.asarray(rt, kind)
        longest, early = longest_decision(rt, t, st)
        longest = jnp.where(early | jnp.isinf(rt), 0.0, longest)
        never, a, ticks, side = hits(longest, response, a, jnp.zeros_like(longest))
        inputs = reduced(v, a, z, t, sz, sv, st)
        beyond = is_beyond(box, inputs)
        safe = within(box, beyond, inputs)
        *walk, ticks = jnp.broadcast_arrays(*walk_of(safe, side), ticks)
        found = corrected(weights, asked(few_nodes.Walk(*walk), ticks))[..., 0]
        found = finish(found - 2.0 * log(a), ~never, both_ways(inputs), rt, response, given)
        return jnp.where(never, -jnp.inf, found)

    return full_ddm

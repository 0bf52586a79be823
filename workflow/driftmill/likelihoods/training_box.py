"""Inputs of a network on their way into it: scaled, held to its box, and what leaving it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import Array

#: How far beyond the box, in halves of its width, a network is asked at most.
SLACK = 0.05
#: What a trial loses of its log density, times the squared distance in halves of the width.
PENALTY = 10.0
#: By how much more than rounding an input may exceed its end and be inside.
_TOLERANCE = 1e-6


def scaled(inputs: Sequence[Any], box: Sequence[tuple[float, float]]) -> Array:
    """Return inputs on the scale on which the box is [-1, 1], of shape (..., inputs).

    Parameters
    ----------
    inputs
        Arrays or numbers that broadcast with each other.
    box
        The interval of each.
    """
    together = jnp.stack(jnp.broadcast_arrays(*(jnp.asarray(x) for x in inputs)), axis=-1)
    kind = jnp.result_type(together, jnp.float32)
    low, high = (jnp.asarray(ends, kind) for ends in zip(*box, strict=True))
    return (2.0 * together - (low + high)) / (high - low)


def held(units: Array) -> Array:
    """Return scaled inputs as they are inside of the box, and close to its edge outside."""
    over = jnp.maximum(jnp.abs(units) - 1.0, 0.0)
    return jnp.clip(units, -1.0, 1.0) + jnp.sign(units) * SLACK * jnp.tanh(over / SLACK)


def penalty(units: Array) -> Array:
    """Return what a trial's log density loses at scaled inputs, of shape (...).

    It is smooth, 0 inside, and its gradient leads back from wherever the inputs are.
    """
    over = jnp.maximum(jnp.abs(units) - 1.0, 0.0)
    return PENALTY * (over * over).sum(axis=-1)


def outside(units: Array) -> Array:
    """Tell of scaled inputs whether any lies beyond the box."""
    return (jnp.abs(units) > 1.0 + _TOLERANCE).any(axis=-1)

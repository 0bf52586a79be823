"""Log densities that a network corrects: a closed form, and the small rest that was learnt.

The closed form has the early tail, the end and the scale right; the perceptron gives the logarithm
of the ratio of the density to it, which is smooth and small. Outside of the box of parameters in
which a network was trained a solver takes over (see ``beyond_box``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.perceptron import layers_of, perceptron

Weights = Mapping[str, Any]


class Asked(NamedTuple):
    """What is asked of a network.

    Parameters
    ----------
    known
        The logarithm of the closed form; shape (..., outputs).
    features
        Inputs of the perceptron, about -1 to 1; shape (..., features).
    scale
        By what its outputs are multiplied before they are added; shape (..., outputs).
    """

    known: Array
    features: Array
    scale: Array


def corrected(weights: Weights, asked: Asked) -> Array:
    """Return the corrected logarithms; shape (..., outputs).

    Parameters
    ----------
    weights
        Of the perceptron, ``w0``, ``b0``, ``w1``, ...
    asked
        At what.
    """
    dtype = asked.features.dtype
    layers = layers_of({name: jnp.asarray(array, dtype) for name, array in weights.items()})
    return asked.known + asked.scale * perceptron(layers, asked.features)


class Hits(NamedTuple):
    """Responses by one of two bounds.

    Parameters
    ----------
    never
        Whether there is no such response: too early, of an unknown code, or without a bound.
    a
        The bound; 1 where there is none.
    ticks
        The time since the start, in units of the squared bound; of a second where there is none.
    side
        1 for the upper bound, -1 for the lower.
    """

    never: Array
    a: Array
    ticks: Array
    side: Array


def hits(rt: ArrayLike, response: ArrayLike, a: Array, t: Array) -> Hits:
    """Return responses in units of the bound ``a``, without the non-decision time ``t``."""
    response = jnp.asarray(response)
    time = jnp.asarray(rt, t.dtype) - t
    # Comparisons are written so that NaN is not left out and reaches the result.
    early, flat = (time <= 0) | jnp.isinf(time), a <= 0
    a = jnp.where(flat, 1.0, a)
    ticks = jnp.where(early, 1.0, time) / (a * a)
    side = jnp.where(response > 0, 1.0, -1.0).astype(t.dtype)
    return Hits(early | (jnp.abs(response) != 1) | flat, a, ticks, side)

"""Multi-layer perceptrons: the evaluation of networks that were trained elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax.numpy as jnp
from jax import Array

#: Weights of shape (inputs, outputs) and biases of shape (outputs,), a pair a layer.
Layers = Sequence[tuple[Array, Array]]


def perceptron(layers: Layers, inputs: Array) -> Array:
    """Return the outputs of a perceptron with tanh between its layers.

    Parameters
    ----------
    layers
        From the first to the last, which is linear.
    inputs
        Shape (..., inputs).

    Returns
    -------
    jax.Array
        Shape (..., outputs).
    """
    hidden = inputs
    for weights, biases in layers[:-1]:
        hidden = jnp.tanh(hidden @ weights + biases)
    weights, biases = layers[-1]
    return hidden @ weights + biases


def layers_of(weights: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """Return the layers of a perceptron whose weights are ``w0``, ``b0``, ``w1``, ..."""
    count = sum(name.startswith("w") and name[1:].isdigit() for name in weights)
    return [(weights[f"w{k}"], weights[f"b{k}"]) for k in range(count)]

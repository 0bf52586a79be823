"""The evaluation of a list of operations as ONNX describes them: a network of another's making."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.onnx_operators import OPERATORS

#: The names of the arrays that go in and come out.
INPUT, OUTPUT = "input", "output"


@dataclass(frozen=True)
class Operation:
    """One operation of a network.

    Parameters
    ----------
    operator
        Its name in ONNX, one of `OPERATORS`.
    inputs
        Names of the arrays that it takes: the input, weights, or outputs of earlier operations;
        an empty name for one that is left out.
    outputs
        Names of the arrays that it gives.
    settings
        What else it is told: numbers, texts and lists of numbers by name.
    """

    operator: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)


def evaluate(operations: Sequence[Operation], weights: Mapping[str, Any], row: Any) -> Array:
    """Return the output of a network for one row.

    Parameters
    ----------
    operations
        In an order in which each finds what it takes.
    weights
        Arrays by name, in single precision.
    row
        What goes in, of shape (1, inputs); computed in single precision.

    Returns
    -------
    Array
        What comes out, in single precision.
    """
    # Weights are constants of the compiled program, so that powers and the like are known.
    known: dict[str, Any] = {name: np.asarray(array) for name, array in weights.items()}
    known |= {INPUT: jnp.asarray(row, jnp.float32), "": None}
    for operation in operations:
        arrays = [known[name] for name in operation.inputs]
        found = OPERATORS[operation.operator](arrays, operation.settings)
        outputs = found if isinstance(found, list) else [found]
        known |= dict(zip(operation.outputs, outputs, strict=False))
    return jnp.asarray(known[OUTPUT])


def log_densities(
    operations: Sequence[Operation], weights: Mapping[str, Any], rows: ArrayLike
) -> Array:
    """Return the one number that a network gives for each of many rows.

    Parameters
    ----------
    operations, weights
        As in :func:`evaluate`.
    rows
        Shape (n, inputs).

    Returns
    -------
    Array
        Shape (n,), in single precision.
    """

    def of_row(row: Array) -> Array:
        return evaluate(operations, weights, row[None]).reshape(())

    return jax.vmap(of_row)(jnp.asarray(rows, jnp.float32))

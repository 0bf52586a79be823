"""Lifting: PyTensor graphs that differ in their data only become one JAX function of the data.

Two models of the same shape give graphs that are equal but for the constants that hold
data. Walking both in the same order shows which constants differ; those become inputs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt
from numpy.typing import NDArray
from pytensor.compile import mode
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.replace import clone_replace
from pytensor.graph.traversal import graph_inputs
from pytensor.link.jax.dispatch import jax_funcify

Array = NDArray[Any]


class LiftingError(ValueError):
    """Two graphs that should differ in their data only differ otherwise."""


def freeze_shared(outputs: Sequence[Variable]) -> list[Variable]:
    """Replace shared variables by their present values."""
    shared = [x for x in graph_inputs(outputs) if isinstance(x, SharedVariable)]
    return list(
        clone_replace(list(outputs), replace={x: pt.constant(x.get_value()) for x in shared})
    )


def constants(outputs: Sequence[Variable]) -> list[Constant]:
    """List the constants of a graph in the order of a walk from its inputs to its outputs."""
    seen: dict[Constant, None] = {}
    for node in FunctionGraph(outputs=list(outputs), clone=False).toposort():
        for variable in node.inputs:
            if isinstance(variable, Constant):
                seen.setdefault(variable)
    return list(seen)


def _same(first: Constant, second: Constant) -> bool:
    one, two = first.data, second.data
    if isinstance(one, np.ndarray | np.generic | int | float):
        return np.array_equal(np.asarray(one), np.asarray(two), equal_nan=False)
    return type(one) is type(two)


def differing(first: Sequence[Constant], second: Sequence[Constant]) -> list[int]:
    """Return the positions at which two walks hold different values.

    Raises
    ------
    LiftingError
        When the walks differ in length or in the type of a constant.
    """
    if len(first) != len(second):
        raise LiftingError(
            f"the graphs hold {len(first)} and {len(second)} constants: not one shape"
        )
    for k, (one, two) in enumerate(zip(first, second, strict=True)):
        if one.type != two.type:
            raise LiftingError(f"constant {k} is {one.type} in one graph and {two.type} in another")
    return [
        k for k, (one, two) in enumerate(zip(first, second, strict=True)) if not _same(one, two)
    ]


def to_jax(
    inputs: Sequence[Variable], data: Sequence[Constant], outputs: Sequence[Variable]
) -> Callable[..., Any]:
    """Turn a graph into a JAX function of its inputs and of the constants ``data``.

    Parameters
    ----------
    inputs
        Root variables of the graph, in the order of the function's first arguments.
    data
        Constants of the graph that become the function's further arguments.
    outputs
        What the function returns, as a tuple.
    """
    symbols = [constant.type() for constant in data]
    lifted = clone_replace(
        list(outputs), replace=dict(zip(data, symbols, strict=True)), rebuild_strict=False
    )
    graph = FunctionGraph(inputs=[*inputs, *symbols], outputs=lifted, clone=True)
    mode.JAX.optimizer.rewrite(graph)
    return jax_funcify(graph)  # type: ignore[no-any-return]

"""Lifting: a PyTensor graph with its data as constants becomes a JAX function of the data.

Datasets of one structure give graphs that are equal but for the constants that hold data:
the design, the groups, the responses. These have one entry a row of the data, which is how they
are told from all others; nothing else of the dataset enters, so the program is the same
whoever shares the batch.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Sequence
from typing import Any

import jax
import numpy as np
import pytensor.tensor as pt
from pytensor.compile import mode
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.fg import FunctionGraph
from pytensor.graph.replace import clone_replace
from pytensor.graph.traversal import graph_inputs
from pytensor.link.jax.dispatch import jax_funcify


class LiftingError(ValueError):
    """A graph holds data elsewhere than where they are looked for."""


#: Vectors of integers from this length on are indices of groups.
SHORTEST_INDEX = 8


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


def is_data(constant: Constant, rows: int, names: Collection[str]) -> bool:
    """Tell whether a constant holds data: one entry a row, or one of the names.

    Parameters
    ----------
    constant
        A constant of the graph.
    rows
        Rows of the data.
    names
        Names of further constants that hold data.
    """
    value = constant.data
    if constant.name in names:
        return True
    if not isinstance(value, np.ndarray) or rows not in value.shape:
        return False
    # A short vector of integers may be a shape or an axis, which a program must know.
    return bool(np.issubdtype(value.dtype, np.floating)) or rows >= SHORTEST_INDEX


def content(constant: Constant) -> bytes:
    """Return what a constant holds as bytes, its type included."""
    value = constant.data
    if isinstance(value, np.ndarray | np.generic | int | float):
        array = np.asarray(value)
        return repr((str(constant.type), array.shape)).encode() + array.tobytes()
    return str(type(value)).encode()


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
    # The graph's constants become arrays here; not tracers, should a trace be under way.
    with jax.ensure_compile_time_eval(), warnings.catch_warnings():
        # PyMC's checks of arguments, such as sigma > 0, hold by the transforms.
        warnings.filterwarnings("ignore", "Skipping Check")
        return jax_funcify(graph)  # type: ignore[no-any-return]

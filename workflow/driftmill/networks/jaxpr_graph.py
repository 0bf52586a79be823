"""A function in JAX as an ONNX graph in single precision, primitive by primitive."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import onnx
from onnx import TensorProto, helper

from driftmill.networks.onnx_nodes import Nodes, Value, whole
from driftmill.networks.onnx_primitives import RULES

#: What runtimes of the last years read, and the version of the format that belongs to it.
OPSET, FORMAT = 17, 8
INPUT, OUTPUT = "input", "log_density"
_CALLS = ("jit", "pjit", "closed_call", "custom_jvp_call", "custom_vjp_call", "checkpoint")
_BODIES = ("jaxpr", "call_jaxpr", "fun_jaxpr")
_TOGETHER = ("optimization_barrier",)


class UnsupportedPrimitive(ValueError):  # noqa: N818
    """A function of JAX cannot be written in ONNX's operators."""


def graph_of(function: Callable[[Any], Any], width: int) -> onnx.ModelProto:
    """Return a function as an ONNX model of static shapes.

    Parameters
    ----------
    function
        Of an array (1, width), to an array (1, 1); traced in single precision. Derivative rules
        of its own do not enter; of branches both are computed.
    width
        Number of its inputs.

    Raises
    ------
    UnsupportedPrimitive
        When it uses a primitive that there is no rule for; the message names it.
    """
    with jax.enable_x64(False):
        shape = jax.ShapeDtypeStruct((1, width), jnp.float32)  # type: ignore[no-untyped-call]
        traced = jax.make_jaxpr(function)(shape)
        nodes = Nodes()
        # Readers in JAX may hand over a row as a vector.
        outputs = _written(nodes, traced, [nodes.add("Reshape", INPUT, whole([1, width]))])
    found = [each.shape for each in traced.out_avals]
    if found != [(1, 1)]:
        raise ValueError(f"a log density of shape (1, 1) is written, this gives {found}")
    nodes.nodes.append(helper.make_node("Identity", [nodes.name_of(outputs[0])], [OUTPUT]))
    graph = helper.make_graph(
        _needed(nodes.nodes),
        "log_density",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [1, width])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [1, 1])],
    )
    named = {name for node in graph.node for name in node.input}
    graph.initializer.extend(c for c in nodes.constants.values() if c.name in named)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)])
    model.ir_version = FORMAT
    onnx.checker.check_model(model, full_check=True)
    return model


def _needed(nodes: Sequence[Any]) -> list[Any]:
    """Return the nodes that the last one's output depends on."""
    wanted, kept = set(nodes[-1].output), []
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted |= set(node.input)
            kept.append(node)
    return kept[::-1]


def _written(nodes: Nodes, body: Any, values: Sequence[Value]) -> list[Value]:
    """Append the nodes of a traced function, closed or not, and return its outputs."""
    jaxpr, consts = getattr(body, "jaxpr", body), getattr(body, "consts", ())
    known: dict[Any, Value] = dict(zip(jaxpr.invars, values, strict=True))
    known |= {v: np.asarray(c) for v, c in zip(jaxpr.constvars, consts, strict=True)}

    def read(atom: Any) -> Value:
        return np.asarray(atom.val) if hasattr(atom, "val") else known[atom]

    for equation in jaxpr.eqns:
        outputs = _of_equation(nodes, equation, [read(atom) for atom in equation.invars])
        known |= dict(zip(equation.outvars, outputs, strict=True))
    return [read(atom) for atom in jaxpr.outvars]


def _of_equation(nodes: Nodes, equation: Any, values: Sequence[Value]) -> Sequence[Value]:
    """Append the nodes of one equation and return its outputs."""
    name, given = equation.primitive.name, dict(equation.params)
    body = next((given[key] for key in _BODIES if key in given), None)
    if name in _CALLS and body is not None:
        return _written(nodes, body, values)
    if name == "cond":
        return _of_branches(nodes, given["branches"], values, equation)
    if name in _TOGETHER:
        return values
    if not any(isinstance(value, str) for value in values):
        found = equation.primitive.bind(*map(jnp.asarray, values), **given)
        several = equation.primitive.multiple_results
        return [np.asarray(each) for each in (found if several else [found])]
    if name == "split":
        return nodes.split(values[0], given["sizes"], given["axis"])
    if name == "unstack":
        axis, ones = given["axis"], [1] * len(equation.outvars)
        return [
            nodes.add("Squeeze", part, whole([axis])) for part in nodes.split(values[0], ones, axis)
        ]
    if name not in RULES:
        raise UnsupportedPrimitive(
            f"the primitive {name} has no counterpart among the operators of ONNX that are written "
            f"here; write the log density without it, or add a rule to networks/onnx_primitives.py "
            f"(there are {', '.join(sorted(RULES))})"
        )
    given["avals"] = [atom.aval for atom in equation.invars]
    return [RULES[name](nodes, values, given, equation.outvars[0].aval.shape)]


def _of_branches(
    nodes: Nodes, branches: Sequence[Any], values: Sequence[Value], equation: Any
) -> Sequence[Value]:
    """Append the nodes of a branch that is known, or of all and a choice between them."""
    which, operands = values[0], values[1:]
    if not isinstance(which, str):
        return _written(nodes, branches[int(which)], operands)
    each = [_written(nodes, branch, operands) for branch in branches]
    avals = [equation.invars[0].aval, *(v.aval for v in equation.outvars)]
    return [
        RULES["select_n"](nodes, [which, *found], {"avals": avals}, avals[1].shape)
        for found in zip(*each, strict=True)
    ]

"""The nodes of an ONNX file as a plain list of operations: what is known is computed before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from driftmill.likelihoods.onnx_graph import INPUT, OUTPUT, Operation
from driftmill.likelihoods.onnx_operators import KNOWN_INPUTS, OPERATORS
from driftmill.networks.onnx_file import OnnxError, OnnxFile

Weights = dict[str, NDArray[np.float32]]
_KINDS = {"f": "float", "i": "int", "u": "int", "b": "bool"}
#: Of these only the first inputs count: the others are for training.
_FIRST = {"Dropout": 1}


def operations_of(file: OnnxFile) -> tuple[tuple[Operation, ...], Weights]:
    """Return the operations of a file, and the weights that they take.

    Parameters
    ----------
    file
        As it was opened.

    Returns
    -------
    operations
        Those that the output depends on, the last one giving it; arrays are named anew.
    weights
        In single precision.

    Raises
    ------
    OnnxError
        When there is an operator that is not known; the message names it.
    """
    graph = file.model.graph
    known = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    shapes = _shapes(graph)
    operations = []
    for node in graph.node:
        if _is_known(node, known, shapes):
            known |= _computed(node, known, shapes)
        else:
            operations.append(_operation(node, known, file.source))
    return _renamed(operations, known, graph.input[0].name, graph.output[0].name, file.source)


def _shapes(graph: Any) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all arrays where they follow from the input's."""
    found = {}
    for each in (*graph.input, *graph.value_info, *graph.output):
        tensor = each.type.tensor_type
        dims = [dim.dim_value for dim in tensor.shape.dim]
        if tensor.HasField("shape") and all(dims):
            found[each.name] = tuple(dims)
    return found


def _is_known(node: Any, known: Mapping[str, Any], shapes: Mapping[str, Any]) -> bool:
    if node.domain not in ("", "ai.onnx") or any(a.HasField("g") for a in node.attribute):
        return False
    # What takes nothing and is no constant gives random numbers.
    if not node.input and node.op_type != "Constant":
        return False
    if node.op_type == "Shape":
        return node.input[0] in shapes or node.input[0] in known
    return all(name in known for name in node.input if name)


def _computed(node: Any, known: Mapping[str, Any], shapes: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a node gives that depends on no data."""
    feeds = {name: known[name] for name in node.input if name in known}
    if node.op_type == "Shape" and not feeds:
        feeds = {node.input[0]: np.zeros(shapes[node.input[0]], np.float32)}
    found = ReferenceEvaluator(node).run(None, feeds)
    return dict(zip(node.output, map(np.asarray, found), strict=False))


def _operation(node: Any, known: Mapping[str, Any], source: str) -> Operation:
    operator = node.op_type
    told = f"{source}: node {node.name or node.output[0]!r} is of the operator {operator}"
    if node.domain not in ("", "ai.onnx"):
        told += f" of {node.domain}"
    if node.domain not in ("", "ai.onnx") or operator not in OPERATORS:
        raise OnnxError(
            f"{told}, which is not known here; export the network with others: "
            f"{', '.join(sorted(OPERATORS))}"
        )
    settings = {a.name: _plain(helper.get_attribute_value(a)) for a in node.attribute}
    if operator == "Cast":
        dtype = helper.tensor_dtype_to_np_dtype(settings["to"])
        settings = {"to": _KINDS.get(dtype.kind, TensorProto.DataType.Name(settings["to"]))}
    if operator == "Split":
        settings["outputs"] = len(node.output)
    places = KNOWN_INPUTS.get(operator, {})
    inputs = list(node.input)[: _FIRST.get(operator)]
    for place, setting in places.items():
        if place < len(inputs) and inputs[place]:
            if inputs[place] not in known:
                raise OnnxError(
                    f"{told} with {setting} that depend on data; export the network with fixed ones"
                )
            settings[setting] = known[inputs[place]].tolist()
    kept = tuple(name for place, name in enumerate(inputs) if place not in places)
    return Operation(operator, kept, tuple(node.output), settings)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    return value if isinstance(value, int | float) else [_plain(each) for each in value]


def _renamed(
    operations: Sequence[Operation],
    known: Mapping[str, Any],
    entry: str,
    result: str,
    source: str,
) -> tuple[tuple[Operation, ...], Weights]:
    """Keep what the result depends on, under names that do not depend on the file's."""
    wanted, kept = {result}, []
    for operation in reversed(operations):
        if wanted & set(operation.outputs):
            wanted |= set(operation.inputs)
            kept.append(operation)
    if entry not in wanted:
        raise OnnxError(
            f"{source}: what the network gives does not depend on what it takes; export it again"
        )
    names = {entry: INPUT, "": ""}
    weights: Weights = {}
    for name in (name for operation in kept[::-1] for name in operation.inputs if name in known):
        if name not in names:
            names[name] = f"w{len(weights)}"
            weights[names[name]] = np.asarray(known[name], np.float32)
    for k, operation in enumerate(kept[::-1]):
        names |= {name: f"x{k}_{j}" for j, name in enumerate(operation.outputs)}
    names[result] = OUTPUT
    renamed = (
        replace(
            operation,
            inputs=tuple(names[name] for name in operation.inputs),
            outputs=tuple(names[name] for name in operation.outputs),
        )
        for operation in kept[::-1]
    )
    return tuple(renamed), weights

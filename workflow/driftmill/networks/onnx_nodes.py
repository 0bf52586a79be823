"""The nodes and constants of an ONNX graph that is being written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from onnx import helper, numpy_helper

#: A traced array: known, or the name of what a node gives.
Value = NDArray[Any] | str
#: Types of NumPy by kind, of which a graph has one each.
ARRAYS = {"f": np.float32, "b": np.bool_, "i": np.int64}


def kind_of(dtype: Any) -> str:
    """Return f, b or i: what a type is in the graph, where each has one width."""
    return str(np.dtype(dtype).kind).replace("u", "i")


class Nodes:
    """The nodes and constants of a graph that is being written."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[tuple[str, tuple[int, ...], bytes], Any] = {}

    def add(self, operator: str, *values: Value, **attributes: Any) -> str:
        """Append a node of one output and return the output's name."""
        name = f"y{len(self.nodes)}"
        inputs = [self.name_of(value) for value in values]
        self.nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

    def split(self, value: Value, sizes: Sequence[int], axis: int) -> list[str]:
        """Append a node that cuts an array and return the names of its parts."""
        name = f"y{len(self.nodes)}"
        outputs = [f"{name}_{k}" for k in range(len(sizes))]
        inputs = [self.name_of(value), self.name_of(whole(sizes))]
        self.nodes.append(helper.make_node("Split", inputs, outputs, name=name, axis=axis))
        return outputs

    def name_of(self, value: Value) -> str:
        """Return the name of a value; a known one becomes a constant, equal ones the same."""
        if isinstance(value, str):
            return value
        array = np.asarray(value)
        array = np.ascontiguousarray(array, ARRAYS[kind_of(array.dtype)]).reshape(array.shape)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self.constants:
            name = f"c{len(self.constants)}"
            self.constants[key] = numpy_helper.from_array(array, name)
        return str(self.constants[key].name)


def whole(numbers: ArrayLike) -> NDArray[np.int64]:
    """Return whole numbers, as shapes and axes are given."""
    return np.asarray(numbers, np.int64)


def number(value: float) -> NDArray[np.float32]:
    """Return a constant."""
    return np.asarray(value, np.float32)

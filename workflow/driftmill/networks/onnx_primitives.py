"""JAX's primitives in ONNX's operators.

Only operators that small readers know are written: ``>`` is ``<`` with its sides changed, a floor
a ceiling from below, a sum of exponentials just that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from onnx import TensorProto

from driftmill.networks.onnx_nodes import ARRAYS, Nodes, Value, kind_of, number, whole

_TYPES = {"f": TensorProto.FLOAT, "i": TensorProto.INT64}
#: ``(nodes, inputs, parameters of the primitive, shape of the output)`` to the output; with the
#: parameters come the shapes and types of the inputs, as ``avals``.
Rule = Callable[[Nodes, Sequence[Value], Mapping[str, Any], tuple[int, ...]], Value]


def _plain(operator: str) -> Rule:
    return lambda nodes, values, _, __: nodes.add(operator, *values)


def _swapped(operator: str) -> Rule:
    return lambda nodes, values, _, __: nodes.add(operator, *reversed(values))


def _largest(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    return nodes.add("ReduceMax", values[0], axes=list(given["axes"]), keepdims=0)


def _least(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    return nodes.add("Neg", _largest(nodes, [nodes.add("Neg", values[0])], given, _))


def _any(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    ones = nodes.add("Where", values[0], number(1.0), number(0.0))
    found = _largest(nodes, [ones], given, _)
    return nodes.add("Less", number(0.5), found)


def _all(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    return nodes.add("Not", _any(nodes, [nodes.add("Not", values[0])], given, _))


def _sum(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    return nodes.add("ReduceSum", values[0], whole(given["axes"]), keepdims=0)


def _reshaped(nodes: Nodes, values: Sequence[Value], _: Any, shape: tuple[int, ...]) -> Value:
    return nodes.add("Reshape", values[0], whole(shape))


def _broadcast(
    nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], shape: tuple[int, ...]
) -> Value:
    kept, before = given["broadcast_dimensions"], given["avals"][0].shape
    ones = [1] * len(shape)
    for place, size in zip(kept, before, strict=True):
        ones[place] = size
    value = values[0] if tuple(ones) == before else nodes.add("Reshape", values[0], whole(ones))
    return value if tuple(ones) == shape else nodes.add("Expand", value, whole(shape))


def _cast(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    before, after = kind_of(given["avals"][0].dtype), kind_of(given["new_dtype"])
    if before == after:
        return values[0]
    if before == "b":
        return nodes.add(
            "Where", values[0], np.ones((), ARRAYS[after]), np.zeros((), ARRAYS[after])
        )
    if after == "b":
        return nodes.add("Not", nodes.add("Equal", values[0], np.zeros((), ARRAYS[before])))
    return nodes.add("Cast", values[0], to=_TYPES[after])


def _select(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    which, otherwise, *rest = values
    if kind_of(given["avals"][0].dtype) != "b":
        # Which of several is a number: the last one unless it is below.
        chosen = rest[-1]
        for k, value in reversed(list(enumerate([otherwise, *rest[:-1]]))):
            chosen = nodes.add("Where", nodes.add("Less", which, whole(k + 1)), value, chosen)
        return chosen
    if kind_of(given["avals"][1].dtype) == "b":
        yes = nodes.add("And", which, rest[0])
        return nodes.add("Or", yes, nodes.add("And", nodes.add("Not", which), otherwise))
    return nodes.add("Where", which, rest[0], otherwise)


def _slice(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    starts, ends = given["start_indices"], given["limit_indices"]
    bounds = [whole(starts), whole(ends), whole(range(len(starts)))]
    if given["strides"] is not None:
        bounds.append(whole(given["strides"]))
    return nodes.add("Slice", values[0], *bounds)


def _reversed(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    axes, shape = given["dimensions"], given["avals"][0].shape
    before = [-shape[axis] - 1 for axis in axes]
    backwards = whole([-1] * len(axes))
    return nodes.add("Slice", values[0], backwards, whole(before), whole(axes), backwards)


def _product(
    nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], shape: tuple[int, ...]
) -> Value:
    over, along = given["dimension_numbers"]
    (over_a, over_b), (along_a, along_b) = map(tuple, over), map(tuple, along)
    dims_a, dims_b = (aval.ndim for aval in given["avals"])
    if not along_a and over_a == (dims_a - 1,) and over_b == (0,) and dims_b <= 2:
        return nodes.add("MatMul", *values)
    letters = iter("abcdefghijklmnopqrstuvwxyz")
    a, b = [next(letters) for _ in range(dims_a)], [next(letters) for _ in range(dims_b)]
    for i, j in zip((*over_a, *along_a), (*over_b, *along_b), strict=True):
        b[j] = a[i]
    both = [a[i] for i in along_a]
    both += [x for i, x in enumerate(a) if i not in (*over_a, *along_a)]
    both += [x for j, x in enumerate(b) if j not in (*over_b, *along_b)]
    equation = f"{''.join(a)},{''.join(b)}->{''.join(both)}"
    return nodes.add("Einsum", *values, equation=equation)


def _whole_power(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    power = given["y"]
    if power == 2:
        return nodes.add("Mul", values[0], values[0])
    return nodes.add("Pow", values[0], number(power))


def _log1p(nodes: Nodes, values: Sequence[Value], _: Any, __: Any) -> Value:
    # log(u) x / (u - 1) with u = 1 + x as rounded has the errors of both cancel.
    above = nodes.add("Add", values[0], number(1.0))
    small = nodes.add("Sub", above, number(1.0))
    none = nodes.add("Equal", small, number(0.0))
    safe = nodes.add("Where", none, number(1.0), small)
    ratio = nodes.add("Div", nodes.add("Log", above), safe)
    curved = nodes.add("Mul", ratio, values[0])
    endless = nodes.add("Equal", above, number(math.inf))
    return nodes.add("Where", none, values[0], nodes.add("Where", endless, above, curved))


def _expm1(nodes: Nodes, values: Sequence[Value], _: Any, __: Any) -> Value:
    # 2 tanh(x / 2) / (1 - tanh(x / 2)), which loses no digit near 0.
    half = nodes.add("Tanh", nodes.add("Mul", values[0], number(0.5)))
    near = nodes.add("Less", nodes.add("Abs", values[0]), number(1.0))
    safe = nodes.add("Where", near, half, number(0.0))
    small = nodes.add("Div", nodes.add("Mul", safe, number(2.0)), _less(nodes, 1.0, safe))
    return nodes.add("Where", near, small, nodes.add("Sub", nodes.add("Exp", values[0]), number(1)))


def _less(nodes: Nodes, value: float, by: Value) -> str:
    return nodes.add("Sub", number(value), by)


def _sign(nodes: Nodes, values: Sequence[Value], _: Any, __: Any) -> Value:
    below = nodes.add("Where", nodes.add("Less", values[0], number(0.0)), number(-1.0), number(0.0))
    return nodes.add("Where", nodes.add("Less", number(0.0), values[0]), number(1.0), below)


def _floor(nodes: Nodes, values: Sequence[Value], _: Any, __: Any) -> Value:
    return nodes.add("Neg", nodes.add("Ceil", nodes.add("Neg", values[0])))


def _concatenated(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    return nodes.add("Concat", *values, axis=given["dimension"])


def _stacked(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    axis = given["axis"]
    return nodes.add(
        "Concat", *(nodes.add("Unsqueeze", v, whole([axis])) for v in values), axis=axis
    )


def _tiled(nodes: Nodes, values: Sequence[Value], given: Mapping[str, Any], _: Any) -> Value:
    value = values[0]
    for axis, times in enumerate(given["reps"]):
        value = nodes.add("Concat", *[value] * times, axis=axis) if times > 1 else value
    return value


def _polynomial(nodes: Nodes, values: Sequence[Value], _: Any, __: Any) -> Value:
    x, *coefficients = values
    value = coefficients[-1]
    for coefficient in coefficients[-2::-1]:
        value = nodes.add("Add", nodes.add("Mul", value, x), coefficient)
    return value


def _of_same(nodes: Nodes, values: Sequence[Value], _: Any, __: Any) -> Value:
    return values[0]


#: Those of one output; `jaxpr_graph` knows calls, branches and cuts besides.
RULES: dict[str, Rule] = {
    **{name: _plain(name.capitalize()) for name in ("add", "sub", "mul", "div", "max", "min")},
    **{name: _plain(name.capitalize()) for name in ("neg", "exp", "log", "tanh", "sqrt", "abs")},
    **{name: _plain(name.capitalize()) for name in ("sin", "cos", "erf", "ceil", "pow", "not")},
    **{name: _plain(name.capitalize()) for name in ("and", "or", "atan", "sinh", "cosh")},
    "tan": lambda nodes, values, _, __: nodes.add(
        "Div", nodes.add("Sin", values[0]), nodes.add("Cos", values[0])
    ),
    **{"eq": _plain("Equal"), "lt": _plain("Less"), "le": _plain("LessOrEqual")},
    **{"gt": _swapped("Less"), "ge": _swapped("LessOrEqual"), "logistic": _plain("Sigmoid")},
    "ne": lambda nodes, values, _, __: nodes.add("Not", nodes.add("Equal", *values)),
    "square": lambda nodes, values, _, __: nodes.add("Mul", values[0], values[0]),
    "rsqrt": lambda nodes, values, _, __: nodes.add("Reciprocal", nodes.add("Sqrt", values[0])),
    "erfc": lambda nodes, values, _, __: _less(nodes, 1.0, nodes.add("Erf", values[0])),
    "is_finite": lambda nodes, values, _, __: nodes.add(
        "Less", nodes.add("Abs", values[0]), number(math.inf)
    ),
    "clamp": lambda nodes, values, _, __: nodes.add(
        "Min", nodes.add("Max", values[1], values[0]), values[2]
    ),
    "transpose": lambda nodes, values, given, _: nodes.add(
        "Transpose", values[0], perm=list(given["permutation"])
    ),
    **{"log1p": _log1p, "expm1": _expm1, "sign": _sign, "floor": _floor},
    **{"integer_pow": _whole_power, "dot_general": _product, "select_n": _select},
    **{"reshape": _reshaped, "squeeze": _reshaped, "expand_dims": _reshaped},
    **{"broadcast_in_dim": _broadcast, "convert_element_type": _cast, "slice": _slice},
    "rev": _reversed,
    **{"concatenate": _concatenated, "stop_gradient": _of_same, "copy": _of_same},
    **{"reduce_sum": _sum, "reduce_max": _largest, "reduce_min": _least},
    **{"stack": _stacked, "tile": _tiled, "polynomial": _polynomial},
    **{"reduce_or": _any, "reduce_and": _all},
}

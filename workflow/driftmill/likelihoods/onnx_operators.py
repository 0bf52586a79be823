"""ONNX's operators in JAX, as networks for log densities use them.

Each takes the arrays that depend on weights or data, None for one that is left out, and the
settings: its attributes, and those of its inputs that have to be known beforehand, as shapes and
axes have (`KNOWN_INPUTS`), under the names that they have in ONNX's description.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

Arrays = Sequence[Any]
Settings = Mapping[str, Any]
Operator = Callable[[Arrays, Settings], Any]

#: Of operators, the places of inputs that have to be known, and the settings they become.
KNOWN_INPUTS: dict[str, dict[int, str]] = {
    "Reshape": {1: "shape"},
    "Expand": {1: "shape"},
    "Slice": {1: "starts", 2: "ends", 3: "axes", 4: "steps"},
    "Gather": {1: "indices"},
    "Split": {1: "split"},
    "Tile": {1: "repeats"},
    **{name: {1: "axes"} for name in ("Squeeze", "Unsqueeze")},
    **{
        f"Reduce{name}": {1: "axes"}
        for name in ("Sum", "Max", "Min", "Mean", "Prod", "LogSumExp", "LogSum", "SumSquare", "L2")
    },
}


def _of(function: Callable[..., Any]) -> Operator:
    return lambda x, _: function(*x)


def _folded(function: Callable[..., Any]) -> Operator:
    return lambda x, _: reduce(function, x)


def _reduced(function: Callable[..., Any]) -> Operator:
    def operator(x: Arrays, settings: Settings) -> Any:
        axes = settings.get("axes")
        if not axes and settings.get("noop_with_empty_axes"):
            return x[0]
        along = tuple(axes) if axes else None
        return function(x[0], axis=along, keepdims=bool(settings.get("keepdims", 1)))

    return operator


def _affine(x: Arrays, settings: Settings) -> Any:
    a = x[0].T if settings.get("transA") else x[0]
    b = x[1].T if settings.get("transB") else x[1]
    # Scaled before the product, so that the compiler does it once for constant weights.
    product = a @ (b * settings["alpha"] if settings.get("alpha", 1.0) != 1.0 else b)
    if len(x) < 3 or x[2] is None:
        return product
    return product + x[2] * settings.get("beta", 1.0)


def _clip(x: Arrays, settings: Settings) -> Any:
    low, high = (*x[1:], None, None)[:2]
    low, high = settings.get("min", low), settings.get("max", high)
    value = x[0] if low is None else jnp.maximum(x[0], low)
    return value if high is None else jnp.minimum(value, high)


def _reshape(x: Arrays, settings: Settings) -> Any:
    shape = list(settings["shape"])
    if not settings.get("allowzero"):
        shape = [x[0].shape[k] if size == 0 else size for k, size in enumerate(shape)]
    return x[0].reshape(shape)


def _slice(x: Arrays, settings: Settings) -> Any:
    starts, ends = settings["starts"], settings["ends"]
    axes = settings.get("axes") or range(len(starts))
    steps = settings.get("steps") or [1] * len(starts)
    cuts = [slice(None)] * x[0].ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        # Backwards, an end before the first element includes it.
        last = None if step < 0 and end < -x[0].shape[axis] else end
        cuts[axis] = slice(start, last, step)
    return x[0][tuple(cuts)]


def _split(x: Arrays, settings: Settings) -> Any:
    axis, sizes = settings.get("axis", 0), settings.get("split")
    if sizes is None:
        size, parts = x[0].shape[axis], settings["outputs"]
        chunk = -(-size // parts)
        sizes = [min(chunk, size - k * chunk) for k in range(parts)]
    return jnp.split(x[0], np.cumsum(sizes)[:-1].tolist(), axis=axis)


def _squeeze(x: Arrays, settings: Settings) -> Any:
    axes = settings.get("axes")
    return jnp.squeeze(x[0], tuple(axes) if axes is not None else None)


def _flatten(x: Arrays, settings: Settings) -> Any:
    axis = settings.get("axis", 1)
    return x[0].reshape(int(np.prod(x[0].shape[:axis])), -1)


def _normalised(x: Arrays, settings: Settings) -> Any:
    """Batch normalisation by the mean and variance that were kept."""
    scale, shift, mean, variance = (each[:, *[None] * (x[0].ndim - 2)] for each in x[1:5])
    return (x[0] - mean) / jnp.sqrt(variance + settings.get("epsilon", 1e-5)) * scale + shift


def _layer_normalised(x: Arrays, settings: Settings) -> Any:
    first = settings.get("axis", -1) % x[0].ndim
    axes = tuple(range(first, x[0].ndim))
    centred = x[0] - x[0].mean(axes, keepdims=True)
    variance = (centred**2).mean(axes, keepdims=True)
    value = centred / jnp.sqrt(variance + settings.get("epsilon", 1e-5)) * x[1]
    return value + x[2] if len(x) > 2 and x[2] is not None else value


def _gelu(x: Arrays, settings: Settings) -> Any:
    return jax.nn.gelu(x[0], approximate=settings.get("approximate", "none") == "tanh")


def _cast(x: Arrays, settings: Settings) -> Any:
    """Cast; whole numbers are kept as floating ones without a fraction."""
    kind = settings["to"]
    if kind == "bool":
        return x[0] != 0
    value = x[0].astype(jnp.float32)
    return jnp.trunc(value) if kind == "int" else value


def _selu(x: Arrays, settings: Settings) -> Any:
    alpha, gamma = settings.get("alpha", 1.67326319), settings.get("gamma", 1.05070102)
    return gamma * jax.nn.elu(x[0], alpha)


def _power(x: Arrays, _: Settings) -> Any:
    # A whole power that is known has a gradient at 0 and below it.
    y = x[1]
    known = not isinstance(y, jax.core.Tracer) and np.size(y) == 1 and float(np.ravel(y)[0])
    whole = known is not False and float(known).is_integer() and abs(known) <= 8
    shape = jnp.broadcast_shapes(jnp.shape(x[0]), jnp.shape(y))
    return jnp.broadcast_to(x[0] ** int(known), shape) if whole else jnp.power(x[0], y)


#: Those that are known; of Cast the setting ``to`` is float, int or bool.
OPERATORS: dict[str, Operator] = {
    **{"Add": _of(jnp.add), "Sub": _of(jnp.subtract), "Mul": _of(jnp.multiply)},
    **{"Div": _of(jnp.divide), "Pow": _power, "MatMul": _of(jnp.matmul), "Gemm": _affine},
    **{"Neg": _of(jnp.negative), "Abs": _of(jnp.abs), "Sign": _of(jnp.sign)},
    **{"Exp": _of(jnp.exp), "Log": _of(jnp.log), "Sqrt": _of(jnp.sqrt)},
    **{"Reciprocal": _of(jnp.reciprocal), "Erf": _of(jax.lax.erf)},
    **{"Sin": _of(jnp.sin), "Cos": _of(jnp.cos), "Floor": _of(jnp.floor), "Ceil": _of(jnp.ceil)},
    **{"Atan": _of(jnp.arctan), "Sinh": _of(jnp.sinh), "Cosh": _of(jnp.cosh)},
    **{"Tanh": _of(jnp.tanh), "Sigmoid": _of(jax.nn.sigmoid), "Relu": _of(jax.nn.relu)},
    **{"Softplus": _of(jax.nn.softplus), "Softsign": _of(jax.nn.soft_sign)},
    **{"Gelu": _gelu, "Selu": _selu, "Mish": _of(jax.nn.mish), "HardSwish": _of(jax.nn.hard_swish)},
    "LeakyRelu": lambda x, given: jax.nn.leaky_relu(x[0], given.get("alpha", 0.01)),
    "PRelu": lambda x, _: jnp.where(x[0] < 0, x[0] * x[1], x[0]),
    "Elu": lambda x, given: jax.nn.elu(x[0], given.get("alpha", 1.0)),
    "Celu": lambda x, given: jax.nn.celu(x[0], given.get("alpha", 1.0)),
    "HardSigmoid": lambda x, given: jnp.clip(
        given.get("alpha", 0.2) * x[0] + given.get("beta", 0.5), 0.0, 1.0
    ),
    "Softmax": lambda x, given: jax.nn.softmax(x[0], given.get("axis", -1)),
    "LogSoftmax": lambda x, given: jax.nn.log_softmax(x[0], given.get("axis", -1)),
    **{"Clip": _clip, "Max": _folded(jnp.maximum), "Min": _folded(jnp.minimum)},
    **{"Sum": _folded(jnp.add), "Mean": lambda x, _: reduce(jnp.add, x) / len(x)},
    "Where": lambda x, _: jnp.where(x[0] != 0, x[1], x[2]),
    **{"Equal": _of(jnp.equal), "Less": _of(jnp.less), "LessOrEqual": _of(jnp.less_equal)},
    **{"Greater": _of(jnp.greater), "GreaterOrEqual": _of(jnp.greater_equal)},
    **{"And": _of(jnp.logical_and), "Or": _of(jnp.logical_or), "Not": _of(jnp.logical_not)},
    **{"IsNaN": _of(jnp.isnan), "IsInf": _of(jnp.isinf)},
    "Concat": lambda x, given: jnp.concatenate(x, axis=given["axis"]),
    **{"Slice": _slice, "Split": _split, "Squeeze": _squeeze, "Reshape": _reshape},
    "Gather": lambda x, given: jnp.take(
        x[0], np.asarray(given["indices"], int), axis=given.get("axis", 0)
    ),
    "Unsqueeze": lambda x, given: jnp.expand_dims(x[0], tuple(given["axes"])),
    "Transpose": lambda x, given: jnp.transpose(x[0], given.get("perm")),
    "Expand": lambda x, given: jnp.broadcast_to(
        x[0], jnp.broadcast_shapes(x[0].shape, tuple(given["shape"]))
    ),
    "Tile": lambda x, given: jnp.tile(x[0], given["repeats"]),
    **{"Flatten": _flatten, "Cast": _cast},
    "Einsum": lambda x, given: jnp.einsum(given["equation"], *x),
    **{"BatchNormalization": _normalised, "LayerNormalization": _layer_normalised},
    **{"ReduceSum": _reduced(jnp.sum), "ReduceMax": _reduced(jnp.max)},
    **{"ReduceMin": _reduced(jnp.min), "ReduceMean": _reduced(jnp.mean)},
    **{"ReduceProd": _reduced(jnp.prod), "ReduceLogSumExp": _reduced(jax.nn.logsumexp)},
    "ReduceLogSum": lambda x, given: jnp.log(_reduced(jnp.sum)(x, given)),
    "ReduceSumSquare": lambda x, given: _reduced(jnp.sum)([x[0] ** 2], given),
    "ReduceL2": lambda x, given: jnp.sqrt(_reduced(jnp.sum)([x[0] ** 2], given)),
    **{name: lambda x, _: x[0] for name in ("Identity", "Dropout")},
}

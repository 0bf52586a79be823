"""Networks from ONNX files, as HSSM and LANfactory exchange them."""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx.reference import ReferenceEvaluator

from driftmill.likelihoods.onnx_graph import Operation, log_densities
from driftmill.models.declaration import Model
from driftmill.models.network import Network
from driftmill.networks.onnx_file import OnnxError, opened
from driftmill.networks.onnx_operations import operations_of

__all__ = ["OnnxError", "import_network"]

#: Largest difference to ONNX's own evaluation, beside what the last digits of its value are.
_AGREE = 1e-4
#: Seconds after the last non-decision time at which an import is compared.
_TIMES = (0.2, 0.6, 1.5)
#: Response times for which it is used when its box does not say.
RT = (0.0, 20.0)


def import_network(
    name: str,
    model: Model,
    content: bytes,
    source: str,
    parameters: Sequence[str],
    box: Mapping[str, tuple[float, float]],
) -> Network:
    """Return the network in an ONNX file.

    Parameters
    ----------
    name
        What it will be called.
    model
        The model whose log density it gives.
    content
        The file.
    source
        What the file is called, for messages and the card.
    parameters
        The model's parameters in the order in which the network takes them.
    box
        By parameter, the interval in which it was trained; under ``rt`` that of the response
        times, where it is not from 0 to 20 s.

    Returns
    -------
    Network
        Of kind ``imported``, not yet checked against simulations.

    Raises
    ------
    OnnxError
        When the file or what is said of it cannot be; the message says what and the remedy.
    """
    place = f"network {name}"
    _check_parameters(place, model, parameters)
    intervals = _checked_box(place, parameters, box)
    file = opened(content, source)
    width = len(parameters) + len(model.response_columns)
    if file.width != width:
        raise OnnxError(
            f"{source}: the network takes {file.width} numbers, but {len(parameters)} parameters "
            f"({', '.join(parameters)}), rt and response are {width}; declare the parameters that "
            f"it was trained with, under a model that has just these"
        )
    operations, weights = operations_of(file)
    rows = _rows(model, parameters, intervals)
    _check_values(file.model, source, operations, weights, rows)
    return Network(
        name=name,
        model=model.name,
        kind="imported",
        inputs=tuple(parameters),
        box=intervals,
        layers=_layers(operations, weights),
        weights=weights,
        training={"source": source, "sha256": hashlib.sha256(content).hexdigest()},
        operations=operations,
    )


def _check_parameters(place: str, model: Model, parameters: Sequence[str]) -> None:
    if not model.has_rt:
        raise OnnxError(f"{place}: model {model.name} has no response times; it needs no network")
    names = model.parameter_names
    if sorted(parameters) != sorted(names):
        lacking = [p for p in names if p not in parameters]
        unknown = [p for p in parameters if p not in names]
        told = [f"lacks {', '.join(lacking)}"] if lacking else []
        told += [f"has {', '.join(unknown)}, which the model has not"] if unknown else []
        raise OnnxError(
            f"{place}: parameters {' and '.join(told) or 'has one twice'}; give each of "
            f"{', '.join(names)} once, in the order in which the network takes them"
        )


def _checked_box(
    place: str, parameters: Sequence[str], box: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[float, float]]:
    """Return the box, with one for the response times, when it is sound."""
    if lacking := [p for p in parameters if p not in box]:
        raise OnnxError(
            f"{place}: box lacks {', '.join(lacking)}; give the interval in which the network was "
            f"trained, e.g. {lacking[0]}: [0.1, 2]"
        )
    if unknown := [p for p in box if p not in (*parameters, "rt")]:
        raise OnnxError(f"{place}: box has {', '.join(unknown)}, not among its parameters; drop it")
    intervals = {p: (float(box[p][0]), float(box[p][1])) for p in parameters}
    low, high = box.get("rt", RT)
    intervals["rt"] = (float(low), float(high))
    for parameter, (low, high) in intervals.items():
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise OnnxError(
                f"{place}: box of {parameter} is [{low:g}, {high:g}]; give two finite numbers, the "
                f"lower first"
            )
    return intervals


def _rows(
    model: Model, parameters: Sequence[str], box: Mapping[str, tuple[float, float]]
) -> NDArray[np.float32]:
    """Return rows inside of the box, at which the network is looked at."""
    shares = (0.5, 0.25, 0.75)
    rows = []
    for share, time, choice in itertools.product(shares, _TIMES, model.choices):
        values = [low + share * (high - low) for low, high in (box[p] for p in parameters)]
        shift = values[list(parameters).index(model.shift)] if model.shift else 0.0
        rows.append([*values, shift + time, choice])
    return np.asarray(rows, np.float32)


def _check_values(
    model: Any,
    source: str,
    operations: Sequence[Operation],
    weights: Mapping[str, Any],
    rows: NDArray[np.float32],
) -> None:
    """Compare our evaluation with ONNX's own."""
    reference = ReferenceEvaluator(model)
    entry = model.graph.input[0]
    dtype = np.float64 if entry.type.tensor_type.elem_type == 11 else np.float32
    with np.errstate(all="ignore"):
        found = [
            np.asarray(reference.run(None, {entry.name: row[None].astype(dtype)})[0])
            for row in rows
        ]
    if found[0].size != 1:
        raise OnnxError(
            f"{source}: the network gives {found[0].size} numbers for a trial, and should give one "
            f"log density; export the one that is trained with the response as an input"
        )
    theirs = np.array([value.item() for value in found])
    ours = np.asarray(log_densities(operations, weights, rows), np.float64)
    if not np.isfinite(theirs).any() or np.isnan(theirs).any():
        row = rows[int(np.argmax(~np.isfinite(theirs)))]
        raise OnnxError(
            f"{source}: the network gives {theirs[~np.isfinite(theirs)][0]} for "
            f"{', '.join(f'{x:g}' for x in row)}, inside of its box; check the order of the "
            f"parameters and the box"
        )
    same = np.where(np.isfinite(theirs), np.abs(ours - theirs), ours != theirs)
    if (apart := same / (1.0 + np.abs(np.nan_to_num(theirs)))).max() > _AGREE:
        k = int(np.argmax(apart))
        raise OnnxError(
            f"{source}: driftmill computes {ours[k]:g} where ONNX's own evaluation gives "
            f"{theirs[k]:g}; export the network with plainer operators or in single precision"
        )


def _layers(
    operations: Sequence[Operation], weights: Mapping[str, NDArray[np.float32]]
) -> tuple[int, ...]:
    """Return the numbers of outputs of all products with weights but the last."""
    widths = []
    for operation in operations:
        held = [weights[name] for name in operation.inputs[:2] if name in weights]
        if operation.operator in ("MatMul", "Gemm", "Einsum") and held:
            turned = operation.settings.get("transB")
            widths.append(held[0].shape[0 if turned else -1])
    return tuple(widths[:-1])

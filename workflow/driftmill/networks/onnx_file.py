"""ONNX files: opened, brought to one form, and refused where they cannot be a log density."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import onnx
from google.protobuf.message import DecodeError
from onnx import TensorProto, inliner, shape_inference, version_converter

#: Files of older sets of operators are brought to this one.
_OLDEST = 13
_FLOATS = {TensorProto.FLOAT: "float", TensorProto.DOUBLE: "double"}


class OnnxError(ValueError):
    """An ONNX file cannot be a network of a model; the message says why and what to do."""


@dataclass(frozen=True)
class OnnxFile:
    """A file whose graph takes one row and gives one array.

    Parameters
    ----------
    source
        What it is called.
    model
        ONNX's description of it, with one row as its input and shapes wherever they follow.
    width
        Numbers in a row.
    """

    source: str
    model: Any
    width: int


def opened(content: bytes, source: str) -> OnnxFile:
    """Open an ONNX file.

    Parameters
    ----------
    content
        The file.
    source
        What it is called.

    Raises
    ------
    OnnxError
        When it is no sound ONNX file of one input, a row of numbers, and one output.
    """
    try:
        model = onnx.load_model_from_string(content)
    except DecodeError as error:
        raise OnnxError(
            f"{source}: this is no ONNX file, or one that was cut short ({error}); export or copy "
            f"it again"
        ) from error
    _check_whole(model, source)
    model = _in_one_form(model, source)
    width = _width(model, source)
    return OnnxFile(source, _of_one_row(model, source), width)


def _of_one_row(model: Any, source: str) -> Any:
    """Return a model whose shapes are those that follow from one row, whatever was declared."""
    rows = model.graph.input[0].type.tensor_type.shape.dim[0]
    rows.ClearField("dim_param")
    rows.dim_value = 1
    del model.graph.value_info[:]
    model.graph.output[0].type.tensor_type.ClearField("shape")
    try:
        return shape_inference.infer_shapes(model, strict_mode=True)
    except shape_inference.InferenceError as error:
        told = " ".join(str(error).split())
        raise OnnxError(
            f"{source}: its arrays do not fit each other: {told}; export it again"
        ) from error


def _check_whole(model: Any, source: str) -> None:
    apart = [t for t in model.graph.initializer if t.data_location == TensorProto.EXTERNAL]
    if apart:
        raise OnnxError(
            f"{source}: its weights ({apart[0].name} and others) lie in a file of their own; put "
            f"all into one with onnx.save(onnx.load(file), file, save_as_external_data=False)"
        )
    newest, asked = onnx.defs.onnx_opset_version(), _opset(model)
    if asked > newest:
        raise OnnxError(
            f"{source}: it asks for opset {asked}, and the newest that is known here is {newest}; "
            f"export it again with opset 17"
        )
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        told = str(error).splitlines()[0]
        raise OnnxError(
            f"{source}: this is no sound ONNX file: {told}; export it again with opset 17"
        ) from error


def _opset(model: Any) -> int:
    versions = [s.version for s in model.opset_import if s.domain in ("", "ai.onnx")]
    return max(versions, default=1)


def _in_one_form(model: Any, source: str) -> Any:
    """Write out functions of the file's own, and old operators in terms of newer ones."""
    if model.functions:
        model = inliner.inline_local_functions(model)
    if _opset(model) >= _OLDEST:
        return model
    try:
        return version_converter.convert_version(model, _OLDEST)
    except (RuntimeError, version_converter.ConvertError) as error:
        raise OnnxError(
            f"{source}: its opset {_opset(model)} cannot be brought to {_OLDEST} "
            f"({str(error).splitlines()[0]}); export it again with opset 17"
        ) from error


def _width(model: Any, source: str) -> int:
    """Return how many numbers a row of the one input has, and check that there is one output."""
    held = {tensor.name for tensor in model.graph.initializer}
    inputs = [each for each in model.graph.input if each.name not in held]
    for what, found in (("input", inputs), ("output", list(model.graph.output))):
        if len(found) != 1:
            names = ", ".join(each.name for each in found) or "none"
            raise OnnxError(
                f"{source}: a network for a log density has one {what}, this one has {len(found)} "
                f"({names}); export it with one row [parameters..., rt, response] in and one log "
                f"density out"
            )
    tensor = inputs[0].type.tensor_type
    if tensor.elem_type not in _FLOATS:
        told = TensorProto.DataType.Name(tensor.elem_type)
        raise OnnxError(f"{source}: its input is of type {told}; export it in single precision")
    sizes = [dim.dim_value or dim.dim_param or "?" for dim in tensor.shape.dim]
    left_open = [isinstance(size, str) for size in sizes]
    if len(sizes) != 2 or left_open[1] or not (left_open[0] or sizes[0] == 1):
        raise OnnxError(
            f"{source}: its input {inputs[0].name} has the shape ({', '.join(map(str, sizes))}), "
            f"and a log density takes one row (1, n + 2) of n parameters, rt and response; export "
            f"it so"
        )
    del model.graph.input[:]
    model.graph.input.extend(inputs)
    return int(sizes[1])

"""Whether there is what ONNX files are read and written with."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

#: The packages of the extra, by the names that they are imported by.
PACKAGES: Final = ("onnx", "onnxruntime")
#: What brings them.
REMEDY: Final = "make setup ENV=networks"


def lacking() -> tuple[str, ...]:
    """Return those packages for ONNX files that are not installed."""
    return tuple(name for name in PACKAGES if find_spec(name) is None)

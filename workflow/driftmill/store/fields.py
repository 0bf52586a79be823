"""Columns of tables by their types."""

from __future__ import annotations

import pyarrow as pa

_INT, _FLOAT, _TEXT, _BOOL = pa.int64(), pa.float64(), pa.string(), pa.bool_()


def ints(*names: str) -> list[pa.Field]:
    """Return columns of whole numbers."""
    return [pa.field(name, _INT, nullable=False) for name in names]


def maybe_ints(*names: str) -> list[pa.Field]:
    """Return columns of whole numbers, of which some may be missing."""
    return [pa.field(name, _INT) for name in names]


def floats(*names: str) -> list[pa.Field]:
    """Return columns of numbers, of which some may be missing."""
    return [pa.field(name, _FLOAT) for name in names]


def texts(*names: str) -> list[pa.Field]:
    """Return columns of texts."""
    return [pa.field(name, _TEXT, nullable=False) for name in names]


def bools(*names: str) -> list[pa.Field]:
    """Return columns of truth values."""
    return [pa.field(name, _BOOL, nullable=False) for name in names]

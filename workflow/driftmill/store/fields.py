"""The kinds of column that tables have."""

from __future__ import annotations

import pyarrow as pa

_INT, _FLOAT, _TEXT, _BOOL = pa.int64(), pa.float64(), pa.string(), pa.bool_()


def ints(*names: str) -> list[pa.Field]:
    """Return fields of whole numbers."""
    return [pa.field(name, _INT, nullable=False) for name in names]


def maybe_ints(*names: str) -> list[pa.Field]:
    """Return fields of whole numbers that may be null."""
    return [pa.field(name, _INT) for name in names]


def floats(*names: str) -> list[pa.Field]:
    """Return fields of numbers; null where there is none."""
    return [pa.field(name, _FLOAT) for name in names]


def texts(*names: str) -> list[pa.Field]:
    """Return fields of text."""
    return [pa.field(name, _TEXT, nullable=False) for name in names]


def bools(*names: str) -> list[pa.Field]:
    """Return fields of yes or no."""
    return [pa.field(name, _BOOL, nullable=False) for name in names]


#: Null where all trials are one participant's.
PARTICIPANT = pa.field("participant_id", _TEXT)
#: Null where the fit failed.
N_BAD_K = pa.field("n_bad_k", _INT)

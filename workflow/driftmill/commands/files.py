"""Tables that users hand in and take out: CSV, TSV or Parquet by the file's ending."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.commands.console import UserError
from driftmill.store.atomic import replacing
from driftmill.study.data_file import opaque_columns

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
_PARQUET = (".parquet", ".pq")
_SHOWN = 5


def check_ending(path: Path) -> None:
    """Refuse a file whose ending says no format that is known."""
    if path.suffix.lower() not in (*_SEPARATORS, *_PARQUET):
        known = ", ".join((*_SEPARATORS, *_PARQUET))
        raise UserError(f"{path}: the ending {path.suffix!r} is unknown; use one of {known}")


def read(path: Path) -> pd.DataFrame:
    """Read a table; the columns of CSV and TSV files as text, so that they stay as they are."""
    check_ending(path)
    if not path.is_file():
        raise UserError(f"{path}: there is no such file")
    separator = _SEPARATORS.get(path.suffix.lower())
    try:
        if separator is None:
            if opaque := opaque_columns(path):
                raise UserError(f"{path}: {opaque}")
            return pd.read_parquet(path)
        return pd.read_csv(path, sep=separator, dtype="str", keep_default_na=False)
    except (OSError, ValueError) as error:
        raise UserError(f"{path} cannot be read: {str(error).splitlines()[0]}") from error


def write(path: Path, frame: pd.DataFrame) -> None:
    """Write a table whole or not at all; numbers in CSV and TSV with all their digits."""
    check_ending(path)
    separator = _SEPARATORS.get(path.suffix.lower())
    with replacing(path) as partial:
        if separator is None:
            frame.to_parquet(partial, index=False)
        else:
            frame.to_csv(partial, index=False, sep=separator)


def numbers(
    path: Path, frame: pd.DataFrame, name: str, *, gaps: bool = False
) -> NDArray[np.float64]:
    """Return a column as finite numbers; with ``gaps``, NaN where it is empty.

    Raises
    ------
    UserError
        When there is no such column, or naming the rows that are no numbers.
    """
    if name not in frame.columns:
        columns = ", ".join(map(str, frame.columns))
        raise UserError(f"{path} has no column {name!r}; it has {columns}")
    found = np.asarray(pd.to_numeric(frame[name], errors="coerce"), dtype=np.float64)
    wrong = ~np.isfinite(found)
    if gaps:
        text = frame[name].astype("str").str.strip().str.lower()
        wrong &= ~(frame[name].isna() | text.isin(["", "na", "nan"])).to_numpy()
    refuse(path, frame, name, wrong, "is not a number")
    return found


def refuse(path: Path, frame: pd.DataFrame, name: str, wrong: NDArray[np.bool_], what: str) -> None:
    """Raise a UserError that names the rows where a column is wrong, if there are any."""
    rows = np.flatnonzero(wrong)
    if not rows.size:
        return
    found = [f"row {row + 1}: {frame[name].iloc[row]}" for row in rows[:_SHOWN]]
    more = f" and {rows.size - _SHOWN} more" if rows.size > _SHOWN else ""
    raise UserError(
        f"{path}, column {name!r} {what}: {', '.join(found)}{more} (row 1 follows the header)"
    )

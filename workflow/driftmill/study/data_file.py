"""Reading the file of observed data: columns as they stand, numbers, codes, filters."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from driftmill.study.types import ObservedCell
from driftmill.study.unit_costs import Size

_CSV = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
_PARQUET = (".parquet", ".pq")
SUFFIXES = (*_CSV, *_PARQUET)
_OF_BYTES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)


class UnreadableFile(ValueError):  # noqa: N818 - it is what was found
    """A data file is missing, or is not what its name says."""


def data_path(cell: ObservedCell) -> Path:
    """Return where the file of a cell lies."""
    return Path(cell.path)


def read_file(cell: ObservedCell) -> pd.DataFrame:
    """Read all columns of a cell's file; see `read_path`."""
    return read_path(data_path(cell))


def read_path(path: Path) -> pd.DataFrame:
    """Read all columns of a file; those of CSV and TSV files as text.

    Raises
    ------
    UnreadableFile
        Saying why it cannot be read.
    """
    if not path.is_file():
        raise UnreadableFile(f"there is no file {path.absolute()}")
    suffix = path.suffix.lower()
    try:
        if suffix in _PARQUET:
            if opaque := opaque_columns(path):
                raise UnreadableFile(f"{path}: {opaque}")
            return pd.read_parquet(path)
        if suffix in _CSV:
            return pd.read_csv(path, sep=_CSV[suffix], dtype="str", keep_default_na=False)
    except UnreadableFile:
        raise
    except (OSError, ValueError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UnreadableFile(f"{path} cannot be read as {suffix[1:].upper()}: {first}") from error
    raise UnreadableFile(f"{path} ends in {suffix!r}; known: {', '.join(SUFFIXES)}")


def opaque_columns(path: Path) -> str | None:
    """Say which columns of a Parquet file hold neither numbers nor text; None without any.

    Bytes, lists and types of somebody's own are nothing that a trial has; what somebody packed
    into them is not looked at.
    """
    schema = pq.read_schema(path)
    held = {
        field.name: str(field.type)
        for field in schema
        if pa.types.is_nested(field.type)
        or isinstance(field.type, pa.BaseExtensionType)
        or any(is_of(field.type) for is_of in _OF_BYTES)
    }
    if not held:
        return None
    told = ", ".join(f"{name!r} ({kind})" for name, kind in held.items())
    return f"the columns {told} hold neither numbers nor text; leave them out"


def is_blank(column: pd.Series) -> NDArray[np.bool_]:
    """Tell which values are missing: empty, NA, NaN or null."""
    text = column.astype("str").str.strip().str.lower()
    return np.asarray(column.isna() | text.isin(["", "na", "nan", "null", "none"]), dtype=bool)


def to_numbers(column: pd.Series) -> NDArray[np.float64]:
    """Return a column as numbers; NaN where it holds none."""
    return np.asarray(pd.to_numeric(column, errors="coerce"), dtype=np.float64)


def to_covariate(column: pd.Series) -> pd.Series:
    """Return a covariate as numbers where all its values are numbers, else as it is."""
    blank = is_blank(column)
    numbers = to_numbers(column)
    return pd.Series(numbers, index=column.index) if (~np.isnan(numbers) | blank).all() else column


def rt_seconds(cell: ObservedCell, raw: pd.DataFrame) -> NDArray[np.float64]:
    """Return the response times in seconds."""
    numbers = to_numbers(raw[str(cell.columns.rt)])
    return numbers / 1000.0 if cell.rt_unit == "ms" else numbers


def deadline_seconds(cell: ObservedCell, raw: pd.DataFrame) -> NDArray[np.float64]:
    """Return the deadlines in seconds; NaN where a trial has none."""
    if cell.columns.deadline is None:
        return np.full(len(raw), np.nan if cell.deadline is None else cell.deadline)
    numbers = to_numbers(raw[cell.columns.deadline])
    return numbers / 1000.0 if cell.rt_unit == "ms" else numbers


def is_omitted(cell: ObservedCell, raw: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows say that nothing was seen up to a deadline.

    They lack rt and response; a silent response may be written down.
    """
    if cell.columns.rt is None:
        return np.zeros(len(raw), dtype=np.bool_)
    response = raw[cell.columns.response]
    unseen = is_blank(response)
    if cell.silent is not None:
        unseen = unseen | (to_responses(cell, response) == cell.silent)
    known = np.isfinite(deadline_seconds(cell, raw))
    return np.asarray(unseen & is_blank(raw[cell.columns.rt]) & known)


def is_missing(cell: ObservedCell, raw: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows lack a response, or an rt where there is one, without being omissions."""
    needed = [cell.columns.response, *([] if cell.columns.rt is None else [cell.columns.rt])]
    return np.any([is_blank(raw[name]) for name in needed], axis=0) & ~is_omitted(cell, raw)


def scored(cell: ObservedCell, raw: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows fits score: inside the limits of rt, with response and rt.

    While missing ones are an error they are among them, so that the checks find them.
    """
    mask = _inside(cell, raw)
    return mask if cell.missing == "error" else mask & ~is_missing(cell, raw)


def kept(cell: ObservedCell, raw: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows are trials, scored or not.

    A dataset, and a participant of one, without any trial that is scored is left out whole:
    nothing is known of it.
    """
    counts, lacking = scored(cell, raw), is_missing(cell, raw)
    mask = np.ones(len(raw), dtype=bool)
    if cell.outside == "drop":
        # What stands for the rt of a trial without a response is no reason to leave it out.
        mask &= _inside(cell, raw) | (lacking if cell.missing == "keep" else False)
    if cell.missing == "drop":
        mask &= ~lacking
    names = dict.fromkeys((group_column(cell), cell.columns.participant_id))
    keys = [to_labels(raw[name]).to_numpy() for name in names if name is not None]
    if keys and (mask & ~counts).any():
        mask &= pd.Series(counts, index=raw.index).groupby(keys).transform("any").to_numpy()
    return mask


def _inside(cell: ObservedCell, raw: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which rows pass the filters on rt; a row without an rt does."""
    mask = np.ones(len(raw), dtype=bool)
    if cell.columns.rt is None:
        return mask
    rt = rt_seconds(cell, raw)
    if cell.rt_min is not None:
        mask &= ~(rt < cell.rt_min)
    if cell.rt_max is not None:
        mask &= ~(rt > cell.rt_max)
    return mask


def _code(value: object) -> float | str:
    """Return a response code such that 0, 0.0, "0" and False are one code."""
    text = str(value).strip()
    truth = {"true": 1.0, "false": 0.0}.get(text.lower())
    if truth is not None:
        return truth
    try:
        return float(text)
    except ValueError:
        return text


def to_responses(cell: ObservedCell, column: pd.Series) -> NDArray[np.float64]:
    """Return a column as the model's codes; NaN where a code is unknown."""
    wanted = {_code(k): float(v) for k, v in (cell.response_codes or {}).items()}

    def translate(value: object) -> float:
        code = _code(value)
        if wanted:
            return wanted.get(code, np.nan)
        return code if isinstance(code, float) and code.is_integer() else np.nan

    known = {value: translate(value) for value in column.dropna().unique()}
    return np.asarray(column.map(known), dtype=np.float64)


def to_labels(column: pd.Series) -> pd.Series:
    """Return a column as text; whole numbers without a decimal point."""
    text = column.astype("str").str.strip()
    numbers = to_numbers(column)
    whole = np.isfinite(numbers) & (numbers == np.round(numbers))
    written = text.str.fullmatch(r"[-+]?\d+\.0*").to_numpy(dtype=bool, na_value=False) & whole
    return text.where(~written, text.str.replace(r"\.0*$", "", regex=True))


def group_column(cell: ObservedCell) -> str | None:
    """Return the file's column whose values are the datasets; None when all are one."""
    if cell.dataset_by == "participant_id" and cell.columns.participant_id is not None:
        return cell.columns.participant_id
    return cell.dataset_by


def extent(cell: ObservedCell) -> tuple[int, Size]:
    """Return how many datasets a cell's file holds after its filters, and their average size.

    Raises
    ------
    UnreadableFile
        When there is no such file.
    """
    raw = read_file(cell)
    group, own = group_column(cell), cell.columns.participant_id
    here = raw.loc[kept(cell, raw)]
    datasets = 1 if group is None else int(to_labels(here[group]).nunique())
    pairs = datasets if own is None else len(here.drop_duplicates([own, group or own]))
    each = max(1, datasets)
    return datasets, Size(max(1, len(here) // each), max(1, pairs // each))

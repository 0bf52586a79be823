"""Tables as Parquet files with a declared schema and their provenance in the metadata."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from driftmill.store.atomic import replacing
from driftmill.store.errors import DamagedArtifact
from driftmill.store.provenance import KEY, Provenance, decode, encode
from driftmill.store.schemas import OPEN, OPTIONAL, SCHEMAS


def _mismatch(kind: str, columns: list[str]) -> str | None:
    """Tell how columns differ from the declared ones, or None when they agree."""
    declared = SCHEMAS[kind].names
    missing = [c for c in declared if c not in columns and c not in OPTIONAL.get(kind, ())]
    extra = [] if kind in OPEN else [c for c in columns if c not in declared]
    told = [
        f"{word} columns {names}" for word, names in (("lacks", missing), ("has", extra)) if names
    ]
    return f"a table of kind {kind} {' and '.join(told)}" if told else None


def to_arrow(frame: pd.DataFrame, kind: str) -> pa.Table:
    """Return a data frame as the declared table, its columns in the declared order.

    Raises
    ------
    ValueError
        When columns are missing or unknown, of the wrong type, or have gaps that they must
        not have.
    """
    wrong = _mismatch(kind, [str(c) for c in frame.columns])
    if wrong:
        raise ValueError(wrong)
    declared = [field for field in SCHEMAS[kind] if field.name in frame.columns]
    covariates = [c for c in frame.columns if c not in SCHEMAS[kind].names]
    arrays, fields = [], []
    for field in declared:
        try:
            array = pa.array(frame[field.name], type=field.type, from_pandas=True)
        except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
            raise ValueError(f"column {field.name} of a table of kind {kind}: {error}") from error
        if not field.nullable and array.null_count:
            raise ValueError(f"column {field.name} of a table of kind {kind} has missing values")
        arrays.append(array)
        fields.append(field)
    for name in covariates:
        arrays.append(pa.array(frame[name], from_pandas=True))
        fields.append(pa.field(str(name), arrays[-1].type))
    return pa.Table.from_arrays(arrays, schema=pa.schema(fields))


def write_table(path: Path | str, frame: pd.DataFrame, kind: str, origin: Provenance) -> None:
    """Write a table whole or not at all.

    Parameters
    ----------
    path
        Where to.
    frame
        The rows; the index is not written.
    kind
        Which declared table it is.
    origin
        Its provenance.

    Raises
    ------
    ValueError
        When the rows are not such a table.
    StoreError
        When the file cannot be written.
    """
    table = to_arrow(frame, kind)
    metadata = {KEY.encode(): encode({**origin, "kind": kind}).encode()}
    with replacing(path) as partial:
        pq.write_table(table.replace_schema_metadata(metadata), partial, compression="zstd")


def table_provenance(path: Path | str, kind: str | None = None) -> Provenance:
    """Return the provenance of a table after checking that it is whole and ours.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    DamagedArtifact
        When it is no Parquet file, has no provenance, or is of another kind.
    """
    try:
        schema = pq.read_schema(path)
    except FileNotFoundError:
        raise
    except (OSError, pa.ArrowException) as error:
        raise DamagedArtifact(path, f"it is not a whole Parquet file ({_first(error)})") from error
    origin = decode((schema.metadata or {}).get(KEY.encode()))
    if origin is None:
        raise DamagedArtifact(path, "it was not written by driftmill")
    if kind is not None and origin["kind"] != kind:
        raise DamagedArtifact(path, f"it holds {origin['kind']!r} where {kind!r} belongs")
    wrong = _mismatch(str(origin["kind"]), schema.names) if origin["kind"] in SCHEMAS else None
    if wrong:
        raise DamagedArtifact(path, wrong)
    return origin


def read_table(path: Path | str, kind: str) -> pd.DataFrame:
    """Read a table of a declared kind.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    DamagedArtifact
        When it is not a whole table of that kind.
    """
    table_provenance(path, kind)
    try:
        frame: pd.DataFrame = pq.read_table(path).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise DamagedArtifact(path, f"its rows cannot be read ({_first(error)})") from error
    return frame


def _first(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__

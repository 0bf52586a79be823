"""Tables as Parquet files with a declared schema and their provenance in the metadata."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from driftmill.store.atomic import replacing
from driftmill.store.errors import DamagedArtifact
from driftmill.store.headers import table_provenance
from driftmill.store.provenance import KEY, Provenance, encode
from driftmill.store.schemas import SCHEMAS, mismatch


def to_arrow(frame: pd.DataFrame, kind: str) -> pa.Table:
    """Return a data frame as the declared table, its columns in the declared order.

    Raises
    ------
    ValueError
        When columns are missing or unknown, of the wrong type, or have gaps that they must
        not have.
    """
    wrong = mismatch(kind, [str(c) for c in frame.columns])
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
        raise DamagedArtifact(path, "its rows cannot be read") from error
    return frame


def read_tables(paths: Iterable[Path | str], kind: str) -> pd.DataFrame:
    """Read tables of one kind, one below the other, or none; errors as in `read_table`."""
    tables = [read_table(path, kind) for path in paths]
    if not tables:
        empty: pd.DataFrame = SCHEMAS[kind].empty_table().to_pandas()
        return empty
    return pd.concat(tables, ignore_index=True)

"""Tables that are too large for the memory: written a part at a time, whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq

from driftmill.store.atomic import replacing
from driftmill.store.provenance import KEY, Provenance, encode
from driftmill.store.tables import to_arrow


def write_parts(
    path: Path | str, parts: Iterable[pd.DataFrame], kind: str, origin: Provenance
) -> int:
    """Write a table from its parts, one of which is held at a time.

    Parameters
    ----------
    path
        Where to.
    parts
        The rows, some at a time, all parts with the same columns.
    kind
        Which declared table it is.
    origin
        Its provenance.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    ValueError
        When the rows are not such a table, or there are none.
    StoreError
        When the file cannot be written.
    """
    metadata = {KEY.encode(): encode({**origin, "kind": kind}).encode()}
    rows, writer = 0, None
    with replacing(path) as partial:
        try:
            for part in parts:
                table = to_arrow(part, kind).replace_schema_metadata(metadata)
                if writer is None:
                    writer = pq.ParquetWriter(partial, table.schema, compression="zstd")
                writer.write_table(table)
                rows += table.num_rows
        finally:
            if writer is not None:
                writer.close()
        if writer is None:
            raise ValueError(f"there are no rows for {path}")
    return rows

"""The head of an artifact: is it whole, is it ours, what is it? Cheap, without its rows."""

from __future__ import annotations

from pathlib import Path

from driftmill.store.errors import DamagedArtifact
from driftmill.store.provenance import KEY, Provenance, decode


def check_origin(path: Path | str, text: str | bytes | None, kind: str | None) -> Provenance:
    """Return the provenance that an artifact's metadata hold.

    Raises
    ------
    DamagedArtifact
        When it holds none, or is of another kind than ``kind``.
    """
    origin = decode(text)
    if origin is None:
        raise DamagedArtifact(path, "it was not written by driftmill")
    if kind is not None and origin["kind"] != kind:
        raise DamagedArtifact(path, f"it holds {origin['kind']!r} where {kind!r} belongs")
    return origin


def table_provenance(path: Path | str, kind: str | None = None) -> Provenance:
    """Return the provenance of a Parquet file after checking that it is whole and ours.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    DamagedArtifact
        When it is no Parquet file, has no provenance, is of another kind, or lacks columns.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    from driftmill.store.schemas import mismatch

    if not Path(path).exists():
        raise FileNotFoundError(path)
    try:
        schema = pq.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        raise DamagedArtifact(path, "it is not a whole Parquet file") from error
    origin = check_origin(path, (schema.metadata or {}).get(KEY.encode()), kind)
    wrong = mismatch(str(origin["kind"]), schema.names)
    if wrong:
        raise DamagedArtifact(path, wrong)
    return origin


def tree_provenance(path: Path | str, kind: str | None = None) -> Provenance:
    """Return the provenance of a NetCDF file after checking that it is whole and ours.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    DamagedArtifact
        When it is no NetCDF-4 file, has no provenance, or is of another kind.
    """
    import h5netcdf

    if not Path(path).exists():
        raise FileNotFoundError(path)
    try:
        with h5netcdf.File(path, "r") as file:
            text = file.attrs.get(KEY)
    except (OSError, KeyError, ValueError) as error:
        raise DamagedArtifact(path, "it is not a whole NetCDF-4 file") from error
    return check_origin(path, text, kind)

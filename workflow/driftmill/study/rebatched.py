"""Cells whose finished batches are not those of the plan, so that they are made again."""

from __future__ import annotations

from pathlib import Path

from driftmill.study.expand import Plan


def rebatched(plan: Plan) -> list[str]:
    """Say which cells are made again because their batches are larger or smaller than they were.

    Only where the study leaves the size to us: where it gives a number, that was a decision. The
    first batch of a cell is looked at, and of it the footer of a file.
    """
    if plan.study.batch_size != "auto":
        return []
    told = []
    for cell in plan.cells:
        first = plan.batches_of(cell)[0]
        finished = _datasets(Path(plan.paths.trials(cell, first.label)))
        if finished not in (None, len(first.datasets)):
            told.append(
                f"batches of cell {cell} have {len(first.datasets)} datasets now and had "
                f"{finished}: all of the cell is made again (batch_size: {finished} keeps them)"
            )
    return told


def _datasets(path: Path) -> int | None:
    """Return how many datasets the first batch of a cell has; None where it cannot be told."""
    if not path.is_file():
        return None
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        footer = pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return None
    column = footer.schema.names.index("dataset") if "dataset" in footer.schema.names else None
    if column is None or not footer.num_row_groups:
        return None
    last = footer.row_group(footer.num_row_groups - 1).column(column).statistics
    return int(last.max) + 1 if last is not None and last.has_min_max else None

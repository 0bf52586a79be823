"""A cell's datasets cut into batches, one for each job."""

from __future__ import annotations

from dataclasses import dataclass

from driftmill.study.batch_size import BatchSize, batch_size_of
from driftmill.study.types import ObservedCell, Study
from driftmill.study.unit_costs import Size


@dataclass(frozen=True)
class Batch:
    """Datasets of one cell that one job handles.

    Parameters
    ----------
    cell
        The cell's name.
    label
        The batch's number as it stands in file names, e.g. ``0003``.
    datasets
        Numbers of its datasets in the cell.
    """

    cell: str
    label: str
    datasets: range


def extent_of(study: Study, cell: str) -> tuple[int, Size]:
    """Return how many datasets a cell has, and how large one is on average.

    Reads the file of observed data if it must: not where all of it is one dataset.
    """
    found = study.cell(cell)
    if not isinstance(found, ObservedCell):
        size = Size(found.participants * found.trials, found.participants)
        return found.datasets, size
    if found.dataset_by is None:
        return 1, Size(1, 1)
    from driftmill.study.data_file import extent

    return extent(found)


def split(cell: str, datasets: int, batch_size: int) -> tuple[Batch, ...]:
    """Cut a cell's datasets into batches of at most ``batch_size``."""
    starts = range(0, datasets, batch_size)
    width = max(4, len(str(len(starts) - 1)))
    return tuple(
        Batch(cell, f"{i:0{width}d}", range(start, min(start + batch_size, datasets)))
        for i, start in enumerate(starts)
    )


def batch_size_in(study: Study, cell: str) -> BatchSize:
    """Return how many datasets a batch of a cell has, and why."""
    return batch_size_of(study, cell, *extent_of(study, cell))


def batches_of(study: Study, cell: str) -> tuple[Batch, ...]:
    """Return the batches of a cell."""
    datasets, size = extent_of(study, cell)
    return split(cell, datasets, batch_size_of(study, cell, datasets, size).datasets)

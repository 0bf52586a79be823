"""Cells that differ in their numbers of trials or participants alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

Axis = Literal["trials", "participants"]
AXES: tuple[Axis, ...] = ("trials", "participants")


@dataclass(frozen=True)
class Size:
    """How large the datasets of a cell are, and the name of the sweep that it is part of."""

    sweep: str
    trials: int
    participants: int


class Line(NamedTuple):
    """Cells of a sweep along one axis, smallest first, the other axis held."""

    sweep: str
    axis: Axis
    held: int
    cells: tuple[str, ...]
    sizes: tuple[int, ...]


def lines(sizes: Mapping[str, Size], cells: Sequence[str]) -> Iterator[Line]:
    """Yield every row of two cells or more that differ along one axis alone.

    Parameters
    ----------
    sizes
        By cell.
    cells
        Those that count, such as the cells that a fit is applied to.
    """
    known = {cell: sizes[cell] for cell in cells if cell in sizes}
    for sweep in dict.fromkeys(size.sweep for size in known.values()):
        for axis, other in zip(AXES, reversed(AXES), strict=True):
            members = {cell: size for cell, size in known.items() if size.sweep == sweep}
            for held in sorted({int(getattr(size, other)) for size in members.values()}):
                row = {
                    int(getattr(size, axis)): cell
                    for cell, size in members.items()
                    if getattr(size, other) == held
                }
                if len(row) > 1:
                    found = tuple(sorted(row))
                    yield Line(sweep, axis, held, tuple(row[n] for n in found), found)

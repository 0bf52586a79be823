"""Which cells of a study differ in their numbers of trials and participants alone."""

from __future__ import annotations

import itertools
import json

from driftmill.recovery.sizes import Size
from driftmill.study.types import SimulatedCell, Study

#: What cells of one sweep may differ in.
FREE = frozenset({"name", "trials", "participants", "datasets"})


def sizes_of(study: Study) -> dict[str, Size]:
    """Return sweep and size of every simulated cell that is like another but for its size.

    Cells of a sweep have the same model, truths, task and so on; the number of replicates may
    differ. Of cells of the same size the first counts. A sweep is called by what its cells'
    names begin with, or by its model.
    """
    groups: dict[str, dict[tuple[int, int], SimulatedCell]] = {}
    for cell in study.data:
        if isinstance(cell, SimulatedCell):
            rest = json.dumps(cell.model_dump(mode="json", exclude=set(FREE)), sort_keys=True)
            groups.setdefault(rest, {}).setdefault((cell.participants, cell.trials), cell)
    found: dict[str, Size] = {}
    taken: set[str] = set()
    for group in groups.values():
        if len(group) < 2:
            continue
        cells = list(group.values())
        name = _name(cells)
        while name in taken:
            name += "_"
        taken.add(name)
        found |= {cell.name: Size(name, cell.trials, cell.participants) for cell in cells}
    return found


def _name(cells: list[SimulatedCell]) -> str:
    letters = zip(*(cell.name for cell in cells), strict=False)
    alike = [each[0] for each in itertools.takewhile(lambda each: len(set(each)) == 1, letters)]
    shared = "".join(alike).rstrip("0123456789_-")
    return shared or (cells[0].model if isinstance(cells[0].model, str) else "sizes")

"""How many datasets one job handles, where the study leaves that to us.

A function of the study file and its data alone, never of the machine or of what is finished: a
resumed study must have the batches that it had. It does not depend on other cells either, and it
is a power of two, so that it seldom changes when a study grows.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from driftmill.study.rough_costs import rough_costs
from driftmill.study.types import Study
from driftmill.study.unit_costs import Costs, Size

#: Seconds of the dearest job of a large study, and of the shortest job that is worth its start.
LONGEST, SHORTEST = 1800.0, 180.0
#: Jobs of a fit on a cell as soon as they are not too short, so that a workstation is filled.
ENOUGH = 16
#: Datasets of a batch, whatever they cost.
MOST = 4096
#: Bytes of the posteriors of a batch, one file, which a job also holds in memory.
LARGEST = 0.5e9


@dataclass(frozen=True)
class BatchSize:
    """How many datasets a batch of a cell has.

    Parameters
    ----------
    datasets
        At most so many; the last batch of a cell may have fewer.
    reason
        Why, in words.
    """

    datasets: int
    reason: str


def batch_size_of(study: Study, cell: str, datasets: int, size: Size) -> BatchSize:
    """Return how many datasets of a cell one job handles.

    Parameters
    ----------
    study
        The study.
    cell
        The cell's name.
    datasets
        How many it has.
    size
        Trials and participants of one of them, on average.
    """
    if isinstance(study.batch_size, int):
        return BatchSize(study.batch_size, "the study file says so")
    if datasets == 1:
        return BatchSize(1, "the cell is one dataset")
    costs = Costs()
    fits = [fit for fit in study.fits if fit.applies_to(cell)]
    if not fits:
        return BatchSize(_power(LONGEST / costs.simulate), "no fit is applied to the cell")
    rough = {fit.name: rough_costs(study, cell, fit, size, costs) for fit in fits}
    dearest = max(rough, key=lambda name: rough[name].dearest)
    each = rough[dearest].dearest
    shortest = max(SHORTEST, 5 * max(r.compile for r in rough.values()))
    wanted = min(max(datasets * each / ENOUGH, shortest), LONGEST)
    room = 2 ** int(math.log2(max(1.0, LARGEST / max(r.bytes for r in rough.values()))))
    chosen = min(_power(wanted / each), MOST)
    seconds = f"{each:.1f}" if each < 10 else f"{each:.0f}"
    about = f"{dearest} takes about {seconds} s a dataset"
    if chosen > room:
        return BatchSize(
            room, f"{about}; a file of more would be larger than {LARGEST / 1e6:.0f} MB"
        )
    minutes = max(1, round(min(chosen, datasets) * each / 60))
    if chosen >= datasets:
        return BatchSize(chosen, f"{about}, all about {minutes} min: too little to be split")
    return BatchSize(chosen, f"{about}, a job about {minutes} min")


def _power(count: float) -> int:
    """Return the power of two that is nearest, by ratio; 1 at least."""
    return int(2 ** max(0, round(math.log2(max(1.0, count)))))

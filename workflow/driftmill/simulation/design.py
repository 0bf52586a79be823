"""Designs: what a simulated cell of a study is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from driftmill.models.declaration import Model
from driftmill.simulation.truths import Truth, check_truth


@dataclass(frozen=True)
class Design:
    """One simulated cell: its model, its truth and how much data a dataset holds.

    Parameters
    ----------
    cell
        The cell's name; it enters the seeds.
    model
        The data-generating model.
    truth
        One entry a parameter: a fixed value, a grid or a distribution.
    participants
        Participants of a dataset; all of them share the dataset's truth.
    trials
        Trials of each participant.
    datasets
        Datasets of the cell.
    lapse
        Probability, in [0, 1), that a trial is a lapse.
    seed
        The study's seed.

    Raises
    ------
    SimulationError
        When the truth leaves a parameter out, names an unknown one or is outside a support.
    ValueError
        When a count is below 1, the lapse is no probability or the seed is negative.
    """

    cell: str
    model: Model
    truth: Mapping[str, Truth]
    participants: int
    trials: int
    datasets: int
    lapse: float
    seed: int

    def __post_init__(self) -> None:
        for name in ("participants", "trials", "datasets"):
            if getattr(self, name) < 1:
                raise ValueError(
                    f"cell {self.cell}: {name} is {getattr(self, name)}; 1 or more is needed"
                )
        if not 0 <= self.lapse < 1:
            raise ValueError(
                f"cell {self.cell}: lapse is {self.lapse:g}; a probability in [0, 1) is needed"
            )
        if self.seed < 0:
            raise ValueError(f"cell {self.cell}: seed is {self.seed}; 0 or more is needed")
        check_truth(self.model, self.truth)

"""The trials of a cell as the formulas of fits see them, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from driftmill.regression.scored import SCORED, is_scored
from driftmill.simulation.covariates import covariate_table
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.study.generator import covariates_of
from driftmill.study.models import model_of
from driftmill.study.observed import dataset_names, observed_rows
from driftmill.study.task import task_columns
from driftmill.study.types import ObservedCell, SimulatedCell

#: A simulated dataset of more trials is cut to about so many; its covariates go on alike.
_ENOUGH = 20_000


@dataclass(frozen=True, eq=False)
class CellData:
    """The columns of a cell that fits may use, with their values.

    Parameters
    ----------
    columns
        Names of the columns.
    datasets
        The datasets that differ in them, each with its label; indexed by row from 0.
    renamed
        What the columns are called in the cell's file, where that differs.
    observed
        Whether they were read from a file, so that their values are not the study's own.
    """

    columns: tuple[str, ...]
    datasets: tuple[tuple[str, pd.DataFrame], ...]
    renamed: Mapping[str, str] = field(default_factory=dict)
    observed: bool = True

    @property
    def scored(self) -> CellData:
        """The same without the trials that are not scored, which only learners see."""
        datasets = ((label, frame[is_scored(frame)]) for label, frame in self.datasets)
        return replace(self, datasets=tuple(datasets))

    @property
    def rows(self) -> pd.DataFrame:
        """All trials."""
        return pd.concat([frame for _, frame in self.datasets]).sort_index()


def observed_data(cell: ObservedCell) -> CellData:
    """Return the data of an observed cell that passed its checks."""
    trials = observed_rows(cell)
    ours = {name: file for name, file in cell.columns.model_dump().items() if file is not None}
    absent = ["dataset", *([] if "participant_id" in ours else ["participant_id"])]
    labels = {
        row["dataset"]: f"dataset {row['dataset']} ({row['column']} {row['value']})"
        for row in dataset_names(cell, trials).to_dict("records")
    }
    datasets = [
        (labels.get(number, ""), frame.drop(columns=absent))
        for number, frame in trials.groupby("dataset", sort=True)
    ]
    columns = tuple(str(name) for name in trials.columns.drop(absent) if name != SCORED)
    renamed = {name: file for name, file in ours.items() if name != file}
    return CellData(columns, tuple(datasets), renamed)


def simulated_data(cell: SimulatedCell) -> CellData:
    """Return the covariates of the first dataset of a simulated cell that passed its checks.

    Responses and response times are not simulated; columns have their names alone.
    """
    seed = seed_sequence(0, cell.name, 0, Purpose.COVARIATES)
    table = covariate_table(covariates_of(cell), cell.participants, cell.trials, seed)
    table = table.groupby("participant_id", sort=False).head(max(20, _ENOUGH // cell.participants))
    columns = (*table.columns, *model_of(cell.model).response_columns, *task_columns(cell))
    return CellData(tuple(map(str, columns)), (("", table),), observed=False)

"""The trials of a cell as the formulas of fits see them, before anything is run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from driftmill.models import get_model
from driftmill.simulation.covariates import covariate_table
from driftmill.simulation.seeds import Purpose, seed_sequence
from driftmill.study.data_file import group_column, to_labels
from driftmill.study.generator import covariates_of
from driftmill.study.observed import observed_rows
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
    def rows(self) -> pd.DataFrame:
        """All trials."""
        return pd.concat([frame for _, frame in self.datasets]).sort_index()


def observed_data(cell: ObservedCell) -> CellData:
    """Return the data of an observed cell that passed its checks."""
    trials = observed_rows(cell)
    ours = {name: file for name, file in cell.columns.model_dump().items() if file is not None}
    absent = ["dataset", *([] if "participant_id" in ours else ["participant_id"])]
    # In the trials the grouping column may be called otherwise, or be a covariate.
    group = group_column(cell)
    named = {file: name for name, file in ours.items()}.get(str(group), group)
    datasets = []
    for number, frame in trials.groupby("dataset", sort=True):
        label = "" if named is None else f"dataset {number} ({named} {_label(frame, named)})"
        datasets.append((label, frame.drop(columns=absent)))
    columns = tuple(str(name) for name in trials.columns.drop(absent))
    renamed = {name: file for name, file in ours.items() if name != file}
    return CellData(columns, tuple(datasets), renamed)


def _label(frame: pd.DataFrame, name: str) -> str:
    column = frame[f"{name}_in_file"] if f"{name}_in_file" in frame else frame[name]
    return str(to_labels(column).iloc[0])


def simulated_data(cell: SimulatedCell) -> CellData:
    """Return the covariates of the first dataset of a simulated cell that passed its checks.

    Responses and response times are not simulated; columns have their names alone.
    """
    seed = seed_sequence(0, cell.name, 0, Purpose.COVARIATES)
    table = covariate_table(covariates_of(cell), cell.participants, cell.trials, seed)
    table = table.groupby("participant_id", sort=False).head(max(20, _ENOUGH // cell.participants))
    columns = (*table.columns, *get_model(cell.model).response_columns)
    return CellData(tuple(map(str, columns)), (("", table),), observed=False)

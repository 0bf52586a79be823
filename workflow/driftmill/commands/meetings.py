"""Whom `driftmill predict --task` lets learn: participants of the fit, of a file, or new ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from driftmill.commands.console import UserError
from driftmill.commands.learners import no_task
from driftmill.commands.new_trials import new_trials
from driftmill.models import Model
from driftmill.models.declaration import Columns
from driftmill.prediction.learners import Meeting, meet
from driftmill.regression.fit_spec import FitSpec
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.task_columns import made_columns
from driftmill.study.task import make_task
from driftmill.study.task_file import read_task


def check_options(model: Model, task: Path | None, new: bool, participants: int | None) -> None:
    """Refuse options that do not go together.

    Parameters
    ----------
    model
        The fit's.
    task
        The file of a task.
    new
        Whether there is a file of new trials.
    participants
        How many new participants.
    """
    if participants is not None and new:
        raise UserError("give either --participants, or --data with the trials of participants")
    if task is None and participants is not None:
        if model.learning is not None:
            raise no_task(model)
        raise UserError("--participants is for learners with --task: give the trials by --data")
    if task is not None and model.learning is None:
        raise UserError(f"--task: {model.name} learns nothing; give new trials by --data")


def meeting_of(
    spec: FitSpec,
    task: Path,
    own: pd.DataFrame,
    columns: Columns,
    new: Path | None,
    participants: int | None,
    trials: int | None,
    seed: np.random.SeedSequence,
) -> Meeting:
    """Let participants meet the task of a file.

    Parameters
    ----------
    spec
        A fit of a learning model.
    task
        The file.
    own, columns
        The trials of the dataset that the fit was made from, and the columns that it needs.
    new
        A file with trials of participants; None: see ``participants``.
    participants
        How many new ones there are; None: those of the dataset, who begin anew.
    trials
        Trials of each participant; None: as many as they have, or as the dataset's have at most.
    seed
        Seeds what the task shows.

    Raises
    ------
    UserError
        When the task is none for the model, or trials lack columns.
    StudyErrors
        When the file of the task cannot be read.
    """
    learning = spec.model.learning
    assert learning is not None
    said = read_task(task)
    try:
        made = make_task(said)
        if new is not None:
            table = new_trials(new, spec, columns, made_columns(learning, made))
        elif participants is not None:
            table = _newcomers(own, participants, trials)
        else:
            table = own
        if trials is not None and participants is None:
            table = _first(table, trials)
        return meet(spec.model, made, table, seed)
    except SimulationError as error:
        raise UserError(f"{task}: {error}") from error


def _newcomers(own: pd.DataFrame, participants: int, trials: int | None) -> pd.DataFrame:
    """Return the trials of new participants, whose names nobody has."""
    known = set(own["participant_id"].dropna().astype("str"))
    names = [name for k in range(len(known) + participants) if (name := f"new{k}") not in known]
    longest = int(own.groupby("participant_id", dropna=False).size().max())
    each = longest if trials is None else trials
    return pd.DataFrame(
        {
            "participant_id": np.repeat(names[:participants], each),
            "trial_id": np.tile(np.arange(each), participants),
        }
    )


def _first(table: pd.DataFrame, trials: int) -> pd.DataFrame:
    """Return the first trials of each participant."""
    if "participant_id" not in table:
        return table.head(trials)
    return table.groupby("participant_id", dropna=False, sort=False).head(trials)

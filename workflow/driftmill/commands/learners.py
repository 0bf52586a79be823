"""Learners that the command line asks for: a model, a task in a file, participants."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from driftmill.commands.console import UserError
from driftmill.models import Model
from driftmill.simulation.design import Design
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.simulate import simulate_datasets
from driftmill.study.task import SUPPLIED, make_task, with_columns
from driftmill.study.task_file import read_task

_EXAMPLES = {
    "bandit": "bandit: {means: [0.8, 0.2]}",
    "inputs": "inputs: {schedule: [[0.8, 40], [0.2, 40]]}",
}


def no_task(model: Model) -> UserError:
    """Return the error that a learning model has no task, with what a file of one holds."""
    assert model.learning is not None
    inputs = model.learning.process.inputs
    kinds = [kind for kind, name in SUPPLIED.items() if name in inputs]
    example = " or ".join(_EXAMPLES[kind] for kind in kinds)
    return UserError(
        f"{model.name} learns from {', '.join(inputs)}: give --task FILE, a YAML file with its "
        f"task, e.g. {example} (see Tasks in config/README.md)"
    )


def simulate_participants(
    model: Model,
    values: Mapping[str, float],
    task: Path | None,
    participants: int,
    trials: int,
    seed: int,
    lapse: float,
) -> pd.DataFrame:
    """Simulate participants who learn, all with the same parameters.

    Parameters
    ----------
    model
        A learning model.
    values
        Its parameters; those that it holds may be left out.
    task
        The file of its task.
    participants, trials
        How many, and trials of each.
    seed
        From which all random numbers follow.
    lapse
        Share of trials that are lapses.

    Returns
    -------
    DataFrame
        participant_id, trial_id, response columns, those of the task, then the parameters.

    Raises
    ------
    UserError
        When there is no task, it is none for this model, or a value cannot be simulated.
    StudyErrors
        When the file of the task cannot be read.
    """
    if task is None:
        raise no_task(model)
    said = read_task(task)
    name = "simulated"
    try:
        design = Design(
            cell=name,
            model=with_columns(model, said),
            truth=values,
            participants=participants,
            trials=trials,
            datasets=1,
            lapse=lapse,
            seed=seed,
            task=make_task(said),
        )
        frame, _ = simulate_datasets(design, [0])
    except SimulationError as error:
        told = str(error).removeprefix(f"cell {name}").removeprefix(", dataset 0").lstrip(",: ")
        raise UserError(f"{task}: {told}" if "task" in told else told) from error
    order = [name for name in model.parameter_names if name in values]
    return frame.drop(columns="dataset").assign(**{name: values[name] for name in order})

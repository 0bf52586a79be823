"""Whether a task is one for a model, and the trial columns that it makes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import Model
from driftmill.models.learning import Learning
from driftmill.simulation.covariates import OUR_COLUMNS
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import child
from driftmill.simulation.tasks import Bandit, Course, Task


def check_task(model: Model, task: Task | None, trials: int, covariates: Sequence[str]) -> None:
    """Check that a model learns from a task, and that the task can be made.

    Parameters
    ----------
    model
        The data-generating model.
    task
        Its task, if any.
    trials
        Trials of a participant.
    covariates
        Names of the covariates; a process may take inputs and times from them.

    Raises
    ------
    SimulationError
        Naming the model, what is wrong with the task and the remedy.
    """
    learning = model.learning
    if learning is None:
        if task is not None:
            raise SimulationError(
                f"{model.name} does not learn, so a task changes nothing; leave the task out, or "
                "put a learning process in front of the model"
            )
        return
    process = learning.process
    if task is None:
        kind = "inputs" if "u" in process.inputs else "a bandit"
        raise SimulationError(
            f"{model.name} learns from {', '.join(process.inputs)}, so it needs a task; give {kind}"
        )
    if task.supplies not in process.inputs:
        mine, right = ("a bandit", "inputs") if isinstance(task, Bandit) else ("inputs", "a bandit")
        raise SimulationError(
            f"{model.name} learns from {', '.join(process.inputs)}, which {mine} does not supply; "
            f"give {right}"
        )
    if process.binary and not task.binary:
        remedy = "a schedule, or values of 0 and 1" if task.supplies == "u" else "bernoulli payoffs"
        raise SimulationError(
            f"{model.name} learns from {task.supplies} that is 0 or 1, and the task supplies other "
            f"numbers; give {remedy}"
        )
    if isinstance(task, Bandit) and task.options != len(model.choices):
        raise SimulationError(
            f"the task's means have {task.options} options, {model.name} chooses among "
            f"{len(model.choices)}: give each cue {len(model.choices)} means"
        )
    for field, count in (("cue", task.cues), ("block", task.blocks)):
        if count > 1 and getattr(learning, field) is None:
            what = (
                "values are kept for each" if field == "cue" else "the process starts anew in each"
            )
            raise SimulationError(
                f"the task has {count} {field}s, but {model.name} does not say that {what}; give "
                f"the model a {field} column, e.g. {field}: {field}"
            )
    _check_names(model, learning, task, covariates)
    task.check(trials)


def _check_names(model: Model, learning: Learning, task: Task, covariates: Sequence[str]) -> None:
    """Refuse columns that nobody makes, or that two make."""
    made = _names(learning, task)
    for name, column in made.items():
        others = [*OUR_COLUMNS, *covariates, *(c for n, c in made.items() if n != name)]
        if column in others:
            raise SimulationError(
                f"the column {column} of {model.name} ({name}) has the name of another column; "
                "rename one of them"
            )
    wanted = dict(zip(learning.process.inputs, learning.input_columns, strict=True))
    if learning.elapsed is not None:
        wanted["elapsed"] = learning.elapsed
    for name, column in wanted.items():
        if name not in made and column not in covariates:
            raise SimulationError(
                f"{model.name} takes {name} from the column {column}, which its task does not "
                "make; give a covariate of this name"
            )


def made_columns(learning: Learning, task: Task) -> tuple[str, ...]:
    """Return the columns that a task makes, before the responses or after."""
    return tuple(_names(learning, task).values())


def _names(learning: Learning, task: Task) -> dict[str, str]:
    """Return the columns that a task makes, by what they are."""
    names = {task.supplies: learning.columns.get(task.supplies, task.supplies)}
    if learning.cue is not None:
        names["cue"] = learning.cue
    if learning.block is not None:
        names["block"] = learning.block
    return names


def courses(
    task: Task, participants: int, trials: int, seed: np.random.SeedSequence
) -> tuple[Course, ...]:
    """Make every participant's course of trials, each from a stream of its own."""
    return tuple(task.course(trials, child(seed, p)) for p in range(participants))


def columns_before(
    learning: Learning, task: Task, made: Sequence[Course]
) -> dict[str, NDArray[np.generic]]:
    """Return the columns that are there before any response, one participant after the other.

    The inputs that do not depend on choices, and the cue and block where the model has a column
    for them; feedback is not among them.
    """
    names = _names(learning, task)
    columns: dict[str, NDArray[np.generic]] = {}
    inputs = [course.inputs for course in made if course.inputs is not None]
    if inputs:
        columns[names[task.supplies]] = np.concatenate(inputs)
    if "cue" in names:
        columns[names["cue"]] = np.concatenate([course.cue for course in made])
    if "block" in names:
        columns[names["block"]] = np.concatenate([course.block for course in made])
    return columns

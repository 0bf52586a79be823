"""From what a study says of a task to the task that is simulated."""

from __future__ import annotations

from dataclasses import replace

from driftmill.models import Model
from driftmill.models.learning import Learning
from driftmill.simulation.tasks import Bandit, Inputs, Task
from driftmill.study.learning import TaskSpec
from driftmill.study.models import known_model, model_of
from driftmill.study.types import SimulatedCell

#: What each kind of task supplies to a process, by the name of its input.
SUPPLIED = {"bandit": "feedback", "inputs": "u"}
#: Columns of cues and blocks, where the model names no others.
CUE, BLOCK = "cue", "block"


def task_of(cell: SimulatedCell) -> Task | None:
    """Return the task of a cell that passed its checks, None where it has none."""
    return None if cell.task is None else make_task(cell.task)


def make_task(spec: TaskSpec) -> Task:
    """Return the task that a study, or a file, speaks of; it says bandit or inputs.

    Raises
    ------
    SimulationError
        When there cannot be such a task.
    """
    if spec.bandit is not None:
        said = spec.bandit
        return Bandit(
            means=said.rows,
            payoff=said.payoff,
            sd=said.sd,
            drift=said.drift,
            reverse_every=said.reverse_every,
            blocks=said.blocks,
        )
    inputs = spec.inputs
    assert inputs is not None
    return Inputs(values=inputs.values, schedule=inputs.schedule, walk=inputs.walk)


def generating_model(cell: SimulatedCell) -> Model:
    """Return the model of a cell that passed its checks, with the columns of its task's cues."""
    model = model_of(cell.model)
    return model if cell.task is None else with_columns(model, cell.task)


def with_columns(model: Model, task: TaskSpec) -> Model:
    """Return a model with the columns of a task's cues and blocks.

    One that names no column for several cues, or blocks, has one called ``cue``, or ``block``.
    """
    if model.learning is None:
        return model
    cue, block = _cue_and_block(model.learning, task)
    return replace(model, learning=replace(model.learning, cue=cue, block=block))


def task_columns(cell: SimulatedCell) -> tuple[str, ...]:
    """Return the columns that the task of a cell adds to its trials."""
    model = known_model(cell.model)
    if cell.task is None or model is None or model.learning is None:
        return ()
    supplied = [name for kind, name in SUPPLIED.items() if getattr(cell.task, kind) is not None]
    made = [model.learning.columns.get(name, name) for name in supplied]
    extra = [name for name in _cue_and_block(model.learning, cell.task) if name is not None]
    return (*made, *extra)


def _cue_and_block(learning: Learning, task: TaskSpec) -> tuple[str | None, str | None]:
    several = task.bandit is not None and len(task.bandit.rows) > 1
    cut = task.bandit is not None and task.bandit.blocks > 1
    return learning.cue or (CUE if several else None), learning.block or (BLOCK if cut else None)

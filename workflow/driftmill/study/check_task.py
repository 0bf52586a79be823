"""Checks of the task of a simulated cell: that it is one for its model, and can be made."""

from __future__ import annotations

from collections.abc import Iterator

from driftmill.models import Model
from driftmill.models.learning import Learning
from driftmill.study.learning import BanditSpec, InputsSpec
from driftmill.study.problems import Problem, show
from driftmill.study.task import SUPPLIED, task_columns
from driftmill.study.types import SimulatedCell

_EXAMPLES = {
    "bandit": "task: {bandit: {means: [0.8, 0.2]}}",
    "inputs": "task: {inputs: {schedule: [[0.8, 40], [0.2, 40]]}}",
}
_WORDS = {"bandit": "a bandit supplies", "inputs": "inputs supply"}
#: Field under the cell, its value, what is wrong, the remedy.
_Fault = tuple[str, object, str, str]


def check_task(file: str, place: str, cell: SimulatedCell, model: Model) -> list[Problem]:
    """Return the problems of the task of a cell of a known model.

    Parameters
    ----------
    file, place
        The study file, and where the cell stands in it, e.g. ``data[0]``.
    cell
        The cell.
    model
        Its model.
    """
    return [
        Problem(file, f"{place}.{field}", "" if value is None else show(value), message, remedy)
        for field, value, message, remedy in _check(cell, model)
    ]


def _check(cell: SimulatedCell, model: Model) -> Iterator[_Fault]:
    task, learning = cell.task, model.learning
    if learning is None:
        if task is not None:
            message = f"{model.name} learns nothing, so there is no task for it"
            yield "task", None, message, "take it out, or give a model with a learning process"
        return
    process = learning.process
    kinds = [kind for kind, name in SUPPLIED.items() if name in process.inputs]
    if not kinds:
        message = f"{process.name} learns from {', '.join(process.inputs)}, which no task makes"
        remedy = f"call an input of the process {' or '.join(SUPPLIED.values())}"
        yield "model", model.name, message, remedy
        return
    wanted = " or ".join(_EXAMPLES[kind] for kind in kinds)
    if task is None:
        message = f"{process.name} learns from {', '.join(process.inputs)}: the task is missing"
        yield "task", None, message, f"give e.g. {wanted}"
        return
    given = [kind for kind in SUPPLIED if getattr(task, kind) is not None]
    if len(given) != 1:
        message = "gives both a bandit and inputs" if given else "says neither bandit nor inputs"
        yield "task", None, message, f"give one, e.g. {wanted}"
        return
    if given[0] not in kinds:
        message = (
            f"{process.name} learns from {', '.join(process.inputs)}, and {_WORDS[given[0]]} "
            f"{SUPPLIED[given[0]]}"
        )
        yield f"task.{given[0]}", None, message, f"give e.g. {wanted}"
        return
    yield from _check_names(cell, learning)
    if task.bandit is not None:
        yield from _check_bandit(task.bandit, cell, model)
    elif task.inputs is not None:
        yield from _check_inputs(task.inputs, cell, learning)


def _check_names(cell: SimulatedCell, learning: Learning) -> Iterator[_Fault]:
    """Check that the columns that the model names are those that there will be."""
    made = task_columns(cell)
    from_file = () if cell.covariates_from is None else cell.covariates_from.columns
    for name in made:
        if name in cell.covariates:
            message = f"{name} is a column that the task makes"
            yield f"covariates.{name}", None, message, "give the covariate another name"
        if name in from_file:
            message = f"{name} is a column that the task makes"
            yield "covariates_from.columns", name, message, "leave it out or rename it"
    wanted = {**dict(zip(learning.process.inputs, learning.input_columns, strict=True))}
    wanted |= {"elapsed": learning.elapsed} if learning.elapsed is not None else {}
    for name, column in wanted.items():
        if column not in (*made, *cell.covariates, *from_file):
            message = f"{learning.process.name} takes {name} from {column!r}, which nothing makes"
            yield "covariates", None, message, f"declare {column} under `covariates`"


def _check_bandit(bandit: BanditSpec, cell: SimulatedCell, model: Model) -> Iterator[_Fault]:
    options = len(model.choices)
    for k, row in enumerate(bandit.rows):
        at = "task.bandit.means" + (f"[{k}]" if isinstance(bandit.means[0], tuple) else "")
        if len(row) != options:
            message = f"{len(row)} means for the {options} options of {model.name}"
            yield at, list(row), message, f"give {options}, one an option"
        for i, mean in enumerate(row):
            if bandit.payoff == "bernoulli" and not 0 <= mean <= 1:
                message = "the mean of a Bernoulli payoff is a probability"
                remedy = "give a number from 0 to 1, or set payoff: gaussian"
                yield f"{at}[{i}]", mean, message, remedy
    if bandit.payoff == "bernoulli" and "sd" in bandit.model_fields_set:
        message = "a Bernoulli payoff has no sd"
        yield "task.bandit.sd", bandit.sd, message, "take it out, or set payoff: gaussian"
    room = cell.trials // bandit.blocks
    if room * bandit.blocks != cell.trials:
        message = f"{cell.trials} trials cannot be cut into {bandit.blocks} equal blocks"
        remedy = "give a number of trials that is a multiple of the blocks"
        yield "task.bandit.blocks", bandit.blocks, message, remedy
    elif room < len(bandit.rows):
        message = f"{len(bandit.rows)} cues on {room} trials" + (
            " of a block" if bandit.blocks > 1 else ""
        )
        yield "task.bandit.means", f"{len(bandit.rows)} rows", message, "give more trials"


def _check_inputs(inputs: InputsSpec, cell: SimulatedCell, learning: Learning) -> Iterator[_Fault]:
    kinds = [k for k in ("values", "schedule", "walk") if getattr(inputs, k) is not None]
    binary = learning.process.binary
    if len(kinds) != 1:
        message = f"gives {' and '.join(kinds)}" if kinds else "says nothing of the inputs"
        yield "task.inputs", None, message, "give one of values, schedule and walk"
        return
    if inputs.values is not None:
        strange = [x for x in inputs.values if binary and x not in (0.0, 1.0)]
        if strange:
            message = f"{learning.process.name} knows the inputs 0 and 1 alone"
            yield "task.inputs.values", strange[0], message, "give 0 and 1"
    if inputs.walk is not None and binary:
        message = f"{learning.process.name} knows the inputs 0 and 1 alone"
        yield "task.inputs.walk", inputs.walk, message, "give values or a schedule"
    length = len(inputs.values) if inputs.values is not None else None
    if inputs.schedule is not None:
        length = sum(trials for _, trials in inputs.schedule)
    if length is not None and length < cell.trials:
        message = f"inputs for {length} trials, and there are {cell.trials}"
        yield (
            f"task.inputs.{kinds[0]}",
            f"{length} trials",
            message,
            f"give as many, or set trials: {length}",
        )

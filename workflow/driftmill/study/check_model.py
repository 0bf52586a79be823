"""Checks of what a cell or a fit calls its model: that it is known, that its parts go together."""

from __future__ import annotations

from driftmill.models import Model
from driftmill.models.composition import CompositionError
from driftmill.models.couplings import couplings_for
from driftmill.models.registry import all_couplings, all_models, all_processes
from driftmill.study.learning import LearningModel
from driftmill.study.models import held_parameters, known_model, model_of
from driftmill.study.problems import Problem, nearest, show, suggest
from driftmill.study.statements import statements_of
from driftmill.study.types import Fit

_OWN_FILE = "; models of your own are registered by a file under `models`"


def check_model(file: str, place: str, spec: str | LearningModel) -> list[Problem]:
    """Return the problems of a model as a cell or a fit names it.

    Parameters
    ----------
    file, place
        The study file, and the cell or fit in it, e.g. ``fits[0]``.
    spec
        The model.
    """
    at = f"{place}.model"
    if isinstance(spec, str):
        return [] if spec in all_models() else [_unknown_model(file, at, spec)]
    problems = []
    if spec.learning not in all_processes():
        message = f"unknown learning process {spec.learning!r}"
        remedy = suggest(spec.learning, all_processes(), "processes")
        problems.append(Problem(file, f"{at}.learning", show(spec.learning), message, remedy))
    if spec.decision not in all_models():
        problems.append(_unknown_model(file, f"{at}.decision", spec.decision))
    if spec.coupling is not None and spec.coupling not in all_couplings():
        message = f"unknown coupling {spec.coupling!r}"
        remedy = suggest(spec.coupling, all_couplings(), "couplings")
        problems.append(Problem(file, f"{at}.coupling", show(spec.coupling), message, remedy))
    if problems:
        return problems
    try:
        model = model_of(spec)
    except CompositionError as error:
        value = f"{spec.learning} + {spec.decision}"
        return [Problem(file, at, value, str(error), _partners(spec))]
    return _check_columns(file, at, spec, model)


def _unknown_model(file: str, at: str, name: str) -> Problem:
    plain = at.endswith("decision")
    known = [m.name for m in all_models().values() if not (plain and m.learning is not None)]
    remedy = suggest(name, known, "models")
    message = f"unknown model {name!r}"
    if name in all_processes():
        message += "; it is a learning process"
        remedy = f"say what it drives: {{learning: {name}, decision: ...}}"
    elif nearest(name, known) is None:
        remedy += _OWN_FILE
    return Problem(file, at, show(name), message, remedy)


def _partners(spec: LearningModel) -> str:
    """Name the decision models that a process can drive."""
    process = all_processes()[spec.learning]
    couplings = tuple(all_couplings().values())
    fewest, most = process.options
    found = [
        model.name
        for model in all_models().values()
        if model.learning is None
        and couplings_for(process.output, model, couplings)
        and (process.output != "values" or fewest <= len(model.choices) <= most)
    ]
    return f"{spec.learning} drives {', '.join(found)}"


def _check_columns(file: str, at: str, spec: LearningModel, model: Model) -> list[Problem]:
    """Return a problem for each column that is named for no input, or twice."""
    assert model.learning is not None
    inputs = model.learning.process.inputs
    problems = [
        Problem(
            file,
            f"{at}.columns.{name}",
            show(column),
            f"{spec.learning} has no input {name!r}",
            suggest(name, inputs, "inputs"),
        )
        for name, column in spec.columns.items()
        if name not in inputs
    ]
    for field in ("cue", "block", "elapsed"):
        column = getattr(spec, field)
        if column in model.learning.input_columns or column in model.response_columns:
            message = f"the column {column!r} is an input or a response already"
            remedy = "name the column that holds it, or leave it out"
            problems.append(Problem(file, f"{at}.{field}", show(column), message, remedy))
    return problems


def check_freed(file: str, place: str, fit: Fit) -> list[Problem]:
    """Return a problem for each parameter that a fit of a known model cannot free."""
    model = known_model(fit.model)
    if model is None:
        return []
    held = held_parameters(model)
    fixed = {s.parameter for s in statements_of(fit) if isinstance(s.said, float | str)}
    problems = []
    for k, name in enumerate(fit.free):
        at = f"{place}.free[{k}]"
        if name in held and name not in fixed and fit.free.index(name) == k:
            continue
        if name not in model.parameter_names:
            message = f"{model.name} has no parameter {name!r}"
            remedy = suggest(name, held, f"held parameters of {model.name}")
        elif name in fixed:
            message, remedy = f"{name} is fixed as well", "take it out of one of the two"
        elif name in held:
            message, remedy = f"{name} is named twice", "take one of them out"
        else:
            message, remedy = f"{name} is free in {model.name} as it is", "take it out of `free`"
        problems.append(Problem(file, at, show(name), message, remedy))
    return problems

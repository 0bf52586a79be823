"""From pydantic's errors to problems: the field's path, the value, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from driftmill.study.problems import Problem, show, suggest
from driftmill.study.types import Study

#: Tags of the unions, which pydantic puts into an error's location, and what they stand for.
_TAGS = {
    "simulated": "SimulatedCell",
    "observed": "ObservedCell",
    "grid": "GridSpec",
    "distribution": "PriorSpec",
    "number": "",
    "<number>": "",
    "<text>": "",
    "<word>": "",
    "<levels>": "LevelsCovariate",
    "<drawn>": "DrawnCovariate",
    "<generator>": "GeneratorFormula",
    "<column>": "",
    "<distribution>": "PriorSpec",
    "<terms>": "",
    "<formula>": "",
    "<entry>": "IncludeSpec",
    "<share>": "",
    "<lapse>": "LapseSpec",
    "<switch>": "",
    "<parameters>": "",
    "<row>": "",
    "<rows>": "",
    "<model>": "",
    "<prior>": "PriorTruth",
    "<truths>": "",
    "<composed>": "LearningModel",
    "<covariate>": "",
    "<trained>": "TrainedNetwork",
    "<given>": "GivenNetwork",
    "<kept>": "KeptNetwork",
}
_NAME_REMEDY = "use letters, digits, _ and -, with a letter or digit first, at most 60 of them"


@dataclass(frozen=True)
class _Place:
    """Where an error is: its path, the section it stands in, and the field's description."""

    path: str
    raw: tuple[int | str, ...]
    section: type[BaseModel]
    description: str


def _sections_in(annotation: Any) -> list[type[BaseModel]]:
    """Return the sections that a type annotation mentions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _sections_in(part)]


def _place(location: tuple[int | str, ...], root: type[BaseModel]) -> _Place:
    """Follow an error's location through the types of the file."""
    raw: list[int | str] = []
    section = root
    candidates = [root]
    path = description = ""
    for step in location:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step == "[key]":
            continue
        elif step in _TAGS and (len(candidates) > 1 or step.startswith("<")):
            candidates = [c for c in candidates if c.__name__ == _TAGS[step]] or candidates
            section = candidates[0]
            continue
        else:
            section = candidates[0] if len(candidates) == 1 else section
            path += f".{step}" if path else step
            field = section.model_fields.get(step)
            if field is not None:
                description = " ".join((field.description or "").split())
                candidates = _sections_in(field.annotation) or candidates
        raw.append(step)
    return _Place(path, tuple(raw), section, description)


def _problem(file: str, place: _Place, error: ErrorDetails) -> Problem:
    value, kind = show(error["input"]), error["type"]
    message = error["msg"].removeprefix("Input ")
    remedy = place.description
    if kind == "extra_forbidden":
        message = f"unknown key {place.raw[-1]!r}"
        remedy = suggest(str(place.raw[-1]), place.section.model_fields, "keys")
    elif kind == "missing":
        value, message, remedy = "", "is missing", f"give it: {place.description}"
    elif kind == "cell_kind":
        remedy = "give `model` for data to simulate, or `path` for observed data"
    elif kind == "reserved_name":
        remedy = "choose another name"
    elif kind == "literal_error":
        remedy = f"{place.description} {suggest(str(error['input']), _choices(error))}"
    elif kind == "too_short":
        message, remedy = "is empty", f"give at least one: {place.description}"
    elif kind in ("string_pattern_mismatch", "string_too_long"):
        message, remedy = "cannot be a folder's name", _NAME_REMEDY
    elif kind == "model_type" or kind.endswith("_type"):
        message = message.replace("a valid dictionary or instance of ", "keys, as of a ")
        message = message.replace("a valid tuple", "a list")
    return Problem(file, place.path, value, message, remedy or "see config/README.md")


def _choices(error: ErrorDetails) -> list[str]:
    expected = str(error.get("ctx", {}).get("expected", ""))
    return [word.strip(" '") for word in expected.replace(" or ", ",").split(",")]


def explain(
    file: str,
    error: ValidationError,
    prefix: tuple[int | str, ...] = (),
    root: type[BaseModel] = Study,
) -> list[tuple[tuple[int | str, ...], Problem]]:
    """Tell a validation error as problems, each with the place of the value in the raw study.

    Parameters
    ----------
    file
        The study file, for the problems.
    error
        Of the whole study, or of the part of it that stands at ``prefix``.
    prefix
        Where the validated part stands, e.g. ``("data", 0)``.
    root
        The type of the whole file.
    """
    told = []
    for details in error.errors():
        if details["type"] == "too_short" and details["input"]:
            continue  # pydantic counts the valid items only; their own errors are told already
        place = _place((*prefix, *details["loc"]), root)
        told.append((place.raw, _problem(file, place, details)))
    return told

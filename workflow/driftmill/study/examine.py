"""Reading and checking a study file wholly, so that all its problems are told at once."""

from __future__ import annotations

import copy
import os
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from driftmill.study.check import Parts, check_parts, check_study
from driftmill.study.explain import explain
from driftmill.study.load import read_raw, repeated_names
from driftmill.study.model_files import announce, load_announced
from driftmill.study.network_files import with_shared_networks
from driftmill.study.problems import Problem, StudyErrors
from driftmill.study.trust import Trust
from driftmill.study.types import Cell, Fit, Study

_CELL: TypeAdapter[Cell] = TypeAdapter(Cell)
_FIT: TypeAdapter[Fit] = TypeAdapter(Fit)
#: Stand in for required values that cannot be read, while the rest of the item is checked.
_STAND_INS: dict[str, dict[str, Any]] = {
    "model": {"name": "unnamed", "truth": {}, "trials": 2, "datasets": 2},
    "path": {"name": "unnamed"},
    "fit": {"name": "unnamed"},
}


def examine(
    path: Path | str, thorough: bool = False, trust: Trust = False, results: str = "results"
) -> Study:
    """Read a study file and check all of it.

    Where some of it cannot be read, the rest is checked nevertheless.

    Parameters
    ----------
    path
        The file.
    thorough
        Whether densities and simulators of the user's own models are checked too, which takes
        some seconds a model.
    trust
        Whether the files of models that it names may run.
    results
        The folder of all studies' results, where networks lie that were made before.

    Raises
    ------
    StudyErrors
        With every problem found.
    """
    raw = read_raw(path)
    file = str(path)
    repeated = repeated_names(file, raw)
    # Before all else: what the files register can be named.
    announce(file, _model_files(raw), trust)
    try:
        load_announced()
    except StudyErrors as error:
        raise StudyErrors([*_unreadable(file, raw), *repeated, *error.problems]) from error
    try:
        study = Study.model_validate(raw)
    except ValidationError as error:
        told = explain(file, error)
        found = [problem for _, problem in told]
        fields = tuple(problem.field for problem in found)
        further = [p for p in check_parts(_readable(raw), file) if not _told(p.field, fields)]
        raise StudyErrors([*found, *repeated, *further]) from error
    study = with_shared_networks(study, path)
    own = _check_own(study, file, thorough)
    problems = [*repeated, *own, *check_study(study, path, results)]
    if problems:
        raise StudyErrors(problems)
    return study


def _check_own(study: Study, file: str, thorough: bool) -> list[Problem]:
    """Return the problems of the models that the study brings along."""
    if not study.models:
        return []
    from driftmill.study.check_registered import check_registered

    return check_registered(file, thorough)


def _model_files(raw: dict[str, Any]) -> tuple[str, ...]:
    """Return the files of models that a study names, as far as it can be read."""
    files = _items(raw, "models")
    return tuple(os.path.expanduser(file) for file in files if isinstance(file, str))


def _unreadable(file: str, raw: dict[str, Any]) -> list[Problem]:
    """Return the problems that a study has without regard to its models."""
    try:
        Study.model_validate(raw)
    except ValidationError as error:
        return [problem for _, problem in explain(file, error)]
    return []


def _told(field: str, fields: tuple[str, ...]) -> bool:
    """Tell whether a field, or a part of it, has a problem already."""
    return any(
        field == f or field.startswith((f"{f}.", f"{f}[")) or f.startswith(f"{field}.")
        for f in fields
    )


def _readable(raw: dict[str, Any]) -> Parts:
    """Return the cells and fits that can be read once their faulty keys are left out."""
    cells = [(i, _salvage(_CELL, item)) for i, item in enumerate(_items(raw, "data"))]
    fits = [(j, _salvage(_FIT, item)) for j, item in enumerate(_items(raw, "fits"))]
    return Parts(
        tuple((i, cell) for i, cell in cells if cell is not None),
        tuple((j, fit) for j, fit in fits if fit is not None),
        tuple(str(item.get("name")) for item in _items(raw, "data") if isinstance(item, dict)),
        _enabled(raw, "compare"),
        _enabled(raw, "recover"),
    )


def _items(raw: dict[str, Any], key: str) -> list[Any]:
    items = raw.get(key)
    return items if isinstance(items, list) else []


def _enabled(raw: dict[str, Any], key: str) -> bool:
    section = raw.get(key)
    return not (isinstance(section, dict) and section.get("enabled") is False)


def _salvage[T](adapter: TypeAdapter[T], item: Any) -> T | None:
    """Validate an item, then once more without what was wrong with it."""
    try:
        return adapter.validate_python(item)
    except ValidationError as error:
        whole = copy.deepcopy(item)
        kind = "data" if adapter is _CELL else "fits"
        for place, _ in explain("", error, (kind, 0)):
            _remove(whole, place[2:])
    if isinstance(whole, dict):
        role = "fit" if adapter is _FIT else "path" if "path" in whole else "model"
        whole = {**_STAND_INS[role], **whole}
    try:
        return adapter.validate_python(whole)
    except ValidationError:
        return None


def _remove(item: Any, place: tuple[int | str, ...]) -> None:
    """Take the value at ``place`` out of nested mappings and lists."""
    for step in place[:-1]:
        inside = isinstance(item, dict) and step in item
        if not (inside or (isinstance(item, list) and isinstance(step, int) and step < len(item))):
            return
        item = item[step]
    if place and isinstance(item, dict):
        item.pop(place[-1], None)

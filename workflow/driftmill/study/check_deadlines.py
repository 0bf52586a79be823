"""Checks of deadlines: of the rows of observed data, of generators, and of fits that score them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models import Model
from driftmill.models.registry import all_models
from driftmill.study.check_rows import Place, name_rows
from driftmill.study.data_file import (
    deadline_seconds,
    is_blank,
    rt_seconds,
    to_numbers,
    to_responses,
)
from driftmill.study.models import model_of
from driftmill.study.problems import Problem, show
from driftmill.study.types import Cell, Fit, ObservedCell, SimulatedCell, has_deadlines


def check_deadlines(
    place: Place, cell: ObservedCell, raw: pd.DataFrame, mask: NDArray[np.bool_]
) -> list[Problem]:
    """Return the problems of the deadlines of observed trials.

    Parameters
    ----------
    place, cell
        The cell in its study file.
    raw
        The rows of its file.
    mask
        Which rows are trials.
    """
    problems = [*_both(place, cell), *_silent(place, cell)]
    if problems or not has_deadlines(cell):
        return problems
    field = "deadline" if cell.columns.deadline is None else "columns.deadline"
    value = cell.deadline if cell.columns.deadline is None else cell.columns.deadline
    if cell.columns.rt is None:
        message = "there is a deadline, but the data have no rt that it could cut"
        return [place.problem(field, value, message, "name the column under columns.rt")]
    deadline, rt = deadline_seconds(cell, raw), rt_seconds(cell, raw)
    if cell.columns.deadline is not None:
        column = raw[cell.columns.deadline]
        wrong = mask & ~is_blank(column) & ~(to_numbers(column) > 0)
        if wrong.any():
            message = f"the deadline is not a number above 0 {_rows(wrong)}"
            remedy = "write numbers in the unit of rt; leave it empty where there was none"
            problems.append(place.problem(field, value, message, remedy))
    late = mask & (rt >= deadline)
    if late.any():
        row = int(np.flatnonzero(late)[0])
        message = f"rt is not below the deadline ({rt[row]:g} s, {deadline[row]:g} s) {_rows(late)}"
        remedy = (
            "leave rt and response of a trial empty whose response came too late, or give the "
            "deadline that there was (in the unit of rt, see rt_unit)"
        )
        problems.append(place.problem(field, value, message, remedy))
    if cell.silent is not None:
        responses = to_responses(cell, raw[cell.columns.response])
        timed = mask & (responses == cell.silent) & np.isfinite(rt)
        if timed.any():
            message = f"response {cell.silent} is silent, but has an rt {_rows(timed)}"
            remedy = "leave its rt empty, or take `silent` out where the response was seen"
            problems.append(place.problem("silent", cell.silent, message, remedy))
    return problems


def _rows(wrong: NDArray[np.bool_]) -> str:
    return name_rows(np.flatnonzero(wrong))


def _both(place: Place, cell: ObservedCell) -> list[Problem]:
    if cell.deadline is None or cell.columns.deadline is None:
        return []
    message = f"there is a column of deadlines too ({cell.columns.deadline})"
    return [place.problem("deadline", cell.deadline, message, "take one of the two out")]


def _silent(place: Place, cell: SimulatedCell | ObservedCell) -> list[Problem]:
    if cell.silent is None or has_deadlines(cell):
        return []
    message = "a response can be inferred from silence only where there is a deadline"
    remedy = "give the deadline in seconds, e.g. deadline: 1.5, or take `silent` out"
    return [place.problem("silent", cell.silent, message, remedy)]


def check_generator_deadline(place: Place, cell: SimulatedCell, model: Model) -> list[Problem]:
    """Return the problems of the deadline and of the silent response of a simulated cell.

    Parameters
    ----------
    place, cell
        The cell in its study file.
    model
        Its model.
    """
    problems = _silent(place, cell)
    if cell.silent is not None and cell.silent not in model.choices:
        message = f"is no response of {model.name}"
        remedy = f"give one of {', '.join(map(str, model.choices))}"
        problems.append(place.problem("silent", cell.silent, message, remedy))
    if not has_deadlines(cell):
        return problems
    value = cell.deadline if isinstance(cell.deadline, float) else str(cell.deadline)
    if not model.has_rt:
        message = f"{model.name} makes no response times that a deadline could cut"
        remedy = "take it out, or generate by a model of choices and times"
        problems.append(place.problem("deadline", value, message, remedy))
    if model.learning is not None:
        message = f"{model.name} learns: what a learner does after an omission is not simulated"
        remedy = "take it out; observed data of learners may have deadlines"
        problems.append(place.problem("deadline", value, message, remedy))
    shift = cell.truths.get(model.shift) if model.shift else None
    if isinstance(shift, float) and isinstance(cell.deadline, float) and cell.deadline <= shift:
        message = f"is not above {model.shift} = {shift:g}: no trial would have a response"
        remedy = f"give a deadline well above {model.shift}"
        problems.append(place.problem("deadline", value, message, remedy))
    return problems


def check_scoring(
    file: str, cell: Cell, fits: Sequence[tuple[str, Fit]], *, compare: bool
) -> list[Problem]:
    """Return the problems that fits have with the omissions of a cell.

    Parameters
    ----------
    file
        The study file.
    cell
        The cell.
    fits
        The fits of known models that are applied to it, with their places, e.g. ``fits[0]``.
    compare
        Whether they are compared.
    """
    if not has_deadlines(cell):
        return []
    problems = []
    scoring = [(p, f) for p, f in fits if f.omissions == "score" and model_of(f.model).has_rt]
    for place, fit in scoring:
        model = model_of(fit.model)
        silent = None if cell.silent is None else fit.recode.get(cell.silent, cell.silent)
        if _able(model, silent):
            continue
        names = [m.name for m in all_models().values() if m.has_rt and _able(m, cell.silent)]
        what = "no response before a deadline"
        if cell.silent is not None:
            what = f"the silent response {cell.silent} before a deadline"
        message = f"{model.name} does not know the probability of {what} (cell {cell.name!r})"
        remedy = f"fit one of {', '.join(names)}; or set omissions: ignore, which biases estimates"
        problems.append(Problem(file, f"{place}.model", model.name, message, remedy))
    ignoring = [(p, f) for p, f in fits if f.omissions == "ignore" and model_of(f.model).has_rt]
    if compare and scoring and ignoring:
        place, fit = ignoring[0]
        message = (
            f"fit {fit.name!r} leaves out trials of cell {cell.name!r} that fit "
            f"{scoring[0][1].name!r} scores: their elpd cannot be compared"
        )
        remedy = "apply it to other cells (cells: [...]), or set compare: {enabled: false}"
        problems.append(Problem(file, f"{place}.omissions", show(fit.omissions), message, remedy))
    return problems


def _able(model: Model, silent: int | None) -> bool:
    known = model.log_survivor is not None
    return known and (
        silent is None or (model.log_cumulative is not None and silent in model.choices)
    )

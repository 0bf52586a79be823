"""Checks of a comparison by later trials: whether there are any."""

from __future__ import annotations

from driftmill.formulas.participants import PARTICIPANT
from driftmill.study.cell_data import observed_data
from driftmill.study.problems import Problem, show, suggest
from driftmill.study.types import Cell, ObservedCell, Study

FIELD = "compare.future"


def check_future(file: str, study: Study) -> list[Problem]:
    """Return the problems of a comparison by later trials, where the study asks for one.

    Parameters
    ----------
    file
        The study file.
    study
        The study, whose other parts are sound.
    """
    future = study.compare.future
    if future is None:
        return []
    if not study.compare.enabled:
        message = "the study switches comparison off"
        remedy = f"take {FIELD} out, or set enabled: true"
        return [Problem(file, FIELD, show(future.first), message, remedy)]
    names = [cell.name for cell in study.data]
    problems = [
        Problem(
            file,
            f"{FIELD}.cells[{k}]",
            name,
            "is no cell of this study",
            suggest(name, names, "cells"),
        )
        for k, name in enumerate(future.cells or ())
        if name not in names
    ]
    for cell in (each for each in study.data if future.applies_to(each.name)):
        longest, which = _shortest(cell)
        if longest <= future.first:
            message = (
                f"cell {cell.name!r} has {which} in which no participant has more than {longest} "
                "trials: nothing is left to be predicted"
            )
            remedy = f"give less than {longest}, or take {FIELD} out"
            field = f"{FIELD}.first"
            problems.append(Problem(file, field, show(future.first), message, remedy))
    return problems


def _shortest(cell: Cell) -> tuple[int, str]:
    """Return the trials of the longest participant in the dataset where these are fewest."""
    if not isinstance(cell, ObservedCell):
        return cell.trials, "datasets"
    found = []
    for label, frame in observed_data(cell).datasets:
        counts = frame[PARTICIPANT].value_counts() if PARTICIPANT in frame else [len(frame)]
        found.append((int(max(counts)), label or "a dataset"))
    return min(found, key=lambda each: each[0])

"""Checks of the columns from which the learning models of fits learn, on the data of a cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from driftmill.models.learning import Learning
from driftmill.study.check_columns import Bench
from driftmill.study.data_file import is_blank, to_numbers
from driftmill.study.models import model_of
from driftmill.study.problems import Problem, show, suggest
from driftmill.study.types import Fit, SimulatedCell

#: Field under the model, the column, what is wrong, the remedy.
_Fault = tuple[str, str, str, str]


def check_inputs(bench: Bench, fits: Sequence[tuple[str, Fit]]) -> list[Problem]:
    """Return the problems that fits of learning models have with the data of a cell.

    Parameters
    ----------
    bench
        The data.
    fits
        The fits with their places, e.g. ``fits[0]``.
    """
    problems = []
    for place, fit in fits:
        learning = model_of(fit.model).learning
        if learning is None:
            continue
        for field, column, message, remedy in _check(bench, learning):
            at = f"{place}.model" if isinstance(fit.model, str) else f"{place}.model.{field}"
            problems.append(Problem(bench.file, at, show(column), message, remedy))
    return problems


def _check(bench: Bench, learning: Learning) -> Iterator[_Fault]:
    inputs = zip(learning.process.inputs, learning.input_columns, strict=True)
    for name, column in inputs:
        field = f"columns.{name}"
        if column not in bench.data.columns:
            yield field, column, *_missing(bench, learning, name, column)
        elif column in bench.rows:
            yield from _check_input(bench, learning, field, column)
    for field in ("cue", "block", "elapsed"):
        column = getattr(learning, field)
        if column is None:
            continue
        if column not in bench.data.columns:
            yield field, column, *_missing(bench, learning, field, column)
        elif column in bench.rows:
            yield from _check_extra(bench, field, column)


def _missing(bench: Bench, learning: Learning, what: str, column: str) -> tuple[str, str]:
    """Say that a column is not there, and what to do about it."""
    inputs = learning.process.inputs
    verb = "learns from" if what in inputs else f"has as its {what}"
    message = (
        f"{learning.process.name} {verb} the column {column!r}, which the data of cell "
        f"{bench.cell.name!r} lack"
    )
    remedy = suggest(column, bench.data.columns, "columns")
    if isinstance(bench.cell, SimulatedCell):
        remedy = "apply the fit to other cells (cells: [...])"
        if what in ("cue", "block"):
            remedy += f", or have the cell's task make {what}s"
    elif what in inputs:
        remedy += f"; say under model which it is, e.g. columns: {{{what}: ...}}"
    return message, remedy


def _check_input(bench: Bench, learning: Learning, field: str, column: str) -> Iterator[_Fault]:
    """Check that an input holds numbers; a trial without one teaches nothing."""
    values, blank = to_numbers(bench.rows[column]), is_blank(bench.rows[column])
    strange = ~blank & ~np.isfinite(values)
    where = f"the column {column!r} of cell {bench.cell.name!r}"
    if strange.any():
        shown = f"{bench.shown(column, strange)} {bench.named(strange)}"
        remedy = "write numbers with a decimal point; leave it empty where there was no outcome"
        yield field, column, f"{where} is not a number: {shown}", remedy
        return
    if blank.all():
        yield field, column, f"{where} is empty", "fill it in: there is nothing to learn from"
    binary = np.isin(values, (0.0, 1.0)) | blank
    if learning.process.binary and not binary.all():
        shown = f"{bench.shown(column, ~binary)} {bench.named(~binary)}"
        message = f"{where} is neither 0 nor 1: {shown}"
        yield field, column, message, f"{learning.process.name} knows the inputs 0 and 1 alone"


def _check_extra(bench: Bench, field: str, column: str) -> Iterator[_Fault]:
    """Check a column of cues, blocks or times, which every trial must have."""
    blank = is_blank(bench.rows[column])
    where = f"the column {column!r} of cell {bench.cell.name!r}"
    if blank.any():
        yield field, column, f"{where} is missing {bench.named(blank)}", "fill the gaps"
        return
    if field != "elapsed":
        return
    times = to_numbers(bench.rows[column])
    wrong = ~(np.isfinite(times) & (times >= 0))
    if wrong.any():
        shown = f"{bench.shown(column, wrong)} {bench.named(wrong)}"
        message = f"{where} is no time of 0 or more: {shown}"
        yield field, column, message, "give the time since the trial before, 1 on the first"

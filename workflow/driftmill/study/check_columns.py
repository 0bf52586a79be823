"""Checks of the columns that fits need against the data of a cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.formulas.participants import PARTICIPANT
from driftmill.formulas.terms import FormulaError, Terms, terms_of
from driftmill.regression.scored import is_scored
from driftmill.study.cell_data import CellData
from driftmill.study.check_design import faults_of
from driftmill.study.check_rows import name_rows
from driftmill.study.data_file import is_blank, to_numbers
from driftmill.study.hash import lapse_of
from driftmill.study.models import model_of
from driftmill.study.problems import Problem, show, suggest
from driftmill.study.statements import Written, statements_of, written_of
from driftmill.study.types import Fit, ObservedCell, SimulatedCell

_SHOWN = 5


@dataclass(frozen=True)
class Need:
    """Columns that one entry of a fit needs.

    Parameters
    ----------
    at
        Where the entry stands in the study file.
    parameter
        The parameter that it is of.
    text
        What it says.
    columns
        Names of the columns.
    written
        The formula; None where the parameter is fixed.
    """

    at: str
    parameter: str
    text: str
    columns: tuple[str, ...]
    written: Written | None = None


def needs_of(place: str, fit: Fit) -> list[Need]:
    """Return what a fit of a known model needs, of the entries that can be read."""
    model = model_of(fit.model)
    needs = []
    for name, (at, written) in written_of(fit, model).items():
        try:
            columns = terms_of(written.formula).columns
        except FormulaError:
            continue
        needs.append(Need(f"{place}.{at}", name, written.formula, columns, written))
    for statement in statements_of(fit):
        said, name = statement.said, statement.parameter
        if isinstance(said, str) and name in model.parameter_names:
            needs.append(Need(f"{place}.{statement.at}", name, said, (said,)))
        elif isinstance(said, float) and name == model.shift:
            needs.append(Need(f"{place}.{statement.at}", name, f"{said:g}", ()))
    return needs


@dataclass(frozen=True, eq=False)
class Bench:
    """The data of a cell, with which fits are held together.

    Parameters
    ----------
    file
        The study file.
    at
        Where the cell stands, e.g. ``data[0]``.
    cell
        The cell, which has no problems of its own.
    data
        Its data.
    rows
        All its trials.
    """

    file: str
    at: str
    cell: SimulatedCell | ObservedCell
    data: CellData
    rows: pd.DataFrame

    def scored(self) -> Bench:
        """Return the bench without the trials that are not scored."""
        data = self.data.scored
        return replace(self, data=data, rows=data.rows)

    def problem(self, need: Need, message: str, remedy: str) -> Problem:
        """Return a problem of an entry of a fit."""
        value = show(need.text) if need.columns or need.written else need.text
        return Problem(self.file, need.at, value, message, remedy)

    def named(self, bad: NDArray[np.bool_]) -> str:
        """Name the rows that are marked."""
        return name_rows(self.rows.index.to_numpy(dtype=np.int64)[bad])

    def shown(self, name: str, bad: NDArray[np.bool_]) -> str:
        """Show the values of a column in the rows that are marked."""
        return ", ".join(show(value) for value in self.rows[name][bad].unique()[:_SHOWN])


def check_columns(bench: Bench, fits: Sequence[tuple[str, Fit]]) -> list[Problem]:
    """Return the problems that fits of known models have with the data of a cell.

    Parameters
    ----------
    bench
        The data.
    fits
        The fits with their places, e.g. ``fits[0]``.
    """
    problems: list[Problem] = []
    present: list[tuple[Fit, Need]] = []
    for place, fit in fits:
        predicted = model_of(fit.model).response_columns
        for need in needs_of(place, fit):
            found = [
                _predicted(bench, need, name) if name in predicted else _lacking(bench, need, name)
                for name in need.columns
                if name in predicted or name not in bench.data.columns
            ]
            problems += found
            if not found and all(name in bench.rows for name in need.columns):
                present.append((fit, need))
    gaps = _gaps(bench.rows, [name for _, need in present for name in need.columns])
    for name, missing in gaps.items():
        message = f"the column {name!r}, which a fit needs, is missing {bench.named(missing)}"
        path = f"{bench.at}.path"
        remedy = "fill the gaps, or leave these rows out"
        problems.append(Problem(bench.file, path, show(name), message, remedy))
    for fit, need in present:
        if any(name in gaps for name in need.columns):
            continue
        if need.written is not None:
            problems += _check_formula(bench, need, need.written)
        elif need.columns:
            problems += _check_fixed(bench, fit, need)
        else:
            problems += _check_late(bench, fit, need, np.full(len(bench.rows), float(need.text)))
    return problems


def _predicted(bench: Bench, need: Need, name: str) -> Problem:
    message = f"needs {name}, which the model predicts"
    return bench.problem(need, message, "give covariates alone: rt and response cannot be")


def _lacking(bench: Bench, need: Need, name: str) -> Problem:
    message = f"the data of cell {bench.cell.name!r} have no column {name!r}"
    ours = {theirs: ours for ours, theirs in bench.data.renamed.items()}
    if name in ours:
        remedy = f"write {ours[name]}, as the file's {name} is called here"
    elif name == "participant_id":
        remedy = f"say under {bench.at}.columns.participant_id whose trial a row is"
    else:
        remedy = suggest(name, bench.data.columns, "columns")
        if isinstance(bench.cell, SimulatedCell):
            remedy += f"; declare it under {bench.at}.covariates"
    return bench.problem(need, message, remedy)


def _gaps(rows: pd.DataFrame, names: Iterable[str]) -> dict[str, NDArray[np.bool_]]:
    """Mark the rows in which columns are missing; columns without gaps are left out."""
    marked = {name: is_blank(rows[name]) for name in dict.fromkeys(names)}
    return {name: missing for name, missing in marked.items() if missing.any()}


def _check_fixed(bench: Bench, fit: Fit, need: Need) -> list[Problem]:
    """Return the problems of a column that a parameter is fixed to."""
    model, rows, name = model_of(fit.model), bench.rows, need.text
    parameter = model.parameter(need.parameter)
    values = to_numbers(rows[name])
    strange = np.isnan(values)
    out = ~strange & ~((values > parameter.lower) & (values < parameter.upper))
    column = f"the column {name!r} of cell {bench.cell.name!r}"
    problems = []
    if strange.any():
        message = f"{column} is not a number: {bench.shown(name, strange)} {bench.named(strange)}"
        problems.append(bench.problem(need, message, "write numbers with a decimal point"))
    if out.any():
        what = f"lies outside the support of {parameter.name}"
        message = f"{column} {what}: {bench.shown(name, out)} {bench.named(out)}"
        remedy = f"give numbers inside {parameter.support}, the ends excluded"
        problems.append(bench.problem(need, message, remedy))
    return [*problems, *_check_late(bench, fit, need, values)]


def _check_late(bench: Bench, fit: Fit, need: Need, values: NDArray[np.float64]) -> list[Problem]:
    """Return a problem when a fixed shift leaves trials impossible that are no lapses."""
    model, lapses = model_of(fit.model), lapse_of(fit, bench.cell) != 0.0
    shift = model.shift
    if need.parameter != shift or model.shift_width or lapses or "rt" not in bench.rows:
        return []
    late = is_scored(bench.rows) & (values >= bench.rows["rt"].to_numpy(dtype=np.float64))
    if not late.any():
        return []
    message = (
        f"{shift} is not below the trial's rt ({bench.shown('rt', late)}) {bench.named(late)} of "
        f"cell {bench.cell.name!r}"
    )
    remedy = "give times (in seconds) below each rt, or let p_outlier be above 0"
    return [bench.problem(need, message, remedy)]


def _check_formula(bench: Bench, need: Need, written: Written) -> list[Problem]:
    """Return the problems of a formula on the datasets of a cell, each kind once."""
    text = [p for name in need.columns for p in _check_text(bench, need, written, name)]
    if text:
        return text
    found: dict[tuple[str, str], tuple[str, list[str]]] = {}
    for label, frame in bench.data.datasets:
        for fault in faults_of(need.parameter, written, frame, scales=bench.data.observed):
            found.setdefault((fault.term, fault.remedy), (fault.message, []))[1].append(label)
    problems = []
    for (_, remedy), (message, labels) in found.items():
        where = f"cell {bench.cell.name!r}" + (f", {labels[0]}" if labels[0] else "")
        more = f" and {len(labels) - 1} more" if len(labels) > 1 else ""
        problems.append(bench.problem(need, f"on {where}{more}: {message}", remedy))
    return problems


def _check_text(bench: Bench, need: Need, written: Written, name: str) -> list[Problem]:
    """Return a problem for a column of numbers of which some cannot be read.

    As text it would be a categorical covariate with a level for every number.
    """
    column = bench.rows[name]
    if name == PARTICIPANT:
        return []
    if pd.api.types.is_numeric_dtype(column) or not _is_covariate(name, terms_of(written.formula)):
        return []
    strange = np.isnan(to_numbers(column))
    if strange.mean() > 0.5:
        return []
    message = (
        f"the column {name!r} of cell {bench.cell.name!r} holds numbers, and text "
        f"{bench.named(strange)}: {bench.shown(name, strange)}"
    )
    remedy = "write numbers with a decimal point, or only words for a categorical covariate"
    return [bench.problem(need, message, remedy)]


def _is_covariate(name: str, terms: Terms) -> bool:
    """Tell whether a column is more than the grouping of a formula."""
    used = (*terms.common, *(term.expr for term in terms.groups))
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", term) for term in used)

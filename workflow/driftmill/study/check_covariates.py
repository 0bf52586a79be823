"""Checks of the covariates of a simulated cell: names, distributions, levels, the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from driftmill.models.declaration import DEADLINE
from driftmill.simulation.covariates import OUR_COLUMNS, Covariate
from driftmill.study.check_prior import check_prior
from driftmill.study.covariates import CovariateFile, CovariateSpec, LevelsCovariate
from driftmill.study.data_file import UnreadableFile, is_blank, read_path
from driftmill.study.distribution import PriorSpec
from driftmill.study.generator import covariate_of, deadline_of, read_covariates
from driftmill.study.problems import Problem, show, suggest
from driftmill.study.safe_paths import refuse_strange
from driftmill.study.types import SimulatedCell


def check_covariates(
    file: str, place: str, cell: SimulatedCell
) -> tuple[list[Problem], dict[str, Covariate]]:
    """Return the problems of a cell's covariates, and the covariates that have none.

    Parameters
    ----------
    file
        The study file.
    place
        Where the cell stands, e.g. ``data[0]``.
    cell
        The cell.
    """
    problems: list[Problem] = []
    good: dict[str, Covariate] = {}
    for name, spec in cell.covariates.items():
        at = f"{place}.covariates.{name}"
        found = [*_check_name(file, at, name), *_check_covariate(file, at, cell, spec)]
        problems += found
        if not found:
            good[name] = covariate_of(spec)
    if cell.deadline is not None:
        found = []
        if isinstance(cell.deadline, PriorSpec | LevelsCovariate):
            found = _check_covariate(file, f"{place}.deadline", cell, cell.deadline)
        problems += found
        if not found:
            good[DEADLINE] = deadline_of(cell)
    if cell.covariates_from is not None:
        at = f"{place}.covariates_from"
        for k, name in enumerate(cell.covariates_from.columns):
            problems += _check_name(file, f"{at}.columns[{k}]", name)
            if name in cell.covariates:
                message = f"{name} stands under `covariates` as well"
                remedy = "take it out of one of the two"
                problems.append(Problem(file, f"{at}.columns[{k}]", show(name), message, remedy))
        found = _check_file(file, at, cell, cell.covariates_from)
        problems += found
        if not found:
            rows = cell.participants * cell.trials
            good |= read_covariates(cell.covariates_from, rows)
    return problems, good


def _check_name(file: str, at: str, name: str) -> list[Problem]:
    if name not in OUR_COLUMNS:
        return []
    message = f"{name} is a column that the trials have of their own"
    remedy = "give the covariate another name"
    if name in ("participant_id", "trial_id"):
        remedy += f", or leave it out: formulas may use {name} without it"
    if name == DEADLINE:
        remedy += ", or say it under the cell's own key: deadline: ..."
    return [Problem(file, at, show(name), message, remedy)]


def _check_covariate(file: str, at: str, cell: SimulatedCell, spec: CovariateSpec) -> list[Problem]:
    if not isinstance(spec, LevelsCovariate):
        return check_prior(file, at, spec)
    words = sum(isinstance(level, str) for level in spec.levels)
    shown = show(list(spec.levels))
    problems = []
    if len(spec.levels) < 2:
        message = "a covariate needs 2 levels or more to make a difference"
        remedy = "give all of its values, e.g. [hc, lc]"
        problems.append(Problem(file, f"{at}.levels", shown, message, remedy))
    if words not in (0, len(spec.levels)):
        message = "some levels are numbers, some are text"
        remedy = "put quotes around the numbers to make them text, e.g. '1'"
        problems.append(Problem(file, f"{at}.levels", shown, message, remedy))
    if len(set(spec.levels)) < len(spec.levels):
        message = "a level is given twice; each is taken equally often"
        remedy = "give each level once"
        problems.append(Problem(file, f"{at}.levels", shown, message, remedy))
    room = cell.participants if spec.per == "participant" else cell.trials
    if len(spec.levels) > room:
        message = f"{len(spec.levels)} levels cannot all stand in {room} {spec.per}s"
        remedy = f"give at least {len(spec.levels)} {spec.per}s, or fewer levels"
        problems.append(Problem(file, f"{at}.levels", shown, message, remedy))
    return problems


def _check_file(file: str, at: str, cell: SimulatedCell, given: CovariateFile) -> list[Problem]:
    """Return the problems of the file that covariates are read from."""
    if strange := refuse_strange(given.path, file, f"{at}.path"):
        return strange
    try:
        raw = read_path(Path(given.path))
    except UnreadableFile as error:
        remedy = "give the path of a CSV, TSV or Parquet file with one row a trial"
        return [Problem(file, f"{at}.path", show(given.path), str(error), remedy)]
    problems = []
    rows = cell.participants * cell.trials
    if len(raw) < rows:
        message = (
            f"the file has {len(raw)} rows, but {cell.participants} participants x "
            f"{cell.trials} trials need {rows}"
        )
        remedy = "give a longer file, or fewer participants or trials"
        problems.append(Problem(file, f"{at}.path", show(given.path), message, remedy))
    for k, name in enumerate(given.columns):
        spot = f"{at}.columns[{k}]"
        if name not in raw.columns:
            message = f"{given.path} has no column {name!r}"
            remedy = suggest(name, map(str, raw.columns), "columns")
            problems.append(Problem(file, spot, show(name), message, remedy))
            continue
        blank = np.flatnonzero(is_blank(raw[name].iloc[:rows])) + 1
        if blank.size:
            message = (
                f"is missing in {blank.size} of the first {rows} rows, first in row {blank[0]} "
                "(row 1 follows the header)"
            )
            remedy = "fill the gaps, or leave these rows out"
            problems.append(Problem(file, spot, show(name), message, remedy))
    return problems

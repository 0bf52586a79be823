"""Checks of a generator's formulas: parameters, links, columns, groups; what truths they need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from driftmill.formulas.design import design_matrix
from driftmill.formulas.links import possible_links
from driftmill.formulas.participants import PARTICIPANT
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import FormulaError, split_formula, terms_of
from driftmill.models import Model, Parameter
from driftmill.simulation.coefficients import coefficients_of
from driftmill.simulation.covariates import KNOWN_COLUMNS, Covariate, covariate_table
from driftmill.study.covariates import GeneratorFormula
from driftmill.study.generator import regression_of, written_formula
from driftmill.study.problems import Problem, show, suggest
from driftmill.study.types import SimulatedCell

_EXAMPLE = "write e.g. v ~ 1 + x + (1 + x | participant_id)"


@dataclass(frozen=True)
class Coefficients:
    """What the formulas of a cell need truths for.

    Parameters
    ----------
    known
        Coefficients and sds by parameter, of the formulas that can be evaluated.
    broken
        Parameters whose formula cannot be.
    """

    known: Mapping[str, tuple[Parameter, ...]]
    broken: tuple[str, ...]


def check_formulas(
    file: str,
    place: str,
    cell: SimulatedCell,
    model: Model,
    covariates: Mapping[str, Covariate],
) -> tuple[list[Problem], Coefficients]:
    """Return the problems of a generator's formulas, and the coefficients they have.

    Parameters
    ----------
    file
        The study file.
    place
        Where the cell stands, e.g. ``data[0]``.
    cell
        The cell.
    model
        Its model.
    covariates
        Its covariates that have no problem.
    """
    problems: list[Problem] = []
    known: dict[str, tuple[Parameter, ...]] = {}
    first: dict[str, str] = {}
    # Labels must not depend on what is drawn, so two tables are held against each other.
    tables = [
        covariate_table(covariates, cell.participants, cell.trials, np.random.SeedSequence(seed))
        for seed in range(2 if cell.formulas else 0)
    ]
    for k, entry in enumerate(cell.formulas):
        at, written = f"{place}.formulas[{k}]", written_formula(entry)
        left = split_formula(written.formula)[0]
        spot = _Spot(file, at if isinstance(entry, str) else f"{at}.formula", written.formula)
        if left not in model.parameter_names:
            problems.append(_no_parameter(spot, left, model))
            continue
        if left in first:
            message = f"{left} has a formula at {first[left]} already"
            problems.append(spot.problem(message, "keep one of the two"))
            continue
        first[left] = at
        found, coefficients = _check_formula(spot, at, cell, model, left, written, tables)
        problems += found
        if coefficients is not None:
            known[left] = coefficients
    lonely = [entry for entry in cell.formulas if _lonely(cell, written_formula(entry))]
    if lonely:
        message = f"{written_formula(lonely[0]).formula} varies over participants: there is one"
        remedy = "give 2 participants or more, or leave the groups out of the formula"
        problems.append(Problem(file, f"{place}.participants", "1", message, remedy))
    return problems, Coefficients(known, tuple(name for name in first if name not in known))


@dataclass(frozen=True)
class _Spot:
    """A formula in its study file."""

    file: str
    at: str
    formula: str

    def problem(self, message: str, remedy: str) -> Problem:
        return Problem(self.file, self.at, show(self.formula), message, remedy)


def _no_parameter(spot: _Spot, left: str | None, model: Model) -> Problem:
    if left is None:
        return spot.problem("does not say of which parameter it is", _EXAMPLE)
    message = f"{model.name} has no parameter {left!r}"
    return spot.problem(
        message, suggest(left, model.parameter_names, f"parameters of {model.name}")
    )


def _lonely(cell: SimulatedCell, written: GeneratorFormula) -> bool:
    """Tell whether a formula varies over participants where there is one alone."""
    if cell.participants > 1:
        return False
    try:
        return PARTICIPANT in terms_of(split_formula(written.formula)[1]).factors
    except FormulaError:
        return False


def _check_formula(
    spot: _Spot,
    at: str,
    cell: SimulatedCell,
    model: Model,
    name: str,
    written: GeneratorFormula,
    tables: list[pd.DataFrame],
) -> tuple[list[Problem], tuple[Parameter, ...] | None]:
    """Return the problems of the formula of a known parameter, and its coefficients."""
    problems: list[Problem] = []
    try:
        terms = terms_of(split_formula(written.formula)[1])
    except FormulaError as error:
        return [spot.problem(str(error), _EXAMPLE)], None
    parameter = model.parameter(name)
    missing = [name for name in terms.columns if name not in tables[0].columns]
    declared = (*cell.covariates, *(cell.covariates_from.columns if cell.covariates_from else ()))
    for name in missing:
        if name not in declared:  # of one that is declared the problem is told there
            remedy = suggest(name, (*declared, *KNOWN_COLUMNS), "columns")
            message = f"needs the covariate {name}, which is not declared"
            problems.append(spot.problem(message, f"declare it under `covariates`; {remedy}"))
    try:
        regression = regression_of(written, parameter, cell.link_settings)
    except ValueError as error:
        remedy = f"give one of {', '.join(possible_links(parameter))}"
        return [
            *problems,
            Problem(spot.file, f"{at}.link", show(written.link), str(error), remedy),
        ], None
    if problems or missing or _lonely(cell, written):
        return problems, None
    return _evaluate(spot, regression, model, tables)


def _evaluate(
    spot: _Spot, regression: Regression, model: Model, tables: list[pd.DataFrame]
) -> tuple[list[Problem], tuple[Parameter, ...] | None]:
    parameter = model.parameter(regression.parameter)
    try:
        found = [coefficients_of(design_matrix(regression, t), parameter) for t in tables]
    except FormulaError as error:
        message = str(error).removeprefix(f"{regression}: ")
        return [spot.problem(message, "change the formula or its covariates")], None
    if found[0] != found[1]:
        message = "its coefficients change with what is drawn for a covariate"
        remedy = "give a covariate that is categorical fixed levels, e.g. {levels: [a, b]}"
        return [spot.problem(message, remedy)], None
    taken = [p.name for p in found[0] if p.name in model.parameter_names]
    if taken:
        message = f"its coefficient {taken[0]} would have the name of a parameter of {model.name}"
        return [spot.problem(message, "give the covariate another name")], None
    return [], found[0]

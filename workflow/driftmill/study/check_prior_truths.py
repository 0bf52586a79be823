"""Checks of cells whose truths are drawn from a fit's priors: the fit must do as generator."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from driftmill.formulas.design import design_matrix
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import FormulaError
from driftmill.models import Prior
from driftmill.regression.fit_spec import FitSpec
from driftmill.simulation.coefficients import truth_parameters
from driftmill.simulation.covariates import covariate_table
from driftmill.study.build_fit import build_fit
from driftmill.study.build_truths import generator_formulas
from driftmill.study.check_fit import check_fit
from driftmill.study.check_rows import Place
from driftmill.study.generator import covariates_of
from driftmill.study.hash import lapse_of
from driftmill.study.models import model_name
from driftmill.study.prior_truths import prior_fit
from driftmill.study.problems import Problem, suggest
from driftmill.study.types import Fit, PriorTruth, SimulatedCell, has_deadlines


def check_prior_truths(
    file: str, at: str, cell: SimulatedCell, fits: Sequence[tuple[str, Fit]]
) -> list[Problem]:
    """Return what keeps a fit from being the generator of a cell.

    Parameters
    ----------
    file, at
        The study file, and where the cell stands in it.
    cell
        The cell, which has no other problem.
    fits
        The fits that are applied to it, of known models, with their places.
    """
    if not isinstance(cell.truth, PriorTruth):
        return []
    spot = Place(file, at)
    found = prior_fit(cell, [fit for _, fit in fits])
    if found is None:
        return [_unclear(spot, cell, cell.truth, [fit.name for _, fit in fits])]
    place = next(where for where, fit in fits if fit is found)
    if check_fit(file, place, found):
        return []
    problems = _cell_problems(spot, cell, found)
    return problems or _fit_problems(Place(file, place), spot, cell, found)


def _unclear(spot: Place, cell: SimulatedCell, truth: PriorTruth, names: list[str]) -> Problem:
    if truth.prior is None:
        message = f"does not say which fit's priors: {len(names)} fits are applied to the cell"
        return spot.problem("truth", "prior", message, f"name one: {{prior: {names[0]}}}")
    message = f"no fit {truth.prior!r} is applied to cell {cell.name!r}"
    return spot.problem("truth.prior", truth.prior, message, suggest(truth.prior, names, "fits"))


def _cell_problems(spot: Place, cell: SimulatedCell, fit: Fit) -> list[Problem]:
    """Return the problems of what the cell says beside its truths."""
    problems = []
    if model_name(fit.model) != model_name(cell.model):
        message = f"the priors of fit {fit.name!r} are of {model_name(fit.model)}"
        remedy = "give the fit's model, or name a fit of this one: truth: {prior: ...}"
        problems.append(spot.problem("model", model_name(cell.model), message, remedy))
    if cell.formulas:
        message = f"the generator has the formulas of fit {fit.name!r}, and no others"
        problems.append(spot.problem("formulas", list(cell.formulas), message, "take it out"))
    lapse = lapse_of(fit, cell)
    if isinstance(lapse, float | int):
        if lapse != cell.lapse:
            message = f"fit {fit.name!r} assumes a share of {lapse:g}: data and fit would differ"
            remedy = f"give {lapse:g}, or leave p_outlier out of the fit"
            problems.append(spot.problem("lapse", cell.lapse, message, remedy))
    elif cell.lapse:
        message = f"the share of lapses is drawn from its prior in fit {fit.name!r}"
        problems.append(spot.problem("lapse", cell.lapse, message, "take it out"))
    return problems


def _fit_problems(own: Place, spot: Place, cell: SimulatedCell, fit: Fit) -> list[Problem]:
    """Return what of the fit a generator cannot do."""
    spec = build_fit(fit, lapse_of(fit, cell))
    problems = []
    for name, column in spec.fixed_columns.items():
        message = f"{name} is held at the column {column}: cell {cell.name!r} draws it from a prior"
        remedy = "hold it at a number, or estimate it"
        problems.append(own.problem(f"fixed.{name}", column, message, remedy))
    if isinstance(spec.p_outlier, Regression):
        message = f"lapses by a formula are not simulated (cell {cell.name!r}, truth: prior)"
        remedy = "give a number or a distribution"
        problems.append(own.problem("p_outlier", str(spec.p_outlier), message, remedy))
    if fit.recode:
        message = f"cell {cell.name!r} has the fit's own model, and its codes"
        problems.append(own.problem("recode", fit.recode, message, "take it out"))
    if has_deadlines(cell) and fit.omissions == "ignore":
        message = f"the trials that it leaves out say something of the truths of cell {cell.name!r}"
        problems.append(own.problem("omissions", "ignore", message, "give score"))
    for formula in generator_formulas(spec).values():
        for group in formula.terms.groups:
            prior = formula.priors[group.name]
            if prior.name != "Normal" or not isinstance(prior.args.get("sigma"), Prior):
                message = (
                    f"{formula.variable(group.name)} ~ {prior}: deviations are drawn as Normal"
                )
                remedy = f"give Normal deviations, or cell {cell.name!r} truths by parameter"
                problems.append(own.problem("include", str(formula), message, remedy))
    return problems or _changing(spot, cell, spec)


def _changing(spot: Place, cell: SimulatedCell, spec: FitSpec) -> list[Problem]:
    """Refuse formulas whose coefficients change with what is drawn for a covariate."""
    covariates, formulas = covariates_of(cell), generator_formulas(spec)
    tables = [
        covariate_table(covariates, cell.participants, cell.trials, np.random.SeedSequence(seed))
        for seed in range(2)
    ]
    known = {*tables[0].columns}
    if any(not known.issuperset(formula.terms.columns) for formula in formulas.values()):
        return []  # told where the fit's columns are checked, or made by a task
    remedy = "change the fit's formula, or its covariates: {levels: [a, b]} gives fixed levels"
    shown = "; ".join(map(str, formulas.values()))
    try:
        found = [
            truth_parameters(spec.model, {n: design_matrix(f, table) for n, f in formulas.items()})
            for table in tables
        ]
    except FormulaError as error:
        return [spot.problem("truth", shown, str(error), remedy)]
    if found[0] == found[1]:
        return []
    message = "coefficients of the fit's formulas change with what is drawn for a covariate"
    return [spot.problem("truth", shown, message, remedy)]

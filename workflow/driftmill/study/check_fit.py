"""Checks of a fit against the catalogue: model, what is said of each parameter, lapses."""

from __future__ import annotations

from collections.abc import Sequence

from driftmill.formulas.terms import FormulaError, split_formula, terms_of
from driftmill.models import Model, Parameter
from driftmill.network_names import KIND
from driftmill.regression.fit_spec import P_OUTLIER
from driftmill.simulation.truths import above_ceiling
from driftmill.study.check_formula import Spot, check_formula
from driftmill.study.check_model import check_freed, check_model
from driftmill.study.check_prior import check_prior
from driftmill.study.check_solved import check_driven
from driftmill.study.distribution import PriorSpec
from driftmill.study.include import IncludeSpec
from driftmill.study.models import free_names, known_model
from driftmill.study.priors import prior_of
from driftmill.study.problems import Problem, show, suggest
from driftmill.study.statements import (
    GLOBAL,
    Statement,
    Written,
    statements_of,
    written_of,
)
from driftmill.study.types import Fit


def unknown_parameter(file: str, place: str, name: str, value: object, model: Model) -> Problem:
    """Return the problem of a parameter that a model does not have."""
    remedy = suggest(name, model.parameter_names, f"parameters of {model.name}")
    message = f"{model.name} has no parameter {name!r}"
    shown = value if isinstance(value, str) else show(value)
    return Problem(file, f"{place}.{name}", shown, message, remedy)


def outside(file: str, place: str, value: float, parameter: Parameter) -> Problem:
    """Return the problem of a value outside a parameter's support."""
    message = f"lies outside the support of {parameter.name}"
    remedy = f"give a number inside {parameter.support}, the ends excluded"
    return Problem(file, place, show(value), message, remedy)


def check_fit(file: str, place: str, fit: Fit) -> list[Problem]:
    """Return the problems of one fit.

    Parameters
    ----------
    file
        The study file.
    place
        Where the fit stands, e.g. ``fits[0]``.
    fit
        The fit.
    """
    wrong = check_model(file, place, fit.model)
    model = known_model(fit.model)
    if wrong or model is None:
        return wrong
    problems = [*_check_likelihood(file, place, fit, model), *check_freed(file, place, fit)]
    problems += _check_recode(file, place, fit, model)
    problems += _check_entries(file, place, fit)
    statements = statements_of(fit)
    for statement in statements:
        problems += _check_statement(file, place, fit, model, statement)
    problems += _check_repeats(file, place, statements)
    numbers = {s.parameter: s.said for s in statements if isinstance(s.said, float)}
    above = above_ceiling(model, numbers)
    if above is not None:
        remedy = "give values that keep this order, or leave one of them free"
        problems.append(Problem(file, f"{place}.fixed", show(numbers), above, remedy))
    problems += _check_global(file, place, fit, model)
    problems += check_driven(file, place, fit, model)
    if isinstance(fit.noncentered, dict):
        for name, value in fit.noncentered.items():
            if name not in (*model.parameter_names, P_OUTLIER.name):
                at = f"{place}.noncentered"
                problems.append(unknown_parameter(file, at, name, value, model))
    held = [s.parameter for s in statements if isinstance(s.said, float | str)]
    free = any(s.parameter == P_OUTLIER.name and s.parameter not in held for s in statements)
    estimated = free_names(model, (*fit.free, *(s.parameter for s in statements)))
    if set(estimated) <= set(held) and not free:
        message = "every parameter is fixed: there is nothing left to fit"
        remedy = f"leave at least one of {', '.join(free_names(model))} out of `fixed`"
        problems.append(Problem(file, f"{place}.fixed", show(fit.fixed), message, remedy))
    return problems


def _check_likelihood(file: str, place: str, fit: Fit, model: Model) -> list[Problem]:
    """Return a problem when a model lacks the likelihood; networks are checked by themselves."""
    if fit.likelihood is None or fit.likelihood in (KIND, *model.likelihoods):
        return []
    message = f"{model.name} has no likelihood of the kind {fit.likelihood!r}"
    remedy = suggest(fit.likelihood, [*dict.fromkeys([*model.likelihoods, KIND])], "kinds")
    return [Problem(file, f"{place}.likelihood", show(fit.likelihood), message, remedy)]


def _check_recode(file: str, place: str, fit: Fit, model: Model) -> list[Problem]:
    """Return a problem where responses become codes that the model does not have."""
    alien = [new for new in fit.recode.values() if new not in model.choices]
    if alien:
        message = f"{model.name} has no response {alien[0]}"
        remedy = f"map the data's codes to {', '.join(map(str, model.choices))}"
    elif fit.recode and model.learning is not None:
        message = "a learning model's options are those of its data"
        remedy = "leave it out; observed data are recoded by their response_codes"
    else:
        return []
    return [Problem(file, f"{place}.recode", show(fit.recode), message, remedy)]


def _check_entries(file: str, place: str, fit: Fit) -> list[Problem]:
    """Return a problem for each entry of ``include`` whose keys do not go together."""
    problems = []
    for k, entry in enumerate(fit.include):
        at = f"{place}.include[{k}]"
        if not isinstance(entry, IncludeSpec):
            continue
        written = entry.formula is not None or fit.global_formula is not None
        said = {key: x for key, x in entry.model_dump().items() if x is not None}
        if entry.formula is None and entry.prior is None and entry.link is None:
            message = "says nothing of a parameter"
            remedy = "give it a formula, a prior, or a number as its prior"
        elif entry.formula is not None and not isinstance(entry.prior, dict | None):
            message = "gives one prior for a whole formula"
            remedy = "give a prior for each term, e.g. prior: {Intercept: {...}, x: {...}}"
        elif isinstance(entry.prior, dict) and not written:
            message = "gives priors of terms without a formula"
            remedy = "add the formula, or give one distribution with its name"
        elif entry.link is not None and (not written or isinstance(entry.prior, float | str)):
            message = "gives a link without a formula"
            remedy = "add the formula, or leave the link out"
        else:
            continue
        problems.append(Problem(file, at, show(said), message, remedy))
    return problems


def _check_statement(
    file: str, place: str, fit: Fit, model: Model, statement: Statement
) -> list[Problem]:
    name, at, said = statement.parameter, f"{place}.{statement.at}", statement.said
    if name not in model.parameter_names and statement.at != P_OUTLIER.name:
        return [_unknown(file, at, statement, model)]
    parameter = P_OUTLIER if name == P_OUTLIER.name else model.parameter(name)
    if isinstance(said, Written):
        spot = Spot(file, at, f"{place}.{statement.formula_at}")
        return check_formula(spot, fit, parameter, said)
    if isinstance(said, PriorSpec):
        return check_prior(file, at, said, parameter)
    if isinstance(said, float) and statement.at != P_OUTLIER.name and not parameter.supports(said):
        return [outside(file, at, said, parameter)]
    return []


def _unknown(file: str, at: str, statement: Statement, model: Model) -> Problem:
    said = statement.said
    if not statement.parameter:
        formula = said.formula if isinstance(said, Written) else "1 + x"
        value = show(formula) if isinstance(said, Written) else ""
        message = "does not say of which parameter it speaks"
        return Problem(file, at, value, message, f"give a name, or write e.g. v ~ {formula}")
    if isinstance(said, Written):
        value = f"{statement.parameter} ~ {said.formula}"
    else:
        value = str(prior_of(said)) if isinstance(said, PriorSpec) else show(said)
    problem = unknown_parameter(file, at, statement.parameter, value, model)
    if statement.parameter == P_OUTLIER.name:
        remedy = "say it under the fit's own key: p_outlier: ..."
        return Problem(file, at, value, "p_outlier is no parameter of the model", remedy)
    return Problem(file, at, value, problem.message, problem.remedy)


def _check_repeats(file: str, place: str, statements: Sequence[Statement]) -> list[Problem]:
    """Return a problem for each second thing said of one parameter."""
    first: dict[str, Statement] = {}
    problems = []
    for statement in statements:
        name = statement.parameter
        if name and name in first:
            message = f"{name} {_words(first[name])} and {_words(statement)}"
            remedy = f"take one of them out: {place}.{first[name].at} or {place}.{statement.at}"
            at = f"{place}.{statement.at}"
            problems.append(Problem(file, at, show(name), message, remedy))
        first.setdefault(name, statement)
    return problems


def _words(statement: Statement) -> str:
    said = statement.said
    if isinstance(said, Written):
        return f"has the formula {said.formula}"
    if isinstance(said, PriorSpec):
        return f"has the prior {prior_of(said)}"
    if isinstance(said, str):
        return f"is fixed to the column {said}"
    return "is named" if said is None else f"is fixed to {said:g}"


def _check_global(file: str, place: str, fit: Fit, model: Model) -> list[Problem]:
    """Return the problems of the global formula for the parameters that it is of."""
    if fit.global_formula is None:
        return []
    spot = Spot(file, f"{place}.{GLOBAL}", f"{place}.{GLOBAL}")
    try:
        terms_of(split_formula(fit.global_formula)[1])
    except FormulaError as error:
        remedy = "write it as for HSSM, e.g. y ~ 1 + (1 | participant_id)"
        return [spot.problem(fit.global_formula, str(error), remedy)]
    problems = []
    for name, (at, written) in written_of(fit, model).items():
        if at == GLOBAL:
            problems += check_formula(spot, fit, model.parameter(name), written)
    return problems

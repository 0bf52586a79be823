"""Checks of a fit against the catalogue: model, parameters, fixed values, priors."""

from __future__ import annotations

from driftmill.models import CATALOGUE, Model, Parameter, model_names
from driftmill.models.priors import PRIOR_NAMES, Distribution
from driftmill.study.priors import prior_of
from driftmill.study.problems import Problem, show, suggest
from driftmill.study.types import Fit, PriorSpec


def unknown_model(file: str, place: str, name: str) -> Problem:
    """Return the problem of a model that is not in the catalogue."""
    remedy = suggest(name, model_names(), "models")
    return Problem(file, f"{place}.model", show(name), f"unknown model {name!r}", remedy)


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


def check_prior(file: str, place: str, spec: PriorSpec, parameter: Parameter) -> list[Problem]:
    """Return the problems of a distribution on a parameter's support."""
    if spec.name not in PRIOR_NAMES:
        remedy = suggest(spec.name, PRIOR_NAMES, "distributions")
        message = f"unknown distribution {spec.name!r}"
        return [Problem(file, f"{place}.name", show(spec.name), message, remedy)]
    prior = prior_of(spec)
    try:
        Distribution(prior, parameter.lower, parameter.upper)
    except ValueError as error:
        remedy = (
            f"give {spec.name} arguments as PyMC names them, such that values inside "
            f"{parameter.support} can be drawn"
        )
        return [Problem(file, place, str(prior), str(error), remedy)]
    return []


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
    if fit.model not in CATALOGUE:
        return [unknown_model(file, place, fit.model)]
    model = CATALOGUE[fit.model]
    known = model.parameter_names
    problems = []
    if fit.likelihood not in model.likelihoods:
        message = f"{model.name} has no likelihood of the kind {fit.likelihood!r}"
        remedy = suggest(fit.likelihood, model.likelihoods, "kinds")
        problems.append(Problem(file, f"{place}.likelihood", show(fit.likelihood), message, remedy))
    for name, value in fit.fixed.items():
        if name not in known:
            problems.append(unknown_parameter(file, f"{place}.fixed", name, value, model))
        elif not model.parameter(name).supports(value):
            problems.append(outside(file, f"{place}.fixed.{name}", value, model.parameter(name)))
    for name, spec in fit.priors.items():
        at = f"{place}.priors.{name}"
        if name not in known:
            written = str(prior_of(spec))
            problems.append(unknown_parameter(file, f"{place}.priors", name, written, model))
            continue
        problems += check_prior(file, at, spec, model.parameter(name))
        if name in fit.fixed:
            message = f"{name} is fixed to {fit.fixed[name]:g} and has a prior"
            remedy = "take it out of `fixed` or out of `priors`"
            problems.append(Problem(file, at, str(prior_of(spec)), message, remedy))
    if set(known) <= set(fit.fixed):
        message = "every parameter is fixed: there is nothing left to fit"
        remedy = f"leave at least one of {', '.join(known)} out of `fixed`"
        problems.append(Problem(file, f"{place}.fixed", show(fit.fixed), message, remedy))
    return problems

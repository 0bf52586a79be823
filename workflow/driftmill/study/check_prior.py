"""Checks of distributions: their names, their arguments, their mass inside a support."""

from __future__ import annotations

import math

from driftmill.models import Parameter
from driftmill.models.nested import DEVIATION_FAMILIES, DeviationPrior
from driftmill.models.prior_families import REFUSED
from driftmill.models.priors import PRIOR_NAMES, Distribution
from driftmill.study.distribution import PriorSpec
from driftmill.study.priors import prior_of
from driftmill.study.problems import Problem, show, suggest

_AS_PYMC = "give {} arguments as PyMC names them"


def check_prior(
    file: str, place: str, spec: PriorSpec, parameter: Parameter | None = None
) -> list[Problem]:
    """Return the problems of a distribution.

    Parameters
    ----------
    file, place
        The study file, and where the distribution stands in it.
    spec
        The distribution.
    parameter
        The parameter whose support it is cut to; None for the whole line.
    """
    named = _check_name(file, place, spec)
    if named:
        return named
    lower, upper = (-math.inf, math.inf)
    remedy = _AS_PYMC.format(spec.name)
    if parameter is not None:
        lower, upper = parameter.lower, parameter.upper
        remedy += f", such that values inside {parameter.support} can be drawn"
    prior = prior_of(spec)
    try:
        Distribution(prior, lower, upper)
    except ValueError as error:
        return [Problem(file, place, str(prior), str(error), remedy)]
    return []


def check_deviations(
    file: str, place: str, spec: PriorSpec, *, noncentered: bool = True
) -> list[Problem]:
    """Return the problems of a distribution of deviations of groups, whose sd has a prior.

    Parameters
    ----------
    file, place
        The study file, and where the distribution stands in it.
    spec
        The distribution.
    noncentered
        Whether groups are sampled as multiples of their sd.
    """
    nested = [(key, value) for key, value in spec.args.items() if isinstance(value, PriorSpec)]
    named = _check_name(file, place, spec)
    for key, value in nested:
        named += _check_name(file, f"{place}.{key}", value)
    if named:
        return named
    prior = prior_of(spec)
    try:
        DeviationPrior(prior)
    except ValueError as error:
        remedy = "e.g. {name: Normal, mu: 0, sigma: {name: HalfNormal, sigma: 0.5}}"
        return [Problem(file, place, str(prior), str(error), f"give a nested prior, {remedy}")]
    if noncentered and prior.name != DEVIATION_FAMILIES[0]:
        message = f"{prior.name} deviations cannot be multiples of their sd"
        remedy = "set noncentered: false, for all or for this parameter, or give a Normal"
        return [Problem(file, place, str(prior), message, remedy)]
    return []


def _check_name(file: str, place: str, spec: PriorSpec) -> list[Problem]:
    if spec.name in PRIOR_NAMES:
        return []
    remedy = suggest(spec.name, PRIOR_NAMES, "distributions")
    message = f"unknown distribution {spec.name!r}"
    if spec.name in REFUSED:
        message = f"{spec.name} cannot be a prior: it {REFUSED[spec.name]}"
    return [Problem(file, f"{place}.name", show(spec.name), message, remedy)]

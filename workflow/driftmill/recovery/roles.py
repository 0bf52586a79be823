"""What the variables of a fit are: its levels, and how wide their priors are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import INTERCEPT, GroupTerm
from driftmill.models.declaration import Parameter, Prior
from driftmill.models.priors import Distribution
from driftmill.regression.fit_spec import FitSpec

#: What a number of a posterior is: a parameter of the whole dataset, a coefficient that all
#: groups share, the sd of a group's deviations, a deviation, or a participant's own value.
Level = Literal["dataset", "group", "sd", "deviation", "participant"]
LEVELS: tuple[Level, ...] = ("dataset", "group", "sd", "deviation", "participant")
PARTICIPANT = "participant_id"
#: Quantiles that the mean and variance of a logarithm are taken over.
LOG_NODES = 4096


@dataclass(frozen=True)
class Role:
    """What one variable of a posterior is.

    Parameters
    ----------
    level
        What its elements are.
    prior_sd
        Standard deviation of their prior; NaN where it has none.
    people
        The dim along which participants lie, where they do.
    log_prior_sd
        Standard deviation of their logarithm under the prior; NaN where they may be negative.
    """

    level: Level
    prior_sd: float
    people: str | None = None
    log_prior_sd: float = math.nan


def roles_of(spec: FitSpec) -> dict[str, Role]:
    """Return what the variables of a fit's posterior are, offsets left out."""
    roles = {}
    for name in spec.plain_parameters:
        prior = spec.prior_of(name)
        roles[name] = Role("dataset", prior.sd, log_prior_sd=log_sd(prior))
    for name, regression in spec.formulas.items():
        for term in regression.terms.common:
            sd = common_sd(regression, spec.parameter(name), term)
            roles[regression.variable(term)] = Role("group", sd)
        for group in regression.terms.groups:
            roles |= _group_roles(regression, group)
    return roles


def _group_roles(regression: Regression, group: GroupTerm) -> dict[str, Role]:
    """Return the roles of a group's deviations and of what their prior is drawn from."""
    variable = regression.variable(group.name)
    people = f"{group.factor}__factor_dim" if group.factor == PARTICIPANT else None
    roles = {variable: Role("deviation", deviation_sd(regression, group.name), people)}
    for argument, value in regression.priors[group.name].args.items():
        if isinstance(value, Prior):
            level: Level = "group" if argument == "mu" else "sd"
            roles[f"{variable}_{argument}"] = Role(level, Distribution(value, *_ends(argument)).sd)
    return roles


def _ends(argument: str) -> tuple[float, float]:
    return (-math.inf, math.inf) if argument == "mu" else (0.0, math.inf)


def common_sd(regression: Regression, parameter: Parameter, term: str) -> float:
    """Return the sd of the prior of a coefficient; NaN where the formula has no such term.

    On the identity scale the intercept is a value of the parameter: its prior is cut to the
    parameter's support.
    """
    if term not in regression.terms.common:
        return math.nan
    bounded = term == INTERCEPT and regression.link.name == "identity"
    ends = (parameter.lower, parameter.upper) if bounded else (-math.inf, math.inf)
    return Distribution(regression.priors[term], *ends).sd


def log_sd(prior: Distribution) -> float:
    """Return the sd of the logarithm of a parameter under its prior; NaN unless it is positive."""
    if prior.lower < 0.0:
        return math.nan
    middles = (np.arange(LOG_NODES) + 0.5) / LOG_NODES
    return float(np.log(prior.ppf(middles)).std())


def deviation_sd(regression: Regression, group: str) -> float:
    """Return the sd of the prior of a normal deviation: the root of its mean variance."""
    prior = regression.priors[group]
    if prior.name != "Normal":
        return math.nan
    return math.sqrt(_second_moment(prior.args, "sigma") + _variance(prior.args, "mu"))


def _second_moment(arguments: Mapping[str, float | Prior], name: str) -> float:
    value = arguments[name]
    if not isinstance(value, Prior):
        return float(value) ** 2
    drawn = Distribution(value, *_ends(name))
    return drawn.sd**2 + drawn.mean**2


def _variance(arguments: Mapping[str, float | Prior], name: str) -> float:
    value = arguments[name]
    return Distribution(value, *_ends(name)).sd ** 2 if isinstance(value, Prior) else 0.0

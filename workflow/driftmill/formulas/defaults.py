"""Priors of a formula's terms when nothing is said, on the scale of the linear predictor.

Weakly informative: they rule out what no experiment shows and leave the rest to the data. With
95 % of its mass the prior set ``default`` says:

===========================  ====================  =============================================
link                         term                  natural scale
===========================  ====================  =============================================
identity, on the line        Intercept             the parameter's own prior (v: -4 to 4)
..                           slopes Normal(0, 1)   2 units a unit of the covariate
..                           sds HalfNormal(1)     participants up to 2.2 apart from their mean
log                          Intercept             a .45 to 3.2, t .08 to 1.2, sv .18 to 2.8
..                           slopes Normal(0, .5)  times .38 to 2.7 a unit of the covariate
..                           sds HalfNormal(.5)    participants within a factor of 3 of the median
logit, generalised logit     Intercept             .12 to .88 of the way through the support
..                           slopes Normal(0, .5)  from the middle to .27 or .73 of the way
..                           sds HalfNormal(.5)    participants between .25 and .75 of the way
identity, bounded support    Intercept             the parameter's own prior, in its support
..                           slopes, sds           a tenth to a half of its usual size
===========================  ====================  =============================================

Without an intercept the first term (the first with ``C(...)``, if any has it) is taken for the
levels' own values, and has the intercept's prior.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from driftmill.formulas.links import Link
from driftmill.formulas.names import PriorSet
from driftmill.formulas.terms import INTERCEPT, GroupTerm, Terms
from driftmill.models.declaration import Parameter, Prior
from driftmill.models.priors import Distribution

#: Keys that stand for all common terms but the intercept, and for all that vary over groups.
COMMON, GROUP_SPECIFIC = "common", "group_specific"

#: Median and sd of the logarithm of a parameter at its covariates' zero.
_LOG = {"a": (1.2, 0.5), "t": (0.3, 0.7), "sv": (0.7, 0.7), "beta": (2.0, 0.8)}
_LOG_OTHERS = (1.0, 0.8)
#: Mean and sd of the log odds of the place in the support.
_LOGIT = {"z": (0.0, 0.7), "p_outlier": (-3.0, 1.0)}
_LOGIT_OTHERS = (0.0, 1.0)
#: Sd of slopes, and scale of the sds of groups, without a link on a bounded support.
_BOUNDED = {"a": 0.5, "t": 0.1, "z": 0.1, "sv": 0.5, "theta": 0.2, "beta": 0.5, "p_outlier": 0.05}
_BOUNDED_OTHERS = 0.5

#: Intercepts without a link, as HSSM has them for diffusion models.
_HSSM: Mapping[str, Prior] = {
    "v": Prior("Normal", {"mu": 2.0, "sigma": 3.0}),
    "a": Prior("Gamma", {"mu": 1.5, "sigma": 0.75}),
    "z": Prior("Beta", {"alpha": 10.0, "beta": 10.0}),
    "t": Prior("Gamma", {"mu": 0.2, "sigma": 0.2}),
    "sv": Prior("HalfNormal", {"sigma": 2.0}),
    "st": Prior("HalfNormal", {"sigma": 0.3}),
    "sz": Prior("HalfNormal", {"sigma": 0.5}),
    "p_outlier": Prior("Beta", {"alpha": 5.0, "beta": 100.0}),
}
_HSSM_WIDTH = 0.25
_HSSM_SD = Prior("Weibull", {"alpha": 1.5, "beta": 0.3})


class _Kinds(NamedTuple):
    """The priors of the three kinds of terms: of deviations, that of their sd."""

    intercept: Prior
    slope: Prior
    sd: Prior


def term_priors(
    parameter: Parameter,
    link: Link,
    terms: Terms,
    given: Mapping[str, Prior] | None = None,
    prior_set: PriorSet = "default",
) -> dict[str, Prior]:
    """Return a prior for every term of a formula.

    Parameters
    ----------
    parameter
        The parameter that the formula is on.
    link
        Its link.
    terms
        The terms of the formula.
    given
        Priors by term. Under ``common`` that of all common terms but the intercept, under
        ``group_specific`` that of all that vary over groups, where they have none of their own.
    prior_set
        Whose priors the other terms have.
    """
    kinds = _hssm(parameter, link) if prior_set == "hssm" else _default(parameter, link)
    said = dict(given or {})
    found = {}
    values = INTERCEPT if prior_set == "hssm" else own_value_term(terms)
    for name in terms.common:
        default = kinds.intercept if name == values else kinds.slope
        shared = default if name == INTERCEPT else said.get(COMMON, default)
        found[name] = said.get(name, shared)
    for term in terms.groups:
        shared = said.get(GROUP_SPECIFIC, _deviations(term, terms, kinds, prior_set))
        found[term.name] = said.get(term.name, shared)
    return found


def own_value_term(terms: Terms) -> str | None:
    """Return the common term whose coefficients are values, not differences, of the predictor."""
    if INTERCEPT in terms.common:
        return INTERCEPT
    coded = [name for name in terms.common if "C(" in name]
    return next(iter(coded or terms.common), None)


def _default(parameter: Parameter, link: Link) -> _Kinds:
    name = parameter.name
    if link.name == "log":
        median, sd = _LOG.get(name, _LOG_OTHERS)
        return _Kinds(_normal(math.log(median), sd), _normal(0.0, 0.5), _half_normal(0.5))
    if link.name in ("logit", "gen_logit"):
        return _Kinds(
            _normal(*_LOGIT.get(name, _LOGIT_OTHERS)), _normal(0.0, 0.5), _half_normal(0.5)
        )
    bounded = math.isfinite(parameter.lower) or math.isfinite(parameter.upper)
    width = _BOUNDED.get(name, _BOUNDED_OTHERS) if bounded else 1.0
    return _Kinds(parameter.prior, _normal(0.0, width), _half_normal(width))


def _hssm(parameter: Parameter, link: Link) -> _Kinds:
    slope = _normal(0.0, _HSSM_WIDTH)
    if link.name != "identity":
        return _Kinds(slope, slope, _HSSM_SD)
    finite = math.isfinite(parameter.lower) and math.isfinite(parameter.upper)
    middle = (parameter.lower + parameter.upper) / 2.0 if finite else 0.0
    intercept = _HSSM.get(parameter.name, _normal(middle, _HSSM_WIDTH))
    return _Kinds(intercept, slope, _HSSM_SD)


def _deviations(term: GroupTerm, terms: Terms, kinds: _Kinds, prior_set: PriorSet) -> Prior:
    """Return the prior of what varies over groups.

    Without a common term to vary around, the deviations are the groups' own values. By default
    their sd may then be as large as those values.
    """
    around, sd = kinds.slope, kinds.sd
    alone = term.common not in terms.common
    if term.expr == "1":
        around, alone = kinds.intercept, own_value_term(terms) is None
    if prior_set == "default" and alone:
        values = Distribution(around)
        sd = _half_normal(math.hypot(values.mean, values.sd))
    return Prior("Normal", {"mu": 0.0, "sigma": sd})


def _normal(mu: float, sigma: float) -> Prior:
    return Prior("Normal", {"mu": mu, "sigma": sigma})


def _half_normal(sigma: float) -> Prior:
    return Prior("HalfNormal", {"sigma": sigma})

"""The prior distributions a study may name, with PyMC's argument names, as scipy sees them.

Argument names and parameterisations are PyMC's; one family may have several sets of
arguments, all of which must be given in full. Scipy stands in for PyMC where draws,
densities and quantiles are wanted without building a graph.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Mapping

from driftmill.models.declaration import Prior
from driftmill.models.families_half_line import HALF_LINE
from driftmill.models.families_interval import INTERVAL
from driftmill.models.families_line import LINE
from driftmill.models.family import Base, Families, Form

_FAMILIES: Families = {**LINE, **HALF_LINE, **INTERVAL}

#: Names of the families, in alphabetical order.
PRIOR_NAMES = tuple(sorted(_FAMILIES))

_DISCRETE = "has whole numbers only: a parameter is any number of its support"
_VECTOR = "has several dimensions, or a process in time: a prior is on one number"
_MADE = "is made from other distributions or functions, which a study file cannot hold"
_REASONS: Mapping[str, tuple[str, ...]] = {
    "is improper: without data it has no mass to draw from; give a wide Normal or HalfNormal": (
        "Flat",
        "HalfFlat",
    ),
    "needs arrays: arguments are numbers": ("Interpolated",),
    "has an infinite series for a density: give a Gamma": ("PolyaGamma",),
    "is written LogNormal": ("Lognormal",),
    "is written without it: every prior is cut to the support of its parameter": (
        "Truncated",
        "Censored",
    ),
    "is one number: fix the parameter to it (`fixed`)": ("DiracDelta",),
    _DISCRETE: (
        *("Bernoulli", "BetaBinomial", "Binomial", "Categorical", "DiscreteUniform"),
        *("DiscreteWeibull", "Geometric", "HyperGeometric", "NegativeBinomial", "OrderedLogistic"),
        *("OrderedProbit", "Poisson", "HurdleNegativeBinomial", "HurdlePoisson"),
        *("ZeroInflatedBinomial", "ZeroInflatedNegativeBinomial", "ZeroInflatedPoisson"),
    ),
    "puts mass on 0 itself, outside an open support": ("HurdleGamma", "HurdleLogNormal"),
    _VECTOR: (
        *("AR", "CAR", "GARCH11", "ICAR", "Dirichlet", "DirichletMultinomial", "EulerMaruyama"),
        *("GaussianRandomWalk", "KroneckerNormal", "LKJCholeskyCov", "LKJCorr", "MatrixNormal"),
        *("Multinomial", "MvGaussianRandomWalk", "MvNormal", "MvStudentT"),
        *("MvStudentTRandomWalk", "OrderedMultinomial", "RandomWalk", "StickBreakingWeights"),
        *("Wishart", "WishartBartlett", "ZeroSumNormal"),
    ),
    _MADE: ("CustomDist", "DensityDist", "Mixture", "NormalMixture", "Simulator"),
}

#: Distributions of PyMC that cannot be priors here, with the reason.
REFUSED: Mapping[str, str] = {name: why for why, names in _REASONS.items() for name in names}


def base_of(prior: Prior) -> Base:
    """Return the scipy distribution of ``prior``.

    Raises
    ------
    ValueError
        When the name, the arguments or their values are not possible; the message says
        what would be.
    """
    if prior.name in REFUSED:
        raise ValueError(f"{prior.name} cannot be a prior here: it {REFUSED[prior.name]}")
    if prior.name not in _FAMILIES:
        raise ValueError(f"there is no prior {prior.name!r}{_nearest(prior.name, PRIOR_NAMES)}")
    forms = _FAMILIES[prior.name]
    for form in forms:
        if form.takes(frozenset(prior.args)):
            return form.build(**_numbers(prior, form))
    raise ValueError(_wrong_arguments(prior, forms))


def _numbers(prior: Prior, form: Form) -> dict[str, float]:
    numbers = {}
    for name, value in prior.args.items():
        if isinstance(value, Prior):
            raise ValueError(
                f"{prior}: {name} is a distribution, which only the sd of a term that varies "
                f"over groups may be, e.g. Normal(mu=0, sigma=HalfNormal(sigma=1)) for "
                f"1|participant_id; give {name} a number"
            )
        if math.isnan(value) or (math.isinf(value) and name not in form.unbounded):
            raise ValueError(f"{prior}: {name} must be a finite number")
        if name in form.positive and not value > 0:
            raise ValueError(f"{prior}: {name} must be above 0")
        numbers[name] = value
    return numbers


def _wrong_arguments(prior: Prior, forms: tuple[Form, ...]) -> str:
    known = tuple(name for form in forms for name in form.arguments)
    strange = [name for name in prior.args if name not in known]
    hint = f"; no {strange[0]!r}{_nearest(strange[0], known)}" if strange else ""
    wanted = " or ".join(f"({', '.join(form.arguments)})" for form in forms)
    got = ", ".join(prior.args) or "none"
    return f"{prior.name} takes the arguments {wanted}, got {got}{hint}"


def _nearest(name: str, known: tuple[str, ...]) -> str:
    near = {k.casefold(): k for k in known}
    match = difflib.get_close_matches(name.casefold(), near, n=1, cutoff=0.5)
    return f", did you mean {near[match[0]]!r}?" if match else f"; known are {', '.join(known)}"

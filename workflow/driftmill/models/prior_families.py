"""The prior distributions a study may name, with PyMC's argument names, as scipy sees them.

Argument names and parameterisations are PyMC's; one family may have several sets of
arguments, all of which must be given in full. Scipy stands in for PyMC where draws,
densities and quantiles are wanted without building a graph.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from scipy import stats

from driftmill.models.declaration import Prior


class Base(NamedTuple):
    """A scipy distribution, the interval it is cut to, and how many moments it has."""

    frozen: Any
    lower: float = -math.inf
    upper: float = math.inf
    moments: float = math.inf


class _Form(NamedTuple):
    """One set of arguments, positive ones and others, and what they make."""

    positive: tuple[str, ...]
    build: Callable[..., Base]
    real: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.real + self.positive


def _gamma(alpha: float, beta: float) -> Base:
    return Base(stats.gamma(alpha, scale=1.0 / beta))


def _beta(alpha: float, beta: float) -> Base:
    if not (alpha > 0.0 and beta > 0.0):
        raise ValueError("Beta needs 0 < mu < 1 and sigma^2 < mu (1 - mu)")
    return Base(stats.beta(alpha, beta))


def _beta_by_moments(mu: float, sigma: float) -> Base:
    size = mu * (1.0 - mu) / sigma**2 - 1.0
    return _beta(mu * size, (1.0 - mu) * size)


def _inverse_gamma(alpha: float, beta: float) -> Base:
    return Base(stats.invgamma(alpha, scale=beta), moments=alpha)


def _uniform(lower: float, upper: float) -> Base:
    if not lower < upper:
        raise ValueError("Uniform needs lower < upper")
    return Base(stats.uniform(lower, upper - lower))


def _truncated_normal(
    mu: float, sigma: float, lower: float = -math.inf, upper: float = math.inf
) -> Base:
    if not lower < upper:
        raise ValueError("TruncatedNormal needs lower < upper")
    return Base(stats.norm(mu, sigma), lower, upper)


_FAMILIES: Mapping[str, tuple[_Form, ...]] = {
    "Normal": (_Form(("sigma",), lambda mu, sigma: Base(stats.norm(mu, sigma)), real=("mu",)),),
    "HalfNormal": (_Form(("sigma",), lambda sigma: Base(stats.halfnorm(scale=sigma))),),
    "TruncatedNormal": (
        _Form(("sigma",), _truncated_normal, ("mu", "lower", "upper"), ("lower", "upper")),
    ),
    "Uniform": (_Form((), _uniform, real=("lower", "upper")),),
    "Gamma": (
        _Form(("alpha", "beta"), _gamma),
        _Form(("mu", "sigma"), lambda mu, sigma: _gamma((mu / sigma) ** 2, mu / sigma**2)),
    ),
    "Beta": (
        _Form(("alpha", "beta"), _beta),
        _Form(("mu", "sigma"), _beta_by_moments),
        _Form(("mu", "nu"), lambda mu, nu: _beta(mu * nu, (1.0 - mu) * nu)),
    ),
    "LogNormal": (
        _Form(
            ("sigma",),
            lambda mu, sigma: Base(stats.lognorm(sigma, scale=math.exp(mu))),
            real=("mu",),
        ),
    ),
    "Exponential": (
        _Form(("lam",), lambda lam: Base(stats.expon(scale=1.0 / lam))),
        _Form(("scale",), lambda scale: Base(stats.expon(scale=scale))),
    ),
    "StudentT": (
        _Form(
            ("nu", "sigma"),
            lambda nu, mu, sigma: Base(stats.t(nu, mu, sigma), moments=nu),
            real=("mu",),
        ),
    ),
    "HalfStudentT": (
        _Form(
            ("nu", "sigma"),
            lambda nu, sigma: Base(stats.t(nu, 0.0, sigma), 0.0, moments=nu),
        ),
    ),
    "Cauchy": (
        _Form(
            ("beta",),
            lambda alpha, beta: Base(stats.cauchy(alpha, beta), moments=1.0),
            real=("alpha",),
        ),
    ),
    "HalfCauchy": (_Form(("beta",), lambda beta: Base(stats.cauchy(0.0, beta), 0.0, moments=1.0)),),
    "InverseGamma": (
        _Form(("alpha", "beta"), _inverse_gamma),
        _Form(
            ("mu", "sigma"),
            lambda mu, sigma: _inverse_gamma(
                2.0 + (mu / sigma) ** 2, mu * (1.0 + (mu / sigma) ** 2)
            ),
        ),
    ),
    "Weibull": (
        _Form(("alpha", "beta"), lambda alpha, beta: Base(stats.weibull_min(alpha, scale=beta))),
    ),
    "Laplace": (_Form(("b",), lambda mu, b: Base(stats.laplace(mu, b)), real=("mu",)),),
    "Logistic": (_Form(("s",), lambda mu, s: Base(stats.logistic(mu, s)), real=("mu",)),),
}

#: Names of the families, in alphabetical order.
PRIOR_NAMES = tuple(sorted(_FAMILIES))


def base_of(prior: Prior) -> Base:
    """Return the scipy distribution of ``prior``.

    Raises
    ------
    ValueError
        When the name, the arguments or their values are not possible; the message says
        what would be.
    """
    if prior.name not in _FAMILIES:
        raise ValueError(f"there is no prior {prior.name!r}{_nearest(prior.name, PRIOR_NAMES)}")
    forms = _FAMILIES[prior.name]
    for form in forms:
        given = set(prior.args)
        if given <= set(form.arguments) and set(form.arguments) <= given | set(form.optional):
            _check_values(prior, form)
            return form.build(**prior.args)
    raise ValueError(_wrong_arguments(prior, forms))


def _check_values(prior: Prior, form: _Form) -> None:
    for name, value in prior.args.items():
        if math.isnan(value) or (math.isinf(value) and name not in form.optional):
            raise ValueError(f"{prior}: {name} must be a finite number")
        if name in form.positive and not value > 0:
            raise ValueError(f"{prior}: {name} must be above 0")


def _wrong_arguments(prior: Prior, forms: tuple[_Form, ...]) -> str:
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

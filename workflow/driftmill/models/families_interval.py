"""Families of priors on an interval, by PyMC's names and arguments."""

from __future__ import annotations

import math

from scipy import stats

from driftmill.models.family import Base, Families, Form, by_sd, sd_of
from driftmill.models.inverted import Kumaraswamy, LogitNormal, VonMises

_ENDS = ("lower", "upper")


def _beta(alpha: float, beta: float) -> Base:
    if not (alpha > 0.0 and beta > 0.0):
        raise ValueError("Beta needs 0 < mu < 1 and sigma^2 < mu (1 - mu)")
    return Base(stats.beta(alpha, beta))


def _beta_by_moments(mu: float, sigma: float) -> Base:
    size = mu * (1.0 - mu) / sigma**2 - 1.0
    return _beta(mu * size, (1.0 - mu) * size)


def _uniform(lower: float, upper: float) -> Base:
    if not lower < upper:
        raise ValueError("Uniform needs lower < upper")
    return Base(stats.uniform(lower, upper - lower))


def _triangular(lower: float, upper: float, c: float) -> Base:
    if not (lower <= c <= upper and lower < upper):
        raise ValueError("Triangular needs lower <= c <= upper and lower < upper")
    width = upper - lower
    return Base(stats.triang((c - lower) / width, lower, width))


def _truncated_normal(
    mu: float, sigma: float, lower: float = -math.inf, upper: float = math.inf
) -> Base:
    if not lower < upper:
        raise ValueError("TruncatedNormal needs lower < upper")
    return Base(stats.norm(mu, sigma), lower, upper)


INTERVAL: Families = {
    "Uniform": (Form((), _uniform, _ENDS),),
    "Triangular": (Form((), _triangular, (*_ENDS, "c")),),
    "TruncatedNormal": (
        Form(("sigma",), _truncated_normal, ("mu", *_ENDS), _ENDS, _ENDS),
        Form(
            ("tau",),
            lambda mu, tau, **ends: _truncated_normal(mu, sd_of(tau), **ends),
            ("mu", *_ENDS),
            _ENDS,
            _ENDS,
        ),
    ),
    "Beta": (
        Form(("alpha", "beta"), _beta),
        Form(("mu", "sigma"), _beta_by_moments),
        Form(("mu", "nu"), lambda mu, nu: _beta(mu * nu, (1.0 - mu) * nu)),
    ),
    "Kumaraswamy": (Form(("a", "b"), lambda a, b: Base(Kumaraswamy(a, b))),),
    "LogitNormal": by_sd(lambda mu, sigma: Base(LogitNormal(mu, sigma)), "mu"),
    "VonMises": (Form(("kappa",), lambda mu, kappa: Base(VonMises(mu, kappa)), ("mu",)),),
}

"""Families of priors on numbers above a bound, by PyMC's names and arguments."""

from __future__ import annotations

import math

from scipy import stats

from driftmill.models.family import Base, Families, Form, by_sd, sd_of


def _gamma(alpha: float, beta: float) -> Base:
    return Base(stats.gamma(alpha, scale=1.0 / beta))


def _inverse_gamma(alpha: float, beta: float) -> Base:
    return Base(stats.invgamma(alpha, scale=beta), moments=alpha)


def _half_student_t(nu: float, sigma: float) -> Base:
    return Base(stats.t(nu, 0.0, sigma), 0.0, moments=nu)


def _rice(b: float, sigma: float) -> Base:
    if b < 0.0:
        raise ValueError("Rice needs nu >= 0 and b >= 0")
    return Base(stats.rice(b, scale=sigma))


def _wald(mu: float, lam: float, alpha: float = 0.0) -> Base:
    if alpha < 0.0:
        raise ValueError("Wald needs alpha >= 0")
    return Base(stats.invgauss(mu / lam, alpha, lam))


HALF_LINE: Families = {
    "HalfNormal": by_sd(lambda sigma: Base(stats.halfnorm(scale=sigma))),
    "HalfStudentT": (
        Form(("nu", "sigma"), _half_student_t),
        Form(("nu", "lam"), lambda nu, lam: _half_student_t(nu, sd_of(lam))),
    ),
    "HalfCauchy": (Form(("beta",), lambda beta: Base(stats.cauchy(0.0, beta), 0.0, moments=1.0)),),
    "Exponential": (
        Form(("lam",), lambda lam: Base(stats.expon(scale=1.0 / lam))),
        Form(("scale",), lambda scale: Base(stats.expon(scale=scale))),
    ),
    "Gamma": (
        Form(("alpha", "beta"), _gamma),
        Form(("mu", "sigma"), lambda mu, sigma: _gamma((mu / sigma) ** 2, mu / sigma**2)),
    ),
    "InverseGamma": (
        Form(("alpha", "beta"), _inverse_gamma),
        Form(
            ("mu", "sigma"),
            lambda mu, sigma: _inverse_gamma(
                2.0 + (mu / sigma) ** 2, mu * (1.0 + (mu / sigma) ** 2)
            ),
        ),
    ),
    "ChiSquared": (Form(("nu",), lambda nu: _gamma(nu / 2.0, 0.5)),),
    "Weibull": (
        Form(("alpha", "beta"), lambda alpha, beta: Base(stats.weibull_min(alpha, scale=beta))),
    ),
    "LogNormal": by_sd(
        lambda mu, sigma: Base(stats.lognorm(sigma, scale=math.exp(mu))),
        "mu",
    ),
    "Pareto": (
        Form(("alpha", "m"), lambda alpha, m: Base(stats.pareto(alpha, scale=m), moments=alpha)),
    ),
    "Rice": (
        Form(("sigma",), lambda nu, sigma: _rice(nu / sigma, sigma), ("nu",)),
        Form(("sigma",), _rice, ("b",)),
    ),
    "Wald": (
        Form(("mu", "lam"), _wald, ("alpha",), ("alpha",)),
        Form(
            ("mu", "phi"),
            lambda mu, phi, alpha=0.0: _wald(mu, mu * phi, alpha),
            ("alpha",),
            ("alpha",),
        ),
        Form(
            ("lam", "phi"),
            lambda lam, phi, alpha=0.0: _wald(lam / phi, lam, alpha),
            ("alpha",),
            ("alpha",),
        ),
    ),
}

"""Families of priors on the whole line, by PyMC's names and arguments."""

from __future__ import annotations

import math

from scipy import stats

from driftmill.models.family import Base, Families, Form, by_sd, sd_of
from driftmill.models.inverted import Inverted

#: Below this ratio of the exponential's mean to the normal's sd PyMC drops the exponential.
_EXGAUSSIAN_NORMAL = 0.05


def _normal(mu: float, sigma: float) -> Base:
    return Base(stats.norm(mu, sigma))


def _skew_normal(alpha: float, mu: float, sigma: float) -> Base:
    return Base(stats.skewnorm(alpha, mu, sigma))


def _student_t(nu: float, mu: float, sigma: float) -> Base:
    return Base(stats.t(nu, mu, sigma), moments=nu)


def _skew_student_t(a: float, b: float, mu: float, sigma: float) -> Base:
    return Base(stats.jf_skew_t(a, b, mu, sigma), moments=2.0 * min(a, b))


def _ex_gaussian(mu: float, sigma: float, nu: float) -> Base:
    if nu <= _EXGAUSSIAN_NORMAL * sigma:
        return _normal(mu, sigma)
    return Base(Inverted(stats.exponnorm(nu / sigma, mu, sigma)))


def _asymmetric_laplace(kappa: float, mu: float, b: float) -> Base:
    return Base(stats.laplace_asymmetric(kappa, mu, 1.0 / b))


def _asymmetric_laplace_by_quantile(q: float, mu: float, b: float) -> Base:
    if not q < 1.0:
        raise ValueError("AsymmetricLaplace needs 0 < q < 1")
    return _asymmetric_laplace(math.sqrt(q / (1.0 - q)), mu, b)


_T = ("nu", "sigma"), ("nu", "lam")
_SKEW_T = ("a", "b", "sigma"), ("a", "b", "lam")

LINE: Families = {
    "Normal": by_sd(_normal, "mu"),
    "StudentT": (
        Form(_T[0], _student_t, ("mu",)),
        Form(_T[1], lambda nu, mu, lam: _student_t(nu, mu, sd_of(lam)), ("mu",)),
    ),
    "Cauchy": (
        Form(
            ("beta",),
            lambda alpha, beta: Base(stats.cauchy(alpha, beta), moments=1.0),
            ("alpha",),
        ),
    ),
    "Laplace": (Form(("b",), lambda mu, b: Base(stats.laplace(mu, b)), ("mu",)),),
    "AsymmetricLaplace": (
        Form(("kappa", "b"), _asymmetric_laplace, ("mu",)),
        Form(("q", "b"), _asymmetric_laplace_by_quantile, ("mu",)),
    ),
    "Logistic": (Form(("s",), lambda mu, s: Base(stats.logistic(mu, s)), ("mu",)),),
    "Gumbel": (Form(("beta",), lambda mu, beta: Base(stats.gumbel_r(mu, beta)), ("mu",)),),
    "Moyal": (Form(("sigma",), lambda mu, sigma: Base(stats.moyal(mu, sigma)), ("mu",)),),
    "ExGaussian": (Form(("sigma", "nu"), _ex_gaussian, ("mu",)),),
    "SkewNormal": by_sd(_skew_normal, "alpha", "mu"),
    "SkewStudentT": (
        Form(_SKEW_T[0], _skew_student_t, ("mu",)),
        Form(_SKEW_T[1], lambda a, b, mu, lam: _skew_student_t(a, b, mu, sd_of(lam)), ("mu",)),
    ),
}

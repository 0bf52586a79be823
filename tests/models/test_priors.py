"""Priors against PyMC's own densities, numerical integration and their own quantiles."""

import math

import numpy as np
import pymc as pm
import pytest
from scipy import stats
from scipy.integrate import quad

from driftmill.models import Prior
from driftmill.models.prior_families import REFUSED
from driftmill.models.priors import PRIOR_NAMES, Distribution

CASES = [
    Prior("Normal", {"mu": 0.5, "sigma": 2.0}),
    Prior("HalfNormal", {"sigma": 2.0}),
    Prior("TruncatedNormal", {"mu": 0.5, "sigma": 2.0, "lower": 0.2, "upper": 3.0}),
    Prior("TruncatedNormal", {"mu": -1.0, "sigma": 0.5, "lower": 0.0}),
    Prior("Uniform", {"lower": -0.1, "upper": 1.4}),
    Prior("Gamma", {"alpha": 2.0, "beta": 0.5}),
    Prior("Gamma", {"mu": 1.5, "sigma": 0.75}),
    Prior("Beta", {"alpha": 2.0, "beta": 5.0}),
    Prior("Beta", {"mu": 0.3, "sigma": 0.1}),
    Prior("Beta", {"mu": 0.3, "nu": 7.0}),
    Prior("LogNormal", {"mu": 0.2, "sigma": 0.7}),
    Prior("Exponential", {"lam": 2.5}),
    Prior("Exponential", {"scale": 2.5}),
    Prior("StudentT", {"nu": 5.0, "mu": 0.3, "sigma": 1.5}),
    Prior("HalfStudentT", {"nu": 4.0, "sigma": 1.5}),
    Prior("Cauchy", {"alpha": 0.3, "beta": 1.5}),
    Prior("HalfCauchy", {"beta": 1.5}),
    Prior("InverseGamma", {"alpha": 3.0, "beta": 1.5}),
    Prior("InverseGamma", {"mu": 1.2, "sigma": 0.6}),
    Prior("Weibull", {"alpha": 1.5, "beta": 0.3}),
    Prior("Laplace", {"mu": 0.5, "b": 1.5}),
    Prior("Logistic", {"mu": 0.5, "s": 1.5}),
    Prior("Normal", {"mu": 0.5, "tau": 2.0}),
    Prior("HalfNormal", {"tau": 2.0}),
    Prior("TruncatedNormal", {"mu": 0.5, "tau": 2.0, "upper": 3.0}),
    Prior("LogNormal", {"mu": 0.2, "tau": 3.0}),
    Prior("StudentT", {"nu": 5.0, "mu": 0.3, "lam": 0.5}),
    Prior("HalfStudentT", {"nu": 4.0, "lam": 0.5}),
    Prior("AsymmetricLaplace", {"kappa": 1.7, "mu": 0.4, "b": 1.2}),
    Prior("AsymmetricLaplace", {"q": 0.3, "mu": 0.4, "b": 1.2}),
    Prior("ChiSquared", {"nu": 3.0}),
    Prior("ExGaussian", {"mu": 0.3, "sigma": 0.5, "nu": 0.8}),
    Prior("ExGaussian", {"mu": 0.3, "sigma": 2.0, "nu": 0.05}),
    Prior("Gumbel", {"mu": 0.3, "beta": 0.8}),
    Prior("Kumaraswamy", {"a": 2.0, "b": 3.5}),
    Prior("LogitNormal", {"mu": 0.4, "sigma": 0.8}),
    Prior("LogitNormal", {"mu": 0.4, "tau": 2.0}),
    Prior("Moyal", {"mu": 0.3, "sigma": 0.8}),
    Prior("Pareto", {"alpha": 3.5, "m": 0.25}),
    Prior("Rice", {"nu": 0.8, "sigma": 1.2}),
    Prior("Rice", {"b": 0.0, "sigma": 1.2}),
    Prior("SkewNormal", {"alpha": 2.0, "mu": 0.3, "sigma": 1.2}),
    Prior("SkewNormal", {"alpha": -2.0, "mu": 0.3, "tau": 2.0}),
    Prior("SkewStudentT", {"a": 2.5, "b": 4.0, "mu": 0.3, "sigma": 1.2}),
    Prior("SkewStudentT", {"a": 4.0, "b": 2.5, "mu": 0.3, "lam": 0.5}),
    Prior("Triangular", {"lower": -0.5, "upper": 1.5, "c": 0.3}),
    Prior("VonMises", {"mu": 1.0, "kappa": 1.5}),
    Prior("Wald", {"mu": 1.5, "lam": 2.0}),
    Prior("Wald", {"mu": 1.5, "phi": 2.0, "alpha": 0.1}),
    Prior("Wald", {"lam": 1.5, "phi": 2.0}),
]
HEAVY = {"Cauchy", "HalfCauchy"}
POINTS = np.array([-3.0, -0.4, -0.05, 0.01, 0.21, 0.3, 0.7, 0.99, 1.39, 2.9, 8.0])


def test_every_name_is_tried():
    assert {prior.name for prior in CASES} == set(PRIOR_NAMES)


def test_every_distribution_of_pymc_is_offered_or_refused_with_a_reason():
    bases = {"Continuous", "Discrete", "Distribution", "SymbolicRandomVariable"}
    assert {*PRIOR_NAMES, *REFUSED} == set(pm.distributions.__all__) - bases
    assert not set(PRIOR_NAMES) & set(REFUSED)
    refused = set(pm.distributions.continuous.__all__) & set(REFUSED)
    assert refused == {"Flat", "HalfFlat", "Interpolated", "PolyaGamma"}


@pytest.mark.parametrize("prior", CASES, ids=str)
def test_density_is_pymcs(prior):
    # PyTensor keeps a Python float such as 2.0 in single precision, and its logarithm too; some
    # constants inside PyMC's densities are of that kind, hence the tolerance.
    arguments = {name: np.float64(value) for name, value in prior.args.items()}
    logp = pm.logp(getattr(pm, prior.name).dist(**arguments), POINTS)
    with np.errstate(all="ignore"):
        expected = logp.eval(mode="FAST_COMPILE")
    ours = Distribution(prior).logpdf(POINTS)
    # PyMC takes the logarithm of 1 + erf(x), which it loses in the far tail.
    lost = (prior.name == "SkewNormal") & (ours < -30.0)
    np.testing.assert_allclose(ours[~lost], expected[~lost], rtol=1e-7, atol=3e-8)


@pytest.mark.parametrize("cut", [(-math.inf, math.inf), (0.25, math.inf), (0.25, 0.9)])
@pytest.mark.parametrize("prior", CASES, ids=str)
def test_moments_and_mass_agree_with_integration(prior, cut):
    distribution = Distribution(prior, *cut)
    lower, upper = distribution.support

    def integral(function):
        middle = float(distribution.ppf(0.5))
        parts = [
            quad(lambda x: function(x) * math.exp(distribution.logpdf(x)), *ends, limit=500)[0]
            for ends in ((lower, middle), (middle, upper))
        ]
        return sum(parts)

    assert abs(integral(lambda x: 1.0) - 1.0) < 1e-7
    if prior.name in HEAVY and math.isinf(upper):
        assert not math.isfinite(distribution.mean)
        assert distribution.sd == math.inf
        return
    mean = integral(lambda x: x)
    assert abs(distribution.mean - mean) < 1e-6
    assert abs(distribution.sd - math.sqrt(integral(lambda x: (x - mean) ** 2))) < 1e-4


@pytest.mark.parametrize("cut", [(-math.inf, math.inf), (0.25, math.inf), (0.25, 0.9)])
@pytest.mark.parametrize("prior", CASES, ids=str)
def test_quantiles_invert_probabilities_and_draws_follow_them(prior, cut):
    distribution = Distribution(prior, *cut)
    q = np.array([1e-6, 0.1, 0.5, 0.9, 1 - 1e-6])
    np.testing.assert_allclose(distribution.cdf(distribution.ppf(q)), q, rtol=1e-8, atol=1e-9)
    draws = distribution.sample(np.random.default_rng(3), 2000)
    lower, upper = distribution.support
    assert ((draws > lower) & (draws < upper)).all()
    assert stats.kstest(draws, distribution.cdf).pvalue > 1e-4


def test_a_far_tail_is_drawn_from_exactly():
    distribution = Distribution(Prior("Normal", {"mu": -20.0, "sigma": 1.0}), 0.0)
    reference = stats.truncnorm(20.0, math.inf, -20.0, 1.0)
    q = np.array([0.01, 0.5, 0.999])
    np.testing.assert_allclose(distribution.ppf(q), reference.ppf(q), rtol=1e-6)
    assert abs(distribution.mean - reference.mean()) < 1e-6


def test_draws_depend_on_the_generator_alone():
    distribution = Distribution(Prior("Gamma", {"alpha": 2.0, "beta": 0.5}))
    together = distribution.sample(np.random.default_rng(1), 10)
    rng = np.random.default_rng(1)
    apart = np.concatenate([distribution.sample(rng, 4), distribution.sample(rng, 6)])
    np.testing.assert_array_equal(together, apart)


def test_ends_of_the_support_are_never_drawn():
    quantiles = Distribution(Prior("Uniform", {"lower": 0.0, "upper": 1.0})).ppf([0.0, 1.0])
    assert 0.0 < quantiles[0] < quantiles[1] < 1.0


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        (Prior("Norml", {"mu": 0.0, "sigma": 1.0}), "did you mean 'Normal'"),
        (Prior("halfnormal", {"sigma": 1.0}), "did you mean 'HalfNormal'"),
        (Prior("Xyzzy"), "known are AsymmetricLaplace, Beta"),
        (Prior("Normal", {"mu": 0.0, "sgima": 1.0}), "did you mean 'sigma'"),
        (Prior("Normal", {"sigma": 1.0}), r"arguments \(mu, sigma\) or \(mu, tau\), got sigma"),
        (Prior("Gamma", {"alpha": 1.0, "sigma": 1.0}), r"\(alpha, beta\) or \(mu, sigma\)"),
        (Prior("Normal", {"mu": 0.0, "sigma": 0.0}), "sigma must be above 0"),
        (Prior("Normal", {"mu": math.nan, "sigma": 1.0}), "mu must be a finite number"),
        (Prior("Uniform", {"lower": 1.0, "upper": 1.0}), "lower < upper"),
        (Prior("Beta", {"mu": 0.5, "sigma": 0.6}), "sigma\\^2 < mu"),
        (Prior("TruncatedNormal", {"mu": 0.0, "sigma": 1.0, "lower": 2.0, "upper": 1.0}), "lower"),
        (Prior("Triangular", {"lower": 0.0, "upper": 1.0, "c": 2.0}), "lower <= c <= upper"),
        (Prior("AsymmetricLaplace", {"q": 1.0, "mu": 0.0, "b": 1.0}), "0 < q < 1"),
        (Prior("Rice", {"nu": -1.0, "sigma": 1.0}), "nu >= 0"),
        (Prior("Wald", {"mu": 1.0, "lam": 1.0, "alpha": -1.0}), "alpha >= 0"),
        (Prior("Wald", {"mu": 1.0, "lam": 1.0, "alpha": math.inf}), "alpha must be a finite"),
        (Prior("Normal", {"mu": 0.0, "sigma": 1.0, "tau": 1.0}), r"\(mu, sigma\) or \(mu, tau\)"),
        (Prior("Flat"), "it is improper: .* give a wide Normal"),
        (Prior("PolyaGamma", {"h": 1.0}), "infinite series"),
        (Prior("Interpolated"), "needs arrays"),
        (Prior("Poisson", {"mu": 1.0}), "whole numbers only"),
        (Prior("MvNormal"), "several dimensions"),
        (Prior("Mixture"), "made from other distributions"),
        (
            Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 1.0})}),
            "sigma is a distribution, which only the sd of a term that varies over groups",
        ),
    ],
)
def test_a_wrong_prior_is_explained(prior, message):
    with pytest.raises(ValueError, match=message):
        Distribution(prior)


def test_a_prior_outside_the_support_is_refused():
    with pytest.raises(ValueError, match="no mass inside the support"):
        Distribution(Prior("Uniform", {"lower": -2.0, "upper": -1.0}), 0.0)

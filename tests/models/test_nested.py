"""Priors of deviations against simulation and against what they may not be."""

import math

import numpy as np
import pytest

from driftmill.models import Prior
from driftmill.models.nested import DeviationPrior
from driftmill.models.priors import Distribution

HALF = Prior("HalfNormal", {"sigma": 0.5})


def deviations(name="Normal", **args):
    return Prior(name, {"mu": 0.0, "sigma": HALF, **args})


@pytest.mark.parametrize(
    ("prior", "standard"),
    [
        (deviations(), lambda rng, n: rng.standard_normal(n)),
        (deviations("StudentT", nu=7.0), lambda rng, n: rng.standard_t(7.0, n)),
    ],
)
def test_the_sd_is_that_of_draws(prior, standard):
    rng, n = np.random.default_rng(5), 400_000
    drawn = np.abs(0.5 * rng.standard_normal(n)) * standard(rng, n)
    squares = drawn**2
    error = squares.std() / math.sqrt(n)
    assert abs(DeviationPrior(prior).sd ** 2 - squares.mean()) < 4.0 * error


def test_the_sd_of_a_normal_with_a_half_normal_sd_is_its_scale():
    assert math.isclose(DeviationPrior(deviations()).sd, 0.5, rel_tol=1e-9)


def test_the_scale_is_the_prior_of_the_sd_above_zero():
    scale = DeviationPrior(deviations(sigma=Prior("Normal", {"mu": 0.0, "sigma": 0.5}))).scale
    x = np.array([-0.1, 0.2, 0.9])
    np.testing.assert_allclose(scale.logpdf(x), Distribution(HALF).logpdf(x), rtol=1e-12)


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        (Prior("Laplace", {"mu": 0.0, "b": HALF}), "are Normal or StudentT around 0"),
        (deviations(sigma=0.5), "sigma, the sd over groups, needs a prior of its own"),
        (Prior("Normal", {"mu": 0.0, "tau": HALF}), "needs a prior of its own"),
        (deviations(mu=1.0), "mu must be 0"),
        (deviations(mu=HALF), "mu must be 0"),
        (Prior("Normal", {"sigma": HALF}), "mu must be 0"),
        (deviations("StudentT"), r"takes the arguments \(mu, nu, sigma\)"),
        (deviations(sigma=deviations()), "sigma is a distribution"),
        (deviations(sigma=Prior("Uniform", {"lower": -2.0, "upper": -1.0})), "no mass"),
    ],
)
def test_what_cannot_be_is_explained(prior, message):
    with pytest.raises(ValueError, match=message):
        DeviationPrior(prior)

"""Distributions of our own against integrals of their densities, and scipy's own quantiles."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad

from driftmill.models.inverted import Inverted, Kumaraswamy, LogitNormal, VonMises

MADE = {
    "Kumaraswamy(2, 3.5)": Kumaraswamy(2.0, 3.5),
    "Kumaraswamy(0.7, 0.8)": Kumaraswamy(0.7, 0.8),
    "LogitNormal(0.4, 0.8)": LogitNormal(0.4, 0.8),
    "LogitNormal(-1, 2)": LogitNormal(-1.0, 2.0),
    "VonMises(0, 4)": VonMises(0.0, 4.0),
    "VonMises(2.5, 1.5)": VonMises(2.5, 1.5),
}


def integral(made, lower, upper, power=0):
    return quad(lambda x: x**power * math.exp(made.logpdf(x)), lower, upper, epsabs=1e-11)[0]


@pytest.mark.parametrize("name", MADE)
def test_probabilities_are_integrals_of_the_density(name):
    made = MADE[name]
    lower, upper = made.support()
    for share in (0.1, 0.35, 0.8):
        x = lower + share * (upper - lower)
        mass = integral(made, lower, x)
        assert math.isclose(made.cdf(x), mass, rel_tol=1e-7)
        assert math.isclose(made.sf(x), 1.0 - mass, rel_tol=1e-7)
        assert math.isclose(made.ppf(mass), x, rel_tol=1e-6)
        assert math.isclose(made.isf(1.0 - mass), x, rel_tol=1e-6)


@pytest.mark.parametrize("name", MADE)
def test_moments_are_integrals(name):
    made = MADE[name]
    mean = integral(made, *made.support(), 1)
    square = integral(made, *made.support(), 2)
    assert math.isclose(made.mean(), mean, rel_tol=1e-7)
    assert math.isclose(made.std(), math.sqrt(square - mean**2), rel_tol=1e-6)


def test_quantiles_found_at_once_reach_far_into_both_tails():
    frozen = stats.exponnorm(1.6, 0.3, 0.5)
    q = np.array([1e-12, 1e-3, 0.2, 0.5, 0.99])
    np.testing.assert_allclose(Inverted(frozen).ppf(q), frozen.ppf(q), rtol=1e-7)
    np.testing.assert_allclose(frozen.sf(Inverted(frozen).isf(q)), q, rtol=1e-6)
    np.testing.assert_array_equal(Inverted(frozen).logpdf(q), frozen.logpdf(q))

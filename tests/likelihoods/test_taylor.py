"""Averages over a narrow interval, against those of an exponential and of the normal density."""

import numpy as np
from scipy import stats

from driftmill.likelihoods.taylor import average, integrated, normal_terms, tilted

HALF = np.array([0.0, 1e-3, 0.05])
TERMS = 9


def test_averages_of_an_exponential():
    terms = [HALF**n for n in range(TERMS)]
    h = HALF[1:]
    assert average(terms)[0] == 1.0
    assert tilted(terms)[0] == 0.0
    np.testing.assert_allclose(average(terms)[1:], np.sinh(h) / h, rtol=1e-15)
    # By parts; the difference has lost digits as the square of the width.
    expected = np.cosh(h) / h - np.sinh(h) / h**2
    np.testing.assert_allclose(tilted(terms)[1:], expected, rtol=1e-8)


def test_averages_of_the_normal_density_and_cumulative():
    middle, nodes = 1.3, np.polynomial.legendre.leggauss(12)
    place, weight = nodes[0][:, None], 0.5 * nodes[1][:, None]
    z = middle + HALF * place
    density = np.full_like(HALF, stats.norm.pdf(middle))
    p, slopes = normal_terms(np.full_like(HALF, middle), density, HALF, TERMS)
    cumulative = integrated(np.full_like(HALF, stats.norm.cdf(middle)), p, HALF)
    for terms, function in (
        (p, stats.norm.pdf),
        (slopes, lambda x: -x * stats.norm.pdf(x)),
        (cumulative, stats.norm.cdf),
    ):
        whole = (weight * function(z)).sum(axis=0)
        np.testing.assert_allclose(average(terms), whole, rtol=1e-14)
        leaning = (weight * place * function(z)).sum(axis=0)
        np.testing.assert_allclose(tilted(terms), leaning, rtol=1e-10, atol=1e-16)

"""Two decisions in sequence against the convolution of two single ones."""

import jax
import numpy as np
import pytest
from scipy import integrate

from driftmill.likelihoods.first_passage import ddm
from driftmill.likelihoods.sequential import ddm_seq2_no_bias

density = jax.jit(ddm_seq2_no_bias)
single = jax.jit(ddm)
VH, VL1, VL2, A, T = 0.9, -0.4, 1.3, 0.8, 0.25


def convolved(time, response):
    first, second = (1 if response >= 2 else -1), (1 if response in (1, 3) else -1)
    v = VL2 if response >= 2 else VL1

    def both(s):
        return float(
            np.exp(single(s, first, VH, A, 0.5, 0.0) + single(time - s, second, v, A, 0.5, 0.0))
        )

    return integrate.quad(both, 0, time, epsabs=0, epsrel=1e-9, points=[time / 2])[0]


@pytest.mark.parametrize("response", [0, 1, 2, 3])
def test_the_density_is_a_convolution(response):
    for time in (0.35, 1.4):
        found = np.exp(density(T + time, response, VH, VL1, VL2, A, T))
        assert float(found) == pytest.approx(convolved(time, response), rel=1e-7)


def test_far_apart_drifts_keep_their_stages():
    # A first stage without hope of its upper bound: what is left is the second stage's choice.
    rt = np.linspace(0.1, 12.0, 8001)
    shares = [
        np.trapezoid(np.exp(density(rt, r, -4.0, VL1, VL2, A, 0.1)), rt) for r in (0, 1, 2, 3)
    ]
    up = 1.0 / (1.0 + np.exp(-2 * VL1 * A))
    low = 1.0 / (1.0 + np.exp(-2 * 4.0 * A))
    np.testing.assert_allclose(shares[:2], [low * (1 - up), low * up], atol=1e-4)
    assert sum(shares) == pytest.approx(1.0, abs=1e-4)


def test_outside_there_is_nothing_and_no_slope():
    for given in ((T, 1), (0.1, 1), (1.0, 4)):
        value, slope = jax.value_and_grad(lambda v, g=given: density(*g, v, VL1, VL2, A, T))(VH)
        assert value == -np.inf
        assert slope == 0.0
    assert density(1.0, 1, VH, VL1, VL2, -1.0, T) == -np.inf
    assert np.isnan(density(1.0, np.nan, VH, VL1, VL2, A, T))
    assert np.isnan(density(1.0, 1, np.nan, VL1, VL2, A, T))

"""Survivor functions that are made from a density against those in closed form."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from driftmill.likelihoods import (
    first_passage,
    first_passage_cumulative,
    first_passage_survivor,
    full_ddm,
)
from driftmill.likelihoods.time_quadrature import cumulative_of, log_sum, survivor_of
from driftmill.models import CATALOGUE


def test_of_the_ddm():
    made = jax.jit(survivor_of(first_passage.ddm, (-1, 1), shift=3))
    closed = jax.jit(first_passage_survivor.ddm)
    rng = np.random.default_rng(2)
    ends = ((-4, 4), (0.4, 2.5), (0.1, 0.9), (0.1, 0.4))
    values = [rng.uniform(*pair, 40) for pair in ends]
    rt = values[3] + np.exp(rng.uniform(np.log(0.1), np.log(4.0), 40))
    np.testing.assert_allclose(made(rt, *values), closed(rt, *values), atol=1e-7)
    assert made(0.2, 1.0, 1.0, 0.5, 0.2) == 0.0


def test_of_a_gamma_density_without_a_shift():
    def log_density(rt, response, shape):
        return (shape - 1) * jnp.log(rt) - rt - jax.scipy.special.gammaln(shape)

    made = survivor_of(log_density, (1,))
    for rt in (0.5, 3.0, 30.0):
        np.testing.assert_allclose(made(rt, 2.5), stats.gamma.logsf(rt, 2.5), atol=1e-8)


def test_a_sum_of_nothing_has_a_finite_gradient():
    value, slope = jax.value_and_grad(log_sum)(jnp.full(3, -jnp.inf))
    assert value == -jnp.inf
    assert (slope == 0.0).all()


def test_responses_of_the_ddm():
    made = jax.jit(cumulative_of(first_passage.ddm, shift=3))
    closed = jax.jit(first_passage_cumulative.ddm)
    rng = np.random.default_rng(3)
    ends = ((-4, 4), (0.4, 2.5), (0.1, 0.9), (0.1, 0.4))
    values = [rng.uniform(*pair, 40) for pair in ends]
    rt = values[3] + np.exp(rng.uniform(np.log(0.1), np.log(4.0), 40))
    for response in (-1, 1):
        expected = np.exp(closed(rt, response, *values))
        np.testing.assert_allclose(np.exp(made(rt, response, *values)), expected, atol=1e-9)
    assert made(0.2, 1.0, 1.0, 1.0, 0.5, 0.2) == -np.inf


@pytest.mark.long
def test_a_non_decision_time_that_varies_has_two_edges():
    """With sz = 0 the survivor is the mean, over the window, of that with one non-decision time."""
    made = jax.jit(survivor_of(full_ddm.full_ddm, (-1, 1), shift=3, width=6))
    before = jax.jit(cumulative_of(full_ddm.full_ddm, shift=3, width=6))
    v, a, z, t, sv, st = 1.5, 0.4, 0.4, 0.6, 0.8, 0.9
    nodes, weights = np.polynomial.legendre.leggauss(200)
    survivor, response = (
        jax.jit(f) for f in (first_passage_survivor.ddm_sdv, first_passage_cumulative.ddm_sdv)
    )
    for rt in (0.3, 0.9, 1.2):
        # Shorter than rt alone is there a kink: the rest of the window has ended nothing.
        last = min(rt, t + st / 2)
        share = (last - (t - st / 2)) / st
        at = 0.5 * (last + t - st / 2) + 0.5 * (last - t + st / 2) * nodes
        left = np.exp(survivor(rt, v, a, z, at, sv))
        expected = 1.0 - share + share * 0.5 * weights @ left
        found = np.exp(made(rt, v, a, z, t, 0.0, sv, st))
        np.testing.assert_allclose(found, expected, rtol=1e-7)
        upper = np.exp(response(rt, 1.0, v, a, z, at, sv))
        found = np.exp(before(rt, 1.0, v, a, z, t, 0.0, sv, st))
        np.testing.assert_allclose(found, share * 0.5 * weights @ upper, rtol=1e-7)
    assert made(0.1, v, a, z, t, 0.0, sv, st) == 0.0


@pytest.mark.parametrize(
    ("name", "values", "rt"),
    [
        # A bound that falls at once, long after the deadline.
        ("weibull", (0.95, 1.94, 0.41, 0.3, 3.0, 1.67), 0.4),
        pytest.param("ornstein", (0.8, 1.2, 0.6, 0.7, 0.3), 0.9, marks=pytest.mark.long),
        ("ddm_seq2_no_bias", (0.5, -0.7, 1.2, 0.9, 0.3), 1.4),
    ],
)
def test_what_is_left_and_what_has_come_make_one(name, values, rt):
    model = CATALOGUE[name]
    before, after = jax.jit(model.log_cumulative), jax.jit(model.log_survivor)
    total = sum(np.exp(before(rt, float(c), *values)) for c in model.choices)
    np.testing.assert_allclose(total + np.exp(after(rt, *values)), 1.0, atol=2e-5)

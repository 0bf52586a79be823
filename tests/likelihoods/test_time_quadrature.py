"""Survivor functions that are made from a density against those in closed form."""

import jax
import jax.numpy as jnp
import numpy as np
from scipy import stats

from driftmill.likelihoods import first_passage, first_passage_survivor
from driftmill.likelihoods.time_quadrature import log_sum, survivor_of


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

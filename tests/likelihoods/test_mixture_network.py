"""Mixtures of log-normals by a perceptron: mass, survivors, mirror, gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from driftmill.likelihoods import mixture_network as mixture
from driftmill.likelihoods.perceptron import layers_of
from driftmill.networks.training import first_weights

COMPONENTS = 5
#: Compiled, which takes a tenth of the time.
log_density, log_survivor, log_cumulative = (
    jax.jit(each) for each in (mixture.log_density, mixture.log_survivor, mixture.log_cumulative)
)
heads_of = jax.jit(mixture.heads, static_argnums=3)
INPUTS = np.array([[0.3, -0.8], [-0.6, 0.1], [0.9, 0.9]])


def layers(choices, mirrored):
    out = mixture.outputs(COMPONENTS, choices, mirrored)
    return layers_of(first_weights((2, 12, out), seed=4))


def found(choices=2, mirrored=True, inputs=INPUTS):
    inputs = jnp.asarray(inputs)
    mirror = -inputs if mirrored else None
    return heads_of(layers(choices, mirrored), inputs, mirror, choices)


@pytest.mark.parametrize(("choices", "mirrored"), [(2, True), (2, False), (4, False)])
def test_the_mass_of_all_choices_is_one(choices, mirrored):
    heads = found(choices, mirrored)
    x = np.linspace(-60, 60, 24_001)[:, None]
    log_p = [log_density(heads, x, np.full(x.shape, k)) for k in range(choices)]
    mass = np.exp(log_p).sum(axis=(0, 1)) * (x[1, 0] - x[0, 0])
    np.testing.assert_allclose(mass, 1.0, atol=1e-9)


def test_the_density_is_that_of_normals_by_scipy():
    heads = found(3, False)
    x = np.array([-1.0, 0.2, 2.0])
    places = np.array([2, 0, 1])
    expected = []
    for row, (at, k) in enumerate(zip(x, places, strict=True)):
        parts = norm.pdf(at, heads.mean[k, :, row], heads.sd[k, :, row])
        weights = np.exp(heads.log_weight[k, :, row] + heads.log_choice[k, row])
        expected.append(np.log(np.sum(weights * parts)))
    np.testing.assert_allclose(log_density(heads, x, places), expected, rtol=1e-10)


def test_survivor_and_cumulative_are_integrals_of_the_density():
    heads = found(2, True, INPUTS[0])
    x = np.linspace(-60, 60, 24_001)
    step = x[1] - x[0]
    p = [np.exp(log_density(heads, x, np.full(x.shape, k))) for k in range(2)]
    cumulative = np.array([step * (np.cumsum(each) - 0.5 * each) for each in p])
    for k in range(2):
        got = np.exp(log_cumulative(heads, x[9_000:15_000], np.int32(k)))
        np.testing.assert_allclose(got, cumulative[k, 9_000:15_000], atol=1e-5)
    got = np.exp(log_survivor(heads, x[9_000:15_000]))
    np.testing.assert_allclose(got, 1 - cumulative.sum(axis=0)[9_000:15_000], atol=1e-5)


def test_mirrored_inputs_change_the_choices_places_to_the_last_digit():
    x = np.linspace(-3, 3, 3)
    lower = log_density(found(), x, np.zeros(3, int))
    upper = log_density(found(inputs=-INPUTS), x, np.ones(3, int))
    np.testing.assert_array_equal(lower, upper)


def test_tails_are_finite_and_so_are_their_gradients():
    heads = found(2, True, INPUTS[0])
    for x in (-700.0, -50.0, 50.0, 700.0):
        for function in (
            lambda at: log_density(heads, at, jnp.int32(1)),
            lambda at: log_survivor(heads, at),
            lambda at: log_cumulative(heads, at, jnp.int32(0)),
        ):
            value, slope = jax.value_and_grad(function)(x)
            assert np.isfinite(value)
            assert np.isfinite(slope)


def test_gradients_by_inputs_equal_finite_differences():
    def total(inputs):
        heads = heads_of(layers(2, True), inputs, -inputs, 2)
        return log_density(heads, jnp.asarray(0.4), jnp.int32(1))

    at = jnp.asarray(INPUTS[0])
    gradient = jax.grad(total)(at)
    for i in range(2):
        step = 1e-5 * np.eye(2)[i]
        difference = (total(at + step) - total(at - step)) / 2e-5
        np.testing.assert_allclose(gradient[i], difference, rtol=1e-6)


def test_the_scale_is_the_logarithm_first_and_twice_the_root_at_last():
    early, late = mixture.scaled(jnp.log(jnp.array([1e-8, 1e4])))[0]
    np.testing.assert_allclose(early, np.log(1e-8), atol=1e-3)
    np.testing.assert_allclose(late, 200.0, rtol=1e-9)
    for log_time in (-9.0, -1.0, 0.5, 4.0):
        slope = jax.grad(lambda at: mixture.scaled(at).x)(log_time)
        got = mixture.scaled(jnp.asarray(log_time)).log_slope
        np.testing.assert_allclose(got, np.log(slope) - log_time, rtol=1e-9, atol=1e-12)

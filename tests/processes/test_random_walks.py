"""The bends that keep precisions positive: nothing changed inside, continuous with their slopes."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import brentq

from driftmill.processes.random_walks import Beliefs, Predicted, RandomWalks, packed

PARAMETERS = {"kappa": 1.0, "rho1": 0.0, "lam1": 1.0, "rho2": 0.0, "lam2": 1.0}
STATE = jnp.array([[0.0], [1.0], [0.0], [1.0]])


def step_variance(omega, elapsed=1.0):
    walks = RandomWalks(1, 1, "ehgf")
    parameters = PARAMETERS | {"omega1": jnp.atleast_1d(omega)}
    return walks.predict(STATE[:2], elapsed, parameters).variance[0]


@pytest.mark.parametrize("elapsed", [1.0, 2.5])
def test_step_variances_are_exact_up_to_their_bend(elapsed):
    for omega in (-800.0, -4.0, 0.0, 19.9, 20.0):
        expected = elapsed * np.exp(omega)
        np.testing.assert_allclose(step_variance(omega, elapsed), expected, rtol=1e-14)


def test_step_variances_bend_over_without_a_kink_and_never_end():
    omegas = np.concatenate([np.linspace(19.0, 60.0, 400), [1e3, 1e6, 1e300]])
    values = np.log(jax.vmap(step_variance)(omegas))
    assert (np.diff(values[:-1]) > 0).all()
    assert values[-1] <= 25.0
    slope = jax.grad(lambda omega: jnp.log(step_variance(omega)))
    slopes = [float(slope(20.0 + x)) for x in (-1e-9, 0.0, 1e-9)]
    np.testing.assert_allclose(slopes, 1.0, rtol=1e-8)
    assert 0 < slope(100.0) < slope(30.0) < 1


def upper_precision(lower_mean, update="standard"):
    """Return the upper walk's precision after a lower mean at such a distance from expected.

    The lower walk's step has little variance, so that by the equation it would go below zero.
    """
    walks = RandomWalks(1, 2, update)
    parameters = PARAMETERS | {"omega1": -1.0, "omega2": -4.0}
    predicted = walks.predict(STATE, 1.0, parameters)
    mean, precision = jnp.atleast_1d(lower_mean), jnp.full(1, 2.0)
    after = walks.observe(STATE, predicted, mean, precision, 1.0, parameters)
    return after.precisions[1][0], predicted, after


def by_equation(lower_mean):
    """Return the standard update's precision as it is written."""
    _, predicted, _ = upper_precision(lower_mean)
    lower, upper = (float(p[0]) for p in predicted.beliefs.precisions)
    share = float(predicted.variance[0]) * lower
    surprise = lower * (0.5 + lower_mean**2) - 1
    return upper + share**2 / 2 + share**2 * surprise - share * surprise / 2, upper


def test_the_standard_precision_bends_over_near_zero():
    means = np.linspace(0.0, 30.0, 301)
    got = np.array(jax.vmap(lambda m: upper_precision(m)[0])(means))
    expected, predicted = np.array([by_equation(m) for m in means[::10]]).T
    kept = expected > 0.01 * predicted
    assert kept.any()
    assert (expected < 0).any()
    np.testing.assert_allclose(got[::10][kept], expected[kept], rtol=1e-12)
    bent = got < 0.01 * predicted[0]
    assert (got > 0.005 * predicted[0]).all()
    assert (np.diff(got[bent]) < 0).all()


def test_the_standard_precision_bends_without_a_kink():
    def above(mean):
        precision, predicted = by_equation(mean)
        return precision - 0.01 * predicted

    bend = brentq(above, 0.5, 30.0, xtol=1e-14)
    slope = jax.grad(lambda mean: upper_precision(mean)[0])
    np.testing.assert_allclose(slope(bend + 1e-8), slope(bend - 1e-8), rtol=1e-4)


def test_the_enhanced_precision_never_falls_below_its_prediction():
    for mean in np.linspace(0.0, 30.0, 31):
        precision, predicted, _ = upper_precision(mean, "ehgf")
        assert precision >= predicted.beliefs.precisions[1][0]


def test_packing_keeps_means_and_precisions_in_turn():
    one, two, three, four = (jnp.full(2, float(x)) for x in range(4))
    np.testing.assert_array_equal(
        packed(Beliefs((one, three), (two, four)))[:, 0], [0.0, 1.0, 2.0, 3.0]
    )
    start = RandomWalks(1, 2, "ehgf").start(
        {"mu1_start": 0.0, "pi1_start": 1.0, "mu2_start": np.array([2.0, 2.5]), "pi2_start": 3.0}, 2
    )
    np.testing.assert_array_equal(start, [[0, 0], [1, 1], [2, 2.5], [3, 3]])
    assert isinstance(
        RandomWalks(1, 2, "ehgf").predict(start, 1.0, PARAMETERS | {"omega1": 0.0, "omega2": 0.0}),
        Predicted,
    )

"""What is said of an optimisation's end, and a Gaussian that it must find exactly."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.sampling.advi import STEPS, Fitted, build_variational, fit_variational
from driftmill.sampling.mode import Mode


def fitted(losses):
    return Fitted(np.zeros(2), np.ones(2), np.asarray(losses, dtype=float))


def test_a_gaussian_is_found():
    """Independent in whitened coordinates, away from where the search starts."""
    center, sd = jnp.array([0.7, -1.5]), jnp.array([0.5, 2.0])
    program = build_variational(lambda z, arrays, mode: -0.5 * jnp.sum(((z - center) / sd) ** 2))
    mode = Mode(np.array([3.0, 4.0]), np.eye(2))
    found = fit_variational(program, (), mode, jax.random.key(3))
    assert len(found.losses) == STEPS
    np.testing.assert_allclose(found.location, center, atol=0.03)
    np.testing.assert_allclose(found.scale, sd, rtol=0.03)
    assert found.note == ""
    z = np.ones((1, 1, 2))
    np.testing.assert_allclose(found.coordinates(z)[0, 0], center + sd, atol=0.1)


def test_noise_is_no_rise():
    assert fitted(np.random.default_rng(1).normal(100, 1, 1000)).note == ""


def test_a_rise_is_told():
    losses = np.linspace(200, 100, 1000) + np.random.default_rng(1).normal(0, 1, 1000)
    assert fitted(losses).note == "the ELBO still rose by 10 in the last tenth of 1000 steps"


@pytest.mark.parametrize(("share", "told"), [(0.9, True), (0.1, False)])
def test_steps_without_density_are_told(share, told):
    rng = np.random.default_rng(2)
    losses = np.where(rng.random(1000) < share, np.nan, 50.0)
    assert ("met no density" in fitted(losses).note) == told

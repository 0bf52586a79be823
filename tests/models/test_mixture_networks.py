"""Likelihoods by mixture networks: the box and what is beyond, sharing, and the shipped ones."""

from dataclasses import replace

import jax
import numpy as np
import pytest

from driftmill.likelihoods import first_passage
from driftmill.models import CATALOGUE
from driftmill.models.levy import LEVY
from driftmill.models.passages import Passages
from driftmill.models.shipped import shipped
from driftmill.models.with_network import with_network

NETWORK = shipped("levy")
MODEL = with_network(LEVY, NETWORK)
LOG_DENSITY = MODEL.likelihoods["approx_differentiable"]
INSIDE = {"v": 0.8, "a": 1.2, "z": 0.45, "alpha": 1.6, "t": 0.3}
RT = np.array([0.5, 0.9, 2.0, 0.7])
RESPONSE = np.array([1.0, -1.0, 1.0, -1.0])


def test_the_functions_of_one_network_are_the_same_objects():
    again = with_network(LEVY, NETWORK)
    assert again.likelihoods["approx_differentiable"] is LOG_DENSITY
    narrow = replace(
        LEVY, parameters=(replace(LEVY.parameters[0], lower=0.0), *LEVY.parameters[1:])
    )
    other = with_network(narrow, NETWORK).likelihoods["approx_differentiable"]
    assert other is not LOG_DENSITY
    assert other(0.9, 1.0, *(INSIDE | {"v": -0.5}).values()) == -np.inf


@pytest.mark.parametrize("shape", [(), (1,), (4,), (1, 1)])
def test_parameters_of_any_shape_give_the_same(shape):
    one_by_one = [LOG_DENSITY(rt, c, *INSIDE.values()) for rt, c in zip(RT, RESPONSE, strict=True)]
    values = [np.full(shape, x) for x in INSIDE.values()]
    got = np.asarray(LOG_DENSITY(RT, RESPONSE, *values))
    np.testing.assert_allclose(got.ravel(), one_by_one, rtol=1e-12)


def test_lanes_of_participants_share_an_evaluation():
    rt, response = RT.reshape(2, 2), RESPONSE.reshape(2, 2)
    v = np.array([[0.2, -1.0]])
    values = [v if name == "v" else x for name, x in INSIDE.items()]
    got = np.asarray(LOG_DENSITY(rt, response, *values))
    for lane in range(2):
        alone = (INSIDE | {"v": v[0, lane]}).values()
        expected = LOG_DENSITY(rt[:, lane], response[:, lane], *alone)
        np.testing.assert_allclose(got[:, lane], expected, rtol=1e-12)


def test_beyond_tells_what_lies_outside_of_the_box():
    high = NETWORK.box["v"][1]
    v = np.array([0.0, 0.999 * high, 1.01 * high, -2 * high])
    got = MODEL.beyond(INSIDE | {"a": 1.0, "v": v})
    np.testing.assert_array_equal(got, [False, False, True, True])
    assert not MODEL.beyond(INSIDE)
    assert MODEL.beyond(INSIDE | {"z": 0.01})


def test_beyond_the_box_the_density_is_smooth_and_leads_back():
    end = NETWORK.box["z"][1]

    @jax.jit
    @jax.value_and_grad
    def of_z(z):
        return LOG_DENSITY(RT, RESPONSE, *(INSIDE | {"z": z}).values()).sum()

    inside, slope = of_z(end - 1e-7)
    outside, further = of_z(end + 1e-7)
    np.testing.assert_allclose(inside, outside, atol=1e-4)
    np.testing.assert_allclose(slope, further, rtol=1e-3, atol=1e-3)
    half = 0.5 * (end - NETWORK.box["z"][0])
    for times in (2.0, 10.0, 1e3):
        # Far outside the mixture stays what it is, and the penalty alone has a slope.
        value, slope = of_z(0.5 + times * half) if 0.5 + times * half < 1 else (None, -1.0)
        assert slope < 0
        assert value is None or np.isfinite(value)
    value, slope = jax.value_and_grad(
        lambda v: LOG_DENSITY(RT, RESPONSE, *(INSIDE | {"v": v}).values()).sum()
    )(100.0)
    assert np.isfinite(value)
    assert slope < 0


def test_levy_of_index_two_is_a_diffusion_with_noise_of_root_two():
    """The edge of the box is the ddm in units of root two: an error within that of the card."""
    rng = np.random.default_rng(5)
    ends = {"v": (-2.0, 2.0), "a": (0.7, 1.6), "z": (0.25, 0.75)}
    v, a, z = (np.repeat(rng.uniform(low, high, 30), 200) for low, high in ends.values())
    twin = {"v": v / np.sqrt(2), "a": a / np.sqrt(2), "z": z, "t": np.full(v.size, 0.2)}
    columns = Passages(first_passage.ddm, tuple(twin))(rng, twin)
    rt, response = columns["rt"], columns["response"].astype(float)
    exact = jax.jit(first_passage.ddm)(rt, response, *twin.values())
    error = np.asarray(LOG_DENSITY(rt, response, v, a, z, np.full(v.size, 2.0), 0.2) - exact)
    # At an edge a network is worse than in the middle.
    assert np.sqrt(np.mean(error**2)) < 4 * NETWORK.accuracy["log_density_error_rms"]


@pytest.mark.parametrize("name", ["levy", "gamma_drift", "gamma_drift_angle"])
def test_a_shipped_network_passed_its_gates_and_is_small(name):
    network = shipped(name)
    assert network.passed
    assert sum(array.nbytes for array in network.weights.values()) < 300_000
    assert CATALOGUE[name].solved == tuple(n for n in CATALOGUE[name].parameter_names if n != "t")

"""Coordinates that separate scales from what they multiply."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.sampling.centring import Centring, empty_centring, to_position

#: A scale (0), an sd (1) that it shifts, two deviations (2, 3) of the sd, one value (4) that the
#: scale multiplies, and a bystander (5).
CENTRING = Centring(
    removed=np.array([0.0, 0.0, 0.6, 0.6, 0.0, 0.0]),
    noncentred=np.zeros(6),
    sd=np.array([0, 0, 1, 1, 0, 0]),
    sd_anchor=np.array([0.0, 0.0, -0.7, -0.7, 0.0, 0.0]),
    share=np.array([0.0, 0.0, 0.0, 0.0, -1.0, 0.0]),
    shift=np.array([0.0, -1.0, 0.0, 0.0, 0.0, 0.0]),
    scale=np.array([0, 0, 0, 0, 0, 0]),
    scale_anchor=np.array([0.0, 0.4, 0.0, 0.0, 0.4, 0.0]),
)


def test_there_and_back():
    rng = np.random.default_rng(0)
    coordinates = rng.normal(size=(20, 6))
    positions = CENTRING.to_position(coordinates)
    np.testing.assert_allclose(CENTRING.from_position(positions), coordinates, rtol=1e-12)
    np.testing.assert_allclose(
        [to_position(jnp.asarray(y), CENTRING.arrays)[0] for y in coordinates],
        positions,
        rtol=1e-12,
    )


def test_jacobian_is_that_of_the_map():
    rng = np.random.default_rng(1)
    for y in rng.normal(size=(5, 6)):
        matrix = jax.jacobian(lambda x: to_position(x, CENTRING.arrays)[0])(jnp.asarray(y))
        _, log_det = np.linalg.slogdet(matrix)
        got = to_position(jnp.asarray(y), CENTRING.arrays)[1]
        assert float(got) == pytest.approx(log_det, abs=1e-12)


def test_the_product_does_not_change_along_the_scale():
    """A product scale * value, and scale * sd, are the coordinates' own."""
    y = np.array([0.3, -0.5, 1.0, -1.0, 0.8, 0.1])
    other = y.copy()
    other[0] = 2.0
    one, two = CENTRING.to_position(y), CENTRING.to_position(other)
    assert np.exp(one[0]) * one[4] == pytest.approx(np.exp(two[0]) * two[4])
    assert one[0] + one[1] == pytest.approx(two[0] + two[1])
    np.testing.assert_allclose(one[2:4], two[2:4])


def test_weakened_to_nothing_it_is_non_centred():
    weak = CENTRING.weakened(0.0)
    y = np.array([0.4, 1.3, 1.0, -1.0, 0.8, 0.1])
    np.testing.assert_allclose(weak.to_position(y)[2:4], y[2:4])


def test_empty_coordinates_are_the_position():
    y = np.random.default_rng(2).normal(size=4)
    np.testing.assert_array_equal(empty_centring(4).to_position(y), y)
    same, slope = to_position(jnp.asarray(y), ())
    assert slope == 0.0
    np.testing.assert_array_equal(same, y)

"""Scales in coordinates of their own profile."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from driftmill.sampling.profile import bent, build_profile, straightened

#: Logarithms of scales: normal, with an exponential tail to the left, and to the right.
DENSITIES = {
    "normal": stats.norm(1.0, 0.3),
    "left": stats.loggamma(0.8, loc=-1.0),
    "right": stats.gumbel_r(0.5, 0.4),
}


def profile_of(name, places=(1,)):
    centre = np.array([5.0, DENSITIES[name].median(), -3.0])

    def log_density(shift):
        return float(DENSITIES[name].logpdf(centre[1] + shift[1]))

    return build_profile(log_density, np.array(places), centre)


@pytest.mark.parametrize("name", DENSITIES)
def test_a_standard_normal_becomes_the_profile(name):
    """Quantiles agree to a quarter of the density's sd between 1 and 99 %."""
    levels = np.array([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
    profile = profile_of(name)
    got = [
        float(bent(jnp.array([5.0, y, -3.0]), profile.arrays)[0][1]) for y in stats.norm.ppf(levels)
    ]
    wanted = DENSITIES[name].ppf(levels)
    np.testing.assert_allclose(got, wanted, atol=0.25 * DENSITIES[name].std())


def test_a_normal_profile_is_a_line():
    profile = profile_of("normal")
    assert profile.width[0] == pytest.approx(0.3, rel=0.02)
    assert profile.location[0] == pytest.approx(1.0, abs=0.01)
    assert max(profile.left[0], profile.right[0]) < 0.01


@pytest.mark.parametrize("name", DENSITIES)
def test_there_and_back_with_the_jacobian_of_the_map(name):
    arrays = profile_of(name).arrays
    for y in (-4.0, -1.0, 0.0, 2.5, 5.0):
        coordinates = jnp.array([0.4, y, 2.0])
        value, slope = bent(coordinates, arrays)
        assert np.asarray(value)[[0, 2]].tolist() == [0.4, 2.0]
        np.testing.assert_allclose(straightened(value, arrays), coordinates, atol=1e-9)
        matrix = jax.jacobian(lambda x: bent(x, arrays)[0])(coordinates)
        assert float(slope) == pytest.approx(float(np.log(np.linalg.det(matrix))), abs=1e-10)


def test_where_the_density_ends_the_map_still_rises():
    def log_density(shift):
        return 0.0 if -0.5 < shift[0] < 0.5 else -np.inf

    arrays = build_profile(log_density, np.array([0]), np.zeros(1)).arrays
    values = [float(bent(jnp.array([y]), arrays)[0][0]) for y in (-2.0, 0.0, 2.0)]
    assert values == sorted(values)
    assert -0.75 < values[0] < -0.3 < 0.3 < values[2] < 0.75


def test_nothing_to_bend():
    y = jnp.arange(3.0)
    same, slope = bent(y, ())
    assert slope == 0.0
    np.testing.assert_array_equal(same, y)
    np.testing.assert_array_equal(straightened(y, ()), y)

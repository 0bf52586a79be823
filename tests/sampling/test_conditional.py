"""Deviations in units of their conditional posterior, against posteriors that are normal."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.sampling.conditional import (
    build_conditional,
    gathered,
    marginal_precision,
    spread,
)
from driftmill.sampling.scales import Group

#: Two groups' terms of five participants: one with a level, one with two, and two shared
#: parameters; position: shared (2), sds (1 + 2), deviations (5 + 10).
J, K, D = 5, 3, 20
GROUPS = {
    offset: [
        Group("a|p", slice(2, 3), slice(5, 10), (J,), offset),
        Group("b|p", slice(3, 5), slice(10, 20), (J, 2), offset),
    ]
    for offset in (True, False)
}
PLACES = np.column_stack([np.arange(5, 10), np.arange(10, 20, 2), np.arange(11, 20, 2)])
LOG_SDS = np.array([-0.4, 0.3, -1.0])


def problem(offset, seed=0):
    """Return a log density whose likelihood is normal in the effects and in the shared."""
    rng = np.random.default_rng(seed)
    root = rng.normal(size=(J, K + 2, 3 * K))
    precision = jnp.asarray(root @ root.transpose(0, 2, 1))
    best = jnp.asarray(rng.normal(size=(J, K + 2)))

    def log_density(position):
        sds = jnp.exp(position[jnp.array([2, 3, 4])])
        stored = position[PLACES]
        effects = stored * sds if offset else stored
        gap = jnp.concatenate([jnp.tile(position[:2], (J, 1)), effects], axis=1) - best
        likelihood = -0.5 * jnp.einsum("ja,jab,jb->", gap, precision, gap)
        if offset:
            prior = -0.5 * jnp.sum(stored**2)
        else:
            prior = -0.5 * jnp.sum((stored / sds) ** 2) - J * jnp.sum(jnp.log(sds))
        return likelihood + prior - 0.5 * jnp.sum(position[:2] ** 2)

    return log_density


def centre_of(log_density):
    """Return the mode given the sds by one Newton step, exact here, and the precision there."""
    start = jnp.zeros(D).at[jnp.array([2, 3, 4])].set(LOG_SDS)
    moving = np.r_[0:2, 5:D]
    hessian = -np.asarray(jax.hessian(log_density)(start))
    step = np.linalg.solve(
        hessian[np.ix_(moving, moving)], np.asarray(jax.grad(log_density)(start))[moving]
    )
    position = np.asarray(start).copy()
    position[moving] += step
    return position, -np.asarray(jax.hessian(log_density)(jnp.asarray(position)))


def conditional_of(offset):
    log_density = problem(offset)
    position, precision = centre_of(log_density)
    sds = np.zeros(D)
    sds[2:5] = np.exp(LOG_SDS)
    found = build_conditional(GROUPS[offset], position, sds, precision, np.arange(2))
    return log_density, position, precision, found


@pytest.mark.parametrize("offset", [True, False])
def test_deviations_are_standard_normal_whatever_the_sds_are(offset):
    log_density, position, _, found = conditional_of(offset)

    def whitened(coordinates):
        place, slope = spread(coordinates, found.arrays)
        if not offset:
            logarithms = place[2:5] - LOG_SDS
            times = jnp.ones(D).at[PLACES].set(jnp.exp(logarithms))
            place, slope = place * times, slope + J * jnp.sum(logarithms)
        return log_density(place) + slope

    gradient, hessian = jax.jit(jax.grad(whitened)), jax.jit(jax.hessian(whitened))
    flat = PLACES.reshape(-1)
    for shift in (-4.0, -0.7, 0.0, 1.5):
        elsewhere = jnp.asarray(position).at[:2].add(0.8).at[PLACES].set(0.0)
        elsewhere = elsewhere.at[2:5].add(jnp.array([shift, 0.3 * shift, -0.5 * shift]))
        np.testing.assert_allclose(np.asarray(gradient(elsewhere))[PLACES], 0.0, atol=1e-8)
        curvature = np.asarray(hessian(elsewhere))
        np.testing.assert_allclose(curvature[np.ix_(flat, flat)], -np.eye(flat.size), atol=1e-8)
        np.testing.assert_allclose(curvature[np.ix_(flat, [0, 1])], 0.0, atol=1e-8)


@pytest.mark.parametrize("offset", [True, False])
def test_there_and_back_with_the_jacobian_of_the_map(offset):
    _, position, _, found = conditional_of(offset)
    rng = np.random.default_rng(1)
    for factor in (1.0, 0.3, 0.0):
        arrays = found.weakened(factor).arrays
        coordinates = jnp.asarray(position + 0.5 * rng.normal(size=D))
        place, slope = spread(coordinates, arrays)
        np.testing.assert_allclose(gathered(place, arrays), coordinates, atol=1e-10)
        matrix = jax.jacobian(lambda x, arrays=arrays: spread(x, arrays)[0])(coordinates)
        assert float(slope) == pytest.approx(np.linalg.slogdet(matrix)[1], abs=1e-9)


def test_weakened_to_nothing_the_map_does_not_change_with_the_sds():
    _, position, _, found = conditional_of(True)
    arrays = found.weakened(0.0).arrays
    rng = np.random.default_rng(2)
    coordinates = jnp.asarray(position).at[PLACES].set(rng.normal(size=PLACES.shape))
    moved = coordinates.at[2:5].add(1.0)
    np.testing.assert_array_equal(
        spread(coordinates, arrays)[0][PLACES], spread(moved, arrays)[0][PLACES]
    )


def test_shared_parameters_have_the_curvature_of_their_marginal():
    _, _, precision, found = conditional_of(True)
    free = np.r_[0:2, 5:D]
    covariance = np.linalg.inv(precision[np.ix_(free, free)])
    np.testing.assert_allclose(
        marginal_precision(found, precision), np.linalg.inv(covariance[:2, :2]), rtol=1e-9
    )


def test_data_that_say_nothing_leave_the_prior():
    """With nothing but the prior in the curvature, coordinates are deviations over sds."""
    position = np.zeros(D)
    precision = np.eye(D)
    found = build_conditional(GROUPS[True], position, np.ones(D), precision, np.arange(2))
    coordinates = np.random.default_rng(3).normal(size=D)
    np.testing.assert_allclose(spread(jnp.asarray(coordinates), found.arrays)[0], coordinates)


def test_nothing_to_spread():
    y = jnp.arange(3.0)
    same, slope = spread(y, ())
    assert slope == 0.0
    np.testing.assert_array_equal(same, y)
    np.testing.assert_array_equal(gathered(y, ()), y)

"""A few moved nodes come near the averages over start and non-decision time, at all times."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.likelihoods.few_nodes import Walk, average
from driftmill.likelihoods.first_passage import ddm_sdv
from driftmill.likelihoods.full_ddm import full_ddm

TIME = np.array([1e-3, 0.02, 0.1, 0.199, 0.2, 0.201, 0.22, 0.4, 1.0, 3.0])


@jax.jit
def nodes(time, *walk):
    """Return log densities with all derivatives, the trials along one axis."""

    def total(values):
        found = average(values[0], Walk(*values[1:])).log_p
        return found.sum(), found

    values = tuple(jnp.broadcast_to(jnp.asarray(x, time.dtype), time.shape) for x in (time, *walk))
    gradient, found = jax.grad(total, has_aux=True)(values)
    return found, gradient


@jax.jit
def exact(time, middle, half, v, sv, width):
    """Return exact log densities of the upper bound, from a second before the earliest decision."""
    z, t = 1.0 - 0.5 * middle, 1.0 + 0.5 * width
    return full_ddm(1.0 + time, 1.0, v, 1.0, z, t, half, sv, width)


def test_without_windows_it_is_the_closed_form():
    found, gradient = nodes(TIME, 0.9, 0.0, 1.1, 0.7, 0.0)
    expected = ddm_sdv(TIME, 1.0, 1.1, 1.0, 0.55, 0.0, 0.7)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)
    assert all(np.isfinite(slope).all() for slope in gradient)


@pytest.mark.parametrize(
    ("walk", "most"),
    [
        ((0.9, 0.05, 1.1, 0.7, 0.02), 1e-4),
        ((0.9, 0.4, 1.1, 0.7, 0.2), 0.005),
        ((1.2, 0.6, -3.0, 1.5, 0.2), 0.05),
    ],
)
def test_it_is_near_the_quadrature(walk, most):
    found, _ = nodes(TIME, *walk)
    log_p = np.asarray(exact(TIME, *walk))
    likely = log_p > np.log(1e-4)
    assert likely.sum() > 6
    np.testing.assert_allclose(found[likely], log_p[likely], rtol=0, atol=most)


def test_derivatives_are_finite_and_right_across_the_end_of_the_window():
    walk = (0.9, 0.4, 1.1, 0.7, 0.2)
    _, gradient = nodes(TIME, *walk)
    assert all(np.isfinite(slope).all() for slope in gradient)
    step = 1e-6
    ends = [np.asarray(nodes(TIME + d, *walk)[0]) for d in (-step, step)]
    np.testing.assert_allclose(gradient[0], (ends[1] - ends[0]) / (2 * step), rtol=1e-3)
    extreme = np.geomspace(1e-6, 1e3, TIME.size)
    for dtype in (np.float32, np.float64):
        found, gradient = nodes(extreme.astype(dtype), *walk)
        assert np.isfinite(found).all()
        assert all(np.isfinite(slope).all() for slope in gradient)

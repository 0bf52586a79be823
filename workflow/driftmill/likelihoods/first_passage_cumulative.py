"""How likely a diffusion between constant or linear bounds has ended at one of them by some time.

By Gauss-Legendre quadrature of the density over the logarithm of the clock in which a diffusion
between linear bounds is one between constant bounds: there it is smooth up to their meeting.
Summands are positive and added up in log space. Within 1e-11 of the probability of any response.

Conventions are those of ``first_passage``; all functions are elementwise and broadcast. Up to the
non-decision time, for an unknown response and outside the support the log probability is -inf.
"""

from __future__ import annotations

from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods import first_passage
from driftmill.likelihoods.logarithm import log
from driftmill.likelihoods.time_quadrature import log_sum
from driftmill.likelihoods.trigonometry import tangent

_NODES, _PANELS = 8, 20
#: How far before its end the clock is looked at, as a logarithm.
_BEFORE = 16.0
#: Where nothing is left between the bounds, on the clock.
_LAST = 36.0
_EDGES = np.linspace(-_BEFORE, 0.0, _PANELS + 1)
_X, _W = np.polynomial.legendre.leggauss(_NODES)
_HALF = 0.5 * np.diff(_EDGES)[:, None]
_LOG_CLOCK = (_EDGES[:-1, None] + _HALF * (1.0 + _X)).ravel()
_LOG_WEIGHTS = np.log(_HALF * _W).ravel()


def ddm(
    rt: ArrayLike, response: ArrayLike, v: ArrayLike, a: ArrayLike, z: ArrayLike, t: ArrayLike
) -> Array:
    """Log probability that a drift diffusion has given a response up to ``rt``.

    Parameters
    ----------
    rt
        Time in seconds, a deadline say.
    response, v, a, z, t
        As in :func:`driftmill.likelihoods.first_passage.ddm`.

    Returns
    -------
    Array
        One log probability an element.
    """
    return _integrated(first_passage.ddm, rt, response, (v, a, z, t), 0.0)


def ddm_sdv(
    rt: ArrayLike,
    response: ArrayLike,
    v: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    sv: ArrayLike,
) -> Array:
    """Log probability of a response up to ``rt`` where the drift varies over trials; see `ddm`."""
    return _integrated(first_passage.ddm_sdv, rt, response, (v, a, z, t, sv), 0.0)


def angle(
    rt: ArrayLike,
    response: ArrayLike,
    v: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
) -> Array:
    """Log probability of a response up to ``rt`` between linear bounds; see `ddm`."""
    return _integrated(first_passage.angle, rt, response, (v, a, z, t, theta), theta)


def angle_sdv(
    rt: ArrayLike,
    response: ArrayLike,
    v: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
    sv: ArrayLike,
) -> Array:
    """Log probability of a response up to ``rt``: linear bounds, variable drift; see `ddm`."""
    return _integrated(first_passage.angle_sdv, rt, response, (v, a, z, t, theta, sv), theta)


def _integrated(
    log_density: Callable[..., Array],
    rt: ArrayLike,
    response: ArrayLike,
    parameters: tuple[ArrayLike, ...],
    theta: ArrayLike,
) -> Array:
    """Integrate a log density whose first four parameters are v, a, z, t."""
    arrays = jnp.broadcast_arrays(rt, response, theta, *parameters)
    rt, response, theta, *values = (x[..., None] for x in arrays)
    a, t = values[1], values[3]
    room = rt - t
    early = room <= 0
    room, a = jnp.where(early, 1.0, room), jnp.where(a <= 0, 1.0, a)
    slope = tangent(jnp.clip(theta, -1.57, 1.57))
    bound = a - slope * room
    # Collapsing bounds meet at a time at which the clock has run for ever.
    ended = bound * _LAST <= room / a
    clock = jnp.where(ended, _LAST, room / (a * jnp.where(ended, 1.0, bound)))
    at = clock * jnp.exp(jnp.asarray(_LOG_CLOCK, room.dtype))
    stretch = 1.0 + a * slope * at
    times = a * a * at / stretch
    # Times count from the start of the decision, where no digit is lost to the shift.
    values[3] = jnp.zeros_like(t)
    log_p = log_density(times, response, *values) + log(times / stretch)
    log_f = log_sum(log_p + jnp.asarray(_LOG_WEIGHTS, room.dtype))
    return jnp.where(early[..., 0], -jnp.inf, jnp.minimum(log_f, 0.0))

"""Log densities of diffusions between constant or linear bounds, in closed form.

Conventions: bounds at ``+b(s)`` and ``-b(s)`` with ``b(0) = a`` (half the separation),
start at ``(2 z - 1) a``, unit noise, ``response`` +1 for the upper bound and -1 for the
lower, ``rt`` in seconds with the non-decision time ``t`` included. The densities are
defective: the two responses together have mass 1.

All functions are elementwise and broadcast their arguments. Outside the support (``rt``
not above ``t``, a parameter outside its range, an unknown response code, a collapsed
bound) the log density is -inf with zero gradient; NaN in gives NaN out.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.compiled import computed_once
from driftmill.likelihoods.fpt_kernel import log_fpt_between, log_fpt_unit
from driftmill.likelihoods.logarithm import log, log1p
from driftmill.likelihoods.trigonometry import tangent

__all__ = ["angle", "angle_sdv", "ddm", "ddm_sdv", "log_fpt_unit"]

_LOG_4 = math.log(4.0)


def ddm(
    rt: ArrayLike, response: ArrayLike, v: ArrayLike, a: ArrayLike, z: ArrayLike, t: ArrayLike
) -> Array:
    """Log density of the drift diffusion model.

    Parameters
    ----------
    rt, response
        Response time in seconds; -1 (lower bound) or +1 (upper bound).
    v
        Drift rate towards the upper bound.
    a
        Half the distance between the bounds; positive.
    z
        Relative starting point in (0, 1), from the lower bound upwards.
    t
        Non-decision time in seconds.

    Returns
    -------
    Array
        One log density an element.

    Notes
    -----
    Navarro & Fuss (2009), J. Math. Psychol. 53, 222-230, equation 1, with separation ``2 a``.
    """
    walk = _walk(rt, response, a, z, t)
    v = jnp.asarray(v)
    log_p = _undrifted(walk) + v * (_way(walk, walk.a) - 0.5 * v * walk.time)
    return jnp.where(walk.outside, -jnp.inf, log_p)


def ddm_sdv(
    rt: ArrayLike,
    response: ArrayLike,
    v: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    sv: ArrayLike,
) -> Array:
    """Log density of the drift diffusion model whose drift varies over trials.

    Parameters
    ----------
    rt, response, a, z, t
        As in :func:`ddm`.
    v, sv
        Mean and standard deviation of the drift rate, which is normal over trials;
        ``sv = 0`` is :func:`ddm`.

    Returns
    -------
    Array
        One log density an element.

    Notes
    -----
    Tuerlinckx (2004), Behav. Res. Methods 36, 702-716: the drift enters the density only
    through the exponential of a quadratic, which a normal average leaves in closed form.
    """
    walk = _walk(rt, response, a, z, t)
    v, sv = jnp.asarray(v), jnp.asarray(sv)
    negative = sv < 0
    log_p = _undrifted(walk) + _mean_drift(walk, walk.a, v, jnp.where(negative, 1.0, sv))
    return jnp.where(walk.outside | negative, -jnp.inf, log_p)


def angle(
    rt: ArrayLike,
    response: ArrayLike,
    v: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
) -> Array:
    """Log density of the diffusion between linear bounds ``b(s) = a - s tan(theta)``.

    Parameters
    ----------
    rt, response, v, z, t
        As in :func:`ddm`.
    a
        Bound at the start of the decision; positive.
    theta
        Angle of the bounds in radians, in (-pi/2, pi/2). Positive: they collapse and meet at
        ``t + a / tan(theta)``, where the support ends. Negative: they expand, and with a small
        drift some walks never end, so that the mass is below 1. Zero: :func:`ddm`.

    Returns
    -------
    Array
        One log density an element.

    Notes
    -----
    With ``c = tan(theta)``, ``L(s) = a - c s`` and the clock ``tau = s / (a L(s))`` the
    substitution ``q(x, s) = L^(-1/2) exp(c x^2 / (2 L)) w(x / L, tau)`` carries the heat
    equation between the moving bounds into the one between fixed bounds, so the density is
    that of constant bounds times elementary factors. It agrees with the series of Anderson
    (1960), Ann. Math. Stat. 31, and Hall (1997), J. Appl. Probab. 34, and needs five terms.
    """
    v = jnp.asarray(v)
    walk, bound, log_p = _between_lines(rt, response, a, z, t, theta)
    log_p = log_p + v * (_way(walk, bound) - 0.5 * v * walk.time)
    return jnp.where(walk.outside, -jnp.inf, log_p)


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
    """Log density of the diffusion between linear bounds whose drift varies over trials.

    Parameters
    ----------
    rt, response, a, z, t, theta
        As in :func:`angle`.
    v, sv
        Mean and standard deviation of the drift rate, which is normal over trials;
        ``sv = 0`` is :func:`angle`.

    Returns
    -------
    Array
        One log density an element.

    Notes
    -----
    Between linear bounds too the drift enters only through ``exp(v d - v^2 s / 2)``, where
    ``d`` is the way from the start to the bound that is hit at the time ``s``. Its average over
    a normal drift is, as in Tuerlinckx (2004), Behav. Res. Methods 36, 702-716::

        exp((2 v d + sv^2 d^2 - v^2 s) / (2 (1 + sv^2 s))) (1 + sv^2 s)^(-1/2)
    """
    v, sv = jnp.asarray(v), jnp.asarray(sv)
    negative = sv < 0
    walk, bound, log_p = _between_lines(rt, response, a, z, t, theta)
    log_p = log_p + _mean_drift(walk, bound, v, jnp.where(negative, 1.0, sv))
    return jnp.where(walk.outside | negative, -jnp.inf, log_p)


class _Walk(NamedTuple):
    """The arguments of a density, made safe: where ``outside``, harmless values stand in."""

    outside: Array
    time: Array
    a: Array
    origin: Array  # the start in units of ``a``, in (-1, 1)
    near: Array  # the distance from start to the bound that is hit, in units of ``2 a``
    far: Array  # the distance to the other bound, ``1 - near``
    side: Array  # +1 or -1


def _walk(rt: ArrayLike, response: ArrayLike, a: ArrayLike, z: ArrayLike, t: ArrayLike) -> _Walk:
    response, a, z = jnp.asarray(response), jnp.asarray(a), jnp.asarray(z)
    time = jnp.asarray(rt) - jnp.asarray(t)
    # Comparisons are written so that NaN is not outside and reaches the result.
    early, flat, beyond = time <= 0, a <= 0, (z <= 0) | (z >= 1)
    time, a, z = jnp.where(early, 1.0, time), jnp.where(flat, 1.0, a), jnp.where(beyond, 0.5, z)
    upper = response > 0
    return _Walk(
        outside=early | flat | beyond | (jnp.abs(response) != 1),
        time=time,
        a=a,
        origin=2.0 * z - 1.0,
        near=jnp.where(upper, 1.0 - z, z),
        far=jnp.where(upper, z, 1.0 - z),
        side=jnp.where(upper, 1.0, -1.0).astype(z.dtype),
    )


def _undrifted(walk: _Walk) -> Array:
    """Log density between constant bounds without drift."""
    separation = 2.0 * walk.a
    u = walk.time / (separation * separation)
    return log_fpt_between(u, walk.near, walk.far) - 2.0 * log(separation)


def _between_lines(
    rt: ArrayLike, response: ArrayLike, a: ArrayLike, z: ArrayLike, t: ArrayLike, theta: ArrayLike
) -> tuple[_Walk, Array, Array]:
    """Return the walk, the bound at its end and the log density without drift.

    Where the bounds have met, or are too steep, the walk is outside.
    """
    theta = jnp.asarray(theta)
    walk = _walk(rt, response, a, z, t)
    steep = jnp.abs(theta) >= 0.5 * math.pi
    (slope,) = computed_once(tangent(jnp.where(steep, 0.0, theta)))
    bound = walk.a - slope * walk.time
    met = bound <= 0
    bound = jnp.where(met, walk.a, bound)
    stretch = 0.5 * slope * (bound - walk.a * walk.origin * walk.origin)
    log_p = log_fpt_between(walk.time / (4.0 * walk.a * bound), walk.near, walk.far) - _LOG_4
    log_p = log_p - 0.5 * log(walk.a) - 1.5 * log(bound)
    return walk._replace(outside=walk.outside | steep | met), bound, log_p + stretch


def _mean_drift(walk: _Walk, bound: Array, v: Array, sv: Array) -> Array:
    """Log of the average of the factor by which a normal drift enters a density."""
    way, variance = _way(walk, bound), sv * sv
    growth = variance * walk.time
    exponent = (2.0 * v * way + variance * way * way - v * v * walk.time) / (2.0 + 2.0 * growth)
    return exponent - 0.5 * log1p(growth)


def _way(walk: _Walk, bound: Array) -> Array:
    """Signed way from the start to the bound that is hit, which stands at ``side * bound``."""
    return walk.side * bound - walk.a * walk.origin

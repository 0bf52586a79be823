"""How likely a diffusion between constant or linear bounds is still under way, in log space.

The probability of no response up to a time is the mass that is left between the bounds. Where it
lies is known in closed form, as a sum of images for short times and of sines for long ones; it is
added up by Gauss-Legendre quadrature over the place, not over the time. Every summand is positive,
so a probability of 1e-300 keeps its digits, and no ``1 - F`` is formed.

Conventions are those of ``first_passage``; all functions are elementwise and broadcast. Up to the
non-decision time the log probability is 0, after the meeting of the bounds and outside the support
of a parameter it is -inf, both with zero gradient; NaN in gives NaN out.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.typing import ArrayLike

from driftmill.likelihoods.compiled import computed_once
from driftmill.likelihoods.logarithm import log, log1p
from driftmill.likelihoods.trigonometry import sine_and_cosine, tangent

#: Gauss-Legendre nodes over the place: the error is below 1e-12 of the probability.
NODES = 48
#: The clock, in units of the squared distance between the bounds, from which sines are summed.
SWITCH = 0.1
_SINES = 9
#: Log of the share of the mass that may lie beyond the places that are looked at, negative.
_LOG_TAIL = 40.0
#: Clocks are held above this: nothing has moved before.
_FIRST = 1e-10
_X, _W = np.polynomial.legendre.leggauss(NODES)
_HALF_PI_SQUARED = 0.5 * math.pi**2
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)


def ddm(rt: ArrayLike, v: ArrayLike, a: ArrayLike, z: ArrayLike, t: ArrayLike) -> Array:
    """Log probability that a drift diffusion has given no response up to ``rt``.

    Parameters
    ----------
    rt
        Time in seconds, a deadline say.
    v, a, z, t
        As in :func:`driftmill.likelihoods.first_passage.ddm`.

    Returns
    -------
    Array
        One log probability an element.

    Notes
    -----
    Cox & Miller (1965), The Theory of Stochastic Processes, section 5.7, equations 71 and 78: the
    place of a walk between two absorbing bounds, by images and by sines.
    """
    return angle_sdv(rt, v, a, z, t, 0.0, 0.0)


def ddm_sdv(
    rt: ArrayLike, v: ArrayLike, a: ArrayLike, z: ArrayLike, t: ArrayLike, sv: ArrayLike
) -> Array:
    """Log probability of no response up to ``rt`` where the drift varies over trials.

    Parameters
    ----------
    rt, v, a, z, t
        As in :func:`ddm`.
    sv
        Standard deviation of the drift; 0 is :func:`ddm`.

    Returns
    -------
    Array
        One log probability an element.
    """
    return angle_sdv(rt, v, a, z, t, 0.0, sv)


def angle(
    rt: ArrayLike, v: ArrayLike, a: ArrayLike, z: ArrayLike, t: ArrayLike, theta: ArrayLike
) -> Array:
    """Log probability of no response up to ``rt`` between linear bounds.

    Parameters
    ----------
    rt, v, a, z, t
        As in :func:`ddm`.
    theta
        Angle of the bounds in radians; 0 is :func:`ddm`. From the meeting of collapsing bounds
        on the probability is 0; between expanding ones some walks may never end.

    Returns
    -------
    Array
        One log probability an element.
    """
    return angle_sdv(rt, v, a, z, t, theta, 0.0)


def angle_sdv(
    rt: ArrayLike,
    v: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
    sv: ArrayLike,
) -> Array:
    """Log probability of no response up to ``rt``: linear bounds, drift that varies over trials.

    Parameters
    ----------
    rt, v, a, z, t, theta, sv
        As in :func:`angle` and :func:`ddm_sdv`.

    Returns
    -------
    Array
        One log probability an element.

    Notes
    -----
    With the bound ``b = a - c s`` and the clock ``s / (a b)`` the substitution of
    :func:`driftmill.likelihoods.first_passage.angle` carries the walk into one between constant
    bounds. The drift enters the place by ``exp(v x - v^2 s / 2)`` alone, where ``x`` is the way
    from the start, of which a normal average over ``v`` is in closed form.
    """
    arrays = (jnp.asarray(x) for x in (rt, v, a, z, t, theta, sv))
    rt, v, a, z, t, theta, sv = (x[..., None] for x in jnp.broadcast_arrays(*arrays))
    time = rt - t
    steep = jnp.abs(theta) >= 0.5 * math.pi
    outside = (a <= 0) | (z <= 0) | (z >= 1) | (sv < 0) | steep
    a, z = jnp.where(a <= 0, 1.0, a), jnp.where((z <= 0) | (z >= 1), 0.5, z)
    sv, theta = jnp.where(sv < 0, 0.0, sv), jnp.where(steep, 0.0, theta)
    (slope,) = computed_once(tangent(theta))
    early = time <= _FIRST * 4.0 * a * a
    time = jnp.where(early, a * a, time)
    bound = a - slope * time
    met = (bound <= 0) & ~early
    bound = jnp.where(bound <= 0, a, bound)
    walk = _Walk(time, v, sv * sv, a, bound, slope, z)
    log_s = _log_mass(walk)
    log_s = jnp.where(met | outside, -jnp.inf, jnp.where(early, 0.0, log_s))
    return jnp.squeeze(log_s, -1)


class _Walk(NamedTuple):
    """A walk that is under way; arrays that broadcast with the nodes on the last axis."""

    time: Array
    v: Array
    variance: Array  # of the drift over trials
    a: Array
    bound: Array  # half the distance between the bounds by now
    slope: Array
    z: Array


def _log_mass(walk: _Walk) -> Array:
    """Log of the mass between the bounds, the last axis kept."""
    lower, width = _places(walk)
    dtype = walk.time.dtype
    place = lower + width * jnp.asarray(0.5 * (1.0 + _X), dtype)
    # The distance from the upper bound by itself: next to it a difference loses its digits.
    rest = (1.0 - lower - width) + width * jnp.asarray(0.5 * (1.0 - _X), dtype)
    clock = walk.time / (4.0 * walk.a * walk.bound)
    origin = 2.0 * walk.z - 1.0
    here = walk.bound * (place - rest)
    way = here - walk.a * origin
    growth = walk.variance * walk.time
    drifted = (2.0 * walk.v * way + walk.variance * way * way - walk.v * walk.v * walk.time) / (
        2.0 + 2.0 * growth
    )
    stretch = 0.5 * walk.slope * (here * (place - rest) - walk.a * origin * origin)
    log_p = _log_place(clock, walk.z, 1.0 - walk.z, place, rest) + drifted + stretch
    log_p = log_p + 0.5 * (log(walk.bound / walk.a) - log1p(growth))
    top = lax.stop_gradient(jnp.max(log_p, axis=-1, keepdims=True))
    top = jnp.where(jnp.isfinite(top), top, 0.0)
    total = jnp.sum(jnp.exp(log_p - top) * jnp.asarray(0.5 * _W, dtype), axis=-1, keepdims=True)
    # A probability: rounding may not lead above 1.
    return jnp.minimum(top + log(width * total), 0.0)


def _places(walk: _Walk) -> tuple[Array, Array]:
    """Return where the walk may be, from the lower bound up in units of the distance.

    Without the bounds it would be normally distributed, and with them it is nowhere likelier, so
    places are left out where that has fallen by ``exp(-_LOG_TAIL)`` from its highest between them.
    The ends are where nothing is: they need no gradient.
    """
    spread = jnp.sqrt(walk.time * (1.0 + walk.variance * walk.time)) / (2.0 * walk.bound)
    centre = walk.a * (2.0 * walk.z - 1.0) + walk.v * walk.time
    centre = 0.5 * (centre / walk.bound + 1.0)
    beyond = centre - jnp.clip(centre, 0.0, 1.0)
    # The way from the nearer bound by which the exponent falls by the log of the tail.
    reach = jnp.sqrt(beyond * beyond + 2.0 * _LOG_TAIL * spread * spread)
    lower = jnp.clip(centre - reach, 0.0, 1.0)
    upper = jnp.clip(centre + reach, 0.0, 1.0)
    return lax.stop_gradient(lower), lax.stop_gradient(upper - lower)


def _log_place(clock: Array, start: Array, start_rest: Array, place: Array, rest: Array) -> Array:
    """Log density of the place of an undrifted walk between 0 and 1 that has not ended.

    Parameters
    ----------
    clock
        Time since the start.
    start, start_rest
        The start's distances from 0 and from 1.
    place, rest
        The place's distances.
    """
    short = clock < SWITCH
    early = jnp.where(short, clock, SWITCH)
    late = jnp.where(short, SWITCH, clock)
    images = _images(early, start, start_rest, place, rest)
    sines = _sines(late, start, start_rest, place, rest)
    apart = place - start
    value = log(jnp.where(short, images, sines))
    return value + jnp.where(
        short,
        -0.5 * apart * apart / early - 0.5 * log(early) - _HALF_LOG_2PI,
        math.log(2.0) - _HALF_PI_SQUARED * late,
    )


def _images(clock: Array, start: Array, start_rest: Array, place: Array, rest: Array) -> Array:
    """Sum the images of the start, in units of the density without bounds."""
    twice = 2.0 / clock
    lower, upper = twice * place * start, twice * rest * start_rest
    first = -jnp.expm1(-lower) - jnp.exp(-upper)
    alike = jnp.exp(-twice * (start_rest + place)) + jnp.exp(-twice * (start + rest))
    mirrored = jnp.exp(-twice * (1.0 + place) * (1.0 + start)) + jnp.exp(
        -twice * (1.0 + rest) * (1.0 + start_rest)
    )
    total = first + alike - mirrored
    # Next to a bound rounding may eat the sum, which exceeds this product over two by far.
    return jnp.maximum(total, 0.5 * jnp.expm1(-lower) * jnp.expm1(-upper))


def _sines(clock: Array, start: Array, start_rest: Array, place: Array, rest: Array) -> Array:
    """Sum ``sin(k pi start) sin(k pi place) q^(k^2 - 1)`` over k, ``q = exp(-pi^2 clock / 2)``."""
    (sine, cosine), (sine_0, cosine_0) = (
        sine_and_cosine(jnp.minimum(x, r)) for x, r in ((place, rest), (start, start_rest))
    )
    cosine = jnp.where(place < rest, cosine, -cosine)
    cosine_0 = jnp.where(start < start_rest, cosine_0, -cosine_0)
    q = jnp.exp(-_HALF_PI_SQUARED * clock)
    sine, cosine, sine_0, cosine_0, q = computed_once(sine, cosine, sine_0, cosine_0, q)
    q_squared = q * q
    step = q * q_squared
    power = step
    before, now = jnp.ones_like(cosine), 2.0 * cosine
    before_0, now_0 = jnp.ones_like(cosine_0), 2.0 * cosine_0
    total = jnp.ones_like(cosine)
    for _ in range(2, _SINES + 1):
        total = total + power * now * now_0
        before, now = now, 2.0 * cosine * now - before
        before_0, now_0 = now_0, 2.0 * cosine_0 * now_0 - before_0
        step = step * q_squared
        power = power * step
    return sine * sine_0 * total

"""First-passage density between constant bounds, averaged over a start that is uniform.

The drift is normal over trials, which leaves the density in closed form; the average over the
start is Gauss-Legendre quadrature. Value and all derivatives come from the same few exponentials
of each node, in one element-wise pass.
"""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from driftmill.likelihoods.compiled import computed_once
from driftmill.likelihoods.fpt_kernel import SWITCH, long_time_sums, short_time_sums
from driftmill.likelihoods.logarithm import log
from driftmill.likelihoods.trigonometry import sine_and_cosine

#: Log of the share of the largest density below which a start does not count, negative.
LEAST = 24.0
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_LOG_PI = math.log(math.pi)
_HALF_PI_SQUARED = 0.5 * math.pi**2


@partial(jax.custom_jvp, nondiff_argnums=(6,))
def log_start_average(
    time: Array,
    middle: Array,
    half: Array,
    separation: Array,
    v: Array,
    sv: Array,
    nodes: int,
) -> Array:
    """Log density of reaching a bound at a time, averaged over the start.

    Parameters
    ----------
    time
        Since the start of the decision, in seconds; positive.
    middle, half
        The distance from the bound that is hit is uniform between ``middle - half`` and
        ``middle + half``, which lie in [0, separation]; ``half`` may be 0.
    separation
        Distance between the bounds.
    v, sv
        Mean and sd of the drift, away from the bound that is hit.
    nodes
        How many Gauss-Legendre nodes; they share the part of the interval that counts.

    Returns
    -------
    Array
        In the shape of ``time``, to which the others broadcast. The derivative rule is that of
        the quadrature and can itself be differentiated.

    Notes
    -----
    With ``x`` the distance and ``g = 1 + sv^2 s`` the density at ``s`` is
    ``f(s | x) exp(x^2 / (2 s)) g^(-1/2) exp(-(x + v s)^2 / (2 s g))``, where ``f`` is that of an
    undrifted walk (Tuerlinckx 2004, Behav. Res. Methods 36, 702-716).
    """
    return _value_and_partials(time, middle, half, separation, v, sv, nodes)[0]


@log_start_average.defjvp
def _log_start_average_jvp(
    nodes: int, primals: tuple[Array, ...], tangents: tuple[Array, ...]
) -> tuple[Array, Array]:
    time, middle, half, separation, v, sv = primals
    value, partials = _value_and_partials(time, middle, half, separation, v, sv, nodes)
    slope = sum(by * tangent for by, tangent in zip(partials, tangents, strict=True))
    return value, jnp.asarray(slope)


class _Sums(NamedTuple):
    """Sums over the nodes of the density, its moments and what its derivatives are made of.

    ``c`` is a node's place between -1 and 1.
    """

    p: Array
    p_c: Array
    p_cc: Array
    by_u: Array
    by_w: Array
    by_w_c: Array


def _value_and_partials(
    time: Array,
    middle: Array,
    half: Array,
    separation: Array,
    v: Array,
    sv: Array,
    nodes: int,
) -> tuple[Array, tuple[Array, ...]]:
    """Return the log density and its derivatives by all arguments but the last."""
    per_width = 1.0 / separation
    u = time * per_width * per_width
    short = u < SWITCH
    late = jnp.where(short, 0.0, 1.0).astype(u.dtype)
    growth = 1.0 + sv * sv * time
    per_time, per_growth = 1.0 / time, 1.0 / growth
    curvature = per_time * per_growth
    way = v * time
    low, high, share = computed_once(*_window(time, middle, half, v, growth, short))
    whole_middle, whole_half = middle, half
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    rule = _rule(nodes, u)
    places = rule[0].reshape(-1, *(1,) * u.ndim)
    turns = (whole_middle + whole_half * places) * per_width
    distances = middle + half * places
    exponents = 0.5 * (late * per_time * distances**2 - curvature * (distances + way) ** 2)
    (top,) = computed_once(jnp.max(exponents, axis=0))
    s = _sums(u, short, distances * per_width, turns, exponents - top, rule)
    per_p = 1.0 / s.p
    c, cc, by_u, by_w, by_w_c = computed_once(*(x * per_p for x in s[1:]))
    # Means over the nodes of x, the distance, and of y = x + way.
    x, xc = middle + half * c, middle * c + half * cc
    xx = middle * x + half * xc
    y, yc = x + way, xc + way * c
    yy = (middle + way) * y + half * yc
    value = (
        log(s.p * jnp.where(short, separation * per_time, per_width * per_width))
        - 0.5 * log(jnp.where(short, time, 1.0) * growth)
        + jnp.where(short, -_HALF_LOG_2PI, _LOG_PI - _HALF_PI_SQUARED * u)
        + top
        + log(share)
    )
    by_growth = 0.5 * curvature * per_growth * yy - 0.5 * per_growth
    by_time = (
        by_u * per_width * per_width
        + curvature * (0.5 * per_time * yy - v * y)
        - 0.5 * late * per_time * per_time * xx
        + sv * sv * by_growth
        - jnp.where(short, 1.5 * per_time, _HALF_PI_SQUARED * per_width * per_width)
    )
    by_middle = by_w * per_width - curvature * y + late * per_time * x
    by_half = by_w_c * per_width - curvature * yc + late * per_time * xc
    along = 2.0 * u * by_u + (middle * by_w + half * by_w_c) * per_width
    by_separation = per_width * (jnp.where(short, 1.0, 2.0 * _HALF_PI_SQUARED * u - 2.0) - along)
    # An end that is cut stays where it is.
    at_low, at_high = 0.5 * (by_middle - by_half), 0.5 * (by_middle + by_half)
    per_half = jnp.where(half > 0, 0.5 / jnp.where(half > 0, half, 1.0), 0.0)
    low_cut, high_cut = low > whole_middle - whole_half, high < whole_middle + whole_half
    cut = low_cut | high_cut
    at_low = jnp.where(low_cut, 0.0, at_low - jnp.where(cut, per_half, 0.0))
    at_high = jnp.where(high_cut, 0.0, at_high + jnp.where(cut, per_half, 0.0))
    per_whole = jnp.where(cut, 1.0 / jnp.where(cut, whole_half, 1.0), 0.0)
    value, *partials = computed_once(
        value,
        by_time,
        at_low + at_high,
        at_high - at_low - per_whole,
        by_separation,
        -per_growth * y,
        2.0 * sv * time * by_growth,
    )
    return value, tuple(partials)


def _rule(nodes: int, like: Array) -> Array:
    """Return places in [-1, 1] and weights that add up to 1, shape (2, nodes)."""
    places, weights = np.polynomial.legendre.leggauss(nodes)
    return jnp.asarray(np.stack([places, 0.5 * weights]), like.dtype)


def _window(
    time: Array, middle: Array, half: Array, v: Array, growth: Array, short: Array
) -> tuple[Array, Array, Array]:
    """Return the ends of the starts that count, and their share of all.

    At short times the density falls with a Gaussian of the distance from ``-v * time``.
    """
    near, far = middle - half, middle + half
    peak = -v * time
    gap = jnp.maximum(jnp.maximum(near - peak, peak - far), 0.0)
    reach = jnp.sqrt(gap * gap + 2.0 * LEAST * time * growth)
    low = jnp.where(short, jnp.maximum(near, peak - reach), near)
    high = jnp.where(short, jnp.minimum(far, peak + reach), far)
    cut = (low > near) | (high < far)
    return low, high, jnp.where(cut, (high - low) / jnp.where(cut, far - near, 1.0), 1.0)


def _sums(u: Array, short: Array, w: Array, turns: Array, exponents: Array, rule: Array) -> _Sums:
    """Sum over the nodes, which lie along the first axis of ``w``, ``turns`` and ``exponents``.

    At long times, when no start is cut away, ``w`` and ``turns`` are the same.
    """
    inverse, rest = 1.0 / u, 1.0 - w
    sine, cosine = sine_and_cosine(jnp.minimum(turns, 1.0 - turns))
    scale, e_m1, e_p1, q, sine, cosine = computed_once(
        jnp.exp(exponents),
        jnp.exp(-2.0 * rest * inverse),
        jnp.exp(-2.0 * (1.0 + w) * inverse),
        jnp.exp(-_HALF_PI_SQUARED * u),
        sine,
        jnp.where(turns < 0.5, cosine, -cosine),
    )
    S, S_u, S_w = short_time_sums(inverse, w, rest, e_m1, e_m1 - 1.0, e_p1)
    L, L_u, L_w = long_time_sums(sine, cosine, q)
    p, by_u, by_w = computed_once(
        scale * jnp.where(short, S, L),
        scale * jnp.where(short, S_u, L_u),
        scale * jnp.where(short, S_w, L_w),
    )
    places, weights = rule[0], rule[1]
    moments = jnp.stack([weights, weights * places, weights * places**2])
    of_p, of_u, of_w = (
        jnp.tensordot(moments[:k], values, axes=1, precision="highest")
        for k, values in ((3, p), (1, by_u), (2, by_w))
    )
    return _Sums(*of_p, *of_u, *of_w)

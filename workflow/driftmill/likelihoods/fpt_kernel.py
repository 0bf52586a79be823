"""First-passage density of undrifted Brownian motion on the unit interval, in log space.

Two series give the same density: one converges fast for short times, the other
for long times. Five terms of each, switched at ``u = 0.22``, reach machine
precision. The largest term is taken out of each sum before it is added up, so
that no tail underflows and no floor is needed. Value and both partial
derivatives come from the same few exponentials and are selected after they are
finished; everything is element-wise, without an axis for the terms.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.compiled import computed_once
from driftmill.likelihoods.logarithm import log
from driftmill.likelihoods.trigonometry import sine_and_cosine

SWITCH = 0.22
_TERMS = 5
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_HALF_PI_SQUARED = 0.5 * math.pi**2


def log_fpt_unit(u: ArrayLike, w: ArrayLike) -> Array:
    """Log density of leaving the unit interval through 0 at time ``u``.

    Parameters
    ----------
    u
        Time since the start, in units of the squared distance between the bounds; positive.
    w
        Start as the relative distance from the bound that is hit, in (0, 1).

    Returns
    -------
    Array
        Elementwise log density, in the shape to which ``u`` and ``w`` broadcast.

    Notes
    -----
    With drift 0 and unit noise (Navarro & Fuss 2009, J. Math. Psychol. 53, equations 5 and 6;
    Gondan, Blurton & Kesselmeier 2014, J. Math. Psychol. 60)::

        f(u|w) = (2 pi u^3)^(-1/2) sum_k (w + 2k) exp(-(w + 2k)^2 / (2u)),   k = 0, -1, 1, ...
        f(u|w) = pi sum_k k exp(-k^2 pi^2 u / 2) sin(k pi w),                k = 1, 2, ...
    """
    w = jnp.asarray(w)
    return log_fpt_between(u, w, 1.0 - w)


@jax.custom_jvp
def log_fpt_between(u: ArrayLike, w: ArrayLike, rest: ArrayLike) -> Array:
    """Log density of :func:`log_fpt_unit`, with ``rest = 1 - w`` given apart.

    A start within rounding error of either bound then keeps its distance to both.

    Parameters
    ----------
    u, w
        As in :func:`log_fpt_unit`.
    rest
        The relative distance from the other bound. It must equal ``1 - w`` as a function of
        the parameters too: the derivative rule credits ``w`` with both.

    Returns
    -------
    Array
        Elementwise log density. Its derivative rule is exact and can itself be differentiated.
    """
    return _value_and_partials(jnp.asarray(u), jnp.asarray(w), jnp.asarray(rest))[0]


@log_fpt_between.defjvp
def _log_fpt_between_jvp(
    primals: tuple[Array, Array, Array], tangents: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    value, by_u, by_w = _value_and_partials(*primals)
    return value, by_u * tangents[0] + by_w * tangents[1]


def _value_and_partials(u: Array, w: Array, rest: Array) -> tuple[Array, Array, Array]:
    """Return ``log f`` and its derivatives by ``u`` and by ``w``."""
    short = u < SWITCH
    inverse = 1.0 / u
    nearest = jnp.minimum(w, rest)
    sine, cosine = sine_and_cosine(nearest)
    e_m1, below_one, e_p1, sine, cosine, q = computed_once(
        jnp.exp(-2.0 * rest * inverse),
        jnp.expm1(-2.0 * rest * inverse),
        jnp.exp(-2.0 * (1.0 + w) * inverse),
        sine,
        jnp.where(w < rest, cosine, -cosine),
        jnp.exp(-_HALF_PI_SQUARED * u),
    )
    S, S_u, S_w = short_time_sums(inverse, w, rest, e_m1, below_one, e_p1)
    L, L_u, L_w = long_time_sums(sine, cosine, q)
    # The sum exceeds this bound by far unless rounding has eaten it, next to an end.
    S = jnp.maximum(S, 0.5 * nearest)
    # Only finished, finite sums meet in `where`; one logarithm and one quotient serve both series.
    total, total_u, total_w = computed_once(
        jnp.where(short, S, L), jnp.where(short, S_u, L_u), jnp.where(short, S_w, L_w)
    )
    scale = jnp.where(short, inverse * jnp.sqrt(inverse), 1.0)
    half_w2 = 0.5 * w * w
    value = log(total * scale) + jnp.where(
        short, -half_w2 * inverse - _HALF_LOG_2PI, math.log(math.pi) - _HALF_PI_SQUARED * u
    )
    by_u = total_u / total + jnp.where(
        short, (half_w2 * inverse - 1.5) * inverse, -_HALF_PI_SQUARED
    )
    by_w = total_w / total + jnp.where(short, -w * inverse, 0.0)
    return value, by_u, by_w


def short_time_sums(
    inverse: Array, w: Array, rest: Array, e_m1: Array, below_one: Array, e_p1: Array
) -> tuple[Array, Array, Array]:
    """Sum ``x exp(-(x^2 - w^2) / (2u))`` over ``x = w + 2k``, with both derivatives.

    With ``d = (x^2 - w^2) / 2 = 2k (w + k)`` the five exponentials are products of those of
    ``k = -1`` and ``k = 1``. The terms 0 and -1 cancel as ``w`` approaches 1; there their
    difference is formed from ``below_one = e_m1 - 1``, so the sum keeps its relative precision
    up to both bounds.
    """
    product = e_m1 * e_p1
    e_m2 = e_m1 * e_m1 * product
    e_p2 = e_p1 * e_p1 * product
    m1, p1 = -(1.0 + rest) * e_m1, (w + 2.0) * e_p1
    m2, p2 = (w - 4.0) * e_m2, (w + 4.0) * e_p2
    first = jnp.where(w < 0.5, w + m1, -2.0 * rest - (1.0 + rest) * below_one)
    total = first + (p1 + (m2 + p2))
    weighted = 2.0 * rest * m1 + 2.0 * (1.0 + w) * p1 + 4.0 * ((1.0 + rest) * m2 + (w + 2.0) * p2)
    by_u = weighted * inverse * inverse
    by_w = 1.0 + e_m1 + e_p1 + e_m2 + e_p2 + 2.0 * inverse * (m1 - p1 + 2.0 * (m2 - p2))
    return total, by_u, by_w


def long_time_sums(sine: Array, cosine: Array, q: Array) -> tuple[Array, Array, Array]:
    """Sum ``k sin(k pi w) q^(k^2 - 1)`` over k, with both derivatives.

    ``q`` is ``exp(-pi^2 u / 2)``; ``sin(k x) = sin(x) U_{k-1}(cos x)`` and
    ``cos(k x) = T_k(cos x)`` by the recurrence of the Chebyshev polynomials.
    """
    q_squared = q * q
    step = q * q_squared
    power = step
    twice = 2.0 * cosine
    U_before, U = jnp.ones_like(cosine), twice
    T_before, T = cosine, twice * cosine - 1.0
    total, by_u, by_w = jnp.ones_like(power), jnp.zeros_like(power), cosine
    for k in range(2, _TERMS + 1):
        term = k * power * U
        total = total + term
        by_u = by_u - _HALF_PI_SQUARED * (k * k - 1) * term
        by_w = by_w + (k * k) * power * T
        U_before, U = U, twice * U - U_before
        T_before, T = T, twice * T - T_before
        step = step * q_squared
        power = power * step
    return sine * total, sine * by_u, math.pi * by_w

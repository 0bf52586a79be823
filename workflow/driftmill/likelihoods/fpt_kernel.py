"""First-passage density of undrifted Brownian motion on the unit interval, in log space.

Two series give the same density: one converges fast for short times, the other
for long times. Five terms of each, switched at ``u = 0.22``, reach machine
precision. The largest term is taken out of each sum before it is added up, so
that no tail underflows and no floor is needed. Value and both partial
derivatives come from the same few exponentials and are selected after they are
finished, which leaves XLA one element-wise kernel without an axis for the terms.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

SWITCH = 0.22
_TERMS = 5
_HALF_LOG_2PI = 0.5 * math.log(2.0 * math.pi)
_HALF_PI_SQUARED = 0.5 * math.pi**2


@jax.custom_jvp
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

    The derivative rule is exact to first order and is itself differentiable.
    """
    return _value_and_partials(jnp.asarray(u), jnp.asarray(w))[0]


@log_fpt_unit.defjvp
def _log_fpt_unit_jvp(
    primals: tuple[Array, Array], tangents: tuple[Array, Array]
) -> tuple[Array, Array]:
    value, by_u, by_w = _value_and_partials(*primals)
    return value, by_u * tangents[0] + by_w * tangents[1]


def _value_and_partials(u: Array, w: Array) -> tuple[Array, Array, Array]:
    """Return ``log f`` and its derivatives by ``u`` and by ``w``."""
    short = u < SWITCH
    inverse = 1.0 / u
    S, S_u, S_w = _short_time_sums(inverse, w)
    L, L_u, L_w = _long_time_sums(u, w)
    # Only finished, finite sums meet in `where`; one logarithm and one quotient serve both series.
    scale = inverse * jnp.sqrt(inverse)
    total = jnp.log(jnp.where(short, S * scale, L))
    reciprocal = 1.0 / jnp.where(short, S, L)
    half_w2 = 0.5 * w * w
    value = total + jnp.where(
        short, -half_w2 * inverse - _HALF_LOG_2PI, math.log(math.pi) - _HALF_PI_SQUARED * u
    )
    by_u = jnp.where(short, S_u, L_u) * reciprocal + jnp.where(
        short, (half_w2 * inverse - 1.5) * inverse, -_HALF_PI_SQUARED
    )
    by_w = jnp.where(short, S_w, L_w) * reciprocal + jnp.where(short, -w * inverse, 0.0)
    return value, by_u, by_w


def _short_time_sums(inverse: Array, w: Array) -> tuple[Array, Array, Array]:
    """Sum ``x exp(-(x^2 - w^2) / (2u))`` over ``x = w + 2k``, with both derivatives.

    With ``d = (x^2 - w^2) / 2 = 2k (w + k)`` the five exponentials are products of
    two. The terms 0 and -1 cancel as ``w`` approaches 1; their difference is formed
    with ``expm1``, so the sum keeps its relative precision up to the far bound.
    """
    rest = 1.0 - w
    below_one = jnp.expm1(-2.0 * rest * inverse)
    e_m1 = below_one + 1.0
    e_p1 = jnp.exp(-2.0 * (1.0 + w) * inverse)
    product = e_m1 * e_p1
    e_m2 = e_m1 * e_m1 * product
    e_p2 = e_p1 * e_p1 * product
    m1, p1 = -(1.0 + rest) * e_m1, (w + 2.0) * e_p1
    m2, p2 = (w - 4.0) * e_m2, (w + 4.0) * e_p2
    total = -2.0 * rest - (1.0 + rest) * below_one + (p1 + (m2 + p2))
    weighted = 2.0 * rest * m1 + 2.0 * (1.0 + w) * p1 + 4.0 * ((1.0 + rest) * m2 + (w + 2.0) * p2)
    by_u = weighted * inverse * inverse
    by_w = 1.0 + e_m1 + e_p1 + e_m2 + e_p2 + 2.0 * inverse * (m1 - p1 + 2.0 * (m2 - p2))
    return total, by_u, by_w


def _long_time_sums(u: Array, w: Array) -> tuple[Array, Array, Array]:
    """Sum ``k sin(k pi w) exp(-(k^2 - 1) pi^2 u / 2)`` over k, with both derivatives.

    ``sin(k x) = sin(x) U_{k-1}(cos x)`` and ``cos(k x) = T_k(cos x)`` by the recurrence
    of the Chebyshev polynomials, the exponentials as powers of one.
    """
    # The sine of the nearer end is exact where w is close to 1, and never zero.
    sine = jnp.sin(math.pi * jnp.minimum(w, 1.0 - w))
    cosine = jnp.cos(math.pi * w)
    q = jnp.exp(-_HALF_PI_SQUARED * u)
    ratio_step = q * q
    ratio = q * ratio_step
    power = ratio
    two_c = 2.0 * cosine
    U_before, U = jnp.ones_like(cosine), two_c
    T_before, T = cosine, two_c * cosine - 1.0
    total = jnp.ones_like(power * cosine)
    by_u = jnp.zeros_like(total)
    by_w = cosine * jnp.ones_like(power)
    for k in range(2, _TERMS + 1):
        term = k * power * U
        total = total + term
        by_u = by_u - _HALF_PI_SQUARED * (k * k - 1) * term
        by_w = by_w + (k * k) * power * T
        U_before, U = U, two_c * U - U_before
        T_before, T = T, two_c * T - T_before
        ratio = ratio * ratio_step
        power = power * ratio
    return sine * total, sine * by_u, math.pi * by_w

"""Survivor function of the Wald distribution, averaged over a start that is uniform, in log space.

In units of the sd travelled, ``x`` is the way to the threshold, ``m`` the mean way travelled, and
``z = x - m``, ``y = x + m``. An accumulator has not finished with probability::

    s(x) = Phi(z) - E(x),    E(x) = exp(2 m x) Phi(-y) = phi(z) M(y)

with Mills' ratio ``M``, and ``s' = 2 (phi(z) - m E)``. By parts, the antiderivative of ``s`` is
``J(z) - g(x) / (2 m)`` with ``J(z) = z Phi(z) + phi(z)`` and ``g(x) = Phi(z) + E(x)``; as ``m``
goes to 0, ``-g / (2 m)`` goes to ``phi(z) M_1(x)`` but for a constant (Tillman, Van Zandt & Logan
2020, Psychon. Bull. Rev. 27, equations 4 and 6). Averages over ``(low, low + width)`` have the
derivatives ``mean(s')`` by ``low``, ``mean((x - low) / width s')`` by ``width`` and
``-2 mean(x E)`` by ``m``.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from driftmill.likelihoods.compiled import computed_once, where_needed
from driftmill.likelihoods.logarithm import log, log1p
from driftmill.likelihoods.mills import mills, mills_ratio

_SQRT_2PI = math.sqrt(2.0 * math.pi)
#: Half the width over the scale on which ``s`` changes, below which it is a polynomial.
_NARROW = 0.1
_DERIVATIVES = 8
#: The nearer end above which the few that have finished are what is computed.
_EARLY = 1.0
#: The farther end below which nearly all have finished and ``s`` is a power series in ``x``.
_SHORT = 0.15
_POWERS = 12
_XI, _W = np.polynomial.legendre.leggauss(8)
_PLACES, _WEIGHTS = 0.5 + 0.5 * _XI, 0.5 * _W


class _Mean(NamedTuple):
    """The average of ``s``, or of ``E`` where early, and the derivatives of that of ``s``."""

    log_scale: Array
    value: Array
    by_low: Array
    by_width: Array
    by_m: Array


@jax.custom_jvp
def log_mean_survivor(low: Array, width: Array, m: Array, log_cdf: Array) -> Array:
    """Return the log of the average of ``s(x)`` for ``x`` uniform from ``low``.

    Parameters
    ----------
    low
        The shortest way to the threshold, in sds; positive.
    width
        Width of the interval; at least 0.
    m
        The mean way travelled, in sds; at least 0.
    log_cdf
        The log of the average of ``Phi(x - m)``.

    Returns
    -------
    Array
        Elementwise. The derivative rule can itself be differentiated.
    """
    value: Array = _value_and_partials(low, width, m, log_cdf)[0]
    return value


@log_mean_survivor.defjvp
def _log_mean_survivor_jvp(
    primals: tuple[Array, Array, Array, Array], tangents: tuple[Array, Array, Array, Array]
) -> tuple[Array, Array]:
    # `log_cdf` is a function of the others, whose derivatives hold all.
    value, by_low, by_width, by_m = _value_and_partials(*primals)
    return value, by_low * tangents[0] + by_width * tangents[1] + by_m * tangents[2]


@jax.jit
def _value_and_partials(
    low: Array, width: Array, m: Array, log_cdf: Array
) -> tuple[Array, Array, Array, Array]:
    half = 0.5 * width
    middle, high = low + half, low + width
    short = high < _SHORT
    narrow = half * (1.0 + m + 1.0 / low) < _NARROW
    early = jnp.where(narrow, middle, low) - m > _EARLY
    shortest = jnp.where(short, low, _SHORT), jnp.where(short, width, 0.0)
    means = (
        where_needed(short, _of_short_ways, *shortest, m),
        where_needed(narrow, _about_the_middle, middle, jnp.where(narrow, half, 0.0), m),
        _between_the_ends(low, jnp.where(narrow, low + 1.0, high), m),
    )
    mean = _Mean(
        *(jnp.where(short, s, jnp.where(narrow, n, w)) for s, n, w in zip(*means, strict=True))
    )
    scale = jnp.exp(mean.log_scale)
    lost = jnp.where(early, -jnp.expm1(log_cdf) + scale * mean.value, 0.5)
    late = jnp.where(early, 1.0, mean.value)
    value = jnp.where(early, log1p(-lost), mean.log_scale + log(late))
    per = jnp.where(early, scale / (1.0 - lost), 1.0 / late)
    slopes = (per * mean.by_low, per * mean.by_width, per * mean.by_m)
    value, by_low, by_width, by_m = computed_once(value, *slopes)
    return value, by_low, by_width, by_m


def _about_the_middle(middle: Array, half: Array, m: Array) -> _Mean:
    """Average over a narrow interval by Taylor series."""
    z = middle - m
    ahead, early = z > 0, z > _EARLY
    # In units of the density at the middle, or of 1 where that is ahead.
    log_scale = jnp.where(ahead, 0.0, -0.5 * z * z)
    p = jnp.exp(-0.5 * z * z - log_scale) / _SQRT_2PI
    M_z, M_y = mills_ratio(jnp.stack([jnp.where(ahead, z, -z), middle + m]))
    E = p * M_y
    s = jnp.where(ahead, 1.0 - p * M_z - E, p * M_z - E)
    # Averages of s, s' and E, and of the last two times the place in (-1, 1).
    value, mean_E = jnp.where(early, E, s), E
    slope = tilted_slope = tilted_E = jnp.zeros_like(p)
    # n-th derivatives: p_(n+1) = -z p_n - n p_(n-1), E_(n+1) = 2 m E_n - p_n.
    p_before, p_now, E_now, power = jnp.zeros_like(p), p, E, jnp.ones_like(p)
    for n in range(_DERIVATIVES):
        p_next, E_next = -z * p_now - n * p_before, 2.0 * m * E_now - p_now
        s_next = p_now - E_next
        if n % 2:
            power_before, power = power, power * half * half
            value = value + jnp.where(early, E_next, s_next) * power / math.factorial(n + 2)
            mean_E = mean_E + E_next * power / math.factorial(n + 2)
            tilted_slope = tilted_slope + s_next * power_before * half / _tilt(n)
            tilted_E = tilted_E + E_now * power_before * half / _tilt(n)
        else:
            slope = slope + s_next * power / math.factorial(n + 1)
        p_before, p_now, E_now = p_now, p_next, E_next
    by_width = 0.5 * (slope + tilted_slope)
    return _Mean(log_scale, value, slope, by_width, -2.0 * (middle * mean_E + half * tilted_E))


def _tilt(n: int) -> int:
    """Return one over the average of ``u^(n + 1) / n!`` over (-1, 1), for odd ``n``."""
    return math.factorial(n) * (n + 2)


def _between_the_ends(low: Array, high: Array, m: Array) -> _Mean:
    """Average over a wide interval by antiderivatives."""
    width, z_high = high - low, high - m
    nearest = jnp.where(z_high < 0, z_high, 0.0)
    log_scale = -0.5 * nearest * nearest
    early = low - m > _EARLY
    eps = float(np.finfo(m.dtype).eps)
    slow = m < eps**0.2 * (1.0 + low)
    still = m < math.sqrt(eps)
    # The first axis is that of the two ends.
    x = jnp.stack([low, high])
    z = x - m
    ahead = z > 0
    M_z, M_1_z = mills(jnp.where(ahead, z, -z))
    density = jnp.exp(-0.5 * z * z - log_scale) / _SQRT_2PI
    E, tail = density * mills_ratio(x + m), density * M_z
    curved, halved = where_needed(slow, _at_rest, x, m)
    # 1 - g, but for a constant that the difference of the ends takes away.
    top = jnp.where(z_high > 0, 1.0, 0.0)
    below = jnp.where(ahead, tail - E, top - tail - E)
    of_E = jnp.where(slow, density * curved, below / jnp.where(slow, 1.0, 2.0 * m))
    of_s = density * M_1_z + jnp.where(ahead, z, 0.0) + of_E
    s = jnp.where(ahead, 1.0 - tail - E, tail - E)
    of_x_phi = m * jnp.where(ahead, top - tail, tail) - density
    of_x_E = -0.5 * density * halved
    mean_s, mean_E = (of_s[1] - of_s[0]) / width, (of_E[0] - of_E[1]) / width
    # From (x s)' = s + 2 x phi - 2 m x E, or at m = 0 by parts.
    rest = mean_s + (2.0 * (of_x_phi[1] - of_x_phi[0]) - (high * s[1] - low * s[0])) / width
    mean_x_E = jnp.where(
        still, (of_x_E[1] - of_x_E[0]) / width, 0.5 * rest / jnp.where(still, 1.0, m)
    )
    return _Mean(
        log_scale,
        jnp.where(early, mean_E, mean_s),
        (s[1] - s[0]) / width,
        (s[1] - mean_s) / width,
        -2.0 * mean_x_E,
    )


def _at_rest(x: Array, m: Array) -> tuple[Array, Array]:
    """Return what the antiderivatives of ``E`` and of ``x E`` are over phi where m is near 0."""
    M_x, M_1_x = mills(x)
    # M_3 = 2 M_1 - x M_2; of little weight, so that M_2 may cancel.
    curved = M_1_x + m * m * (2.0 * M_1_x - x * (M_x - x * M_1_x)) / 6.0
    return curved, M_x + x * M_1_x


def _of_short_ways(low: Array, width: Array, m: Array) -> _Mean:
    """Average over ways so short that the two parts of ``s`` nearly cancel.

    Since ``M_n' = -M_(n+1)``, ``M(m + x)`` is the sum of ``(-x)^k M_k(m) / k!``, and ``s(x) =
    phi(x - m) (M(m - x) - M(m + x))`` has twice its odd terms; by Gauss-Legendre.
    """
    ratios = [*mills(m)]
    for k in range(1, _POWERS - 1):
        ratios.append(k * ratios[-2] - m * ratios[-1])
    odd = [r / math.factorial(k) for k, r in enumerate(ratios) if k % 2]
    even = [r / math.factorial(k) for k, r in enumerate(ratios) if not k % 2]
    high = low + width
    # The first axis is that of the nodes.
    across = (slice(None),) + (None,) * m.ndim
    place, weight = (jnp.asarray(x, dtype=m.dtype)[across] for x in (_PLACES, _WEIGHTS))
    x = low + place * width
    square = x * x
    sum_odd, sum_slope, sum_even = odd[-1], (_POWERS - 1) * odd[-1], even[-1]
    for k in range(len(odd) - 2, -1, -1):
        sum_odd = sum_odd * square + odd[k]
        sum_slope = sum_slope * square + (2 * k + 1) * odd[k]
        sum_even = sum_even * square + even[k]
    # The density at x over that at the farther end.
    p = weight * jnp.exp((high - x) * (0.5 * (high + x) - m))
    s, s_slope, x_E = computed_once(
        2.0 * p * x * sum_odd,
        2.0 * p * (sum_slope - (x - m) * x * sum_odd),
        p * x * (sum_even - x * sum_odd),
    )
    value, by_low, by_width = (q.sum(axis=0) / _SQRT_2PI for q in (s, s_slope, place * s_slope))
    by_m = -2.0 * x_E.sum(axis=0) / _SQRT_2PI
    return _Mean(-0.5 * (high - m) ** 2, value, by_low, by_width, by_m)

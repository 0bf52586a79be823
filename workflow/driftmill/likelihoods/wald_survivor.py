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
from driftmill.likelihoods.logarithm import log
from driftmill.likelihoods.mills import mills, mills_ratio
from driftmill.likelihoods.taylor import average, integrated, normal_terms, tilted

_SQRT_2PI = math.sqrt(2.0 * math.pi)
#: Half the width over the scale on which ``s`` changes, below which it is a polynomial.
_NARROW = 0.1
_TERMS = 9
#: The farther end below which nearly all have finished and ``s`` is a power series in ``x``.
_SHORT = 0.15
_POWERS = 12
_XI, _W = np.polynomial.legendre.leggauss(8)
_PLACES, _WEIGHTS = 0.5 + 0.5 * _XI, 0.5 * _W


class _Mean(NamedTuple):
    """The average of ``s`` over a scale, and its derivatives."""

    log_scale: Array
    value: Array
    by_low: Array
    by_width: Array
    by_m: Array


class _End(NamedTuple):
    """What the antiderivatives are made of at one end, over a scale."""

    x: Array
    density: Array
    cdf: Array  # Phi(z)
    E: Array
    curved: Array  # J but for z where that is ahead


@jax.custom_jvp
def log_mean_survivor(low: Array, width: Array, m: Array) -> Array:
    """Return the log of the average of ``s(x)`` for ``x`` uniform from ``low``.

    Parameters
    ----------
    low
        The shortest way to the threshold, in sds; positive.
    width
        Width of the interval; at least 0.
    m
        The mean way travelled, in sds; at least 0.

    Returns
    -------
    Array
        Elementwise; the probability to the last digits, and its log where it is small. The
        derivative rule can itself be differentiated.
    """
    value: Array = _value_and_partials(low, width, m)[0]
    return value


@log_mean_survivor.defjvp
def _log_mean_survivor_jvp(
    primals: tuple[Array, Array, Array], tangents: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    value, by_low, by_width, by_m = _value_and_partials(*primals)
    return value, by_low * tangents[0] + by_width * tangents[1] + by_m * tangents[2]


@jax.jit
def _value_and_partials(low: Array, width: Array, m: Array) -> tuple[Array, Array, Array, Array]:
    low, width, m = computed_once(*jnp.broadcast_arrays(low, width, m))
    half = 0.5 * width
    short = low + width < _SHORT
    narrow = half * (1.0 + m + 1.0 / low) < _NARROW
    slow = m < float(np.finfo(m.dtype).eps) ** 0.2 * (1.0 + low)
    rare = short | narrow | slow
    rarely = where_needed(rare, _where_digits_cancel, short, narrow, low, width, m)
    closed = _by_antiderivatives(low, jnp.where(rare, 1.0, width), jnp.where(rare, 1.0, m))
    mean = _Mean(*(jnp.where(rare, r, c) for r, c in zip(rarely, closed, strict=True)))
    (value,) = computed_once(mean.value)
    (per,) = computed_once(1.0 / value)
    slopes = (slope * per for slope in mean[2:])
    return mean.log_scale + log(value), *slopes  # type: ignore[return-value]


def _by_antiderivatives(low: Array, width: Array, m: Array) -> _Mean:
    """Average over an interval that is neither short nor narrow, at a drift."""
    log_scale, near, far = _ends(low, width, m)
    of_E = 0.5 * ((near.cdf - far.cdf) + (near.E - far.E)) / m
    value, by_low, by_width, x_E = _with_slopes(near, far, of_E, width, m)
    return _Mean(log_scale, value, by_low, by_width, -x_E / m)


def _ends(low: Array, width: Array, m: Array) -> tuple[Array, _End, _End]:
    """Return the log of the scale, and the ends over it."""
    z_low = low - m
    z_high = z_low + width
    # Where both are behind, the density at the farther end is taken out.
    behind = z_high < 0
    log_scale = jnp.where(behind, -0.5 * z_high * z_high, 0.0)
    p_low = jnp.exp(0.5 * jnp.where(behind, width * (z_low + z_high), -z_low * z_low))
    p_high = jnp.exp(jnp.where(behind, 0.0, -0.5 * z_high * z_high))
    near = _end(low, z_low, p_low / _SQRT_2PI, m)
    far = _end(low + width, z_high, p_high / _SQRT_2PI, m)
    kept = computed_once(*near[1:], *far[1:])
    return log_scale, _End(near.x, *kept[:4]), _End(far.x, *kept[4:])


def _end(x: Array, z: Array, density: Array, m: Array) -> _End:
    ahead = z > 0
    ratio, first = mills(jnp.where(ahead, z, -z))
    cdf = jnp.where(ahead, 1.0 - density * ratio, density * ratio)
    return _End(x, density, cdf, density * mills_ratio(x + m), density * first)


def _with_slopes(
    near: _End, far: _End, of_E: Array, width: Array, m: Array
) -> tuple[Array, Array, Array, Array]:
    """Return the average of ``s``, its derivatives by the ends, and ``2 m`` times that of ``x E``.

    Parameters
    ----------
    near, far
        The ends.
    of_E
        The integral of ``-E``, but for that of the cumulative.
    width
        Of the interval.
    m
        The mean way travelled.
    """
    z_low, z_high = near.x - m, far.x - m
    ahead = jnp.where(z_low > 0, 1.0, jnp.where(z_high > 0, z_high, 0.0) / width)
    (value,) = computed_once(ahead + (far.curved - near.curved + of_E) / width)
    s_near, s_far = near.cdf - near.E, far.cdf - far.E
    # From (x s)' = s + 2 x phi - 2 m x E.
    of_x_phi = m * (far.cdf - near.cdf) - (far.density - near.density)
    x_E = value + (2.0 * of_x_phi - (far.x * s_far - near.x * s_near)) / width
    return value, (s_far - s_near) / width, (s_far - value) / width, x_E


def _where_digits_cancel(short: Array, narrow: Array, low: Array, width: Array, m: Array) -> _Mean:
    """Average over intervals that are short or narrow, else at a drift of next to nothing."""
    shortest = jnp.where(short, low, _SHORT), jnp.where(short, width, 0.0)
    middle = low + 0.5 * width, jnp.where(narrow, 0.5 * width, 0.0)
    slow = ~(short | narrow)
    means = (
        where_needed(short, _of_short_ways, *shortest, m),
        where_needed(narrow, _about_the_middle, *middle, m),
        where_needed(slow, _at_rest, low, jnp.where(slow, width, 1.0), m),
    )
    return _Mean(
        *(jnp.where(short, s, jnp.where(narrow, n, w)) for s, n, w in zip(*means, strict=True))
    )


def _about_the_middle(middle: Array, half: Array, m: Array) -> _Mean:
    """Average over a narrow interval by Taylor series."""
    z = middle - m
    ahead = z > 0
    # In units of the density at the middle, or of 1 where that is ahead.
    log_scale = jnp.where(ahead, 0.0, -0.5 * z * z)
    density = jnp.exp(-0.5 * z * z - log_scale) / _SQRT_2PI
    M_z, M_y = mills_ratio(jnp.stack([jnp.where(ahead, z, -z), middle + m]))
    cdf = jnp.where(ahead, 1.0 - density * M_z, density * M_z)
    p, _ = normal_terms(z, density, half, _TERMS)
    E = [density * M_y]
    for n in range(_TERMS - 1):
        E.append(half * (2.0 * m * E[n] - p[n]))
    slopes = [2.0 * (p[n] - m * E[n]) for n in range(_TERMS)]
    value, by_low = average(integrated(cdf - E[0], slopes, half)), average(slopes)
    by_m = -2.0 * (middle * average(E) + half * tilted(E))
    return _Mean(log_scale, value, by_low, 0.5 * (by_low + tilted(slopes)), by_m)


def _at_rest(low: Array, width: Array, m: Array) -> _Mean:
    """Average by antiderivatives where the drift is next to nothing."""
    log_scale, near, far = _ends(low, width, m)
    still = m < math.sqrt(float(np.finfo(m.dtype).eps))
    curved, halved = [], []
    for end in (near, far):
        M_x, M_1_x = mills(end.x)
        # M_3 = 2 M_1 - x M_2; of little weight, so that M_2 may cancel.
        third = 2.0 * M_1_x - end.x * (M_x - end.x * M_1_x)
        curved.append(end.density * (M_1_x + m * m * third / 6.0))
        halved.append(end.density * (M_x + end.x * M_1_x))
    value, by_low, by_width, x_E = _with_slopes(near, far, curved[1] - curved[0], width, m)
    by_m = jnp.where(still, (halved[1] - halved[0]) / width, -x_E / jnp.where(still, 1.0, m))
    return _Mean(log_scale, value, by_low, by_width, by_m)


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

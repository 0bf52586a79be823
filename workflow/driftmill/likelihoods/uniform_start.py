"""Averages over a start that is uniform: of the density with which an end is reached, and others.

An accumulator that starts anywhere in ``(0, A)`` and must reach ``b`` has a way ``x`` uniform in
``(b - A, b)``. Where the way travelled by a time is normal, all is in units of its sd: with its
mean ``m`` and ``z = x - m``, the time has the density ``x phi(z)`` over itself, and a ballistic
accumulator has not finished with probability ``Phi(z)``. Their averages are differences of
``m Phi(z) - phi(z)`` and of ``z Phi(z) + phi(z)``, which Mills' ratio gives far in the tails,
where the largest factor is taken out; where the ends are too near each other, Taylor series.
"""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array

from driftmill.likelihoods.compiled import computed_once, where_needed
from driftmill.likelihoods.logarithm import log, log1p
from driftmill.likelihoods.mills import mills, mills_ratio
from driftmill.likelihoods.taylor import average, integrated, normal_terms, tilted

_SQRT_2PI = math.sqrt(2.0 * math.pi)
#: The width over the scale on which the normal density changes, below which series serve.
_NARROW = 0.1
_TERMS = 9


@jax.custom_jvp
def log_mean_density(low: Array, width: Array, m: Array) -> Array:
    """Return the log of the average of ``x phi(x - m)`` for ``x`` uniform from ``low``.

    Parameters
    ----------
    low
        The shortest way, in sds; positive.
    width
        Width of the interval; at least 0.
    m
        The mean way travelled, in sds.

    Returns
    -------
    Array
        Elementwise, however far ``x - m`` is from 0. The derivative rule can itself be
        differentiated.
    """
    value: Array = _density_and_partials(low, width, m)[0]
    return value


@log_mean_density.defjvp
def _log_mean_density_jvp(
    primals: tuple[Array, Array, Array], tangents: tuple[Array, Array, Array]
) -> tuple[Array, Array]:
    value, by_low, by_width, by_m = _density_and_partials(*primals)
    return value, by_low * tangents[0] + by_width * tangents[1] + by_m * tangents[2]


@jax.custom_jvp
def log_mean_cdf(low: Array, width: Array) -> Array:
    """Return the log of the average of ``Phi(z)`` for ``z`` uniform from ``low``.

    Parameters
    ----------
    low
        The lower end.
    width
        Width of the interval; at least 0.

    Returns
    -------
    Array
        Elementwise; the probability to the last digits, and its log where it is small. The
        derivative rule can itself be differentiated.
    """
    value: Array = _cdf_and_partials(low, width)[0]
    return value


@log_mean_cdf.defjvp
def _log_mean_cdf_jvp(
    primals: tuple[Array, Array], tangents: tuple[Array, Array]
) -> tuple[Array, Array]:
    value, by_low, by_width = _cdf_and_partials(*primals)
    return value, by_low * tangents[0] + by_width * tangents[1]


def _chosen(narrow: Array, series: tuple[Array, ...], closed: tuple[Array, ...]) -> Any:
    return tuple(jnp.where(narrow, s, c) for s, c in zip(series, closed, strict=True))


def _size(x: Array) -> Array:
    # The derivative of this at 0 is 1, not 0.
    return jnp.where(x < 0, -x, x)


@jax.jit
def _density_and_partials(low: Array, width: Array, m: Array) -> tuple[Array, Array, Array, Array]:
    """Return the log of the average, and its derivatives by all three arguments."""
    low, width, m = computed_once(*jnp.broadcast_arrays(low, width, m))
    z = low - m
    narrow = width * (1.0 + jnp.maximum(_size(z), _size(z + width))) < _NARROW
    short = (jnp.where(narrow, x, 1.0) for x in (low, m))
    series = where_needed(narrow, _density_by_series, jnp.where(narrow, width, 0.0), *short)
    closed = _density_in_closed_form(jnp.where(narrow, 1.0, width), low, m)
    chosen: tuple[Array, Array, Array, Array] = _chosen(narrow, series, closed)
    return chosen


def _density_in_closed_form(
    width: Array, low: Array, m: Array
) -> tuple[Array, Array, Array, Array]:
    high, z_low = low + width, low - m
    z_high = z_low + width
    # The density is even, so all is done for the half on which the middle is positive.
    left = z_low + z_high < 0
    near, far = jnp.where(left, -z_high, z_low), jnp.where(left, -z_low, z_high)
    # In the tail the density at the nearer end is taken out; else the interval holds the top.
    tail = near >= 0
    log_scale = jnp.where(tail, -0.5 * near * near, 0.0)
    p_near = jnp.exp(jnp.where(tail, 0.0, -0.5 * near * near)) / _SQRT_2PI
    p_far = jnp.exp(-0.5 * jnp.where(tail, width * (near + far), far * far)) / _SQRT_2PI
    beside = p_near * mills_ratio(_size(near))
    between = jnp.where(tail, beside, 1.0 - beside) - p_far * mills_ratio(far)
    p_near, p_far, between = computed_once(p_near, p_far, between)
    p_low, p_high = jnp.where(left, p_far, p_near), jnp.where(left, p_near, p_far)
    total = p_low - p_high + m * between
    (per,) = computed_once(1.0 / total)
    by_low = (high * p_high - low * p_low) * per
    return (
        log_scale + log(total / width),
        by_low,
        high * p_high * per - 1.0 / width,
        between * per - by_low,
    )


def _density_by_series(width: Array, low: Array, m: Array) -> tuple[Array, Array, Array, Array]:
    half = 0.5 * width
    x = low + half
    z = x - m
    p, p_slopes = normal_terms(z, jnp.ones_like(z), half, _TERMS)
    slopes = [x * p_slopes[n] + (n + 1) * p[n] for n in range(_TERMS)]
    per = 1.0 / average(integrated(x, slopes, half))
    by_low = average(slopes) * per
    by_width = 0.5 * (by_low + tilted(slopes) * per)
    return -0.5 * z * z - log(_SQRT_2PI * per), by_low, by_width, average(p) * per - by_low


@jax.jit
def _cdf_and_partials(low: Array, width: Array) -> tuple[Array, Array, Array]:
    """Return the log of the average, and its derivatives by both arguments."""
    low, width = computed_once(*jnp.broadcast_arrays(low, width))
    narrow = width * (1.0 + jnp.maximum(_size(low), _size(low + width))) < _NARROW
    short = jnp.where(narrow, width, 0.0), jnp.where(narrow, low, 1.0)
    series = where_needed(narrow, _cdf_by_series, *short)
    closed = _cdf_in_closed_form(jnp.where(narrow, 1.0, width), low)
    chosen: tuple[Array, Array, Array] = _chosen(narrow, series, closed)
    return chosen


def _cdf_in_closed_form(width: Array, low: Array) -> tuple[Array, Array, Array]:
    high = low + width
    ahead, behind = low > 0, high < 0
    # Where both ends are behind, the density at the higher one is taken out; where both are
    # ahead, what is left to 1 keeps its digits.
    log_scale = jnp.where(behind, -0.5 * high * high, 0.0)
    p_low = jnp.exp(0.5 * jnp.where(behind, width * (low + high), -low * low)) / _SQRT_2PI
    p_high = jnp.exp(jnp.where(behind, 0.0, -0.5 * high * high)) / _SQRT_2PI
    ratio_low, first_low = mills(_size(low))
    ratio_high, first_high = mills(_size(high))
    low_tail, high_tail, lost = computed_once(
        p_low * ratio_low,
        p_high * ratio_high,
        (p_low * first_low - p_high * first_high) / width,
    )
    mean = jnp.where(ahead, 1.0, jnp.where(behind, 0.0, high / width)) - lost
    (per,) = computed_once(1.0 / (width * mean))
    high_cdf = jnp.where(behind, high_tail, 1.0 - high_tail)
    by_low = jnp.where(ahead, low_tail - high_tail, high_cdf - low_tail) * per
    by_width = jnp.where(ahead, lost - high_tail, high_cdf - mean) * per
    return _log_of(ahead, log_scale, mean, lost), by_low, by_width


def _log_of(ahead: Array, log_scale: Array, mean: Array, lost: Array) -> Array:
    """Return the log of an average over a scale, or of 1 without what is lost."""
    return jnp.where(ahead, log1p(-jnp.where(ahead, lost, 0.0)), log_scale + log(mean))


def _cdf_by_series(width: Array, low: Array) -> tuple[Array, Array, Array]:
    half = 0.5 * width
    z = low + half
    # In units of the density at the middle, or of 1 where that is ahead.
    ahead = z > 0
    log_scale = jnp.where(ahead, 0.0, -0.5 * z * z)
    density = jnp.exp(-0.5 * z * z - log_scale) / _SQRT_2PI
    p, _ = normal_terms(z, density, half, _TERMS)
    sign = jnp.where(ahead, -1.0, 1.0)
    tail = average(integrated(density * mills_ratio(_size(z)), [sign * x for x in p], half))
    mean = jnp.where(ahead, 1.0 - tail, tail)
    by_low = average(p) / mean
    by_width = 0.5 * (by_low + tilted(p) / mean)
    return _log_of(ahead, log_scale, mean, tail), by_low, by_width

"""Averages over a start that is uniform, of normal densities and distribution functions.

An accumulator that starts anywhere in ``(0, A)`` and must reach ``b`` has a way ``x`` uniform in
``(b - A, b)``. Where the way travelled by a time is normal with mean ``m`` and sd ``s``, all that
is asked is about ``z = (x - m) / s``, uniform between ``low`` and ``low + width``.

With ``y`` in (0, 1) the place between these ends, the averages of ``Phi(z)``, ``phi(z)`` and
``y phi(z)`` are differences of repeated integrals of the normal density. They cancel where the
ends are near each other, which quadrature serves, and far in the tails, where the largest factor
is taken out and Mills' ratio gives the rest.
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
from driftmill.likelihoods.mills import mills

_SQRT_2PI = math.sqrt(2.0 * math.pi)
_LOG_SQRT_2PI = 0.5 * math.log(2.0 * math.pi)
#: ``width`` times the farther end, below which the integrals are done by quadrature.
_NARROW = 1.0
_XI, _W = np.polynomial.legendre.leggauss(8)
_PLACES, _WEIGHTS = (0.5 * _XI).tolist(), (0.5 * _W).tolist()


class StartMeans(NamedTuple):
    """Logarithms of averages over the start.

    Parameters
    ----------
    at_low, at_high
        Of ``(1 - y) phi(z)`` and ``y phi(z)``.
    cdf
        Of ``Phi(z)``.
    """

    at_low: Array
    at_high: Array
    cdf: Array


class _Moments(NamedTuple):
    """Averages of ``exp(-z^2 / 2)`` over a scale, times what is said."""

    log_scale: Array
    near: Array  # 1 - y
    far: Array  # y
    near_z: Array  # (1 - y) z
    far_z: Array  # y z
    near_far_z: Array  # (1 - y) y z
    far_far_z: Array  # y^2 z


@jax.custom_jvp
def start_means(low: Array, width: Array) -> StartMeans:
    """Return the averages for ``z`` uniform between ``low`` and ``low + width``.

    Parameters
    ----------
    low
        The lower end.
    width
        At least 0.

    Returns
    -------
    StartMeans
        Elementwise, to a few units in the last digit, however far the ends are from 0 or near
        each other. The derivative rule is exact and can itself be differentiated.
    """
    values: StartMeans = _values_and_partials(low, width)[0]
    return values


@start_means.defjvp
def _start_means_jvp(
    primals: tuple[Array, Array], tangents: tuple[Array, Array]
) -> tuple[StartMeans, StartMeans]:
    values, by_low, by_width = _values_and_partials(*primals)
    slopes = (a * tangents[0] + b * tangents[1] for a, b in zip(by_low, by_width, strict=True))
    return values, StartMeans(*slopes)


@jax.jit
def _values_and_partials(low: Array, width: Array) -> tuple[StartMeans, StartMeans, StartMeans]:
    """Return the averages and their derivatives by ``low`` and by ``width``."""
    # The density is even, so all is done for the half on which the middle is positive.
    left = low + 0.5 * width < 0
    near = jnp.where(left, -(low + width), low)
    far = near + width
    middle = near + 0.5 * width
    ratios, firsts = mills(jnp.stack([jnp.where(near < 0, -near, near), far]))
    narrow = width * far < _NARROW
    quadrature = where_needed(
        narrow, _by_quadrature, jnp.where(narrow, middle, 0.0), jnp.where(narrow, width, 0.0)
    )
    closed = _in_closed_form(
        jnp.where(narrow, 0.0, near), jnp.where(narrow, _NARROW, width), ratios, firsts
    )
    m = _Moments(*(jnp.where(narrow, q, c) for q, c in zip(quadrature, closed, strict=True)))
    # By parts: the average of Phi(-z) is Phi(-far) + width * (average of y phi).
    beyond = jnp.exp(-0.5 * far * far - m.log_scale) * ratios[1]
    log_tail = m.log_scale + log(beyond + width * m.far) - _LOG_SQRT_2PI
    log_cdf = jnp.where(left, log_tail, log1p(-jnp.exp(log_tail)))
    hazard = jnp.exp(m.log_scale - _LOG_SQRT_2PI - log_cdf)
    log_near, log_far = (m.log_scale - _LOG_SQRT_2PI + log(x) for x in (m.near, m.far))
    near_by_near, far_by_near = -m.near_z / m.near, -m.far_z / m.far
    near_by_width, far_by_width = -m.near_far_z / m.near, -m.far_far_z / m.far
    # On the left the ends change places: near = -(low + width).
    values = StartMeans(
        jnp.where(left, log_far, log_near), jnp.where(left, log_near, log_far), log_cdf
    )
    by_low = StartMeans(
        jnp.where(left, -far_by_near, near_by_near),
        jnp.where(left, -near_by_near, far_by_near),
        hazard * (m.near + m.far),
    )
    by_width = StartMeans(
        jnp.where(left, far_by_width - far_by_near, near_by_width),
        jnp.where(left, near_by_width - near_by_near, far_by_width),
        hazard * jnp.where(left, m.near, m.far),
    )
    kept = computed_once(*values, *by_low, *by_width)
    return StartMeans(*kept[:3]), StartMeans(*kept[3:6]), StartMeans(*kept[6:])


def _by_quadrature(middle: Array, width: Array) -> _Moments:
    """Average over a narrow interval by Gauss-Legendre."""
    # Moments of the place c in (-1/2, 1/2), of which all others are made: y = 1/2 + c and
    # z = middle + width c.
    sums = [jnp.zeros_like(middle)] * 4
    for c, weight in zip(_PLACES, _WEIGHTS, strict=True):
        step = width * c
        p = weight * jnp.exp(-step * (middle + 0.5 * step))
        sums = [total + c**k * p for k, total in enumerate(sums)]
    m0, m1, m2, m3 = computed_once(*sums)
    near, far = 0.5 * m0 - m1, 0.5 * m0 + m1
    near_far, far_far = 0.25 * m0 - m2, 0.25 * m0 + m1 + m2
    return _Moments(
        -0.5 * middle * middle,
        near,
        far,
        middle * near + width * (0.5 * m1 - m2),
        middle * far + width * (0.5 * m1 + m2),
        middle * near_far + width * (0.25 * m1 - m3),
        middle * far_far + width * (0.25 * m1 + m2 + m3),
    )


def _in_closed_form(near: Array, width: Array, ratios: Array, firsts: Array) -> _Moments:
    """Average over a wide interval by Mills' ratios at its ends."""
    far = near + width
    tail = near >= 0
    # In the tail the density at the nearer end is taken out; else the interval holds the top.
    log_scale = jnp.where(tail, -0.5 * near * near, 0.0)
    p_near = jnp.exp(-0.5 * near * near - log_scale)
    p_far = jnp.exp(jnp.where(tail, -0.5 * width * (near + far), -0.5 * far * far))
    top = jnp.where(tail, 0.0, _SQRT_2PI)
    at_far = p_near * firsts[0] - top * near - p_far * (firsts[1] + width * ratios[1])
    to_near = jnp.where(tail, width, -width) * ratios[0] - firsts[0]
    at_near = p_near * to_near + top * far + p_far * firsts[1]
    at_near, at_far = at_near / (width * width), at_far / (width * width)
    whole = at_near + at_far
    return _Moments(
        log_scale,
        at_near,
        at_far,
        (p_near - whole) / width,
        (whole - p_far) / width,
        (at_near - at_far) / width,
        (2.0 * at_far - p_far) / width,
    )

"""The diffusion whose drift, start and non-decision time vary, by a handful of moved nodes.

In units of the bound a walk starts at a distance ``x`` from the bound that is hit, uniform between
``middle - half`` and ``middle + half``, and ends at ``s``, uniform between ``time - width`` and
``time``. Early densities fall with ``exp(-x^2 / (2 s))``: exponentials of ``x^2`` at one ``s``, and
of ``1 / s`` at one ``x``. In these two variables both averages are taken over an exponential that
is cut off at the ends of the window, by Gauss-Legendre nodes in its cumulative share. So the nodes
stay where the density is, at all times, and no window is cut by hand.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array

from driftmill.likelihoods.compiled import computed_once
from driftmill.likelihoods.fpt_kernel import log_fpt_between
from driftmill.likelihoods.logarithm import log, log1p

#: Gauss-Legendre nodes in the non-decision time and in the start.
_OF_TIME, _OF_START = 3, 2
#: What makes the rate of the exponential of ``1 / s`` from the median squared distance and from the
#: nearest one. Half of the latter is right for the earliest times; these leave the smallest errors
#: where densities are large.
_OF_MEDIAN, _OF_NEAREST = 0.06, 0.15
#: Products of a rate and a window below this are expanded in powers.
_FLAT = 1e-3
#: A share of the time after which there is no density yet: what is left of it is rounding.
_NOTHING = 1e-6
_LOG_4 = math.log(4.0)


class Walk(NamedTuple):
    """A walk towards a bound, in units of that bound.

    Parameters
    ----------
    middle, half
        The mean distance of the start from the bound that is hit, in (0, 2), and half the width of
        the window of starts.
    v, sv
        Mean and sd of the drift towards that bound.
    width
        Of the window of non-decision times, in units of the squared bound.
    """

    middle: Array
    half: Array
    v: Array
    sv: Array
    width: Array


class Average(NamedTuple):
    """An average by a few nodes.

    Parameters
    ----------
    log_p
        Log density; in the shape of the time.
    shares
        Of each node in the density; times by starts, along the first two axes.
    way
        In [0, 1]: 0 where all times of the window count alike, 1 where the density is next to
        nothing at its begin.
    """

    log_p: Array
    shares: Array
    way: Array


def average(time: Array, walk: Walk) -> Average:
    """Return the density of hitting a bound, averaged over drift, start and non-decision time.

    Parameters
    ----------
    time
        Since the earliest end of the non-decision time, in units of the squared bound; positive.
    walk
        Where to, of the shape of ``time``.
    """
    places, weights = log_rule(_OF_TIME, time)
    near = walk.middle - walk.half
    median = _start(jnp.asarray(0.5, time.dtype), time, walk).square
    rate = _OF_MEDIAN * median + _OF_NEAREST * near * near
    low = time - walk.width
    some = low > _NOTHING * time
    per_window = 1.0 / (jnp.where(some, low, 1.0) * time)
    # Without a begin the window is endless in 1 / s.
    product = jnp.where(some, rate * walk.width * per_window, jnp.inf)
    (way,) = computed_once(-jnp.expm1(-product))
    flat = product < _FLAT
    size = jnp.where(
        flat,
        _size(jnp.where(flat, product, 0.0)) * per_window,
        way / (rate * jnp.where(flat, 1.0, walk.width)),
    )
    (log_kept,) = computed_once(log1p(-places * way))
    (s,) = computed_once(1.0 / (1.0 / time - log_kept / rate))
    (log_f,) = computed_once(_of_starts(s, walk) + (2.0 * log(s) - log_kept + weights)[:, None])
    top = jnp.max(log_f, axis=(0, 1))
    (parts,) = computed_once(jnp.exp(log_f - top))
    total = jnp.sum(parts, axis=(0, 1))
    return Average(top + log(total * size), parts / total, way)


def log_rule(nodes: int, like: Array) -> tuple[Array, Array]:
    """Return places in (0, 1) and logs of weights that add up to 1, ahead of all other axes."""
    places, weights = np.polynomial.legendre.leggauss(nodes)
    shape = (nodes, *(1,) * like.ndim)
    both = (0.5 * (places + 1.0), np.log(0.5 * weights))
    first, second = (jnp.asarray(x, like.dtype).reshape(shape) for x in both)
    return first, second


def _size(product: Array) -> Array:
    """Return the mean of ``exp(-product u)`` over u in (0, 1), for small ones."""
    return 1.0 - product * (0.5 - product / 6.0)


class _Start(NamedTuple):
    """Squared distances, logs of how far an exponential has fallen there, and its mean."""

    square: Array
    log_kept: Array
    size: Array


def _start(places: Array, s: Array, walk: Walk) -> _Start:
    """Return starts by their places in the share of an exponential of the squared distance.

    The rate is that at which the density at ``s`` falls with it, at the middle; late it is that of
    ``sin(pi x / 2) / x``, about.
    """
    middle, half, v, sv, _ = walk
    variance = sv * sv
    per_time = 1.0 / s
    rate = 0.5 * jnp.sqrt(per_time * per_time + 1.0)
    rate = rate - 0.5 * (variance + v / middle) / (1.0 + variance * s)
    window = 4.0 * middle * half
    product = rate * window
    flat = jnp.abs(product) < _FLAT
    low, safe = jnp.where(flat, product, 0.0), jnp.where(flat, 1.0, product)
    (way,) = computed_once(-jnp.expm1(-jnp.where(flat, product, safe)))
    (log_kept,) = computed_once(log1p(-places * way))
    reached = jnp.where(flat, places * (1.0 - 0.5 * (1.0 - places) * low), -log_kept / safe)
    size = jnp.where(flat, _size(low), way / safe)
    near = middle - half
    return _Start(near * near + window * reached, log_kept, size)


def _of_starts(s: Array, walk: Walk) -> Array:
    """Return the parts of the log density of hitting the bound at ``s``, starts along axis 1."""
    middle, _, v, sv, _ = walk
    places, weights = log_rule(_OF_START, s[0])
    s = s[:, None]
    square, log_kept, size = _start(places, s, walk)
    (x,) = computed_once(jnp.sqrt(square))
    near, variance = 0.5 * x, sv * sv
    log_f = log_fpt_between(0.25 * s, near, 1.0 - near) - _LOG_4
    growth = 1.0 + variance * s
    drift = 0.5 * (x * (2.0 * v + variance * x) - v * v * s) / growth
    return log_f + drift + log(size * middle / (x * jnp.sqrt(growth))) - log_kept + weights

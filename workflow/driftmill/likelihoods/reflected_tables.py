"""Constants of the integral equation for a walk that is reflected at 0 and absorbed at 1.

Without drift and with unit noise, ``G(s)`` is the density at 0 of a walk that started there a
time ``s`` ago, and ``g(s)`` the density of its first passage of 1. Both decay with
``exp(-pi^2 s / 8)`` in the end; that is taken out of everything here, and what is left is smooth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

#: The slowest decay of a walk without drift.
DECAY = math.pi**2 / 8.0
#: The time at which both series, of images and of eigenfunctions, are at their best.
_SWITCH = 0.6
_IMAGES, _WAVES = 4, 6
#: Nodes of the integral equation lie evenly in ``asinh(sqrt(time) / _FINE)``.
_FINE, _LAST = 0.002, 16.0
_STEPS = 128
#: Points through which the unknown is interpolated, causally and about an interval.
_ORDER, _WIDE_ORDER = 6, 8
#: Times at which the solution is wanted lie evenly in the logarithm of the time.
FIRST, _TIMES = 2e-3, 200
_XI, _W = np.polynomial.legendre.leggauss(16)
_PLACES, _WEIGHTS = 0.5 + 0.5 * _XI, 0.5 * _W


@dataclass(frozen=True, eq=False)
class Tables:
    """What does not depend on parameters.

    Parameters
    ----------
    root, time
        Roots of the nodes' times, and those times; shape (n,), the first is 0.
    memory
        Shape (n, n), lower triangular: values of ``b(s) h(s) sqrt(s)`` at the nodes to those of
        ``sqrt(t) / 2`` times the integral of ``G(t - s) b(s) h(s)`` up to the node.
    at
        Times at which the solution is wanted, even in their logarithm; shape (m,).
    passage
        Shape (m, n): the same values to half the integral of ``g(t - s) b(s) h(s)``, times
        ``exp(1 / (2 t))``.
    """

    root: FloatArray
    time: FloatArray
    memory: FloatArray
    at: FloatArray
    passage: FloatArray

    @property
    def step(self) -> float:
        """The step of the logarithm of the wanted times."""
        return float(np.log(self.at[1] / self.at[0]))


def density_at_origin(s: FloatArray) -> FloatArray:
    """Return ``G(s)`` without its decay."""
    k = np.arange(-_IMAGES, _IMAGES + 1)[:, None]
    safe = np.where(s < _SWITCH, s, 1.0)
    images = ((-1.0) ** k * np.exp(-2.0 * k * k / safe + DECAY * safe)).sum(axis=0)
    n = np.arange(1, _WAVES + 1)[:, None]
    waves = 2.0 * np.exp(-4.0 * DECAY * (n - 1) * n * np.maximum(s, _SWITCH)).sum(axis=0)
    return np.where(s < _SWITCH, np.sqrt(2.0 / (np.pi * safe)) * images, waves)


def log_passage_from_origin(s: FloatArray) -> FloatArray:
    """Return ``log g(s)`` without its decay."""
    safe = np.where(s < _SWITCH, s, 1.0)
    k = np.arange(_IMAGES)[:, None]
    images = ((-1.0) ** k * (2 * k + 1) * np.exp(-2.0 * k * (k + 1) / safe)).sum(axis=0)
    short = np.log(2.0 * images / np.sqrt(2.0 * np.pi * safe**3)) - 0.5 / safe + DECAY * safe
    n = np.arange(1, _WAVES + 1)[:, None]
    later = np.maximum(s, _SWITCH)
    waves = ((-1.0) ** (n - 1) * (n - 0.5) * np.exp(-4.0 * DECAY * (n - 1) * n * later)).sum(axis=0)
    return np.where(s < _SWITCH, short, np.log(np.pi * waves))


def _lagrange(x: FloatArray, order: int) -> FloatArray:
    """Return the weights, last axis, of values at 0, 1, ... ``order - 1`` in that at ``x``."""
    weights = np.ones((*x.shape, order))
    for j in range(order):
        for m in range(order):
            if m != j:
                weights[..., j] *= (x - m) / (j - m)
    return weights


@lru_cache
def tables() -> Tables:
    """Return the constants, computed once."""
    x = np.linspace(0.0, np.arcsinh(math.sqrt(_LAST) / _FINE), _STEPS + 1)
    root, time = _FINE * np.sinh(x), (_FINE * np.sinh(x)) ** 2
    memory = np.zeros((x.size, x.size))
    for i in range(1, x.size):
        # A node's own stencils look back only, so that the equation is solved forwards.
        memory[i] = _row(x, i, x[i], _ORDER)
    at = np.exp(np.linspace(math.log(FIRST), math.log(_LAST), _TIMES))
    ends = np.arcsinh(np.sqrt(at) / _FINE)
    passage = np.stack([_row(x, None, end, _WIDE_ORDER) for end in ends])
    return Tables(root, time, 0.5 * root[:, None] * memory, at, 0.5 * passage)


def _row(x: FloatArray, node: int | None, end: float, order: int) -> FloatArray:
    """Return the weights of the nodes in an integral up to ``end``; ``node`` if it is one."""
    last = x.size - 1 if node is None else node
    low = x[x < end * (1.0 - 1e-14)]
    high = np.minimum(np.append(low[1:], end), end)
    # In the root of the distance to the end, where the kernel has a singularity.
    near, far = np.sqrt(np.maximum(end - high, 0.0)), np.sqrt(end - low)
    distance = near[:, None] + (far - near)[:, None] * _PLACES
    place = end - distance**2
    weight = (far - near)[:, None] * 2.0 * distance * _WEIGHTS * 2.0 * _FINE * np.cosh(place)
    ago = 2.0 * _FINE * np.sinh(0.5 * distance**2) * np.cosh(end - 0.5 * distance**2)
    ago = ago * _FINE * (np.sinh(end) + np.sinh(place))
    if node is None:
        scale = 0.5 / (_FINE * np.sinh(end)) ** 2
        kernel = np.exp(log_passage_from_origin(ago.ravel()) + scale).reshape(ago.shape)
    else:
        kernel = density_at_origin(ago.ravel()).reshape(ago.shape)
    order = min(order, last + 1)
    first = np.clip(np.arange(low.size) - (order - 1) // 2, 0, last + 1 - order)
    step = x[1]
    shares = _lagrange(place / step - first[:, None], order)
    values = np.einsum("kq,kqj->kj", weight * kernel, shares)
    row = np.zeros(x.size)
    np.add.at(row, first[:, None] + np.arange(order), values)
    return row

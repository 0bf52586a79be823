"""The nodes at which a diffusion between moving bounds is solved for, and their clock.

Nodes are equidistant in the fourth root of time. The clock is ``tau``, the integral of
``1 / b^2``: in it, bounds that move slowly do not move at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from driftmill.likelihoods.compiled import computed_once

#: ``b(s)`` of the time since the start of the decision, element by element.
Boundary = Callable[[Array], Array]

_GAUSS, _GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(3)
#: Nodes between which a value is looked up, and what turns powers of the place among them into
#: their weights.
_NEAR = 6
_TO_WEIGHTS = np.linalg.inv(np.vander(np.arange(_NEAR) - 2.5, increasing=True))


class Leak(NamedTuple):
    """A drift of ``v - g x``."""

    v: Array
    g: Array


class Nodes(NamedTuple):
    """Where the solution stands still: n + 1 nodes, and three times before the first.

    Parameters
    ----------
    root, pitch
        Fourth root of the time of the first node, and what lies between two.
    ticks
        The clock between nodes, which does not depend on parameters; shape (n,).
    delay
        0, with the derivative of the clock at the nodes' times by the parameters; (n + 1,).
    shrink
        The earlier times in units of the first node's; shape (3,).
    time, b, slope
        Of the first node: its time, the bound and the bound's derivative there.
    square, lean
        A and B at the earlier times and the nodes; shape (n + 4,).
    taken
        The mean of A under the slowest mode, integrated up to the nodes; shape (n + 1,).
    """

    root: Array
    pitch: Array
    ticks: Array
    delay: Array
    shrink: Array
    time: Array
    b: Array
    slope: Array
    square: Array
    lean: Array
    taken: Array


#: The mean of y^2 under the slowest mode of decay.
MEAN_SQUARE = 1.0 / 3.0 - 2.0 / np.pi**2


def with_slope(boundary: Boundary, times: Array) -> tuple[Array, Array]:
    """Return b and its derivative at times."""
    return jax.jvp(boundary, (times,), (jnp.ones_like(times),))


def _with_bend(boundary: Boundary, times: Array) -> tuple[Array, Array, Array]:
    """Return b and its first two derivatives at times."""
    ones = jnp.ones_like(times)
    (b, slope), (_, bend) = jax.jvp(lambda s: with_slope(boundary, s), (times,), (ones,))
    return b, slope, bend


def sums(steps: Array) -> Array:
    """Return the sums of the first k steps, for all k from 0.

    By a matrix: a scan would be hundreds of small operations to compile.
    """
    return jnp.asarray(np.tri(steps.shape[0] + 1, steps.shape[0], -1)) @ steps


def lay(
    boundary: Boundary,
    start: Array,
    height: Array,
    window: Array,
    end: Array,
    leak: Leak | None,
    polynomials: int,
    steps: int,
) -> Nodes:
    """Lay the nodes; the arguments are those of ``bounded_diffusion.log_density``."""
    fixed = lax.stop_gradient
    begin = _begin(boundary, fixed(start), fixed(height), fixed(end), polynomials)
    window = jnp.minimum(jnp.maximum(fixed(window), 50.0 * begin), fixed(end))
    root = jnp.sqrt(jnp.sqrt(begin))
    pitch = (jnp.sqrt(jnp.sqrt(window)) - root) / steps
    times = (root + pitch * jnp.arange(steps + 1)) ** 4
    half = 0.5 * jnp.diff(times)
    inner = 0.5 * (times[1:] + times[:-1])[:, None] + half[:, None] * _GAUSS
    b, bend = computed_once(*_with_bend(boundary, inner)[::2])
    per_time = 0.5 * bend * b if leak is None else 0.5 * (bend * b - (leak.g * b) ** 2)
    taken = sums(fixed(MEAN_SQUARE * half * jnp.sum(_GAUSS_WEIGHTS * per_time, axis=1)))
    # The clock at the nodes is held; what moves with the parameters is the time it shows.
    passed = half * jnp.sum(_GAUSS_WEIGHTS / (b * b), axis=1)
    ticks = fixed(passed)
    delay = sums(passed - ticks)
    moved = times - fixed(boundary(times)) ** 2 * delay
    shrink = jnp.clip((1.0 - pitch / root) ** 4, 0.7, 0.97) ** jnp.arange(3.0, 0.0, -1.0)
    b, slope, bend = computed_once(
        *_with_bend(boundary, jnp.concatenate([shrink * moved[0], moved]))
    )
    square, lean = 0.5 * bend * b**3, jnp.zeros_like(b)
    if leak is not None:
        square, lean = square - 0.5 * leak.g**2 * b**4, leak.v * leak.g * b**3
    laid = (root, pitch, ticks, delay, shrink, moved[0], b[3], slope[3], square, lean, taken)
    return Nodes(*computed_once(*laid))


def _begin(boundary: Boundary, start: Array, height: Array, end: Array, polynomials: int) -> Array:
    """Return the time of the first node.

    Until then the bound is taken to be straight, and the leak to first order: a bound should be
    six standard deviations away. But the polynomials must resolve the density; they do so better
    near the bounds.
    """
    finest, off = 40.0 / polynomials**2, jnp.abs(start)

    def longest(b: Array) -> Array:
        room = jnp.maximum(b - off, 0.0)
        resolved = jnp.maximum(room * room / 36.0, finest * room * (b + off))
        return jnp.minimum(resolved, 0.04 * b * b)

    def shorten(_: int, begin: Array) -> Array:
        # A bound that falls at once leaves less room than it promised.
        less = jnp.maximum(longest(boundary(begin)), 1e-4 * begin)
        return jnp.sqrt(begin * jnp.minimum(begin, less))

    begin = jnp.minimum(longest(height), 0.02 * end)
    begun: Array = lax.fori_loop(0, 4, shorten, begin)
    return lax.stop_gradient(begun)


def look_up(nodes: Nodes, values: Array, roots: Array) -> tuple[Array, Array]:
    """Look values at the nodes up between them.

    Parameters
    ----------
    nodes
        The nodes.
    values
        Shape (n + 1, k).
    roots
        Fourth roots of times; shape (m,).

    Returns
    -------
    values, slopes
        The polynomials through six nodes about each root, and their derivatives by it, shape
        (m, k). The derivatives have none.
    """
    place = (roots - nodes.root) / nodes.pitch
    first = jnp.clip(jnp.floor(place).astype(int) - 2, 0, values.shape[0] - _NEAR)
    x = place - first - 2.5
    near = values[first[:, None] + jnp.arange(_NEAR)]
    powers = jnp.stack([x**k for k in range(_NEAR)], axis=1)
    by_place = jnp.stack([k * x ** max(k - 1, 0) for k in range(_NEAR)], axis=1)
    found = jnp.einsum("mj,mjk->mk", powers @ _TO_WEIGHTS, near)
    slopes = jnp.einsum("mj,mjk->mk", by_place @ _TO_WEIGHTS, near) / nodes.pitch
    return found, lax.stop_gradient(slopes)

"""Log densities of diffusions between bounds that are not straight, or with a leak.

All go by the numerical solution of :mod:`driftmill.likelihoods.bounded_diffusion`, one for each
distinct set of the parameters that it depends on. Which sets are distinct is told by shapes:
along an axis on which all these parameters have one value, trials share a solution. For 20
participants with 100 trials each, give them as (20, 1) and the trials as (20, 100).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax
from jax.typing import ArrayLike

from driftmill.likelihoods import bounded_diffusion as between
from driftmill.likelihoods.moving_nodes import Boundary, with_slope

#: Bounds are followed until this power of e is left of them; nothing gets beyond.
COLLAPSED = 5.0
#: In units of the squared bound: by then hardly anybody is left between bounds.
LONGEST = 16.0
#: Where the collapse of any boundary is looked for, and how sharply it is found.
_SEARCHED, _HALVINGS = 256, 50


class Walls(NamedTuple):
    """Bounds at plus and minus ``boundary``: their height at time 0, and when they are down."""

    boundary: Boundary
    height: Array
    end: Array


@jax.jit
def weibull(
    rt: ArrayLike,
    response: ArrayLike,
    v: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    alpha: ArrayLike,
    beta: ArrayLike,
) -> Array:
    """Log density of the diffusion between ``b(s) = a exp(-(s / beta)^alpha)`` and ``-b(s)``.

    Parameters
    ----------
    rt
        Response time in seconds.
    response
        1 for the upper bound, -1 for the lower.
    v
        Drift rate, towards the upper bound where it is positive.
    a
        Bound at the start of the decision; positive.
    z
        Relative starting point in (0, 1): the process starts at ``(2 z - 1) a``.
    t
        Non-decision time in seconds.
    alpha, beta
        Shape, and scale in seconds, of the collapse; positive.

    Returns
    -------
    Array
        One log density an element, -inf where ``rt <= t``. After ``beta 5^(1 / alpha)``, when a
        150th is left of the bounds, it falls linearly at the rate of decay that belongs to bounds
        which stay as they are then: steeply enough that nobody answers so late.

    Notes
    -----
    v and t may differ from trial to trial at no cost. Below alpha = 0.5 the density loses up to a
    few per cent of its mass, and far-off bounds that hardly anybody reaches (a density below 1e-9)
    are known to a few per cent only. Worst error of a log density where the
    density exceeds 1e-4, over sets of parameters with a in (.5, 2.5), z in (.15, .85), alpha in
    (.5, 4), beta in (.5, 5): median 5e-6, 90 % below 1e-4, all below 1e-3. The bound is that of
    Hawkins, Forstmann, Wagenmakers, Ratcliff & Brown (2015), J. Neurosci. 35, 2476-2484, with no
    bound left in the end.
    """
    kind = _type(rt, response, v, a, z, t, alpha, beta)
    a, alpha, beta = (jnp.asarray(x, float) for x in (a, alpha, beta))
    flat = (a <= 0) | (alpha <= 0) | (beta <= 0)

    def walls(a: Array, alpha: Array, beta: Array) -> Walls:
        def boundary(s: Array) -> Array:
            return a * jnp.exp(-jnp.exp(alpha * jnp.log(s / beta)))

        collapsed = beta * jnp.exp(math.log(COLLAPSED) / alpha)
        return Walls(boundary, a, jnp.minimum(collapsed, LONGEST * a * a))

    shape = [jnp.where(flat, 1.0, x) for x in (a, alpha, beta)]
    return _first_passage(walls, shape, rt, response, v, z, t, flat).astype(kind)


@jax.jit
def ornstein(
    rt: ArrayLike,
    response: ArrayLike,
    v: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    g: ArrayLike,
    t: ArrayLike,
) -> Array:
    """Log density of the leaky diffusion ``dX = (v - g X) ds + dW`` between -a and a.

    Parameters
    ----------
    rt, response, v, a, z, t
        As in :func:`weibull`.
    g
        Leak a second: positive, evidence is forgotten; negative, it grows by itself. 0 is the
        drift diffusion model.

    Returns
    -------
    Array
        One log density an element, -inf where ``rt <= t``.

    Notes
    -----
    Busemeyer & Townsend (1993), Psychol. Rev. 100, 432-459; Smith (2000), J. Math. Psychol. 44,
    408-463. t may differ from trial to trial at no cost. Errors as in :func:`weibull`, with g in
    (-1, 1).
    """
    kind = _type(rt, response, v, a, z, g, t)
    a = jnp.asarray(a, float)
    flat = a <= 0

    def walls(a: Array) -> Walls:
        return Walls(lambda s: a + jnp.zeros_like(s), a, LONGEST * a * a)

    shape = [jnp.where(flat, 1.0, a)]
    return _first_passage(walls, shape, rt, response, v, z, t, flat, g).astype(kind)


def collapsing(
    boundary: Callable[..., Any],
    rt: ArrayLike,
    response: ArrayLike,
    v: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    shape: Sequence[ArrayLike],
) -> Array:
    """Log density of the diffusion between ``b(s)`` and ``-b(s)`` for any boundary.

    Parameters
    ----------
    boundary
        ``boundary(s, *shape)``, element by element in JAX, positive at 0 and twice differentiable
        after it. It need not collapse.
    rt, response, v, t
        As in :func:`weibull`.
    z
        Relative starting point in (0, 1): the process starts at ``(2 z - 1) b(0)``.
    shape
        The boundary's parameters.

    Returns
    -------
    Array
        One log density an element, -inf where ``rt <= t``. From when a 150th is left of the
        bounds, if ever, it falls as in :func:`weibull`.
    """
    kind = _type(rt, response, v, z, t, *shape)
    given = [jnp.asarray(x, float) for x in shape]
    height = boundary(jnp.zeros(jnp.broadcast_shapes(*(x.shape for x in given))), *given)
    horizon = _latest(jnp.asarray(rt, float) - jnp.asarray(t, float))

    def walls(*shape: Array) -> Walls:
        def at(s: Array) -> Array:
            return jnp.asarray(boundary(s, *shape))

        height = at(jnp.zeros(()))
        return Walls(at, height, _collapse(at, height, horizon))

    return _first_passage(walls, given, rt, response, v, z, t, height <= 0).astype(kind)


def _type(*inputs: ArrayLike) -> Any:
    return jnp.result_type(*inputs, jnp.float32)


def _latest(times: Array) -> Array:
    """Return the longest time that is one, without a derivative."""
    return lax.stop_gradient(jnp.max(jnp.where(jnp.isfinite(times), times, 0.0), initial=0.0))


def _collapse(boundary: Boundary, height: Array, horizon: Array) -> Array:
    """Return when the collapsed part of a bound begins, infinity if that is after ``horizon``."""
    left = math.exp(-COLLAPSED) * height
    grid = horizon * (jnp.arange(1, _SEARCHED + 1) / _SEARCHED) ** 2
    gone = ~(boundary(grid) > left)
    never = ~jnp.any(gone)
    first = jnp.argmax(gone)
    ends = jnp.where(first > 0, grid[first - 1], 0.0), grid[first]

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        middle = 0.5 * (ends[0] + ends[1])
        before = boundary(middle) > left
        return jnp.where(before, middle, ends[0]), jnp.where(before, ends[1], middle)

    found = lax.stop_gradient(lax.fori_loop(0, _HALVINGS, halve, ends)[0])
    found = jnp.where(never, jnp.maximum(horizon, 1e-3), found)
    b, slope = with_slope(boundary, found)
    slope = jnp.where(never | (slope == 0), -1.0, lax.stop_gradient(slope))
    return jnp.where(never, jnp.inf, found - (b - left) / slope)


def _first_passage(
    walls: Callable[..., Walls],
    shape: Sequence[Array],
    rt: ArrayLike,
    response: ArrayLike,
    v: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    flat: Array,
    g: ArrayLike | None = None,
) -> Array:
    """Return the log density between walls; one solution for each set of ``shape``, z, v and g.

    v does not count where there is no leak.
    """
    response, z, v = jnp.asarray(response), jnp.asarray(z, float), jnp.asarray(v, float)
    beyond = (z <= 0) | (z >= 1)
    z = jnp.where(beyond, 0.5, z)
    times = jnp.asarray(rt, float) - jnp.asarray(t, float)
    # Comparisons are written so that NaN is not outside and reaches the result.
    outside = (times <= 0) | jnp.isinf(times) | flat | beyond | (jnp.abs(response) != 1)
    times = jnp.where((times <= 0) | jnp.isinf(times), 1.0, times)
    latest = jnp.maximum(_latest(jnp.where(outside, 0.0, times)), 1e-9)
    sets = [z, *shape] if g is None else [z, *shape, v, jnp.asarray(g, float)]

    def of_one_set(sets: list[Array], times: Array, upper: Array, v: Array) -> Array:
        z, *shape = sets
        pull = None
        if g is not None:
            *shape, v, pull = shape
        wall = walls(*shape)
        start = (2.0 * z - 1.0) * wall.height

        last = jnp.minimum(latest, wall.end)
        ended = times > wall.end
        # How fast the density falls at the end is asked of two trials more, without drift.
        asked = jnp.append(jnp.where(ended, wall.end, times), jnp.stack([0.98 * last, last]))
        drift = v
        if pull is None:
            drift = jnp.append(jnp.broadcast_to(v, times.shape), jnp.zeros(2))
        found = between.log_density(
            wall.boundary,
            wall.height,
            start,
            asked,
            jnp.append(upper, jnp.array([True, True])),
            drift,
            last,
            wall.end,
            pull,
        )
        rate = jnp.maximum(found[-2] - found[-1], 0.0) / (0.02 * last)
        if pull is None:
            rate = rate + 0.5 * v * v
        return found[:-2] - rate * jnp.where(ended, times - wall.end, 0.0)

    result = _by_sets(of_one_set, sets, times, response > 0, v)
    return jnp.where(outside, -jnp.inf, result)


def _by_sets(
    density: Callable[..., Array], sets: Sequence[Array], times: Array, upper: Array, v: Array
) -> Array:
    """Call ``density`` once for each distinct set of parameters, as their shapes tell."""
    kinds = jnp.broadcast_shapes(*(x.shape for x in sets))
    shape = jnp.broadcast_shapes(times.shape, upper.shape, v.shape)
    whole = jnp.broadcast_shapes(kinds, shape)
    if math.prod(kinds) == 1:
        flat = [x.reshape(()) for x in sets]
        each = [x.ravel() for x in jnp.broadcast_arrays(times, upper, v)]
        return jnp.broadcast_to(density(flat, *each).reshape(shape), whole)
    kinds = (1,) * (len(whole) - len(kinds)) + kinds
    order = sorted(range(len(whole)), key=lambda axis: (kinds[axis] == 1, axis))
    n = math.prod(kinds)

    def laid(x: Array) -> Array:
        return jnp.broadcast_to(x, whole).transpose(order).reshape(n, -1)

    each = [jnp.broadcast_to(x, kinds).reshape(n) for x in sets]
    # One after the other: a solution's tables fit the cache, those of twenty do not.
    found: Array = lax.map(lambda x: density(*x), (each, laid(times), laid(upper), laid(v)))
    back = [order.index(axis) for axis in range(len(whole))]
    return found.reshape([whole[axis] for axis in order]).transpose(back)

"""First passage of a diffusion between bounds that move as they please, with a leak or without.

``dX = (v - g X) ds + dW`` between ``-b(s)`` and ``b(s)``. With ``p`` the density of X and
``y = x / b``, ``d tau = ds / b^2``, the substitution

    p = exp(v x - g x^2 / 2) b^(-1/2) exp(-b' x^2 / (2 b)) w

leaves ``w_tau = w_yy / 2 + (A y^2 + B y - b^2 (v^2 - g) / 2) w`` between fixed bounds -1 and 1,
with ``A = b'' b^3 / 2 - g^2 b^4 / 2`` and ``B = v g b^3``. Where A and B are 0 the density is known
in closed form; what is solved for numerically is the logarithm of its ratio to that, which is
smooth, and is looked up between the nodes of the solution. Without a leak the drift is outside of
w altogether: one solution serves any number of drifts.
"""

from __future__ import annotations

import functools
import math

import jax
import jax.numpy as jnp
from jax import Array, lax

from driftmill.likelihoods.adams import march, slope_of, weights
from driftmill.likelihoods.compiled import computed_once
from driftmill.likelihoods.fpt_kernel import log_fpt_between
from driftmill.likelihoods.galerkin import basis, products
from driftmill.likelihoods.moving_nodes import (
    MEAN_SQUARE,
    Boundary,
    Leak,
    Nodes,
    lay,
    look_up,
    sums,
    with_slope,
)

#: Polynomials in space and steps in time; the errors that models state belong to them.
POLYNOMIALS, STEPS = 64, 160
_LOG_4 = math.log(4.0)
#: The slowest rate of decay between -1 and 1.
DECAY = math.pi**2 / 8.0
_IMAGES = (0, -1, 1)


def log_density(
    boundary: Boundary,
    height: Array,
    start: Array,
    times: Array,
    upper: Array,
    v: Array,
    window: Array,
    end: Array,
    g: Array | None = None,
    polynomials: int = POLYNOMIALS,
    steps: int = STEPS,
) -> Array:
    """Log density of reaching a bound.

    Parameters
    ----------
    boundary
        The upper bound; positive up to ``end``.
    height
        The bound at time 0.
    start
        Where the process starts, between the bounds.
    times
        Since the start of the decision; positive, up to ``window``; shape (m,).
    upper
        Whether the upper bound is reached; shape (m,).
    v
        Drift; where there is no leak, also of shape (m,).
    window
        The last time that is asked for, up to ``end``.
    end
        Beyond this time the boundary is not called.
    g
        Leak; None: there is none.
    polynomials, steps
        How fine the solution is.

    Returns
    -------
    Array
        Shape (m,).
    """
    leak = None if g is None else Leak(v, g)
    nodes = lay(boundary, start, height, window, end, leak, polynomials, steps)
    first_origin = nodes.b - nodes.slope * nodes.time
    first_y, first_tau = start / first_origin, nodes.time / (first_origin * nodes.b)
    elapsed = sums(nodes.ticks)

    b, slope = computed_once(*with_slope(boundary, times))
    root = jnp.sqrt(jnp.sqrt(times))
    # Before the first node the bound is straight as far as a trial can tell.
    late = root >= nodes.root
    rooted = jnp.where(late, root, nodes.root)
    (clock, delay), _ = (x.T for x in look_up(nodes, jnp.stack([elapsed, nodes.delay], 1), rooted))
    origin = jnp.where(late, first_origin, b - slope * times)
    touching = jnp.where(late, nodes.slope, slope)
    tau = jnp.where(late, first_tau + clock + delay, times / (origin * b))
    tau, origin = computed_once(tau, origin)
    y0, side = start / origin, jnp.where(upper, 1.0, -1.0)

    # The closed form at the nodes, for both bounds, and of the trials.
    ends = jnp.array([[-1.0], [1.0]])
    clocks = jnp.broadcast_to(first_tau + elapsed, (2, steps + 1))
    signed = jnp.concatenate([(ends * first_y + 0.0 * clocks).ravel(), side * y0])
    known = log_fpt_between(
        jnp.concatenate([clocks.ravel(), tau]) / 4.0, 0.5 * (1.0 - signed), 0.5 * (1.0 + signed)
    )
    known, straight = known[: 2 * (steps + 1)].reshape(2, -1).T - _LOG_4, known[2 * (steps + 1) :]
    log_ratios = _log_ratios(nodes, leak, first_y, first_tau, elapsed, known, polynomials)
    both, by_root = computed_once(*look_up(nodes, log_ratios, rooted))
    behind = lax.stop_gradient(b * b / (4.0 * rooted**3)) * delay
    both = both + by_root * behind[:, None]
    ratio = jnp.where(upper, both[:, 1], both[:, 0])

    result = straight - _LOG_4 - 1.5 * jnp.log(b) - 0.5 * jnp.log(origin)
    result = result - 0.5 * slope * b + 0.5 * touching * start * start / origin
    result = result + v * (side * b - start) - 0.5 * v * v * times
    if leak is None:
        return result + jnp.where(late, ratio, 0.0)
    brief = _brief(leak, b, side, y0, tau)
    gauge = 0.5 * leak.g * (times - b * b + start * start)
    return result + gauge + jnp.where(late, ratio, brief)


def _log_ratios(
    nodes: Nodes,
    leak: Leak | None,
    y0: Array,
    tau: Array,
    elapsed: Array,
    known: Array,
    polynomials: int,
) -> Array:
    """Return the log of the density over that with A = B = 0, at the nodes; shape (n + 1, 2).

    Parameters
    ----------
    nodes, leak
        The nodes, and the leak if there is one.
    y0, tau
        Where and how long ago a process between the straight bounds started that touch those of
        the first node.
    elapsed
        The clock since the first node; shape (n + 1,).
    known
        The log density with A = B = 0, lower bound first; shape (n + 1, 2).
    polynomials
        How many.
    """
    fixed, table = lax.stop_gradient, basis(polynomials)
    earlier = fixed(tau * (1.0 - jnp.append(nodes.shrink, 1.0)))
    points, project = jnp.asarray(table.points), jnp.asarray(table.projection)
    short = (tau - earlier)[:, None]
    straight = _images(points, y0, short)
    begun = straight * jnp.exp(_brief(leak, nodes.b, points, y0, short))
    history = (begun @ project.T) * jnp.exp(-DECAY * earlier)[:, None]
    scale = fixed(jnp.max(jnp.abs(history[3])))
    history, plain = history / scale, project @ straight[3] / scale

    # The slowest mode's decay, and its mean potential, are taken out: nothing underflows.
    level = MEAN_SQUARE * fixed(nodes.square)
    potentials = [nodes.square] if leak is None else [nodes.square, nodes.lean]
    factors = jnp.stack([*potentials, -level], axis=1)
    operator = functools.partial(products, table, leaning=leak is not None)
    rates = jnp.asarray(table.rates - table.rates[0])
    slopes = jnp.stack([slope_of(history[k], operator, factors[k]) for k in range(4)])
    rule = jax.tree.map(fixed, weights(rates, -earlier[:3], elapsed))
    states = march(history[3], slopes, rule, operator, factors[4:])
    outward = 0.5 * jnp.asarray(table.slopes.T)
    flux = jnp.concatenate([history[3:], states]) @ outward
    plain_flux = (plain * jnp.exp(-rates * elapsed[:, None])) @ outward

    flux, plain_flux = computed_once(flux, plain_flux)
    known = jnp.exp(jnp.clip(known + DECAY * elapsed[:, None] - jnp.log(scale), -80.0, 80.0))
    at_first = jnp.exp(_brief(leak, nodes.b, jnp.array([-1.0, 1.0]), y0, tau))
    # What the basis misses of the known density it misses of this one too.
    flux = flux + (known - plain_flux) * at_first
    missed = fixed(jnp.abs(known - plain_flux)) + 1e-14
    floor = 30.0 * missed * missed / (fixed(known) + missed) + 1e-37
    ratio = (jnp.maximum(flux, 0.0) + floor * at_first) / (known + floor)
    (log_ratio,) = computed_once(jnp.log(ratio))
    return log_ratio + nodes.taken[:, None]


def _brief(leak: Leak | None, b: Array, y: Array, y0: Array, tau: Array) -> Array:
    """Return the log of what a leak does to a short way from y0 to y, to first order.

    The mean of the potential along a Brownian bridge.
    """
    if leak is None:
        return jnp.zeros_like(y * tau)
    v, g = leak
    square = -0.5 * g * g * b**4 * ((y0 * y0 + y0 * y + y * y) / 3.0 + tau / 6.0)
    return tau * (square + 0.5 * v * g * b**3 * (y0 + y))


def _images(y: Array, y0: Array, tau: Array) -> Array:
    """Return the density of undrifted motion from y0 between -1 and 1 after a short time."""
    total = jnp.zeros_like(y * tau)
    for m in _IMAGES:
        total = total + jnp.exp(-((y - y0 - 4 * m) ** 2) / (2 * tau))
        total = total - jnp.exp(-((y + y0 - 2 - 4 * m) ** 2) / (2 * tau))
    return total / jnp.sqrt(2 * math.pi * tau)

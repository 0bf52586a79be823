"""The mass of first passages through linear bounds, and its inverse."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from driftmill.likelihoods.logarithm import log

#: Panels of a response's times, and Gauss-Legendre nodes in each.
PANELS = 32
NODES = 12
#: Log of the mass that may lie beyond the panels, negative.
_LOG_TAIL = 40.0
#: How many sds from its mean a drift that varies over trials is reckoned with.
_DRIFT_SDS = 9.0
_BISECTIONS = 12
_NEWTON = 6
_XI, _WEIGHTS = np.polynomial.legendre.leggauss(NODES)
#: Legendre coefficients of the polynomial through values at the nodes, shape (NODES, NODES).
_TO_LEGENDRE = (
    (np.arange(NODES)[:, None] + 0.5)
    * np.polynomial.legendre.legvander(_XI, NODES - 1).T
    * _WEIGHTS
)


def first_passage_draw(
    log_density: Callable[[Any, Any, Mapping[str, Array]], Any],
    choices: tuple[int, ...],
    parameters: Mapping[str, Array],
    uniform: Array,
) -> tuple[Array, Array, Array]:
    """Turn one uniform number a lane into a choice and a decision time.

    The mass of every response is laid out in panels one after the other; a uniform number falls
    into one of them, and into a place of it by the polynomial through the density at its nodes.
    Panels are even in the logarithm of the clock ``tau = s / (a (a - s tan(theta)))``, in which a
    diffusion between linear bounds is one between constant bounds (Anderson 1960, Ann. Math.
    Stat. 31): there the density is smooth up to the meeting of the bounds.

    Parameters
    ----------
    log_density
        ``log_density(rt, response, parameters)``, broadcasting.
    choices
        The codes of the responses.
    parameters
        ``v``, ``a``, ``z``, ``t`` and perhaps ``theta``, ``sv``; shape (lanes,).
    uniform
        Shape (lanes,), in [0, 1).

    Returns
    -------
    tuple of Array
        The place of the choice in ``choices``, the time since the start of the decision in
        seconds, and the mass of all responses; shape (lanes,).
    """
    # Times are counted from the start of the decision, where no digit is lost to ``t``.
    parameters = {**parameters, "t": jnp.zeros_like(parameters["t"])}
    first, last = _clock_range(parameters)
    width = (last - first) / PANELS
    left = first + width * jnp.arange(PANELS)[:, None]
    log_clock = left[:, None, :] + width * jnp.asarray(0.5 * (_XI + 1.0))[:, None]
    times, pace = _time(log_clock, parameters)
    codes = jnp.asarray(choices)[:, None, None, None]
    heights = 0.5 * width * pace * jnp.exp(log_density(times, codes, parameters))
    heights = heights.reshape(len(choices) * PANELS, NODES, -1)
    panels = jnp.sum(heights * jnp.asarray(_WEIGHTS)[:, None], axis=1)
    ends = jnp.cumsum(panels, axis=0)
    total = ends[-1]
    target = uniform * total
    panel = jnp.minimum(jnp.sum(ends <= target, axis=0), len(panels) - 1)
    start = jnp.where(panel > 0, _of(ends, panel - 1), 0.0)
    inside = _solve(_of(heights, panel), target - start)
    log_clock = _of(left, panel % PANELS) + width * 0.5 * (inside + 1.0)
    return panel // PANELS, _time(log_clock, parameters)[0], total


def _of(values: Array, index: Array) -> Array:
    """Take one entry of the first axis for every lane of the last."""
    return values[index, ..., jnp.arange(values.shape[-1])].T


def _slope(parameters: Mapping[str, Array]) -> Array:
    """Return by how much the bounds come nearer in a second."""
    theta = parameters.get("theta")
    return jnp.zeros_like(parameters["a"]) if theta is None else jnp.tan(theta)


def _time(log_clock: Array, parameters: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return the time at the clock's logarithm, and its derivative by that."""
    a, clock = parameters["a"], jnp.exp(log_clock)
    stretch = 1.0 + a * _slope(parameters) * clock
    time = a * a * clock / stretch
    return time, time / stretch


def _clock_range(parameters: Mapping[str, Array]) -> tuple[Array, Array]:
    """Return the logarithms of the clock between which all but ``exp(-_LOG_TAIL)`` happens.

    Whoever travels a way ``d`` at speed ``m`` with unit noise arrives about the time ``s`` with
    a probability of at most ``exp(-(d - m s)^2 / (2 s))``; and what is left between the bounds
    decays with ``exp(-pi^2 tau / 8)``.
    """
    v, a, z = (jnp.abs(parameters["v"]), parameters["a"], parameters["z"])
    spread = _DRIFT_SDS * parameters.get("sv", jnp.zeros_like(a))
    slope = _slope(parameters)
    near, far = 2.0 * a * jnp.minimum(z, 1.0 - z), 2.0 * a * jnp.maximum(z, 1.0 - z)
    noise = math.sqrt(2.0 * _LOG_TAIL)
    fastest = v + spread + jnp.maximum(slope, 0.0)
    earliest = (2.0 * near / (noise + jnp.sqrt(noise**2 + 4.0 * fastest * near))) ** 2
    slowest = jnp.where(spread > 0, jnp.maximum(v + slope - spread, 0.0), jnp.abs(v + slope))
    slowest = jnp.maximum(slowest, 1e-12)
    latest = ((noise + jnp.sqrt(noise**2 + 4.0 * slowest * far)) / (2.0 * slowest)) ** 2
    decayed = 8.0 / math.pi**2 * _LOG_TAIL
    # Expanding bounds let the clock run up to an end only; collapsing ones let time do so.
    end = jnp.where(slope < 0, (1.0 - 1e-9) / (a * jnp.maximum(-slope, 1e-12)), jnp.inf)
    room = a * (a - slope * latest)
    by_drift = jnp.where(room > 0, latest / jnp.where(room > 0, room, 1.0), jnp.inf)
    first = earliest / (a * (a - slope * earliest))
    return log(first), log(jnp.minimum(jnp.minimum(decayed, by_drift), end))


def _solve(heights: Array, target: Array) -> Array:
    """Find where in [-1, 1] the integral of the polynomial through ``heights`` is ``target``."""
    coefficients = jnp.sum(jnp.asarray(_TO_LEGENDRE)[:, :, None] * heights, axis=1)

    def integral_and_height(x: Array) -> tuple[Array, Array]:
        before, now = jnp.ones_like(x), x
        height, integral = coefficients[0], coefficients[0] * (x + 1.0)
        for k in range(1, NODES):
            after = ((2 * k + 1) * x * now - k * before) / (k + 1)
            height = height + coefficients[k] * now
            integral = integral + coefficients[k] * (after - before) / (2 * k + 1)
            before, now = now, after
        return integral, height

    def halve(_: int, ends: tuple[Array, Array]) -> tuple[Array, Array]:
        lower, upper = ends
        middle = 0.5 * (lower + upper)
        short = integral_and_height(middle)[0] < target
        return jnp.where(short, middle, lower), jnp.where(short, upper, middle)

    ones = jnp.ones_like(target)
    lower, upper = jax.lax.fori_loop(0, _BISECTIONS, halve, (-ones, ones))

    def step(_: int, x: Array) -> Array:
        integral, height = integral_and_height(x)
        moved = x - (integral - target) / jnp.where(height > 0, height, jnp.inf)
        return jnp.clip(moved, lower, upper)

    found: Array = jax.lax.fori_loop(0, _NEWTON, step, 0.5 * (lower + upper))
    return found

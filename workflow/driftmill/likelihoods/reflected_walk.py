"""First passage of a walk with drift through a linear bound, reflected at 0: one solve, many times.

The walk ``dX = v ds + dW`` starts at ``z a``, is reflected at 0 and ends at ``b(s) = a - c s``.
With the clock ``tau = s / (a b(s))`` its density ``p`` becomes, by ``p = exp(v x - v^2 s / 2)
b^(-1/2) exp(c x^2 / (2 b)) w(x / b, tau)``, a solution of the heat equation on [0, 1] that is 0 at
1 and has ``w_y = v b w`` at 0. So ``h(tau) = w(0, tau)`` solves an integral equation in one
variable, whose kernel, that of a walk without drift, holds no parameter::

    h(tau) = G(tau; z) - 1/2 int_0^tau G(tau - s; 0) v b(s) h(s) ds
    f_w(tau) = g(tau; z) - 1/2 int_0^tau g(tau - s; 0) v b(s) h(s) ds

with the density at 0 ``G`` and the first-passage density ``g`` of the walk without drift; ``g`` is
the sum of two densities of `log_fpt_between`. What is kept of a solution is the logarithm of
``f_w / g``, which is smooth, and that of the survivor function, on a grid of times.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array, lax
from jax.scipy.linalg import solve_triangular
from jax.scipy.special import erfc

from driftmill.likelihoods.fpt_kernel import log_fpt_between
from driftmill.likelihoods.logarithm import log, log1p, logaddexp
from driftmill.likelihoods.reflected_tables import DECAY, FIRST, tables

_LOG_4 = math.log(4.0)
#: Before and after it the images, or the eigenfunctions, of the walk without drift are summed.
_SWITCH = 0.4
_IMAGES, _WAVES = np.arange(-2, 3), np.arange(1, 6) - 0.5
#: The share of the flux without drift below which what is left of it is continued.
_LEAST = 1e-4
#: Expanding bounds run the clock up to an end; from this share of it on it is taken to stand.
_NEAR_END = 0.02
#: Masses below it are reckoned from the density alone.
_UNDERFLOW = 1e-250
#: Points of an interpolation, and coefficients of powers of the place in their weights.
_POINTS = 6
_TO_WEIGHTS = np.linalg.inv(np.vander(np.arange(_POINTS), increasing=True)).astype(float)


class Bound(NamedTuple):
    """The bound ``a - slope s`` and the relative start ``z``, numbers."""

    a: Array
    slope: Array
    z: Array


class Solution(NamedTuple):
    """Of several drifts, last axis: at the times of the tables, first axis.

    ``ratio`` is the log of ``f_w / g``, ``hazard`` that of the cumulative hazard: minus the log of
    the probability to last so long, which is smooth on this scale from the first to the last.
    """

    ratio: Array
    hazard: Array


class Read(NamedTuple):
    """Of several drifts, last axis: at times asked for, first axis."""

    ratio: Array
    log_survivor: Array


def log_undrifted(tau: Array, z: Array) -> Array:
    """Return ``log g``: the first-passage density of the clock without drift."""
    # From the end that is reflected at, seen as a walk between -1 and 1 from z or from -z.
    ways = jnp.stack(jnp.broadcast_arrays(0.5 * (1.0 - z), 0.5 * (1.0 + z), tau)[:2])
    both = log_fpt_between(0.25 * tau, ways, ways[::-1])
    return logaddexp(both[0], both[1]) - _LOG_4


def log_factor(v: Array, bound: Bound, time: Array, reached: Array) -> Array:
    """Return what is added to ``log f_w`` for the log density of a passage at ``reached``."""
    a, slope, z = bound
    stretch = 0.5 * slope * (reached - a * z * z) - 0.5 * log(a) - 1.5 * log(reached)
    return v * (reached - a * z) - 0.5 * v * v * time + stretch


def solve(v: Array, bound: Bound) -> Solution:
    """Solve the integral equation.

    Parameters
    ----------
    v
        Drifts, shape (k,); at least 0.
    bound
        The bound and the start that they share.

    Returns
    -------
    Solution
        Arrays of shape (times, k).
    """
    known = tables()
    dilution = 1.0 + bound.a * bound.slope * jnp.asarray(known.time)
    pull = v * (bound.a / jnp.maximum(dilution, _NEAR_END))[:, None]
    at, memory = jnp.asarray(known.at), jnp.asarray(known.memory)
    density = _density_at_origin(bound.z)
    held = jnp.stack([_held(memory, pull[:, k], density) for k in range(v.size)], axis=1)
    flux = log_undrifted(at, bound.z)
    unit = jnp.exp(-(flux + 0.5 / at + DECAY * at))[:, None]
    ratio = _log_share(1.0 - unit * (jnp.asarray(known.passage) @ (pull * held)), at)
    return Solution(ratio, _log_hazard(v, bound, at, flux[:, None] + ratio))


def _held(memory: Array, pull: Array, density: Array) -> Array:
    """Return ``sqrt(s) h(s)`` at the nodes, without its decay."""

    def apply(held: Array) -> Array:
        return held + memory @ (pull * held)

    def solver(transposed: bool) -> Callable[[Callable[[Array], Array], Array], Array]:
        def solution(_: Callable[[Array], Array], right: Array) -> Array:
            system = jnp.eye(density.size) + memory * pull
            return solve_triangular(system, right, trans=int(transposed), lower=True)

        return solution

    # The derivative goes by the product, not by the elements of the system.
    found: Array = lax.custom_linear_solve(apply, density, solver(False), solver(True))
    return found


def _density_at_origin(z: Array) -> Array:
    """Return ``sqrt(s) G(s; z)`` at the nodes, without its decay."""
    root = tables().root.copy()
    # The limit at 0 is another for z = 0 than for any other z.
    root[0] = root[1] / 3.0
    time = root**2
    short, late = time[time < _SWITCH], time[time >= _SWITCH]
    way = (z - 2.0 * _IMAGES) ** 2
    images = jnp.exp(-0.5 * way / short[:, None] + DECAY * short[:, None]) * (-1.0) ** _IMAGES
    waves = 2.0 * jnp.cos(math.pi * _WAVES * z)
    waves = waves * np.exp(-0.5 * (math.pi * _WAVES) ** 2 * late[:, None] + DECAY * late[:, None])
    near = math.sqrt(2.0 / math.pi) * images.sum(axis=1)
    return jnp.concatenate([near, np.sqrt(late) * waves.sum(axis=1)])


def _log_share(share: Array, at: Array) -> Array:
    """Return the log of a share that falls with time; where it is too small, continued."""
    small = share <= _LEAST
    end = jnp.where(small.any(axis=0), jnp.argmax(small, axis=0), at.size)
    large = jnp.arange(at.size)[:, None] < end
    last = jnp.maximum(end - 1, 1)
    log_share = log(jnp.where(large, share, 1.0))
    here, before = (jnp.take_along_axis(log_share, k[None], axis=0)[0] for k in (last, last - 1))
    slope = (here - before) / (at[last] - at[last - 1])
    return jnp.where(large, log_share, here + slope * (at[:, None] - at[last]))


def _log_hazard(v: Array, bound: Bound, at: Array, log_flux: Array) -> Array:
    """Return the log of minus the log of the mass that arrives later than each of the times.

    Of masses before and after a time the smaller is added up, so that none is a difference.
    """
    a, slope, _ = bound
    dilution = jnp.maximum(1.0 + a * slope * at, _NEAR_END)
    reached, step = a / dilution, tables().step
    time = at * a * reached
    factor = log_factor(v, bound, time[:, None], reached[:, None])
    log_mass = log_flux + factor + (log(reached * reached * at) + math.log(step))[:, None]
    growth = jnp.diff(log_mass, axis=0)
    bend = 0.5 * jnp.diff(growth, axis=0)
    bend = jnp.concatenate([bend[:1], bend[:-1] + bend[1:], bend[-1:]])
    mean = 0.5 * (log_mass[:-1] + log_mass[1:])
    masses = jnp.exp(mean + _log_mean_exp(growth, bend))
    fall = jnp.maximum(-growth[-1:], step)
    masses = jnp.concatenate([masses, jnp.exp(log_mass[-1:]) / fall])
    upper = jnp.asarray(np.triu(np.ones((at.size, at.size))))
    mass, gone = upper @ masses, (1.0 - upper) @ masses + _arrived(v, bound, time[0])
    never = 1.0 - gone[-1] - masses[-1]
    mass = mass + jnp.where(slope < 0, jnp.maximum(never, 0.0), 0.0)
    there = mass > _UNDERFLOW
    fall = jnp.maximum(-jnp.concatenate([growth, growth[-1:]]), step)
    late = jnp.where(there, log(jnp.where(there, mass, 1.0)), log_mass - log(fall))
    few = gone < 0.5
    early = log1p(-jnp.where(few, jnp.maximum(gone, np.finfo(float).tiny), 0.25))
    return log(-jnp.where(few, early, late))


def _log_mean_exp(growth: Array, bend: Array) -> Array:
    """Return the log of the mean over a step of ``exp`` of a parabola, less that of its ends.

    The parabola grows by ``growth`` and has the second derivative ``bend``, which is small.
    """
    size = jnp.abs(growth)
    narrow = size < 0.1
    wide = jnp.where(narrow, 1.0, size)
    square = jnp.where(narrow, size * size, 0.0)
    left = jnp.exp(-wide)
    line = jnp.where(narrow, square / 24.0, 0.5 * wide + log((1.0 - left) / wide))
    sag = 1.0 / (wide * wide) - 0.5 * (1.0 + left) / ((1.0 - left) * wide)
    return line + bend * jnp.where(narrow, square / 720.0 - 1.0 / 12.0, sag)


def _arrived(v: Array, bound: Bound, time: Array) -> Array:
    """Return the share that has arrived before it can know of the reflection."""
    way, speed = bound.a * (1.0 - bound.z), v + bound.slope
    spread = jnp.sqrt(2.0 * time)
    images = jnp.exp(jnp.minimum(2.0 * speed * way, 600.0))
    late = images * erfc((way + speed * time) / spread)
    return 0.5 * (erfc((way - speed * time) / spread) + late)


def at_times(
    solution: Solution, v: Array, bound: Bound, which: Array, tau: Array, time: Array
) -> Read:
    """Return solutions at other times.

    Parameters
    ----------
    solution
        Of several sets of parameters, shape (sets, times of the grid, k).
    v, bound
        Of which they are the solutions; shapes (sets, k) and (sets,).
    which
        Which set an element is of, shape (n,).
    tau, time
        The clock and the time, shape (n,); positive.

    Returns
    -------
    Read
        Arrays of shape (n, k).
    """
    known = tables()
    size, first, last = known.at.size, FIRST, float(known.at[-1])
    place = log(jnp.clip(tau, first, last) / first) / known.step
    low = jnp.clip(jnp.floor(place).astype(int) - _POINTS // 2 + 1, 0, size - _POINTS)
    both = jnp.concatenate(solution, axis=-1)
    flat, start = both.reshape(-1, both.shape[-1]), size * which + low
    weights = ((place - low)[:, None] ** np.arange(_POINTS)) @ jnp.asarray(_TO_WEIGHTS)
    inside = jnp.sum(weights[:, :, None] * flat[start[:, None] + np.arange(_POINTS)], axis=1)
    ratio, hazard = jnp.split(inside, 2, axis=1)
    # In the end all falls exponentially.
    beyond = jnp.maximum(tau - last, 0.0)[:, None] / (last - float(known.at[-2]))
    ratio = ratio + beyond * jnp.diff(solution.ratio[:, -2:], axis=1)[:, 0][which]
    more = jnp.diff(jnp.exp(solution.hazard[:, -2:]), axis=1)[:, 0]
    hazard = jnp.exp(hazard) + beyond * more[which]
    early = tau < first
    # Where it is late a time stands in at which nothing has arrived.
    walk = Bound(*(x[which][:, None] for x in bound))
    short = jnp.where(early, time, 0.25 * first * bound.a[which] ** 2)[:, None]
    arrived = jnp.minimum(_arrived(v[which], walk, short), 1.0 - np.finfo(float).eps)
    early = early[:, None]
    return Read(
        jnp.where(early, ratio * (tau / first)[:, None], ratio),
        jnp.where(early, log1p(-arrived), -hazard),
    )

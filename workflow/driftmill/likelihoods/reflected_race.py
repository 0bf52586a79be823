"""Log densities of races of diffusions that are reflected at 0, for two to four accumulators.

Accumulator i drifts at ``v_i`` with unit noise from ``z a``, is reflected at 0 and finishes at the
bound ``b(s) = a - s tan(theta)``; the first to finish decides. ``response`` is the number of the
accumulator, from 0; ``rt`` is in seconds.

All functions broadcast their arguments. One solution of an integral equation is computed for each
set of drifts, bound and start, however many trials share it (see ``reflected_walk``): parameters
that are numbers cost one, one value a trial costs one a trial. Outside the support (``rt`` not
above ``t`` or not below ``t + a / tan(theta)``, ``a`` not positive, ``z`` not in [0, 1), a
negative drift, an unknown response code) the log density is -inf with zero gradient; NaN in gives
NaN out. Computed in double precision whatever the arguments.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.race import Finishes, log_race, until_response, where_possible
from driftmill.likelihoods.reflected_walk import (
    Bound,
    Solution,
    at_times,
    log_factor,
    log_undrifted,
    solve,
)
from driftmill.likelihoods.trigonometry import tangent

#: The largest error of a log density where the density is above 1e-4, as measured.
ERROR = 1e-4
#: Sets of parameters that are solved side by side.
_SIDE_BY_SIDE = 16


def race_no_bias_angle_2(
    rt: ArrayLike,
    response: ArrayLike,
    v0: ArrayLike,
    v1: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
) -> Array:
    """Log density of the race of two reflected diffusions to a linear bound.

    Parameters
    ----------
    rt, response
        Response time in seconds; the number of the accumulator that finished first.
    v0, v1
        Drift rates; not negative.
    a
        Bound at the start of the decision; positive.
    z
        Start as a share of ``a``, in [0, 1).
    t
        Non-decision time in seconds.
    theta
        Angle of the bound in radians; positive: it collapses.

    Returns
    -------
    Array
        One log density an element.
    """
    return _log_density(rt, response, (v0, v1), a, z, t, theta)


def race_no_bias_angle_3(
    rt: ArrayLike,
    response: ArrayLike,
    v0: ArrayLike,
    v1: ArrayLike,
    v2: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
) -> Array:
    """Log density of the race of three; as `race_no_bias_angle_2`."""
    return _log_density(rt, response, (v0, v1, v2), a, z, t, theta)


def race_no_bias_angle_4(
    rt: ArrayLike,
    response: ArrayLike,
    v0: ArrayLike,
    v1: ArrayLike,
    v2: ArrayLike,
    v3: ArrayLike,
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
) -> Array:
    """Log density of the race of four; as `race_no_bias_angle_2`."""
    return _log_density(rt, response, (v0, v1, v2, v3), a, z, t, theta)


def log_survivor(time: ArrayLike, *parameters: ArrayLike) -> Array:
    """Log probability that there is no response up to ``time``.

    Parameters
    ----------
    time
        Seconds, the non-decision time included.
    parameters
        The drift of each accumulator, then a, z, t and theta.

    Returns
    -------
    Array
        0 up to ``t``, -inf from the time on at which the bound is 0.
    """
    *drifts, a, z, t, theta = parameters
    race = _race(time, drifts, a, z, t, theta)
    log_s = race.finishes.log_survivor.sum(axis=0)
    over = race.impossible | race.over
    return until_response(race.early, over, log_s).astype(race.dtype)


def log_survivors(time: ArrayLike, drifts: ArrayLike, a: Array, z: Array, theta: Array) -> Array:
    """Log probabilities that accumulators are still on their way.

    Parameters
    ----------
    time
        Seconds since the start of the decision, shape (n,).
    drifts
        Shape (k,).
    a, z, theta
        Numbers.

    Returns
    -------
    Array
        Shape (k, n).
    """
    race = _race(time, list(jnp.asarray(drifts)), a, z, 0.0, theta)
    return until_response(race.early, race.impossible | race.over, race.finishes.log_survivor)


class _Race(NamedTuple):
    """When accumulators finish, at what was made safe where ``early``, ``over`` or impossible."""

    early: Array
    over: Array
    impossible: Array
    finishes: Finishes
    dtype: jnp.dtype


def _race(
    rt: ArrayLike,
    drifts: Sequence[ArrayLike],
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
) -> _Race:
    """Return when each accumulator finishes, first axis theirs."""
    dtype = jnp.result_type(float, *(jnp.asarray(x) for x in (rt, *drifts, a, z, t, theta)))
    given = [jnp.asarray(x).astype(jnp.float64) for x in (rt, t, *drifts, a, z, theta)]
    rt, t, *walk = given
    shape = jnp.broadcast_shapes(rt.shape, t.shape, *(x.shape for x in walk))
    # Times do not take part: what they share is solved once.
    sets = jnp.broadcast_arrays(*walk)
    each = sets[0].shape
    *v, a, z, theta = (x.reshape(-1) for x in sets)
    steep = jnp.abs(theta) >= 0.5 * math.pi
    wrong = steep | (a <= 0) | (z < 0) | (z >= 1)
    drift = jnp.stack(v, axis=1)
    backwards = drift < 0
    drift = jnp.where(backwards, 1.0, drift)
    safe = [jnp.where(wrong, 0.5, x) for x in (a, theta, z)]
    bound = Bound(safe[0], tangent(safe[1]), safe[2])
    solution = _solutions(drift, bound)
    which = jnp.broadcast_to(jnp.arange(a.size).reshape(each), shape).reshape(-1)
    walks = Bound(*(x[which] for x in bound))
    time = jnp.broadcast_to(rt - t, shape).reshape(-1)
    early = time <= 0
    time = jnp.where(early, 0.1 * walks.a * walks.a / (1.0 + walks.a * abs(walks.slope)), time)
    reached = walks.a - walks.slope * time
    over = reached <= 0
    slope = jnp.where(over, walks.slope, 1.0)
    time = jnp.where(over, 0.5 * walks.a / slope, time)
    reached = jnp.where(over, 0.5 * walks.a, reached)
    tau = time / (walks.a * reached)
    read = at_times(solution, drift, bound, which, tau, time)
    column = Bound(*(x[:, None] for x in walks))
    factor = log_factor(drift[which], column, time[:, None], reached[:, None])
    log_f = log_undrifted(tau, walks.z)[:, None] + read.ratio + factor
    finishes = Finishes(*(x.T.reshape(-1, *shape) for x in (log_f, read.log_survivor)))
    impossible = (wrong | backwards.any(axis=1))[which].reshape(shape)
    return _Race(early.reshape(shape), over.reshape(shape), impossible, finishes, dtype)


def _solutions(drift: Array, bound: Bound) -> Solution:
    """Solve for every set of parameters, shapes (sets, k) and (sets,)."""
    if drift.shape[0] == 1:
        one = solve(drift[0], Bound(*(x[0] for x in bound)))
        return Solution(*(x[None] for x in one))
    found: Solution = jax.lax.map(lambda x: solve(*x), (drift, bound), batch_size=_SIDE_BY_SIDE)
    return found


def _log_density(
    rt: ArrayLike,
    response: ArrayLike,
    drifts: tuple[ArrayLike, ...],
    a: ArrayLike,
    z: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
) -> Array:
    race = _race(rt, drifts, a, z, t, theta)
    log_p = log_race(response, range(len(drifts)), race.finishes)
    return where_possible(race.early, race.impossible | race.over, log_p).astype(race.dtype)

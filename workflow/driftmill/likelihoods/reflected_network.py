"""Races of diffusions that are reflected at 0, by a corrected closed form of each accumulator.

In units of the bound, from ``z`` to ``b(s) = 1 - slope s`` with the drift ``v``: the density is
that of a reflected walk without drift on the clock ``tau = s / b``, times the factor of the drift
(see ``reflected_walk``), times the share of the flux that the drift away from the reflection leaves
behind, which falls about as ``exp(-v tau)`` at first. The survivor is learnt as the log odds of
having arrived, whose early and late behaviour are those of the density's logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.beyond_box import (
    Box,
    LogDensity,
    any_outside,
    handing_over,
    within,
)
from driftmill.likelihoods.correction_network import Asked, Weights, corrected
from driftmill.likelihoods.logarithm import log, log1p
from driftmill.likelihoods.race import Finishes, log_race, until_response, where_possible
from driftmill.likelihoods.reflected_walk import log_undrifted
from driftmill.likelihoods.trigonometry import tangent

#: Inputs: drift, relative start, and slope of the bound, all in units of the bound.
INPUTS = ("v", "z", "slope")
_DECAY = math.pi**2 / 8.0
#: The clock up to which features follow it.
_LONGEST = 12.0


def reduced(v: Any, a: Any, z: Any, slope: Any) -> dict[str, Any]:
    """Return the inputs of a network that belong to parameters, ``slope`` being tan(theta)."""
    return {"v": v * a, "z": z, "slope": a * slope}


def is_beyond(box: Box, drifts: Sequence[Any], a: Any, z: Any, slope: Any) -> Any:
    """Tell whether the inputs of any accumulator lie outside of a box."""
    return any_outside(box, [reduced(v, a, z, slope) for v in drifts])


def asked(v: Array, z: Array, slope: Array, time: Array) -> Asked:
    """Return what is asked of a network, all in units of the bound.

    Parameters
    ----------
    v
        Drift; 0 or more.
    z
        Start in [0, 1).
    slope
        By what the bound falls in a unit of time.
    time
        Since the start; positive, and before the bound is 0.

    Returns
    -------
    Asked
        Of two outputs: the log density of arriving, and the log odds of having arrived.
    """
    b = 1.0 - slope * time
    tau, way = time / b, b - z
    log_f = log_undrifted(tau, z) + v * way - 0.5 * v * v * time
    log_f = log_f + 0.5 * slope * (b - z * z) - 1.5 * log(b)
    # What the drift takes from the flux, roughly: the integral of v b / (1 + v b / 3).
    strength = 1.0 + v / 3.0
    pull = v * tau / strength * _mean_inverse(slope * tau / strength)
    # The time, but no more than the bound's own where that expands.
    lasted = time / jnp.sqrt(1.0 + (slope * time) ** 2)
    energy = 0.5 * v * v * lasted
    odds = _DECAY * tau + energy + pull - 0.5 * (1.0 - z) ** 2 / time
    ticks = jnp.minimum(tau, _LONGEST)
    ahead = (v * lasted - way) / jnp.sqrt(lasted + 0.003)
    features = (
        0.25 * v - 1.0,
        2.0 * z - 1.0,
        slope - 1.0,
        2.0 * b - 1.0,
        0.7 * log(ticks + 0.03) + 0.5,
        2.0 * ticks / (ticks + 0.4) - 1.0,
        2.0 * ticks / (ticks + 2.0) - 1.0,
        0.3 * v * b - 1.0,
        2.0 * way - 1.0,
        ahead / jnp.sqrt(4.0 + ahead * ahead),
        2.0 * jnp.tanh(0.25 * v * way) - 1.0,
        2.0 * jnp.exp(-0.25 * energy) - 1.0,
    )
    columns = jnp.stack(jnp.broadcast_arrays(*features), axis=-1)
    known, one = jnp.broadcast_arrays(log_f, jnp.ones_like(pull))
    return Asked(jnp.stack([known, odds], axis=-1), columns, jnp.stack([pull, one], axis=-1))


def _mean_inverse(x: Array) -> Array:
    """Return ``log(1 + x) / x``, the mean of ``1 / (1 + s)`` over s in (0, x)."""
    small = jnp.abs(x) < 1e-3
    wide = jnp.where(small, 1.0, x)
    series = 1.0 - x * (0.5 - x * (1.0 / 3.0 - 0.25 * x))
    return jnp.where(small, series, log1p(wide) / wide)


class _Race(NamedTuple):
    """When accumulators finish, where there is a density at all, and what was asked."""

    early: Array
    impossible: Array
    inputs: list[dict[str, Any]]
    finishes: Finishes

    @property
    def possible(self) -> Array:
        """Whether there is a density."""
        return ~self.early & ~self.impossible


def _race(weights: Weights, box: Box, rt: ArrayLike, parameters: Sequence[ArrayLike]) -> _Race:
    kind = jnp.result_type(rt, *parameters, jnp.float32)
    *drifts, a, z, t, theta = (jnp.asarray(x, kind) for x in parameters)
    wrong = (a <= 0) | (jnp.abs(theta) >= 0.5 * math.pi)
    a, slope = jnp.where(wrong, 1.0, a), tangent(jnp.where(wrong, 0.0, theta))
    inputs = [reduced(v, a, z, slope) for v in drifts]
    beyond = any_outside(box, inputs)
    time = jnp.asarray(rt, kind) - t
    early = time <= 0
    over = (jnp.isinf(time) & ~early) | (a - slope * time <= 0)
    shape = jnp.broadcast_shapes(time.shape, beyond.shape, wrong.shape)
    v = jnp.stack([jnp.broadcast_to(v, shape) for v in drifts])
    safe = within(box, beyond, reduced(v, a, z, slope))
    # At this time no bound of the box is down.
    latest = 0.5 / jnp.maximum(safe["slope"], 0.5)
    ticks = jnp.where(early | over, 0.1, time) / (a * a)
    ticks = jnp.where(1.0 - safe["slope"] * ticks <= 0, latest, ticks)
    parts = jnp.broadcast_arrays(safe["v"], safe["z"], safe["slope"], ticks)
    found = corrected(weights, asked(*parts))
    log_f = found[..., 0] - 2.0 * log(a)
    finishes = Finishes(log_f, -jax.nn.softplus(found[..., 1]))
    early, impossible, _ = jnp.broadcast_arrays(early, over | wrong, beyond)
    return _Race(early, impossible, inputs, finishes)


def log_density(
    weights: Weights, box: Box, exact: LogDensity | None, accumulators: int
) -> LogDensity:
    """Make the log density of a race.

    Parameters
    ----------
    weights
        Of the perceptron, which gives one accumulator.
    box
        In which it was trained, by input.
    exact
        By a solver, for parameters outside of it; None: a floor stands there.
    accumulators
        How many.

    Returns
    -------
    Callable
        As ``reflected_race.race_no_bias_angle_2`` and others, at one evaluation of the network a
        trial and accumulator.
    """
    finish = handing_over(exact, box, _sets(accumulators))

    def race(rt: ArrayLike, response: ArrayLike, *parameters: ArrayLike) -> Array:
        found = _race(weights, box, rt, parameters)
        log_p = log_race(response, range(accumulators), found.finishes)
        log_p = where_possible(found.early, found.impossible, log_p)
        return finish(log_p, found.possible, found.inputs, rt, response, parameters)

    return race


def log_survivor(weights: Weights, box: Box, exact: LogDensity, accumulators: int) -> LogDensity:
    """Make the log probability of no response up to a time.

    Parameters
    ----------
    weights, box, accumulators
        As in `log_density`.
    exact
        By a solver: takes the time, then parameters.

    Returns
    -------
    Callable
        As ``reflected_race.log_survivor``.
    """

    def by_solver(rt: Array, _: Array, *parameters: Array) -> Any:
        return exact(rt, *parameters)

    finish = handing_over(by_solver, box, _sets(accumulators))

    def survivor(rt: ArrayLike, *parameters: ArrayLike) -> Array:
        found = _race(weights, box, rt, parameters)
        log_s = found.finishes.log_survivor.sum(axis=0)
        log_s = until_response(found.early, found.impossible, log_s)
        return finish(log_s, found.possible, found.inputs, rt, 0.0, parameters)

    return survivor


def _sets(accumulators: int) -> tuple[int, ...]:
    """Return the places of all parameters but the non-decision time."""
    return tuple(k for k in range(accumulators + 4) if k != accumulators + 2)

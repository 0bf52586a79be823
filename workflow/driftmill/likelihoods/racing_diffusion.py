"""Log densities of the racing diffusion model, for two to four accumulators.

Each accumulator starts uniformly in (0, A), drifts at ``v`` with unit noise and finishes at ``b``,
or at ``b - s tan(theta)`` where the threshold falls; there is no lower bound, and the first to
finish decides. ``response`` is the number of the accumulator, from 0; ``rt`` is in seconds.

All functions are elementwise and broadcast their arguments. Outside the support (``rt`` not above
``t``, ``b`` not above ``A``, ``A``, a drift or ``theta`` negative, an unknown response code) the
log density is -inf with zero gradient; NaN in gives NaN out. At ``A = 0`` and at a drift of 0 the
densities are their limits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.accumulators import Trial, trial_of
from driftmill.likelihoods.logarithm import log
from driftmill.likelihoods.race import (
    together,
    until_response,
    where_known,
    where_possible,
    winner_and_losers,
)
from driftmill.likelihoods.trigonometry import tangent
from driftmill.likelihoods.uniform_start import log_mean_density
from driftmill.likelihoods.wald_survivor import log_mean_survivor


def racing_diffusion_2(
    rt: ArrayLike,
    response: ArrayLike,
    A: ArrayLike,
    b: ArrayLike,
    v0: ArrayLike,
    v1: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
) -> Array:
    """Log density of the racing diffusion model with two accumulators.

    Parameters
    ----------
    rt, response
        Response time in seconds; the number of the accumulator that finished first.
    A
        Upper end of the uniform start.
    b
        Threshold; above ``A``.
    v0, v1
        Drift rates; not negative.
    t
        Non-decision time in seconds.
    theta
        Angle at which the threshold falls, in radians, from 0 to below a quarter of a turn.

    Returns
    -------
    Array
        One log density an element.

    Notes
    -----
    Tillman, Van Zandt & Logan (2020), Psychon. Bull. Rev. 27, 911-936, equations 3 to 6; the
    average of the Wald density over the start is that of Logan et al. (2014), Psychol. Rev. 121.
    Seen from a threshold that falls, everything drifts by ``tan(theta)`` more.
    """
    return _log_density(rt, response, A, b, (v0, v1), t, theta)


def racing_diffusion_3(
    rt: ArrayLike,
    response: ArrayLike,
    A: ArrayLike,
    b: ArrayLike,
    v0: ArrayLike,
    v1: ArrayLike,
    v2: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
) -> Array:
    """Log density of the racing diffusion model with three; as `racing_diffusion_2`."""
    return _log_density(rt, response, A, b, (v0, v1, v2), t, theta)


def racing_diffusion_4(
    rt: ArrayLike,
    response: ArrayLike,
    A: ArrayLike,
    b: ArrayLike,
    v0: ArrayLike,
    v1: ArrayLike,
    v2: ArrayLike,
    v3: ArrayLike,
    t: ArrayLike,
    theta: ArrayLike,
) -> Array:
    """Log density of the racing diffusion model with four; as `racing_diffusion_2`."""
    return _log_density(rt, response, A, b, (v0, v1, v2, v3), t, theta)


def log_survivor(time: ArrayLike, A: ArrayLike, b: ArrayLike, *drifts_t_theta: ArrayLike) -> Array:
    """Log probability that there is no response up to ``time``.

    Parameters
    ----------
    time
        Seconds, the non-decision time included.
    A, b
        As in `racing_diffusion_2`.
    drifts_t_theta
        The drift of each accumulator, the non-decision time, and the angle of the threshold.

    Returns
    -------
    Array
        Elementwise; 0 up to ``t``.
    """
    *drifts, t, theta = drifts_t_theta
    trial = _trial(time, A, b, drifts, t, theta)
    spread = jnp.sqrt(trial.time)
    low, width = trial.gap / spread, trial.A / spread
    v = together(trial.drifts, low, width)
    log_s = log_mean_survivor(low, width, v * spread).sum(axis=0)
    return until_response(trial.early, trial.impossible, log_s)


def _trial(
    rt: ArrayLike,
    A: ArrayLike,
    b: ArrayLike,
    drifts: Sequence[ArrayLike],
    t: ArrayLike,
    theta: ArrayLike,
) -> Trial:
    trial = trial_of(rt, A, b, [*drifts, theta], t)
    *each, angle = trial.drifts
    steep = (angle < 0) | (angle >= 0.5 * math.pi)
    falls = tangent(jnp.where(steep, 0.0, angle))
    impossible = trial.impossible | steep
    for v in each:
        impossible = impossible | (v < 0)
    moving = tuple(jnp.where(v < 0, 1.0, v) + falls for v in each)
    return trial._replace(impossible=impossible, drifts=moving)


def _log_density(
    rt: ArrayLike,
    response: ArrayLike,
    A: ArrayLike,
    b: ArrayLike,
    drifts: tuple[ArrayLike, ...],
    t: ArrayLike,
    theta: ArrayLike,
) -> Array:
    trial = _trial(rt, A, b, drifts, t, theta)
    spread = jnp.sqrt(trial.time)
    low, width = trial.gap / spread, trial.A / spread
    winner, losers = (v * spread for v in winner_and_losers(response, trial.drifts, low, width))
    log_p = log_mean_density(low, width, winner) - log(trial.time)
    log_p = log_p + log_mean_survivor(low, width, losers).sum(axis=0)
    log_p = where_possible(trial.early, trial.impossible, log_p)
    return where_known(response, len(drifts), log_p)

"""Log densities of the linear ballistic accumulator, for two to four accumulators.

Each accumulator starts uniformly in (0, A), rises at a drift of its own a trial, normal around
its ``v`` with sd 0.1, and finishes at ``b``; the first to finish decides. A trial on which no
drift is positive would have no response; the densities are normalised by the probability of
any other. ``response`` is the number of the accumulator, from 0; ``rt`` is in seconds.

All functions are elementwise and broadcast their arguments. Outside the support (``rt`` not above
``t``, ``b`` not above ``A``, ``A`` negative, an unknown response code) the log density is -inf
with zero gradient; NaN in gives NaN out. Drifts may be any number, 0 and below included.
"""

from __future__ import annotations

from collections.abc import Sequence

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import logsumexp
from jax.typing import ArrayLike

from driftmill.likelihoods.accumulators import Trial, trial_of
from driftmill.likelihoods.logarithm import log
from driftmill.likelihoods.mills import log_ndtr
from driftmill.likelihoods.race import (
    stacked,
    together,
    until_response,
    where_known,
    where_possible,
    winner_and_losers,
)
from driftmill.likelihoods.uniform_start import log_mean_cdf, log_mean_density

#: Sd of the drifts over trials, which sets the scale.
DRIFT_SD = 0.1


def lba2(
    rt: ArrayLike,
    response: ArrayLike,
    A: ArrayLike,
    b: ArrayLike,
    v0: ArrayLike,
    v1: ArrayLike,
    t: ArrayLike,
) -> Array:
    """Log density of the linear ballistic accumulator with two accumulators.

    Parameters
    ----------
    rt, response
        Response time in seconds; the number of the accumulator that finished first.
    A
        Upper end of the uniform start.
    b
        Threshold; above ``A``.
    v0, v1
        Mean drifts, with an sd of 0.1 over trials.
    t
        Non-decision time in seconds.

    Returns
    -------
    Array
        One log density an element.

    Notes
    -----
    Brown & Heathcote (2008), Cogn. Psychol. 57, 153-178, equations 1 to 3.
    """
    return _log_density(rt, response, A, b, (v0, v1), t)


def lba3(
    rt: ArrayLike,
    response: ArrayLike,
    A: ArrayLike,
    b: ArrayLike,
    v0: ArrayLike,
    v1: ArrayLike,
    v2: ArrayLike,
    t: ArrayLike,
) -> Array:
    """Log density of the linear ballistic accumulator with three; as `lba2`."""
    return _log_density(rt, response, A, b, (v0, v1, v2), t)


def lba4(
    rt: ArrayLike,
    response: ArrayLike,
    A: ArrayLike,
    b: ArrayLike,
    v0: ArrayLike,
    v1: ArrayLike,
    v2: ArrayLike,
    v3: ArrayLike,
    t: ArrayLike,
) -> Array:
    """Log density of the linear ballistic accumulator with four; as `lba2`."""
    return _log_density(rt, response, A, b, (v0, v1, v2, v3), t)


def log_survivor(time: ArrayLike, A: ArrayLike, b: ArrayLike, *drifts_and_t: ArrayLike) -> Array:
    """Log probability that there is no response up to ``time``.

    Parameters
    ----------
    time
        Seconds, the non-decision time included.
    A, b
        As in `lba2`.
    drifts_and_t
        The mean drift of each accumulator, then the non-decision time.

    Returns
    -------
    Array
        Elementwise; 0 up to ``t``.
    """
    *drifts, t = drifts_and_t
    trial = trial_of(time, A, b, drifts, t)
    low, width = _in_sds(trial)
    v = together(trial.drifts, low, width)
    unfinished = log_mean_cdf(low - v / DRIFT_SD, width).sum(axis=0)
    # Those that never finish are among them.
    never = log_ndtr(-v / DRIFT_SD).sum(axis=0)
    log_s = unfinished + log(-jnp.expm1(never - unfinished)) - _log_any_rises(drifts)
    return until_response(trial.early, trial.impossible, log_s)


def _in_sds(trial: Trial) -> tuple[Array, Array]:
    """Return the shortest way and the width of the start, in sds of the way travelled."""
    spread = DRIFT_SD * trial.time
    return trial.gap / spread, trial.A / spread


def _log_any_rises(drifts: Sequence[ArrayLike]) -> Array:
    """Log probability that at least one drift is positive, in the shape of the drifts alone."""
    v = jnp.stack(stacked(*drifts))
    none = log_ndtr(-v / DRIFT_SD).sum(axis=0)
    # Where hardly any rises, probabilities add up.
    hardly = none > -1e-9
    rises = log(-jnp.expm1(jnp.where(hardly, -1.0, none)))
    return jnp.where(hardly, logsumexp(log_ndtr(v / DRIFT_SD), axis=0), rises)


def _log_density(
    rt: ArrayLike,
    response: ArrayLike,
    A: ArrayLike,
    b: ArrayLike,
    drifts: tuple[ArrayLike, ...],
    t: ArrayLike,
) -> Array:
    trial = trial_of(rt, A, b, drifts, t)
    low, width = _in_sds(trial)
    winner, losers = (v / DRIFT_SD for v in winner_and_losers(response, trial.drifts, low, width))
    log_p = log_mean_density(low, width, winner) - log(trial.time)
    log_p = log_p + log_mean_cdf(low - losers, width).sum(axis=0) - _log_any_rises(drifts)
    log_p = where_possible(trial.early, trial.impossible, log_p)
    return where_known(response, len(drifts), log_p)

"""Log density of the Poisson race: two counters, of which the first to be full decides.

Each counts the events of a Poisson process of rate ``r`` and finishes with the ``k``-th, so that
its time has a gamma distribution of shape ``k``, which need not be whole. ``response`` is -1 for
the first counter and +1 for the second; ``rt`` is in seconds.

Outside the support (``rt`` not above ``t``, a rate or count not positive, an unknown response
code) the log density is -inf with zero gradient; NaN in gives NaN out.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array
from jax.scipy.special import gammaln
from jax.typing import ArrayLike

from driftmill.likelihoods.gamma_survivor import log_gamma_survivor
from driftmill.likelihoods.logarithm import log
from driftmill.likelihoods.race import Finishes, log_race, stacked, until_response, where_possible


def poisson_race(
    rt: ArrayLike,
    response: ArrayLike,
    r1: ArrayLike,
    r2: ArrayLike,
    k1: ArrayLike,
    k2: ArrayLike,
    t: ArrayLike,
) -> Array:
    """Log density of the Poisson race between two counters.

    Parameters
    ----------
    rt, response
        Response time in seconds; -1 where the first counter was full first, 1 the second.
    r1, r2
        Rates, events a second; positive.
    k1, k2
        Counts that are needed; positive, whole or not.
    t
        Non-decision time in seconds.

    Returns
    -------
    Array
        One log density an element.

    Notes
    -----
    LaBerge (1962), Psychometrika 27, 375-396; Townsend & Ashby (1983), The stochastic modeling of
    elementary psychological processes, chapter 9.
    """
    trial = _trial(rt, (r1, r2), (k1, k2), t)
    log_p = log_race(response, (-1, 1), trial.finishes)
    return where_possible(trial.early, trial.impossible, log_p)


def log_survivor(
    time: ArrayLike, r1: ArrayLike, r2: ArrayLike, k1: ArrayLike, k2: ArrayLike, t: ArrayLike
) -> Array:
    """Log probability that there is no response up to ``time``.

    Parameters
    ----------
    time
        Seconds, the non-decision time included.
    r1, r2, k1, k2, t
        As in `poisson_race`.

    Returns
    -------
    Array
        Elementwise; 0 up to ``t``.
    """
    trial = _trial(time, (r1, r2), (k1, k2), t)
    log_s = trial.finishes.log_survivor.sum(axis=0)
    return until_response(trial.early, trial.impossible, log_s)


class _Trial(NamedTuple):
    """The counters; where ``early`` or ``impossible``, harmless values stand in."""

    early: Array
    impossible: Array
    finishes: Finishes


def _trial(
    rt: ArrayLike,
    rates: tuple[ArrayLike, ArrayLike],
    counts: tuple[ArrayLike, ArrayLike],
    t: ArrayLike,
) -> _Trial:
    rt, t, *each = stacked(rt, t, *rates, *counts)
    r, k = jnp.stack(each[:2]), jnp.stack(each[2:])
    wrong = (r <= 0) | (k <= 0)
    r, k = jnp.where(wrong, 1.0, r), jnp.where(wrong, 1.0, k)
    early = rt - t <= 0
    time = jnp.where(early, 1.0, rt - t)
    events = r * time
    log_density = k * log(events) - events - gammaln(k) - log(time)
    finishes = Finishes(log_density, log_gamma_survivor(k, events))
    return _Trial(early, wrong.any(axis=0), finishes)

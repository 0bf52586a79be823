"""Leave-future-out cross-validation: later trials, predicted from those before them alone.

Buerkner, Gabry & Vehtari 2020, Journal of Statistical Computation and Simulation 90:2499,
algorithm 1. The posterior of the first trials is refitted; as trials are added, its draws are
weighted by how likely they make these (importance weights, Pareto smoothed), until the weights
cannot be trusted any more and the posterior is refitted with all trials so far.

All participants go forward together: what is known at a place are the trials of every participant
up to it. What is predicted is a block of the next trials of one participant, all together. Within a
block a learner follows the responses and outcomes that there were, so the sum over blocks is the
same for blocks of any length, if a dataset is of one participant.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from arviz_stats.base import array_stats
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from driftmill.comparison.limits import Horizon
from driftmill.comparison.loo import pareto_k_limit, relative_efficiency, tail_length
from driftmill.models.declaration import Columns, FloatArray
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.panel import places
from driftmill.regression.scored import scored_rows
from driftmill.sampling.refit import Refits
from driftmill.sampling.settings import Code
from driftmill.simulation.seeds import child

#: Log weights that lie below the greatest by more than this have no weight.
_NONE = 700.0


@dataclass(frozen=True, eq=False)
class Past:
    """A posterior of the trials up to a place.

    Parameters
    ----------
    log_likelihood
        Of all trials at its draws, those it has not seen among them, shape (draw, n); NaN where
        there are no draws.
    r_eff
        Relative efficiency of the draws.
    code
        What became of it.
    """

    log_likelihood: FloatArray
    r_eff: float
    code: Code


@dataclass(frozen=True)
class Block:
    """Consecutive trials of one participant, predicted from all participants' trials before them.

    Parameters
    ----------
    row
        Row of its first trial that is scored.
    n_trials
        Trials that are scored.
    n_known
        Trials of each participant that were known.
    refitted_at
        Those that the posterior has seen; the others came in by weights.
    elpd
        Log predictive density of the block.
    pareto_k
        Of the weights; NaN where there were none to take, or all alike.
    code
        What became of the posterior.
    """

    row: int
    n_trials: int
    n_known: int
    refitted_at: int
    elpd: float
    pareto_k: float
    code: Code


@dataclass(frozen=True)
class Future:
    """All blocks of one dataset.

    Parameters
    ----------
    blocks
        In the order of prediction.
    refits
        What became of each posterior.
    k_limit
        The k above which the posterior is refitted.
    limit_reached
        Whether blocks were predicted by weights of too large a k, since no refits were left.
    """

    blocks: tuple[Block, ...]
    refits: tuple[Code, ...]
    k_limit: float
    limit_reached: bool

    @property
    def elpd(self) -> FloatArray:
        """Log predictive density of every block."""
        return np.array([block.elpd for block in self.blocks])

    @property
    def n_bad_k(self) -> int:
        """Number of blocks whose weights have a Pareto k above the limit."""
        return sum(block.pareto_k > self.k_limit for block in self.blocks)


def leave_future_out(
    place: NDArray[np.int64],
    people: NDArray[np.int64],
    scored: NDArray[np.bool_],
    horizon: Horizon,
    refit: Callable[[NDArray[np.bool_]], Past],
) -> Future:
    """Predict every block of one dataset from the trials before it.

    Parameters
    ----------
    place
        Of every trial among those of its participant, counted from 0, shape (n,).
    people
        Whose it is, shape (n,).
    scored
        Which trials count, shape (n,).
    horizon
        Where to begin, and how far to go.
    refit
        Returns the posterior without some of the trials; is called at most ``horizon.refits``
        times, with fewer trials left out each time.
    """
    past: Past | None = None
    log_weights = np.zeros(1)
    blocks: list[Block] = []
    codes: list[Code] = []
    seen, limit, reached = 0, pareto_k_limit(1), False
    for known in range(horizon.first, int(place[scored].max(initial=-1)) + 1, horizon.ahead):
        k = np.inf
        if past is not None:
            log_weights, k = _weigh(past, scored & (place >= seen) & (place < known))
        if k > limit and len(codes) < horizon.refits:
            past, seen = refit(place >= known), known
            codes.append(past.code)
            limit = pareto_k_limit(len(past.log_likelihood))
            log_weights, k = np.zeros(len(past.log_likelihood)), np.nan
        assert past is not None
        reached |= bool(k > limit)
        log_weights = log_weights - logsumexp(log_weights)
        rows = np.flatnonzero(scored & (place >= known) & (place < known + horizon.ahead))
        for person in dict.fromkeys(people[rows].tolist()):
            own = rows[people[rows] == person]
            together = past.log_likelihood[:, own].sum(axis=1)
            elpd = float(logsumexp(log_weights + together))
            first = int(own[np.argmin(place[own])])
            blocks.append(Block(first, len(own), known, seen, elpd, float(k), past.code))
    return Future(tuple(blocks), tuple(codes), limit, reached)


def _weigh(past: Past, new: NDArray[np.bool_]) -> tuple[FloatArray, float]:
    """Return log weights of the draws given new trials, and their Pareto k.

    Where no draw makes the trials possible, or there are no draws, k is inf. It is NaN where as
    many draws share the greatest weight as the tail has members: then none can dominate.
    """
    ratios = past.log_likelihood[:, new].sum(axis=1)
    top = ratios.max()
    if not np.isfinite(top):
        return np.zeros(len(ratios)), np.inf
    ratios = np.maximum(ratios - top, -_NONE)
    if np.sum(ratios == 0.0) >= tail_length(len(ratios), past.r_eff):
        return ratios, np.nan
    with np.errstate(all="ignore"):  # a tail no Pareto fits is reported as k, not printed
        smoothed, k = array_stats.psislw(-ratios, r_eff=past.r_eff)
    return np.asarray(smoothed), np.inf if np.isnan(k) else float(k)


def places_of(trials: pd.DataFrame) -> pd.Series[int]:
    """Return the place of every trial among those of its participant, counted from 0.

    Parameters
    ----------
    trials
        All trials of one dataset, those that are not scored among them: a block is the same for
        fits that see them and for fits that do not. In the order of ``trial_id``, or of the rows
        where that repeats itself.
    """
    lane, _ = pd.factorize(trials["participant_id"].fillna("").astype(str))
    return pd.Series(places(lane, trials["trial_id"].to_numpy()), trials.index)


def predict_future(
    refits: Refits,
    spec: FitSpec,
    columns: Columns,
    place: NDArray[np.int64],
    participants: ArrayLike,
    horizon: Horizon,
    seed: np.random.SeedSequence,
) -> Future:
    """Predict the later trials of one dataset.

    Parameters
    ----------
    refits, spec
        Of the fit.
    columns
        The dataset's columns, n trials.
    place
        Of every trial among those of its participant, counted from 0.
    participants
        Whose each trial is.
    horizon
        Where to begin, and how far to go.
    seed
        Of this dataset alone; the posterior of the first so many trials has a child of its own.
    """
    people, _ = pd.factorize(pd.Series(np.asarray(participants)).astype(str))

    def refit(held: NDArray[np.bool_]) -> Past:
        found = refits(columns, held, child(seed, int(place[held].min())))
        draws, chosen = found.log_likelihood, int(np.prod(found.log_likelihood.shape[:2]))
        values = np.zeros((chosen, held.size))
        values[:, held] = draws.reshape(chosen, -1)
        known = found.posterior.draws is not None
        r_eff = relative_efficiency(found.draws) if known else np.nan
        return Past(values, r_eff, found.posterior.code)

    scored = scored_rows(spec, columns)
    return leave_future_out(place, people, scored, horizon, refit)

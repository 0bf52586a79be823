"""Where every trial falls among what the other trials predict for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.base import array_stats
from numpy.typing import NDArray

from driftmill.models.declaration import DEADLINE, Columns, FloatArray
from driftmill.prediction.designs import designs_of, posterior_draws
from driftmill.prediction.extent import PIT_DRAWS, PIT_TRIALS, spread
from driftmill.prediction.predictive import CHUNK, withheld
from driftmill.prediction.simulated import simulate_rows
from driftmill.prediction.splits import Split, Trials, splits_of
from driftmill.prediction.statistics import told
from driftmill.prediction.trial_draws import TrialDraws, trial_draws
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.pointwise import PointwiseLikelihood
from driftmill.regression.scored import scored_rows
from driftmill.simulation.seeds import child

#: Values are counted in so many equal bins.
BINS = 50
#: Importance weights with a heavier tail are not to be trusted, however many draws there are
#: (Vehtari et al. 2024, JMLR 25(72)).
HEAVY = 0.7
COLUMNS = ("quantity", "scope", "factor", "group", "place", "below", "n", "n_bad_k")


class Pit(NamedTuple):
    """Leave-one-out probability integral transforms of a dataset.

    Parameters
    ----------
    rows
        Which of the dataset's trials, shape (n,).
    shares
        By quantity, ``rt`` where times are modelled and ``response``: the probability of a
        smaller value given all other trials, and a random share of that of an equal one; shape
        (n,). A trial without a response comes after all others.
    pareto_k
        Shape of the tail of each trial's importance weights, shape (n,); inf where its likelihood
        vanishes under some draw.
    """

    rows: NDArray[np.int64]
    shares: dict[str, FloatArray]
    pareto_k: FloatArray


def loo_pit(
    spec: FitSpec,
    columns: Columns,
    posterior: xr.Dataset,
    dataset: int,
    likelihood: PointwiseLikelihood,
    seed: np.random.SeedSequence,
) -> Pit | None:
    """Return LOO-PIT values of a dataset (Gelfand, Dey & Chang 1992; Vehtari et al. 2017).

    From each draw one response a trial is simulated; draws are weighted, trial by trial, by
    Pareto-smoothed importance sampling as if the posterior had not seen the trial. If the model
    is right the values are uniform.

    Parameters
    ----------
    spec
        The fit.
    columns
        All columns that the fit needs, of this dataset, arrays of shape (n,).
    posterior
        Dims chain, draw, dataset and those of the variables; thinned to ``PIT_DRAWS``.
    dataset
        The dataset's number.
    likelihood
        The fit's, compiled once.
    seed
        Seeds the simulated responses, and the shares of equal ones.

    Returns
    -------
    Pit
        Of evenly spaced scored trials, ``PIT_TRIALS`` at most; None where there are no draws.
    """
    every = posterior.sizes["chain"] * posterior.sizes["draw"]
    thinned = posterior.isel(draw=slice(None, None, -(-every // PIT_DRAWS)))
    designs, n = designs_of(spec, columns), len(columns["response"])
    found = posterior_draws(spec, designs, thinned, dataset)
    draws = trial_draws(spec, designs, found, columns, n)
    numbers = np.flatnonzero(draws.usable)
    if not numbers.size:
        return None
    scored = np.flatnonzero(scored_rows(spec, columns))
    rows = scored[spread(scored.size, PIT_TRIALS)]
    pointwise, _ = likelihood(columns, thinned, dataset)
    by_trial = pointwise.reshape(-1, n)[np.ix_(numbers, rows)].T
    weights, pareto_k = _weights(np.ascontiguousarray(by_trial))
    kept = np.zeros(n, dtype=np.bool_)
    kept[rows] = True
    here = {name: np.asarray(column)[rows] for name, column in columns.items()}
    replicated = _replicated(spec, draws.among(kept), numbers, here, child(seed, 0))
    shares = {}
    for place, (quantity, simulated) in enumerate(replicated.items()):
        observed = _ordered(spec, here, quantity)
        # A draw under which a trial cannot be simulated says nothing of it.
        able = np.where(np.isnan(simulated), -np.inf, weights)
        shares[quantity] = array_stats.loo_pit(
            simulated,
            observed,
            able,
            chain_axis=None,
            draw_axis=-1,
            random_state=np.random.default_rng(child(seed, 1 + place)),
        )
    return Pit(rows, shares, pareto_k)


def pit_check(
    spec: FitSpec, columns: Columns, pit: Pit | None, trials: Trials, grouped: bool
) -> pd.DataFrame:
    """Count the values of all trials, of conditions and of participants.

    Parameters
    ----------
    spec
        The fit.
    columns
        The dataset's columns, arrays of shape (n,).
    pit
        Its values; None: there are none, and no rows.
    trials
        Whose trials they are.
    grouped
        Whether conditions and participants are counted too.

    Returns
    -------
    DataFrame
        As `pit_table` has it.
    """
    if pit is None:
        return pd.DataFrame(columns=list(COLUMNS))
    here = {name: np.asarray(column)[pit.rows] for name, column in columns.items()}
    return pit_table(pit, splits_of(spec, here, trials.among(pit.rows), grouped))


def pit_table(pit: Pit, splits: Sequence[Split]) -> pd.DataFrame:
    """Count the values of groups of trials.

    Parameters
    ----------
    pit
        The values of a dataset.
    splits
        Groups of the trials that they are of.

    Returns
    -------
    DataFrame
        A row a quantity, group and one of the 49 inner ends of bins: quantity, scope, factor,
        group, place (the end, from 1), below (values in the bins before it), n (values of the
        group), n_bad_k (those whose weights have a tail heavier than ``HEAVY``). Groups without
        trials have no rows.
    """
    parts = []
    heavy = pit.pareto_k > HEAVY
    for quantity, shares in pit.shares.items():
        # Rounding may put a sum of weights above 1.
        bins = np.clip((shares * BINS).astype(np.int64), 0, BINS - 1)
        for split in splits:
            for k, label in enumerate(split.labels):
                mine = split.index == k
                if not mine.any():
                    continue
                below = np.bincount(bins[mine], minlength=BINS).cumsum()[:-1]
                part = {"place": np.arange(1, BINS), "below": below.astype(np.int64)}
                of = {"scope": split.scope, "factor": split.factor, "group": label}
                counts = {"n": int(mine.sum()), "n_bad_k": int(heavy[mine].sum())}
                parts.append(pd.DataFrame(part).assign(quantity=quantity, **of, **counts))
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _weights(by_trial: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return log weights of the draws for every trial, shape (trials, draws), and Pareto k.

    Where the whole tail has one likelihood, as of a trial that only the lapse explains, weights
    are bounded: they are taken as they are, and k is 0.
    """
    n_draws = by_trial.shape[1]
    tail = min(n_draws // 5, int(3 * np.sqrt(n_draws)))
    weights = np.zeros(by_trial.shape)
    pareto_k = np.full(len(by_trial), np.inf)
    finite = np.isfinite(by_trial).all(axis=1)
    ends = np.sort(by_trial, axis=1)
    bounded = finite & (ends[:, 0] == ends[:, tail])
    weights[bounded], pareto_k[bounded] = -by_trial[bounded], 0.0
    usable = finite & ~bounded
    if usable.any():
        with np.errstate(all="ignore"):  # a tail that no Pareto fits is told by its k
            weights[usable], k = array_stats.psislw(by_trial[usable])
        pareto_k[usable] = np.where(np.isnan(k), np.inf, k)
    return weights, pareto_k


def _replicated(
    spec: FitSpec,
    draws: TrialDraws,
    numbers: NDArray[np.int64],
    columns: Columns,
    seed: np.random.SeedSequence,
) -> dict[str, FloatArray]:
    """Simulate every trial from every draw: by quantity, shape (trials, draws)."""
    model, n = draws.model, draws.rows
    found = {name: np.full((numbers.size, n), np.nan) for name in model.response_columns}
    several = max(1, CHUNK // n)
    for chunk, first in enumerate(range(0, numbers.size, several)):
        part = numbers[first : first + several]
        values = {name: array.reshape(-1) for name, array in draws.of(part).items()}
        trials = simulate_rows(model, values, child(seed, chunk))
        if spec.deadlines:
            until = np.tile(np.asarray(columns[DEADLINE], dtype=np.float64), part.size)
            trials = withheld(trials, until, spec.silent)
        for name, array in found.items():
            simulated = _ordered(spec, trials.columns, name)
            able = np.where(trials.possible, simulated, np.nan)
            array[first : first + several] = able.reshape(part.size, n)
    return {name: np.ascontiguousarray(array.T) for name, array in found.items()}


def _ordered(spec: FitSpec, columns: Columns, quantity: str) -> FloatArray:
    """Return a response column as numbers of which those of no response are the largest."""
    column = columns[quantity]
    numbers = (
        told(column, spec.silent)
        if quantity == "response"
        else np.asarray(column, dtype=np.float64)
    )
    return np.where(np.isnan(numbers), np.inf, numbers)

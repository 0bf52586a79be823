"""Ranks of truths among nearly independent draws of their posteriors.

Talts et al. (2018, arXiv 1804.06788): where truths are drawn from the priors that a fit uses, a
truth is as likely to have any rank among independent draws of its posterior, whatever the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import pandas as pd
import xarray as xr

from driftmill.natural_order import natural_key
from driftmill.recovery.batch import FloatArray, Labels, Members, dataset_numbers
from driftmill.recovery.quantities import Quantity
from driftmill.recovery.roles import Level
from driftmill.recovery.truths import Truths
from driftmill.simulation.seeds import named_child

#: The highest rank: truths are ranked among so many draws.
HIGHEST = 99
#: Effective draws that one of the ranked draws must be worth, so that they hardly depend on each
#: other: autocorrelations of draws that far apart are about exp(-4).
_WORTH = 2.0
#: What became of a dataset whose truth cannot be simulated.
NOT_SIMULATED = "not_simulated"
#: Levels whose truths are ranked; of deviations each participant's own value says the same.
RANKED: tuple[Level, ...] = ("dataset", "group", "sd", "participant")

RANKS_TYPES = {
    "cell": "str",
    "fit": "str",
    "dataset": "int64",
    "participant_id": "str",
    "parameter": "str",
    "level": "str",
    "truth": "float64",
    "rank": "Int64",
    "highest": "int64",
    "draws": "Int64",
    "prior_rank": "Int64",
    "ess": "float64",
    "code": "str",
}


def thinned(n_draws: int, ess: float) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the numbers of evenly spaced draws that hardly depend on each other.

    Parameters
    ----------
    n_draws
        How many draws there are, chain after chain.
    ess
        How many independent ones they are worth; NaN (an approximation, whose draws are
        independent) is all of them.
    """
    worth = n_draws if np.isnan(ess) else int(ess / _WORTH)
    kept = max(1, min(HIGHEST, worth, n_draws))
    return ((np.arange(kept) + 0.5) * n_draws / kept).astype(np.int64)


def rank(draws: FloatArray, truth: float, rng: np.random.Generator) -> int:
    """Return the rank of a truth among draws, as one of 0 to `HIGHEST`.

    Parameters
    ----------
    draws
        Nearly independent draws, shape (k,).
    truth
        The true value.
    rng
        Breaks ties; and where there are fewer than `HIGHEST` draws it spreads each of their ranks
        evenly over those that it stands for, so that ranks of posteriors with many and with few
        draws are uniform on one scale if all is well.
    """
    uniform = rng.random(2)
    lower, ties = int((draws < truth).sum()), int((draws == truth).sum())
    lower += int(uniform[0] * (ties + 1))
    if len(draws) == HIGHEST:
        return lower
    return int((lower + uniform[1]) / (len(draws) + 1) * (HIGHEST + 1))


@dataclass(frozen=True)
class Ranked:
    """What ranks are taken of, on all datasets of a batch.

    Parameters
    ----------
    parameter, level
        Its name and what it is.
    people
        Whose it is on each dataset, None where it is the dataset's.
    draws
        Shape (dataset, draws); NaN where there are none. ``thin`` says whether draws are to be
        thinned.
    truth, ess
        Shape (dataset,).
    """

    parameter: str
    level: str
    people: tuple[str | None, ...]
    draws: FloatArray
    truth: FloatArray
    ess: FloatArray
    thin: bool = True


def ranked(
    quantities: Iterable[Quantity], truths: Truths, members: Members, datasets: Iterable[int]
) -> list[Ranked]:
    """Return what is ranked of a batch's posteriors.

    Of what participants have of their own that of one participant is taken in each dataset, since
    several of one dataset are not independent: participant number d mod n, in natural order, of
    the n in dataset d.

    Parameters
    ----------
    quantities
        The numbers of the posteriors.
    truths
        Their truths.
    members
        Participants of every dataset.
    datasets
        The batch's datasets, in the order of the posteriors.
    """
    chosen = [_one(members.get(int(d), ()), int(d)) for d in datasets]
    found = []
    wanted = [quantity for quantity in quantities if quantity.level in RANKED]
    for (parameter, level), each in groupby(wanted, lambda q: (q.parameter, q.level)):
        several = list(each)
        if several[0].participant is None:
            (only,) = several
            truth = truths.of(parameter)
            nobody = (None,) * len(chosen)
            found.append(Ranked(parameter, level, nobody, only.draws, truth, _ess(only)))
        else:
            found.append(_of_one(parameter, level, several, truths, chosen))
    return found


def _one(people: tuple[str, ...], dataset: int) -> str | None:
    ordered = sorted(people, key=natural_key)
    return ordered[dataset % len(ordered)] if ordered else None


def _ess(quantity: Quantity) -> FloatArray:
    return np.minimum(quantity.diagnostics["ess_bulk"], quantity.diagnostics["ess_tail"])


def _of_one(
    parameter: str,
    level: str,
    several: list[Quantity],
    truths: Truths,
    chosen: list[str | None],
) -> Ranked:
    """Put the chosen participants' values of one parameter together, dataset by dataset."""
    draws = np.full_like(several[0].draws, np.nan)
    truth, ess = np.full(len(chosen), np.nan), np.full(len(chosen), np.nan)
    for quantity in several:
        theirs = np.array([person == quantity.participant for person in chosen])
        draws[theirs] = quantity.draws[theirs]
        truth[theirs] = truths.of(parameter, quantity.participant)[theirs]
        ess[theirs] = _ess(quantity)[theirs]
    return Ranked(parameter, level, tuple(chosen), draws, truth, ess)


def ranks_table(
    found: Sequence[Ranked],
    priors: Sequence[Ranked],
    tree: xr.DataTree,
    labels: Labels,
    seeds: Mapping[int, np.random.SeedSequence],
) -> pd.DataFrame:
    """Rank the truths of a batch.

    Parameters
    ----------
    found
        What is ranked among posterior draws, on the datasets of ``tree``.
    priors
        The same among draws of the fit's priors, on all planned datasets; the joint log
        likelihood has no such draws.
    tree
        The batch's posteriors.
    labels
        Names of the cell and the fit.
    seeds
        A seed a planned dataset, those that could not be simulated among them; every quantity has
        a stream of its own.

    Returns
    -------
    DataFrame
        Columns of `RANKS_TYPES`, a row a planned dataset and quantity. ``rank`` is null where a
        posterior has no draws, or the dataset could not be simulated (code ``not_simulated``);
        ``prior_rank`` where there are no draws of the prior.
    """
    numbers = dataset_numbers(tree).tolist()
    codes = tree["result"]["code"].sel(dataset=numbers).to_numpy()
    place = {number: k for k, number in enumerate(numbers)}
    prior_of = {(of.parameter, of.level): of for of in priors}
    rows = []
    for planned, (dataset, seed) in enumerate(seeds.items()):
        k = place.get(dataset)
        for of in found:
            rng = np.random.default_rng(named_child(seed, of.parameter))
            row: dict[str, object] = {
                "dataset": dataset,
                "parameter": of.parameter,
                "level": of.level,
                "code": NOT_SIMULATED if k is None else str(codes[k]),
            }
            if k is not None:
                row |= {"participant_id": of.people[k], "truth": of.truth[k], "ess": of.ess[k]}
                row |= _ranked_row(of, k, rng)
            prior = prior_of.get((of.parameter, of.level))
            if prior is not None:
                among = _ranked_row(prior, planned, rng)
                row |= {"truth": prior.truth[planned], "prior_rank": among.get("rank")}
            rows.append(row)
    table = pd.DataFrame(rows, columns=list(RANKS_TYPES)).assign(
        cell=labels.cell, fit=labels.fit, highest=HIGHEST
    )
    return table.astype(RANKS_TYPES)


def _ranked_row(of: Ranked, k: int, rng: np.random.Generator) -> dict[str, int]:
    draws = of.draws[k] if of.thin else of.draws[k][~np.isnan(of.draws[k])]
    if np.isnan(of.truth[k]) or not len(draws) or np.isnan(draws).any():
        return {}
    kept = draws[thinned(len(draws), float(of.ess[k]))] if of.thin else draws
    return {"rank": rank(kept, float(of.truth[k]), rng), "draws": len(kept)}

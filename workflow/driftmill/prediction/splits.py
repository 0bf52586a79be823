"""The trials of a dataset in groups: all of them, those of a condition, those of a participant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import Columns, FloatArray
from driftmill.natural_order import natural_ranks
from driftmill.prediction.covariates import bins_of, covariates_of
from driftmill.prediction.extent import spread
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.scored import seen_by

Scope = Literal["all", "condition", "participant"]
#: Levels that a covariate may have to be a condition as it is; numbers with more are cut in three.
LEVELS = 6
#: Covariates that make conditions, and participants that are looked at one by one.
FACTORS, PEOPLE = 4, 12


@dataclass(frozen=True)
class Split:
    """Groups of the trials of a dataset.

    Parameters
    ----------
    scope
        What the groups are.
    factor
        The column that makes them; empty for all trials.
    labels
        The groups.
    index
        The group of every trial, shape (n,); -1 for one that is in none.
    """

    scope: Scope
    factor: str
    labels: tuple[str, ...]
    index: NDArray[np.int64]


@dataclass(frozen=True)
class Trials:
    """Whose trials those of a dataset are, and which in their order.

    Parameters
    ----------
    participant
        A number a participant, in natural order, shape (n,).
    labels
        The participants' names.
    position
        The trial's place among those of its participant from 0, shape (n,).
    """

    participant: NDArray[np.int64]
    labels: tuple[str, ...]
    position: NDArray[np.int64]

    def among(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Trials:
        """Return the same of some trials, marked in an array of shape (n,) or listed."""
        return Trials(self.participant[rows], self.labels, self.position[rows])

    @property
    def counts(self) -> NDArray[np.int64]:
        """How many trials each one's participant has, shape (n,)."""
        longest = np.zeros(len(self.labels), dtype=np.int64)
        np.maximum.at(longest, self.participant, self.position + 1)
        return longest[self.participant]


def trials_of(spec: FitSpec, table: pd.DataFrame, dataset: int) -> Trials:
    """Return whose trials a fit sees in a dataset, and which in their order.

    Parameters
    ----------
    spec
        The fit.
    table
        The trials of a batch, with ``participant_id``, which may be missing, and ``trial_id``.
    dataset
        The dataset's number.
    """
    every = seen_by(spec, table)
    seen = every[every["dataset"] == dataset]
    people = seen["participant_id"].fillna("").astype("str").to_numpy()
    names, index = np.unique(people, return_inverse=True)
    place = np.array(natural_ranks(names.tolist()), dtype=np.int64)
    labels = tuple(str(name) for name in names[np.argsort(place)])
    position = seen.groupby(people)["trial_id"].rank(method="first").to_numpy() - 1
    return Trials(place[index], labels, position.astype(np.int64))


def splits_of(spec: FitSpec, columns: Columns, trials: Trials, grouped: bool) -> tuple[Split, ...]:
    """Group the trials of a dataset.

    Parameters
    ----------
    spec
        The fit, whose covariates make conditions.
    columns
        Its columns, arrays of shape (n,).
    trials
        Whose they are.
    grouped
        Whether there are groups besides that of all trials: conditions by the levels of each of
        four covariates, numbers of more than six values in three of equal counts; then up to
        twelve participants, evenly spaced in natural order.
    """
    n = trials.participant.size
    found = [Split("all", "", ("all trials",), np.zeros(n, dtype=np.int64))]
    if not grouped:
        return tuple(found)
    for name in covariates_of(spec)[:FACTORS]:
        labels, index = _levels(name, np.asarray(columns[name]))
        if 1 < len(labels) <= LEVELS:
            found.append(Split("condition", name, labels, index))
    if len(trials.labels) > 1:
        kept = spread(len(trials.labels), PEOPLE)
        place = np.full(len(trials.labels), -1, dtype=np.int64)
        place[kept] = np.arange(len(kept))
        labels = tuple(trials.labels[k] for k in kept)
        found.append(Split("participant", "participant_id", labels, place[trials.participant]))
    return tuple(found)


def _levels(name: str, values: NDArray[np.generic]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    """Return the conditions that a covariate makes, and that of every trial."""
    numeric = np.issubdtype(values.dtype, np.number)
    if not numeric or np.unique(values).size <= LEVELS:
        bins = bins_of(name, values)
        return bins.labels, bins.index
    x: FloatArray = values.astype(np.float64)
    ends = np.quantile(x, [0.0, 1 / 3, 2 / 3, 1.0])
    held, index = np.unique(np.searchsorted(ends[1:-1], x, side="right"), return_inverse=True)
    labels = tuple(f"{ends[k]:.3g} to {ends[k + 1]:.3g}" for k in held)
    return labels, index.astype(np.int64)

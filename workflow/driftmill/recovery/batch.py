"""What the tables of one batch share: whose rows they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
#: Percent of the central intervals that are kept.
INTERVALS = (50, 80, 90, 94, 95)
#: Participants of every dataset of a batch.
Members = dict[int, tuple[str, ...]]


@dataclass(frozen=True)
class Labels:
    """What the rows of a table are about.

    Parameters
    ----------
    cell, fit
        Names in the study.
    model
        The model that was fitted.
    generator
        The model that made the data, None for observed data.
    """

    cell: str
    fit: str
    model: str
    generator: str | None = None


def dataset_numbers(tree: xr.DataTree) -> NDArray[np.int64]:
    """Return the numbers of the batch's datasets, in the order of the posterior."""
    return np.asarray(tree["posterior"]["dataset"].to_numpy(), dtype=np.int64)


def width_of(draws: FloatArray, ddof: int = 1) -> FloatArray:
    """Return the standard deviation of every row; null where no draw differs from another.

    Such a row is a mode, not a posterior: nothing can be measured by its width.
    """
    still = np.ptp(draws, axis=1) <= 1e-12 * np.abs(draws).max(axis=1)
    return np.where(still, np.nan, draws.std(axis=1, ddof=ddof))


def members_of(trials: pd.DataFrame) -> Members:
    """Return the participants of every dataset, from columns dataset and participant_id."""
    people = trials[["dataset", "participant_id"]].drop_duplicates()
    parts = {n: people[people["dataset"] == n] for n in np.unique(people["dataset"].to_numpy())}
    return {
        int(number): tuple(str(x) for x in rows["participant_id"].dropna())
        for number, rows in parts.items()
    }


def alone_in(members: Members) -> dict[int, str]:
    """Return whose each dataset is, where every dataset is one participant's; else nothing."""
    alone = all(len(people) == 1 for people in members.values())
    return {number: people[0] for number, people in members.items()} if alone else {}

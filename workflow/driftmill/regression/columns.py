"""From a table of trials to the arrays that a fit takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import DEADLINE
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.recoding import recoded
from driftmill.regression.scored import SCORED, is_scored, seen_by


@dataclass(frozen=True)
class Shape:
    """What all datasets of a cell have in common: the rows of the observed matrix.

    Parameters
    ----------
    rows
        Trials of the cell's largest dataset.
    padded
        Whether some dataset of the cell is shorter, so that rows carry a mark.
    """

    rows: int
    padded: bool = False


def datasets_of(trials: pd.DataFrame, spec: FitSpec) -> dict[int, dict[str, NDArray[Any]]]:
    """Return the columns that a fit needs of every dataset, by its number in ascending order.

    Responses are in the codes of the fit's model.

    Parameters
    ----------
    trials
        Columns ``dataset`` and all of ``spec.columns``; where some are not scored, ``scored``,
        which a learner's columns then hold too.
    spec
        The fit.
    """
    seen = seen_by(spec, trials)
    numbers = np.unique(seen["dataset"].to_numpy())
    parts = {int(number): seen[seen["dataset"] == number] for number in numbers}
    marked = SCORED in seen and spec.model.learning is not None
    names = (*spec.columns, *((SCORED,) if marked else ()))
    found = {
        number: {name: rows[name].to_numpy() for name in names} for number, rows in parts.items()
    }
    for columns in found.values() if spec.recode else ():
        columns["response"] = recoded(columns["response"], spec.recode)
    return found


def shape_of(trials: pd.DataFrame) -> Shape:
    """Return the common shape of all datasets of a cell, of the trials that are scored.

    Parameters
    ----------
    trials
        All trials of the cell; column ``dataset``.
    """
    counts = trials.loc[is_scored(trials), "dataset"].value_counts()
    sizes = np.unique(counts.to_numpy())
    # Bambi squeezes a single row away, so a lone trial gets a row of padding.
    rows = max(2, int(sizes.max()))
    # Fits that ignore omissions see fewer trials.
    return Shape(rows, padded=int(sizes.min()) < rows or DEADLINE in trials)


def participant_of(trials: pd.DataFrame) -> dict[int, str]:
    """Return whose each dataset is, where every dataset is one participant's; else nothing."""
    people = trials[["dataset", "participant_id"]].drop_duplicates().dropna()
    alone = len(people) == trials["dataset"].nunique() and people["dataset"].is_unique
    return dict(people.astype({"participant_id": str}).to_numpy().tolist()) if alone else {}

"""Trials that no fit scores, and which fits see them nevertheless.

They stay in the trials where a study asks for it: without a response, or with one outside the
limits of rt. A learner lives through them; for other fits they are not there. Trials without a
response up to a deadline are scored, by fits that do not ignore them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import DEADLINE, Columns
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.omissions import are_omitted, numbers

#: Column of the trials that says which are scored (1) and which are not (0); without it all are.
SCORED = "scored"


def is_scored(trials: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which trials fits score."""
    if SCORED not in trials:
        return np.ones(len(trials), dtype=np.bool_)
    return np.asarray(trials[SCORED].to_numpy() > 0)


def scored_by(spec: FitSpec, trials: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which trials a fit scores: with a response, or without one up to a deadline."""
    mask = is_scored(trials)
    if DEADLINE in trials and not spec.deadlines:
        mask = mask & trials["response"].notna().to_numpy()
    return mask


def seen_by(spec: FitSpec, trials: pd.DataFrame) -> pd.DataFrame:
    """Return the trials that a fit sees: a learner all of them, others those that it scores."""
    if spec.model.learning is not None or not {SCORED, DEADLINE} & set(trials.columns):
        return trials
    seen = trials[scored_by(spec, trials)]
    return seen if spec.deadlines else seen.astype({"response": np.int64})


def scored_rows(spec: FitSpec, columns: Columns) -> NDArray[np.bool_]:
    """Tell which rows of the columns of a fit are scored.

    Parameters
    ----------
    spec
        The fit.
    columns
        Its response columns, and ``scored`` where some are not; each of shape (n,).
    """
    counts = np.ones(len(columns["response"]), dtype=np.bool_)
    for name in spec.model.response_columns:
        counts &= pd.notna(columns[name])
    if spec.deadlines:
        counts |= are_omitted(columns)
    if SCORED in columns:
        counts &= np.asarray(columns[SCORED], dtype=np.float64) > 0
    return counts


def scored_responses(spec: FitSpec, columns: Columns) -> dict[str, NDArray[np.generic]]:
    """Return the response columns of the rows that are scored; responses as whole numbers.

    A fit of deadlines has theirs too, and responses as numbers of which those of omissions are
    NaN.
    """
    rows = scored_rows(spec, columns)
    names = (*spec.model.response_columns, *((DEADLINE,) if spec.deadlines else ()))
    found = {name: np.asarray(columns[name])[rows] for name in names}
    if spec.deadlines:
        return found | {"response": numbers(found["response"])}
    return found | {"response": found["response"].astype(np.int64)}

"""Trials that no fit scores, and which fits see them nevertheless.

They stay in the trials where a study asks for it: without a response, or with one outside the
limits of rt. A learner lives through them; for other fits they are not there.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.models.declaration import Columns
from driftmill.regression.fit_spec import FitSpec

#: Column of the trials that says which are scored (1) and which are not (0); without it all are.
SCORED = "scored"


def is_scored(trials: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which trials fits score."""
    if SCORED not in trials:
        return np.ones(len(trials), dtype=np.bool_)
    return np.asarray(trials[SCORED].to_numpy() > 0)


def seen_by(spec: FitSpec, trials: pd.DataFrame) -> pd.DataFrame:
    """Return the trials that a fit sees: a learner all of them, others those that are scored."""
    if spec.model.learning is not None or SCORED not in trials:
        return trials
    return trials[is_scored(trials)].astype({"response": np.int64})


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
    if SCORED in columns:
        counts &= np.asarray(columns[SCORED], dtype=np.float64) > 0
    for name in spec.model.response_columns:
        counts &= np.isfinite(np.asarray(columns[name], dtype=np.float64))
    return counts


def scored_responses(spec: FitSpec, columns: Columns) -> dict[str, NDArray[np.generic]]:
    """Return the response columns of the rows that are scored; responses as whole numbers."""
    rows = scored_rows(spec, columns)
    found = {name: np.asarray(columns[name])[rows] for name in spec.model.response_columns}
    return found | {"response": found["response"].astype(np.int64)}

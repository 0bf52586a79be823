"""Which option a learner does better to choose, as far as its own trials tell."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import Columns, FloatArray, Model
from driftmill.prediction.splits import Trials
from driftmill.prediction.tallies import means
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.omissions import numbers

IntArray = NDArray[np.int64]


def better_of(spec: FitSpec, columns: Columns, trials: Trials) -> IntArray | None:
    """Return of every trial the choice that paid its participant more, with its cue.

    Parameters
    ----------
    spec
        The fit.
    columns
        Its columns, arrays of shape (n,).
    trials
        Whose trials they are.

    Returns
    -------
    ndarray
        As `better_choice` has it; None for a fit that does not learn from what choices pay.
    """
    learning = spec.model.learning
    if learning is None or "feedback" not in learning.process.inputs:
        return None
    cue = np.zeros(trials.participant.size, dtype=np.int64)
    if learning.cue is not None:
        cue = np.unique(np.asarray(columns[learning.cue]), return_inverse=True)[1]
    response, paid = (
        numbers(columns[name])
        for name in ("response", learning.columns.get("feedback", "feedback"))
    )
    group = trials.participant * (int(cue.max(initial=0)) + 1) + cue
    return better_choice(spec.model.decision, response, paid, group)


def better_choice(
    model: Model, response: FloatArray, paid: FloatArray, group: IntArray
) -> IntArray:
    """Return of every trial the choice that paid more on average over its group's trials.

    Parameters
    ----------
    model
        The decision model.
    response, paid
        Response and feedback of every trial, NaN where there is none, shape (n,).
    group
        A number for trials on which the same options pay: a participant's, of one cue.

    Returns
    -------
    ndarray
        Its place among the model's choices, shape (n,); -1 where fewer than two choices were
        made in the group, or none paid more than the others.
    """
    width = int(group.max(initial=-1)) + 1
    paying = np.full((width, len(model.choices)), np.nan)
    for k, choice in enumerate(model.choices):
        own = (response == choice) & ~np.isnan(paid)
        paying[:, k] = means(paid[own], group[own], width)
    filled = np.where(np.isnan(paying), -np.inf, paying)
    ordered = np.sort(filled, axis=1)
    clear = np.isfinite(ordered[:, -2]) & (ordered[:, -1] > ordered[:, -2])
    return np.where(clear, filled.argmax(axis=1), -1)[group].astype(np.int64)

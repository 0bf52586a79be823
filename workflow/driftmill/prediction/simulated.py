"""Simulated trials of which some may not be possible: those are marked, the others simulated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray, Model
from driftmill.prediction.trial_draws import LAPSE, possible
from driftmill.simulation.trials import draw_trials


@dataclass(frozen=True)
class Simulated:
    """Simulated trials.

    Parameters
    ----------
    columns
        The model's response columns, arrays of shape (n,). Where a trial is not possible, rt is
        NaN and response the model's first choice, which means nothing.
    possible
        Shape (n,), false where a parameter is outside its support or the simulator's reach.
    finished
        Shape (n,), false where a walk had reached no bound after 20 s; its rt is then about
        20 + t seconds and its response a guess. True where no walk was possible.
    """

    columns: dict[str, NDArray[np.generic]]
    possible: NDArray[np.bool_]
    finished: NDArray[np.bool_]


def simulate_rows(
    model: Model, parameters: Mapping[str, FloatArray], seed: np.random.SeedSequence
) -> Simulated:
    """Simulate one trial a row where that is possible.

    Parameters
    ----------
    model
        The model of the catalogue.
    parameters
        One array of shape (n,) a parameter on the natural scale, and one for ``p_outlier``.
    seed
        Seeds all that is random.
    """
    able = possible(model, parameters)
    n = able.size
    columns: dict[str, NDArray[np.generic]] = {
        name: np.full(n, np.nan) if name == "rt" else np.full(n, model.choices[0])
        for name in model.response_columns
    }
    finished = np.ones(n, dtype=np.bool_)
    if not able.any():
        return Simulated(columns, able, finished)
    values = {name: parameters[name][able] for name in model.parameter_names}
    trials = draw_trials(model, values, seed, parameters[LAPSE][able])
    if able.all():
        return Simulated(trials.columns, able, trials.finished)
    for name, column in trials.columns.items():
        columns[name][able] = column
    finished[able] = trials.finished
    return Simulated(columns, able, finished)

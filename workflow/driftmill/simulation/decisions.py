"""Decisions of learners: exact where the density can be inverted, else by the simulator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods.lapse import RT_LAPSE_UPPER
from driftmill.models.declaration import FloatArray, Model
from driftmill.simulation.exact import draw_exactly, draws_exactly
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import child
from driftmill.simulation.trials import draw_trials

#: Response columns by name, each of one shape.
Responses = dict[str, NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Chances:
    """What chance has in store for the decisions of one participant; arrays of shape (trials,).

    All of it is drawn before the first trial, so that a trial's share of chance does not depend
    on what happened before it.

    Parameters
    ----------
    uniform
        Decides, through the inverse of the model's mass; in [0, 1).
    lapsed
        Whether the trial is a lapse.
    guess, lapse_rt
        The response and the rt in seconds if it is.
    """

    uniform: FloatArray
    lapsed: NDArray[np.bool_]
    guess: NDArray[np.int64]
    lapse_rt: FloatArray


def draw_chances(
    choices: tuple[int, ...],
    trials: int,
    lapse: float | FloatArray,
    seed: np.random.SeedSequence,
) -> Chances:
    """Draw one participant's chances; lapses are those of `lapses.replace_lapses`."""
    uniform, lapses, guesses, times = (np.random.default_rng(child(seed, k)) for k in range(4))
    return Chances(
        uniform=uniform.random(trials),
        lapsed=lapses.random(trials) < lapse,
        guess=guesses.choice(np.asarray(choices, dtype=np.int64), trials),
        lapse_rt=times.uniform(0, RT_LAPSE_UPPER, trials),
    )


def decide(
    model: Model,
    parameters: Mapping[str, FloatArray],
    chances: Chances,
    seed: np.random.SeedSequence,
) -> Responses:
    """Draw one decision a row, lapses included.

    Parameters
    ----------
    model
        The decision model.
    parameters
        Its parameters, each of shape (n,).
    chances
        What chance has in store, arrays of shape (n,).
    seed
        Seeds the model's own simulator, where its density cannot be inverted.

    Raises
    ------
    SimulationError
        With the row, when a decision cannot be drawn or a walk does not end.
    """
    if draws_exactly(model):
        drawn = draw_exactly(model, parameters, chances.uniform)
    else:
        trials = draw_trials(model, parameters, seed)
        drawn = trials.columns
        unfinished = np.flatnonzero(~trials.finished & ~chances.lapsed)
        if unfinished.size:
            raise SimulationError(
                f"a walk of {model.name} reached no bound; keep the truth to faster decisions: a "
                "smaller bound or a drift further from 0",
                int(unfinished[0]),
            )
    lapses = {"response": chances.guess, "rt": chances.lapse_rt}
    return {
        name: np.where(chances.lapsed, lapses[name], drawn[name]) for name in model.response_columns
    }

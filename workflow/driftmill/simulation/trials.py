"""Trials from parameter values: walks or a sampler of our own, lapses, and the last checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray, Model, SsmSimulator
from driftmill.simulation.deadlines import withhold
from driftmill.simulation.lapses import replace_lapses
from driftmill.simulation.parameters import (
    SimulationError,
    check_parameters,
    describe,
    inside_support,
)
from driftmill.simulation.walks import MAX_T, has_room, walk


@dataclass(frozen=True)
class Trials:
    """Simulated trials as they came, unfinished walks included.

    Parameters
    ----------
    columns
        The model's response columns, arrays of shape (n,); rt in seconds.
    finished
        Shape (n,), false where a walk had reached no bound after 20 s, or never will; its rt is
        then about 20 seconds and its response a guess.
    """

    columns: dict[str, NDArray[np.generic]]
    finished: NDArray[np.bool_]


def can_simulate(model: Model, parameters: Mapping[str, FloatArray]) -> NDArray[np.bool_]:
    """Tell for every row whether its values are inside their supports and the simulator's reach.

    The reach of random walks ends where a start is too near a bound for the step.
    """
    arrays = {n: np.asarray(parameters[n], dtype=np.float64) for n in model.parameter_names}
    reach: NDArray[np.bool_] = np.all(list(inside_support(model, arrays).values()), axis=0)
    if model.ceiling is not None:
        reach &= model.ceiling.allows(arrays)
    if isinstance(model.simulator, SsmSimulator):
        reach &= has_room(model.simulator, arrays)
    return reach


def draw_trials(
    model: Model,
    parameters: Mapping[str, FloatArray],
    rng_seed: np.random.SeedSequence,
    lapse: float | FloatArray = 0.0,
) -> Trials:
    """Simulate one trial a row and say which walks did not finish.

    Parameters
    ----------
    model
        The model of the catalogue.
    parameters
        One array of shape (n,) a parameter, on the natural scale.
    rng_seed
        Seeds all that is random; it is not changed, and the same seed gives the same trials.
    lapse
        Probability that a trial is replaced by a lapse (a lapse is always finished); one for
        all trials or one a trial.

    Raises
    ------
    SimulationError
        When a value is outside its support or the simulator cannot take it.
    """
    if model.learning is not None:
        raise SimulationError(
            f"{model.name} learns from trial to trial: its trials cannot be simulated one by one; "
            "simulate a design with a task"
        )
    checked = check_parameters(model, parameters)
    rng = np.random.default_rng(rng_seed)
    n = next(iter(checked.values())).size
    if n == 0:
        raise SimulationError(f"{model.name}: no trials were asked for")
    columns: dict[str, NDArray[np.generic]]
    if isinstance(model.simulator, SsmSimulator):
        walks = walk(model.simulator, model.choices, checked, int(rng.integers(2**31)))
        columns, finished = {"rt": walks.rt, "response": walks.response}, walks.finished
    else:
        columns = dict(model.simulator(rng, checked))
        finished = np.ones(n, dtype=np.bool_)
        if model.has_rt and "rt" in columns:
            finished = ~np.isposinf(np.asarray(columns["rt"], dtype=np.float64))
            columns["rt"] = np.where(finished, columns["rt"], MAX_T)
    _check_columns(model, columns, n)
    columns, lapsed = replace_lapses(rng, columns, model.choices, lapse)
    return Trials({name: columns[name] for name in model.response_columns}, finished | lapsed)


def simulate_trials(
    model: Model,
    parameters: Mapping[str, FloatArray],
    rng_seed: np.random.SeedSequence,
    lapse: float = 0.0,
    deadline: FloatArray | None = None,
    silent: int | None = None,
) -> dict[str, NDArray[np.generic]]:
    """Simulate one trial a row; refuse parameters under which walks do not finish.

    Takes what `draw_trials` and `withhold` take and returns the columns only: ``response``
    (int64; numbers with NaN where there is a deadline) and, where the model has it, ``rt``
    (float64, seconds). A walk that has not finished at its deadline is an omission.

    Raises
    ------
    SimulationError
        As `draw_trials`, and when a walk has reached no bound after 20 s: its response time and
        response would be made up.
    """
    trials = draw_trials(model, parameters, rng_seed, lapse)
    finished = trials.finished if deadline is None else trials.finished | (deadline < MAX_T)
    unfinished = np.flatnonzero(~finished)
    if unfinished.size:
        values = describe(check_parameters(model, parameters), int(unfinished[0]))
        raise SimulationError(
            f"{unfinished.size} of {trials.finished.size} walks of {model.name} reached no bound "
            f"within {MAX_T:g} s ({values}); keep the truth to faster decisions: a smaller "
            "bound or a drift further from 0"
        )
    if deadline is None:
        return trials.columns
    late = {"rt": np.where(trials.finished, trials.columns["rt"], np.inf)}
    return withhold({**trials.columns, **late}, deadline, silent)


def _check_columns(model: Model, columns: Mapping[str, NDArray[np.generic]], n: int) -> None:
    """Refuse what a simulator must not return."""
    for name in model.response_columns:
        if name not in columns or columns[name].shape != (n,):
            raise SimulationError(
                f"the simulator of {model.name} must return {name!r} with one value a trial"
            )
    if not np.isin(columns["response"], model.choices).all():
        raise SimulationError(
            f"the simulator of {model.name} returned responses other than {model.choices}"
        )
    if model.has_rt and not np.isfinite(np.asarray(columns["rt"], dtype=np.float64)).all():
        raise SimulationError(f"the simulator of {model.name} returned an rt that is not finite")

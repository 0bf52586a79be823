"""Training sets by simulation: parameters spread evenly over a box, and trials of each."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from driftmill.models.declaration import FloatArray, Model, SsmSimulator
from driftmill.models.reductions import Clock, Reduction
from driftmill.networks.design import NetworkDesign
from driftmill.simulation.trials import can_simulate, draw_trials
from driftmill.simulation.walks import DELTA_T, MAX_T, has_room, walk

#: Distinct values of a parameter that a simulator takes once a call.
BLOCKS = 400
#: Trials of a call of the simulator.
_AT_ONCE = 100_000
#: No decision time is taken to be shorter, in seconds.
_SHORTEST = 1e-6
#: No logarithm of a reduced time is taken to be larger.
_LATEST = math.log(MAX_T)


class Draws(NamedTuple):
    """Simulated trials, of shape (sets, draws) each.

    ``log_time`` is the logarithm of the reduced time, ``place`` the number of the choice. Where
    not ``finished``, the time is more than the longest one simulated, whose logarithm in reduced
    time is ``longest``, of shape (sets, 1).
    """

    log_time: FloatArray
    place: NDArray[np.int64]
    finished: NDArray[np.bool_]
    longest: FloatArray


def parameter_sets(
    model: Model, reduction: Reduction, design: NetworkDesign, count: int, stream: int
) -> dict[str, FloatArray]:
    """Return sets of reduced parameters, spread over the box by a scrambled Sobol sequence.

    Parameters
    ----------
    model
        The model: sets outside of its support are left out.
    reduction
        Of the model.
    design
        Says the box and the seed.
    count
        How many sets.
    stream
        Tells apart sets to train with, to hold out and to check with.

    Returns
    -------
    dict
        By input, arrays of shape (count,). Where the simulator takes the stability of its noise
        once a call, that has at most 400 distinct values, each in a stretch of its own.

    Raises
    ------
    ValueError
        When hardly any set of the box can be simulated.
    """
    seed = np.random.SeedSequence([design.seed, stream])
    sequence = qmc.Sobol(len(reduction.inputs), rng=np.random.default_rng(seed))
    low, high = np.array([design.box[name] for name in reduction.inputs]).T
    kept = np.empty((0, len(low)))
    for _ in range(8):
        unit = sequence.random(2 ** max(math.ceil(math.log2(count)), 1))
        sets = low + (high - low) * _blocked(model, reduction, unit)
        columns = dict(zip(reduction.inputs, sets.T, strict=True))
        kept = np.vstack([kept, sets[_possible(model, reduction, reduction.expand(columns))]])
        if len(kept) >= count:
            order = _by_blocks(model, reduction, kept[:count])
            return dict(zip(reduction.inputs, kept[:count][order].T, strict=True))
    raise ValueError(
        f"network {design.name}: of its box, fewer than one set in eight can be simulated by "
        f"{model.name}; take a smaller box, inside of the support of its parameters"
    )


def _apart(model: Model, reduction: Reduction) -> int | None:
    """Return the place of the input that a call of the simulator takes once."""
    simulator = model.simulator
    stability = simulator.stability if isinstance(simulator, SsmSimulator) else None
    return reduction.inputs.index(stability) if stability in reduction.inputs else None


def _blocked(model: Model, reduction: Reduction, unit: FloatArray) -> FloatArray:
    """Give an input that a call takes once the same value throughout each of 400 stretches."""
    place = _apart(model, reduction)
    if place is None:
        return unit
    block = np.floor(unit[:, place] * BLOCKS)
    unit = unit.copy()
    unit[:, place] = (block + 0.5) / BLOCKS
    return unit


def _by_blocks(model: Model, reduction: Reduction, sets: FloatArray) -> NDArray[np.int64]:
    place = _apart(model, reduction)
    order: NDArray[np.int64] = np.arange(len(sets))
    return order if place is None else np.argsort(sets[:, place], kind="stable")


def draw(
    model: Model,
    reduction: Reduction,
    inputs: Mapping[str, FloatArray],
    draws: int,
    seed: np.random.SeedSequence,
    say: Callable[[str], None] = lambda _: None,
) -> Draws:
    """Simulate trials of sets of reduced parameters.

    Parameters
    ----------
    model
        The model, by whose simulator.
    reduction
        Of the model.
    inputs
        By input, arrays of shape (sets,).
    draws
        Trials of a set.
    seed
        Of the trials; a stretch of sets has a seed of its own.
    say
        Called with lines of progress.

    Notes
    -----
    A random walk is seen to have crossed a bound at the end of a step. Where in the step it did is
    drawn at random, so that times are not multiples of the step.
    """
    count = len(next(iter(inputs.values())))
    stretches = np.array_split(np.arange(count), max(1, -(-count * draws // _AT_ONCE)))
    found = []
    for k, rows in enumerate(stretches):
        own = np.random.SeedSequence(entropy=seed.entropy, spawn_key=(*seed.spawn_key, k))
        part = {name: values[rows] for name, values in inputs.items()}
        found.append(_stretch(model, reduction, part, draws, own))
        if (k + 1) % max(1, len(stretches) // 10) == 0:
            say(f"simulated {rows[-1] + 1} of {count} sets of parameters, {draws} trials each")
    return Draws(*(np.concatenate(each) for each in zip(*found, strict=True)))


def _stretch(
    model: Model,
    reduction: Reduction,
    inputs: Mapping[str, FloatArray],
    draws: int,
    seed: np.random.SeedSequence,
) -> Draws:
    parameters = {n: np.repeat(x, draws) for n, x in reduction.expand(inputs).items()}
    time, response, finished = decisions(model, reduction, parameters, seed)
    at = {name: values[::draws] for name, values in parameters.items()}
    last = reduction.clock(np.full(len(at[model.parameter_names[0]]), MAX_T), at)
    clock = reduction.clock(np.where(finished, time, 1.0), parameters)
    shape = (-1, draws)
    return Draws(
        _bounded(clock).reshape(shape),
        np.searchsorted(np.asarray(model.choices), response).reshape(shape),
        finished.reshape(shape),
        _bounded(last)[:, None],
    )


def _bounded(clock: Clock) -> FloatArray:
    """Return logarithms of reduced times: a walk may end a step after its bounds have met."""
    log_time = np.asarray(clock.log_time, dtype=np.float64)
    over = np.asarray(clock.over)
    most: FloatArray = np.where(over, _LATEST, np.minimum(log_time, _LATEST))
    return most


def decisions(
    model: Model,
    reduction: Reduction,
    parameters: Mapping[str, FloatArray],
    seed: np.random.SeedSequence,
) -> tuple[FloatArray, NDArray[np.int64], NDArray[np.bool_]]:
    """Simulate one trial a row.

    Parameters
    ----------
    model
        The model.
    reduction
        Of the model; says whether parameters outside of their supports are simulated as they are.
    parameters
        Arrays of shape (n,).
    seed
        Of the trials.

    Returns
    -------
    time, response, finished
        Decision times in seconds, responses, and whether they came within 20 s.
    """
    for_trials, for_steps = seed.spawn(2)
    simulator = model.simulator
    if isinstance(simulator, SsmSimulator) and reduction.exceeds:
        number = int(for_trials.generate_state(1)[0]) % 2**31
        walks = walk(simulator, model.choices, parameters, number)
        rt, response, finished = walks.rt, walks.response, walks.finished
    else:
        trials = draw_trials(model, parameters, for_trials)
        rt = np.asarray(trials.columns["rt"], dtype=np.float64)
        response = np.asarray(trials.columns["response"], dtype=np.int64)
        finished = trials.finished
    time = rt - (parameters[model.shift] if model.shift else 0.0)
    if isinstance(simulator, SsmSimulator):
        time = time - DELTA_T * np.random.default_rng(for_steps).random(time.size)
    return np.maximum(time, _SHORTEST), response, finished


def _possible(
    model: Model, reduction: Reduction, parameters: Mapping[str, FloatArray]
) -> NDArray[np.bool_]:
    """Tell which sets can be simulated."""
    if isinstance(model.simulator, SsmSimulator) and reduction.exceeds:
        return has_room(model.simulator, parameters)
    return can_simulate(model, parameters)

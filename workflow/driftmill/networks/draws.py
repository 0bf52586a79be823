"""Training sets by simulation: parameters spread evenly over a box, and trials of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import qmc

from driftmill.models.declaration import FloatArray, Model, SsmSimulator
from driftmill.models.reductions import Reduction
from driftmill.networks.design import NetworkDesign
from driftmill.simulation.trials import can_simulate, draw_trials
from driftmill.simulation.walks import DELTA_T, MAX_T

#: Distinct values of a parameter that a simulator takes once a call.
BLOCKS = 400
#: Trials of a call of the simulator.
_AT_ONCE = 100_000
#: No decision time is taken to be shorter, in seconds.
_SHORTEST = 1e-6


class Draws(NamedTuple):
    """Simulated trials, of shape (sets, draws) each.

    ``log_time`` is the logarithm of the reduced time, ``place`` the number of the choice; where
    not ``finished`` the time is the longest one simulated.
    """

    log_time: FloatArray
    place: NDArray[np.int64]
    finished: NDArray[np.bool_]


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
        unit = sequence.random_base2(max(int(np.ceil(np.log2(count))), 1))
        sets = low + (high - low) * _blocked(model, reduction, unit)
        columns = dict(zip(reduction.inputs, sets.T, strict=True))
        kept = np.vstack([kept, sets[can_simulate(model, reduction.expand(columns))]])
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
    for_trials, for_steps = seed.spawn(2)
    parameters = {n: np.repeat(x, draws) for n, x in reduction.expand(inputs).items()}
    trials = draw_trials(model, parameters, for_trials)
    time = np.asarray(trials.columns["rt"], dtype=np.float64)
    time = time - (parameters[model.shift] if model.shift else 0.0)
    if isinstance(model.simulator, SsmSimulator):
        time = time - DELTA_T * np.random.default_rng(for_steps).random(time.size)
    time = np.where(trials.finished, np.maximum(time, _SHORTEST), MAX_T)
    clock = reduction.clock(time, parameters)
    # A walk may end a step after its bounds have met.
    log_time = np.where(clock.over, np.nan, np.asarray(clock.log_time, dtype=np.float64))
    log_time = np.where(clock.over, np.nanmax(log_time), log_time)
    place = np.searchsorted(np.asarray(model.choices), trials.columns["response"])
    shape = (-1, draws)
    return Draws(log_time.reshape(shape), place.reshape(shape), trials.finished.reshape(shape))

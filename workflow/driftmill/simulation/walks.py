"""Random walks by the ssm-simulators package, behind guards for what was found wrong in it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import gamma, zeta
from ssms.basic_simulators.simulator_class import Simulator

from driftmill.models.declaration import FloatArray, SsmSimulator
from driftmill.simulation.parameters import SimulationError, block_length, describe

DELTA_T = 0.001
MAX_T = 20.0
#: -zeta(1/2)/sqrt(2 pi): a bound watched at steps of ``delta_t`` acts as if it lay this many
#: step standard deviations further out (Siegmund 1985, Sequential Analysis, ch. X).
OVERSHOOT = 0.5826
#: Step standard deviations between start and nearest bound below which the correction, an
#: expansion in sqrt(delta_t), is no longer good (it is off by a fifth of a millisecond there).
ROOM = 2.0


@dataclass(frozen=True)
class Walks:
    """What walks gave: ``rt`` in seconds, ``response``, and whether a bound was reached.

    All of shape (n,). Where ``finished`` is false, ``rt`` is about ``max_t + t`` and
    ``response`` is the side on which the walk happened to stand.
    """

    rt: FloatArray
    response: NDArray[np.int64]
    finished: NDArray[np.bool_]


def step_scale(
    simulator: SsmSimulator, parameters: Mapping[str, FloatArray], delta_t: float = DELTA_T
) -> FloatArray:
    """Return the sd of the noise of a step, or its scale where it has no sd, for every row."""
    if simulator.stability is None:
        return np.asarray(math.sqrt(delta_t))
    alpha = parameters[simulator.stability]
    # Of index 2, stable noise of scale 1 is normal with variance 2.
    scale: FloatArray = 2 ** (1 / alpha) * delta_t ** (1 / alpha)
    return scale


def overshoot(
    simulator: SsmSimulator, parameters: Mapping[str, FloatArray], delta_t: float = DELTA_T
) -> FloatArray:
    """Return by how much further out a bound acts that is watched at steps only, for every row.

    Notes
    -----
    By so much the maximum of a path exceeds that of its steps on average. Of symmetric stable noise
    of scale 1 and index alpha > 1 the mean maximum of n steps is, by Spitzer's identity, ``E[S+]``
    times the sum of ``k^(1/alpha - 1)``, which differs from its integral by
    ``zeta(1 - 1/alpha)``; and ``E[S+] = Gamma(1 - 1/alpha) / pi``. At alpha = 2 that is 0.5826
    times the sd, sqrt(2).
    """
    if simulator.stability is None:
        return OVERSHOOT * step_scale(simulator, parameters, delta_t)
    alpha = parameters[simulator.stability]
    power = 1 - 1 / alpha
    missed: FloatArray = -zeta(power) * gamma(power) / math.pi * delta_t ** (1 / alpha)
    return missed


def has_room(
    simulator: SsmSimulator, parameters: Mapping[str, FloatArray], delta_t: float = DELTA_T
) -> NDArray[np.bool_]:
    """Tell for every row whether the start is far enough from the bounds for ``delta_t``."""
    a, z = parameters[simulator.bound], parameters[simulator.start]
    distance = 2 * a * np.minimum(z, 1 - z)
    room: NDArray[np.bool_] = distance > ROOM * step_scale(simulator, parameters, delta_t)
    return room


def correct_bound(
    simulator: SsmSimulator, parameters: Mapping[str, FloatArray], delta_t: float = DELTA_T
) -> dict[str, FloatArray]:
    """Lower the bound by the mean overshoot and keep the starting point where it is.

    That is 0.5826 sqrt(delta_t) where the noise is Brownian. The start (2z - 1)a is the same point
    of the evidence axis before and after; a sloping bound keeps its slope.

    Raises
    ------
    SimulationError
        When a start lies within two step standard deviations of a bound.
    """
    room = has_room(simulator, parameters, delta_t)
    if not room.all():
        row = int(np.flatnonzero(~room)[0])
        bound, start = simulator.bound, simulator.start
        needed = ROOM * np.broadcast_to(step_scale(simulator, parameters, delta_t), room.shape)
        raise SimulationError(
            f"{simulator.name}: the start is too near a bound for steps of {delta_t:g} s "
            f"({describe(parameters, row)}): 2*{bound}*min({start}, 1-{start}) must exceed "
            f"{needed[row]:.3g}; take a larger {bound} or {start} nearer 0.5"
        )
    a, z = parameters[simulator.bound], parameters[simulator.start]
    lowered = a - overshoot(simulator, parameters, delta_t)
    return {**parameters, simulator.bound: lowered, simulator.start: 0.5 + (z - 0.5) * a / lowered}


def walk(
    simulator: SsmSimulator,
    choices: tuple[int, ...],
    parameters: Mapping[str, FloatArray],
    seed: int,
    delta_t: float = DELTA_T,
    max_t: float = MAX_T,
) -> Walks:
    """Simulate one walk a row.

    Parameters
    ----------
    simulator
        Which simulator of the package, and how its parameters are called there.
    choices
        Our codes, in the order of the package's.
    parameters
        Checked values, arrays of shape (n,).
    seed
        Integer in [0, 2**31).
    delta_t, max_t
        Euler step and longest decision time in seconds.

    Returns
    -------
    Walks
        In the order of the rows.

    Raises
    ------
    SimulationError
        When the bound is too small for the correction, the clock of the package would run past
        its own arrays, or the package and we disagree about parameters or choices.
    """
    if not 0 <= seed < 2**31:
        raise SimulationError(f"seed {seed} is outside [0, 2**31)")
    if not clock_holds(delta_t, max_t):
        raise SimulationError(
            f"steps of {delta_t:g} s up to {max_t:g} s run past the arrays of ssm-simulators "
            f"(its clock is a sum in single precision); use {DELTA_T:g} s up to {MAX_T:g} s"
        )
    package = _package_simulator(simulator.name)
    config = package.config
    corrected = correct_bound(simulator, parameters, delta_t)
    named = {simulator.rename.get(name, name): values for name, values in corrected.items()}
    if set(named) != set(config["params"]):
        raise SimulationError(
            f"ssm-simulators' {simulator.name} takes {config['params']}, not {sorted(named)}"
        )
    if len(choices) != len(config["choices"]):
        raise SimulationError(
            f"ssm-simulators' {simulator.name} has choices {config['choices']}, not {choices}"
        )
    in_order = {name: named[name] for name in config["params"]}
    steps = (delta_t, max_t)
    if simulator.stability is None:
        rt, code = _call(package, in_order, seed, steps)
    else:
        rt, code = _call_by_index(package, in_order, corrected[simulator.stability], seed, steps)
    response = _recode(code, [int(choice) for choice in config["choices"]], choices)
    # A walk that ends in the last step counts as unfinished too: the package marks neither.
    finished = rt - parameters["t"] < max_t - delta_t
    return Walks(rt, response, finished)


def _call(
    package: Simulator, named: Mapping[str, FloatArray], seed: int, steps: tuple[float, float]
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return times and the package's choices, one a row, by one call."""
    length = block_length(named)
    drawn = package.simulate(
        theta={name: values[::length] for name, values in named.items()},
        n_samples=length,
        delta_t=steps[0],
        max_t=steps[1],
        random_state=seed,
        return_option="minimal",
        n_threads=1,
    )
    n_blocks = next(iter(named.values())).size // length
    rt = np.asarray(drawn["rts"], dtype=np.float64).reshape(length, n_blocks).T.ravel()
    code = np.asarray(drawn["choices"], dtype=np.int64).reshape(length, n_blocks).T.ravel()
    return rt, code


def _call_by_index(
    package: Simulator,
    named: Mapping[str, FloatArray],
    index: FloatArray,
    seed: int,
    steps: tuple[float, float],
) -> tuple[FloatArray, NDArray[np.int64]]:
    """Return what `_call` does, with a call for every stability index among the rows.

    In one call, the package draws the noise of its first row and uses it for others too.
    """
    rt, code = np.empty(index.size), np.empty(index.size, dtype=np.int64)
    distinct, place = np.unique(index, return_inverse=True)
    for k in range(distinct.size):
        rows = place == k
        own = seed
        if distinct.size > 1:
            own = int(np.random.SeedSequence([seed, k]).generate_state(1)[0]) % 2**31
        rt[rows], code[rows] = _call(package, {n: x[rows] for n, x in named.items()}, own, steps)
    return rt, code


@lru_cache
def clock_holds(delta_t: float, max_t: float) -> bool:
    """Tell whether the package's single-precision clock passes ``max_t`` within its arrays.

    The package adds up ``delta_t`` in float32 until the sum exceeds ``max_t``, and does not
    check that its arrays of ``max_t / delta_t + 1`` cells last as long. With 0.0001 s up to
    20 s they do not, and memory beyond them is read and written.
    """
    cells = int(np.float32(max_t) / np.float32(delta_t) + 1)
    clock = np.add.accumulate(np.full(cells - 1, delta_t, dtype=np.float32))
    return bool(clock[-1] > np.float32(max_t))


@lru_cache
def _package_simulator(name: str) -> Simulator:
    return Simulator(name)


def _recode(code: NDArray[np.int64], theirs: list[int], ours: tuple[int, ...]) -> NDArray[np.int64]:
    """Translate the package's choice codes to ours, by position."""
    order = np.argsort(theirs)
    position = np.searchsorted(np.asarray(theirs)[order], code).clip(max=len(theirs) - 1)
    known = np.asarray(theirs)[order][position] == code
    if not known.all():
        raise SimulationError(
            f"ssm-simulators returned the choice {code[~known][0]}, not one of {theirs}"
        )
    response: NDArray[np.int64] = np.asarray(ours, dtype=np.int64)[order][position]
    return response

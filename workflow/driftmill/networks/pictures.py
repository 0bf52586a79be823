"""A network beside what it stands for, on a few sets of parameters that can be drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from driftmill.models.declaration import FloatArray, LogDensity, Model
from driftmill.models.network import Network
from driftmill.models.priors import Distribution
from driftmill.models.with_network import with_network
from driftmill.network_names import KIND
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import child
from driftmill.simulation.trials import can_simulate, draw_trials

#: Sets of parameters, simulated trials of each, and candidates drawn to find sets.
SETS, TRIALS, CANDIDATES = 4, 20_000, 4000
#: Points of a curve, and the share of trials up to its last.
POINTS, UPTO = 200, 0.995


@dataclass(frozen=True)
class Picture:
    """One set of parameters: simulated trials, and densities at some times, by choice.

    Parameters
    ----------
    parameters
        The set.
    rt, response
        Simulated trials, shape (n,).
    times
        Shape (points,).
    network
        The network's density by choice, shape (points,).
    exact
        That of the model's other likelihood, where it has one.
    """

    parameters: Mapping[str, float]
    rt: FloatArray
    response: NDArray[np.int64]
    times: FloatArray
    network: Mapping[int, FloatArray]
    exact: Mapping[int, FloatArray] | None


def pictures(model: Model, network: Network, seed: int) -> list[Picture]:
    """Simulate a few sets of parameters inside a network's box, and take its density there.

    Parameters
    ----------
    model
        The model.
    network
        A network of it.
    seed
        Of the sets, which are drawn from the model's priors, and of the trials.

    Returns
    -------
    list of Picture
        Up to four; none where no draw of the priors lies in the box.
    """
    sequence = np.random.SeedSequence(seed)
    networked = with_network(model, network)
    kinds = [kind for kind in model.likelihoods if kind != KIND]
    exact = model.likelihoods[kinds[0]] if kinds else None
    found: list[Picture] = []
    for number, parameters in enumerate(_sets(networked, sequence)):
        columns = {name: np.full(TRIALS, value) for name, value in parameters.items()}
        try:
            trials = draw_trials(model, columns, child(sequence, number + 1))
        except SimulationError:
            continue
        if not trials.finished.all():
            continue
        rt = np.asarray(trials.columns["rt"], dtype=np.float64)
        first = parameters[model.shift] if model.shift else 0.0
        times = first + (np.quantile(rt, UPTO) - first) * np.linspace(0, 1, POINTS + 1)[1:]
        found.append(
            Picture(
                parameters,
                rt,
                np.asarray(trials.columns["response"], dtype=np.int64),
                times,
                _densities(networked, networked.likelihoods[KIND], parameters, times),
                None if exact is None else _densities(model, exact, parameters, times),
            )
        )
        if len(found) == SETS:
            break
    return found


def _sets(model: Model, sequence: np.random.SeedSequence) -> list[dict[str, float]]:
    """Return draws of the priors that can be simulated and lie in the box."""
    drawn = {}
    for k, parameter in enumerate(model.parameters):
        if parameter.held is not None:
            drawn[parameter.name] = np.full(CANDIDATES, parameter.held)
            continue
        prior = Distribution(parameter.prior, parameter.lower, parameter.upper)
        rng = np.random.default_rng(child(child(sequence, 0), k))
        drawn[parameter.name] = prior.sample(rng, CANDIDATES)
    good = can_simulate(model, drawn)
    if model.beyond is not None:
        good &= ~np.broadcast_to(np.asarray(model.beyond(drawn)), CANDIDATES)
    rows = np.flatnonzero(good)[: 10 * SETS]
    return [{name: float(values[row]) for name, values in drawn.items()} for row in rows]


def _densities(
    model: Model, log_density: LogDensity, parameters: Mapping[str, float], times: FloatArray
) -> dict[int, FloatArray]:
    """Return the density of every choice at some times, shape (points,)."""
    values = [np.full(times.size, parameters[name]) for name in model.parameter_names]
    return {
        choice: np.exp(
            np.asarray(log_density(times, np.full(times.size, float(choice)), *values), np.float64)
        )
        for choice in model.choices
    }

"""How well a network gives a density: its mass, and its distance to fresh simulations."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import jax
import numpy as np

from driftmill.models.declaration import FloatArray, Model
from driftmill.models.network import Gate, Network
from driftmill.models.reductions import Reduction, reduction_of
from driftmill.models.with_network import with_network
from driftmill.network_names import KIND
from driftmill.networks.design import NetworkDesign
from driftmill.networks.draws import decisions, parameter_sets
from driftmill.simulation.walks import MAX_T

#: Simulated trials of a fresh set of parameters.
TRIALS = 100_000
#: Intervals of time of all choices together, equally probable under the network.
BINS = 100
#: How many times its sampling floor the median Hellinger distance may be.
MOST = 1.5
#: Total masses that pass.
MASS = (0.99, 1.01)
#: Parameter sets to check with are not those to train with.
_FRESH = 2
#: Where the density is integrated: logarithms of decision times in seconds.
_LOG_TIMES = np.linspace(np.log(1e-6), np.log(2e3), 6_000)


class Compared(NamedTuple):
    """A set of parameters under a network and under simulation.

    ``mass`` is the integral of the density, with what is left after it; ``hellinger`` the distance
    of shares of trials in intervals, ``floor`` what is expected of it where the network is right,
    ``variation`` the total variation; ``squared`` the mean squared error of the log density over
    intervals, less what sampling adds; ``choice`` the largest error of a choice's probability.
    """

    mass: float
    hellinger: float
    floor: float
    variation: float
    squared: float
    choice: float


def check(
    model: Model,
    design: NetworkDesign,
    network: Network,
    say: Callable[[str], None],
    reduction: Reduction | None = None,
) -> Network:
    """Measure a network on fresh parameters against simulated trials, and say what it must be.

    Parameters
    ----------
    model
        The model, with its simulator.
    design
        Says how many fresh sets, and the seed.
    network
        The network.
    say
        Called with a line a set.
    reduction
        Of what the box is; None: the model's own.

    Returns
    -------
    Network
        With figures: ``mass_least``, ``mass_most``; medians over sets, and the worst, of the ratio
        of the Hellinger distance to its sampling floor; median total variation; the root mean
        square error of the log density, and its 95th percentile as that of a normal error with it;
        the largest error of a choice's probability.
    """
    reduction = reduction or reduction_of(model)
    inputs = parameter_sets(model, reduction, design, design.checks, _FRESH)
    sets = reduction.expand(inputs)
    fitted = with_network(_unbounded(model), network)
    density = jax.jit(fitted.likelihoods[KIND])
    found = []
    for k in range(design.checks):
        one = {name: float(values[k]) for name, values in sets.items()}
        seed = np.random.SeedSequence([design.seed, _FRESH, k + 1])
        found.append(_compare(fitted, density, one, seed, reduction))
        say(
            f"checked {k + 1} of {design.checks}: mass {found[-1].mass:.4f}, Hellinger distance "
            f"{found[-1].hellinger / found[-1].floor:.2f} times its floor"
        )
    figures = figures_of(found)
    return replace(network, accuracy=figures, gates=gates_of(figures))


def _unbounded(model: Model) -> Model:
    """Return a model whose parameters may lie where a reduction puts those of its inputs."""
    wide = tuple(
        replace(p, lower=0.0 if p.lower >= 0.0 else -math.inf, upper=math.inf)
        for p in model.parameters
    )
    return replace(model, parameters=wide)


def figures_of(found: list[Compared]) -> dict[str, float]:
    """Return the figures of a card from what was measured on sets of parameters."""
    mass, hellinger, floor, variation, squared, choice = (
        np.array(x) for x in zip(*found, strict=True)
    )
    ratio = hellinger / floor
    rms = math.sqrt(max(float(np.mean(squared)), 0.0))
    figures = {
        "mass_least": mass.min(),
        "mass_most": mass.max(),
        "hellinger_ratio_median": np.median(ratio),
        "hellinger_ratio_worst": ratio.max(),
        "hellinger_median": np.median(hellinger),
        "hellinger_floor": np.median(floor),
        "total_variation_median": np.median(variation),
        "log_density_error_rms": rms,
        "log_density_error_p95": 1.96 * rms,
        "choice_probability_error_worst": choice.max(),
        "sets": len(found),
        "trials": TRIALS,
    }
    return {name: float(f"{float(value):.6g}") for name, value in figures.items()}


def gates_of(figures: Mapping[str, float]) -> tuple[Gate, ...]:
    """Return what figures must be."""
    return (
        Gate("mass_least", figures["mass_least"], *MASS),
        Gate("mass_most", figures["mass_most"], *MASS),
        Gate("hellinger_ratio_median", figures["hellinger_ratio_median"], 0.0, MOST),
    )


def _compare(
    model: Model,
    density: Callable[..., object],
    parameters: Mapping[str, float],
    seed: np.random.SeedSequence,
    reduction: Reduction,
) -> Compared:
    rows = {name: np.full(TRIALS, value) for name, value in parameters.items()}
    time, response, finished = decisions(model, reduction, rows, seed)
    shift = parameters[model.shift] if model.shift else 0.0
    values = [np.float64(parameters[name]) for name in model.parameter_names]
    times = np.exp(_LOG_TIMES)
    expected: list[FloatArray] = []
    observed: list[FloatArray] = []
    choices, mass = [], 0.0
    for choice in model.choices:
        codes = np.full(times.size, float(choice))
        p = np.exp(np.asarray(density(times + shift, codes, *values))) * times
        steps = 0.5 * (p[1:] + p[:-1]) * np.diff(_LOG_TIMES)
        cumulative = np.concatenate([[0.0], np.cumsum(steps)])
        mass += cumulative[-1]
        mine = time[(response == choice) & finished]
        choices.append(abs(mine.size / TRIALS - np.interp(MAX_T, times, cumulative)))
        edges = _edges(times, cumulative)
        expected.append(np.diff(np.interp(edges, times, cumulative)))
        observed.append(np.histogram(mine, edges)[0] / TRIALS)
    assert model.log_survivor is not None
    left = float(np.exp(np.asarray(model.log_survivor(times[-1] + shift, *values))))
    late = 1.0 - sum(float(each.sum()) for each in expected)
    p = np.append(np.concatenate(expected), max(late, 0.0))
    rest = 1.0 - sum(float(each.sum()) for each in observed)
    q = np.append(np.concatenate(observed), max(rest, 0.0))
    return Compared(mass + left, *distances(p, q, TRIALS), max(choices))


def _edges(times: FloatArray, cumulative: FloatArray) -> FloatArray:
    """Return ends of equally probable intervals of a choice, up to the longest time simulated."""
    bins = max(1, round(BINS * cumulative[-1]))
    inner = np.interp(np.arange(1, bins) / bins * cumulative[-1], cumulative, times)
    return np.concatenate([[0.0], np.minimum(inner, MAX_T), [MAX_T]])


def distances(p: FloatArray, q: FloatArray, n: int) -> tuple[float, float, float, float]:
    """Return the Hellinger distance of shares to probabilities, its floor, and two more.

    Parameters
    ----------
    p
        Probabilities of intervals.
    q
        Shares of ``n`` trials in them.
    n
        Trials.

    Returns
    -------
    hellinger, floor, variation, squared
        The floor is the square root of the expected squared distance of shares that have these
        probabilities: eight times n that squared distance is chi-square, with a degree of freedom
        less than there are intervals. The last is the mean squared error of the log probability,
        weighted by probability, less the variance of the logarithm of a share; intervals with
        fewer than 100 expected trials are left out of it.
    """
    hellinger = math.sqrt(0.5 * float(np.sum((np.sqrt(p) - np.sqrt(q)) ** 2)))
    degrees = int(np.count_nonzero(p * n > 1.0)) - 1
    floor = math.sqrt(max(degrees, 1) / (8.0 * n))
    told = (p * n > 100.0) & (q > 0)
    squares = np.log(q[told] / p[told]) ** 2 - (1.0 - p[told]) / (n * p[told])
    squared = float(np.sum(p[told] * squares) / np.sum(p[told]))
    return hellinger, floor, 0.5 * float(np.abs(p - q).sum()), squared

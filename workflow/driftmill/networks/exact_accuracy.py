"""How near a network comes to a solver: log densities, their gradients, and the total mass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from driftmill.likelihoods.beyond_box import with_partials
from driftmill.models.correction_networks import exact_of, without_solver
from driftmill.models.declaration import LogDensity, Model
from driftmill.models.network import Gate, Network

#: Where the density is smaller, no error is looked at.
LEAST = 1e-4
#: Times of a set that errors are looked at, and in between which the mass is summed up.
_TIMES, _NODES = 60, 1500
#: The earliest and the latest of them, in units of the squared bound.
_FIRST, _LAST = 1e-3, 16.0
#: The time in the same units up to which the mass is summed up.
_END = 1e3
#: What the figures may be.
MOST = {
    "log_density_error_median": 0.002,
    "log_density_error_p95": 0.01,
    "gradient_error_p95": 0.05,
    "mass_error_max": 0.01,
}
#: Sets between two lines of progress.
_CHUNK = 32


def measured(
    model: Model,
    network: Network,
    parameters: Mapping[str, NDArray[np.float64]],
    say: Callable[[str], None] = lambda _: None,
) -> Network:
    """Return a network with its accuracy and its gates.

    Parameters
    ----------
    model
        The model, with its log density by a solver.
    network
        The network.
    parameters
        Sets of parameters of the model, each of shape (n,), with a bound ``a``.
    say
        Called with lines of progress.

    Returns
    -------
    Network
        With quantiles over sets, responses and times, even in their logarithm, of the absolute
        error of the log density where the density exceeds `LEAST`; of the error of its derivatives
        by parameters, in units of the derivative or of 1 where that is smaller; and the largest
        distance of the total mass from 1. Bounds that expand leave part of the mass for ever.
    """
    solver = exact_of(model)
    if solver is None:
        raise ValueError(f"{model.name} has no exact log density to compare a network with")
    fitted = without_solver(model, network)
    units = np.exp(np.linspace(np.log(_FIRST), np.log(_LAST), _TIMES))
    names = model.parameter_names
    sets = np.stack([np.asarray(parameters[name], float) for name in names], axis=1)
    bound, shift = names.index("a"), names.index(model.shift or "t")
    width = names.index(model.shift_width) if model.shift_width else None

    @jax.jit
    def compare(sets: Array) -> tuple[Array, ...]:
        return jax.lax.map(lambda one: _compare(one), sets)  # type: ignore[no-any-return]

    def _compare(one: Array) -> tuple[Array, ...]:
        begin = one[shift]
        if width is not None:
            begin = jnp.maximum(begin - 0.5 * one[width], 0.0)
        rt = begin + one[bound] ** 2 * jnp.asarray(units)
        codes = jnp.asarray(model.choices, float)[:, None]
        exact, found = (
            with_partials(lambda *x, each=each: jnp.asarray(each(rt, codes, *x)), tuple(one))
            for each in (solver, fitted)
        )
        mass = _mass(fitted, model.choices, one, begin, one[bound] ** 2)
        if "theta" in names and model.log_survivor is not None:
            end = begin + _END * one[bound] ** 2
            mass = mass + jnp.exp(jnp.asarray(model.log_survivor(end, *one)))
        return *exact, *found, mass

    parts = []
    for first in range(0, len(sets), _CHUNK):
        chosen = np.minimum(np.arange(first, first + _CHUNK), len(sets) - 1)
        parts.append([np.asarray(x) for x in compare(jnp.asarray(sets[chosen]))])
        say(f"{min(first + _CHUNK, len(sets))} of {len(sets)} fresh sets compared with the solver")
    exact, slopes, found, found_slopes, mass = (
        np.concatenate(x)[: len(sets)] for x in zip(*parts, strict=True)
    )
    likely = exact > np.log(LEAST)
    errors = np.abs(found[likely] - exact[likely])
    wrong = np.abs(found_slopes - slopes) / np.maximum(np.abs(slopes), 1.0)
    wrong = np.moveaxis(wrong, 1, -1)[likely]
    figures = {
        "log_density_error_median": np.median(errors),
        "log_density_error_p95": np.quantile(errors, 0.95),
        "log_density_error_p99": np.quantile(errors, 0.99),
        "log_density_error_max": np.max(errors),
        "gradient_error_median": np.median(wrong),
        "gradient_error_p95": np.quantile(wrong, 0.95),
        "mass_error_max": np.max(np.abs(mass - 1.0)),
    }
    accuracy = {name: float(f"{value:.4g}") for name, value in figures.items()}
    gates = tuple(Gate(name, accuracy[name], 0.0, most) for name, most in MOST.items())
    return replace(network, accuracy=accuracy, gates=gates)


def _mass(
    log_density: LogDensity, choices: Sequence[int], one: Array, begin: Array, unit: Array
) -> Array:
    """Return the mass of all choices, by the trapezoid rule in the logarithm of time."""
    log_time = jnp.linspace(np.log(1e-5), np.log(_END), _NODES)
    time = unit * jnp.exp(log_time)
    codes = jnp.asarray(choices, float)[:, None]
    density = jnp.exp(jnp.asarray(log_density(begin + time, codes, *one)))
    return jnp.sum(density * time) * (log_time[1] - log_time[0])

"""Likelihoods of networks that correct a closed form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import jax
import numpy as np

from driftmill.likelihoods import (
    full_ddm_network,
    ornstein_network,
    reflected_network,
    weibull_network,
)
from driftmill.likelihoods.time_quadrature import cumulative_of, survivor_of
from driftmill.models.declaration import LogDensity, Model
from driftmill.models.network import Network
from driftmill.models.network_likelihood import NetworkLikelihood, Pair, pair_of
from driftmill.models.nonlinear_bounds import FINE


@dataclass(frozen=True)
class Made:
    """What is made of a network's weights for a model.

    Parameters
    ----------
    log_density, log_survivor, log_cumulative
        As a model has them.
    """

    log_density: LogDensity
    log_survivor: LogDensity
    log_cumulative: LogDensity


@dataclass(frozen=True)
class Correction:
    """How networks correct a model.

    Parameters
    ----------
    make
        Of the model and a network: its functions.
    beyond
        Of a network's box and parameters of the model by name: whether they lie outside.
    """

    make: Callable[[Model, Network], Made]
    beyond: Callable[[Mapping[str, tuple[float, float]], Mapping[str, Any]], Any]


def exact_of(model: Model) -> LogDensity | None:
    """Return the log density that a correction is of: by a solver or a closed form; None: none."""
    known = (model.likelihoods.get(kind) for kind in ("numerical", "analytical"))
    return next((found for found in known if found is not None), None)


def _weibull(model: Model, network: Network) -> Made:
    solver = exact_of(model)
    log_density = jax.jit(weibull_network.log_density(network.weights, network.box, solver))
    return Made(
        log_density,
        survivor_of(log_density, model.choices, 3, panels=FINE),
        cumulative_of(log_density, shift=3),
    )


def _beyond_weibull(box: Mapping[str, tuple[float, float]], given: Mapping[str, Any]) -> Any:
    inputs = weibull_network.reduced(*(given[name] for name in ("a", "z", "alpha", "beta")))
    return weibull_network.is_beyond(box, inputs)


def _full_ddm(model: Model, network: Network) -> Made:
    made = full_ddm_network.log_density(network.weights, network.box, exact_of(model))
    log_density, t_and_width = jax.jit(made), (3, 6)
    return Made(
        log_density,
        survivor_of(log_density, model.choices, *t_and_width),
        cumulative_of(log_density, *t_and_width),
    )


def _beyond_full_ddm(box: Mapping[str, tuple[float, float]], given: Mapping[str, Any]) -> Any:
    names = ("v", "a", "z", "t", "sz", "sv", "st")
    inputs = full_ddm_network.reduced(*(given[name] for name in names))
    return full_ddm_network.is_beyond(box, inputs)


def _ornstein(model: Model, network: Network) -> Made:
    solver = exact_of(model)
    log_density = jax.jit(ornstein_network.log_density(network.weights, network.box, solver))
    return Made(
        log_density,
        survivor_of(log_density, model.choices, shift=4),
        cumulative_of(log_density, shift=4),
    )


def _beyond_ornstein(box: Mapping[str, tuple[float, float]], given: Mapping[str, Any]) -> Any:
    inputs = ornstein_network.reduced(*(given[name] for name in ("v", "a", "z", "g")))
    return ornstein_network.is_beyond(box, inputs)


def _race(model: Model, network: Network) -> Made:
    accumulators, solver = len(model.choices), exact_of(model)
    assert model.log_survivor is not None
    made = (network.weights, network.box)
    log_density = jax.jit(reflected_network.log_density(*made, solver, accumulators))
    survivor = reflected_network.log_survivor(*made, model.log_survivor, accumulators)
    return Made(log_density, jax.jit(survivor), cumulative_of(log_density, shift=accumulators + 2))


def _beyond_race(box: Mapping[str, tuple[float, float]], given: Mapping[str, Any]) -> Any:
    drifts = [value for name, value in given.items() if name[0] == "v" and name[1:].isdigit()]
    slope = np.tan(given["theta"])
    return reflected_network.is_beyond(box, drifts, given["a"], given["z"], slope)


#: By the model that a network is of.
CORRECTIONS: Mapping[str, Correction] = {
    "full_ddm": Correction(_full_ddm, _beyond_full_ddm),
    "weibull": Correction(_weibull, _beyond_weibull),
    "ornstein": Correction(_ornstein, _beyond_ornstein),
    "race_no_bias_angle": Correction(_race, _beyond_race),
}


def likelihood(model: Model, network: Network) -> NetworkLikelihood:
    """Return the likelihood that a network of kind ``correction`` is of a model.

    Parameters
    ----------
    model
        With its log density by a solver, which holds outside of the network's box.
    network
        The network. Networks with the same digest share their compiled programs.

    Raises
    ------
    ValueError
        When no correction of the model is known.
    """
    if network.model not in CORRECTIONS:
        raise ValueError(
            f"network {network.name}: networks of kind correction are of "
            f"{', '.join(CORRECTIONS)}, not of {network.model}"
        )
    return _made(pair_of(model, network))


def without_solver(model: Model, network: Network) -> LogDensity:
    """Return the log density that a network is of a model, with a floor outside of its box.

    Parameters
    ----------
    model, network
        As in :func:`likelihood`.
    """
    return CORRECTIONS[network.model].make(replace(model, likelihoods={}), network).log_density


@lru_cache(maxsize=32)
def _made(pair: Pair) -> NetworkLikelihood:
    network = pair.network
    correction = CORRECTIONS[network.model]
    made = correction.make(pair.model, network)

    def beyond(parameters: Mapping[str, Any]) -> Any:
        return correction.beyond(network.box, parameters)

    return NetworkLikelihood(made.log_density, made.log_survivor, made.log_cumulative, beyond)

"""Log densities of models by networks that give mixtures of log-normals."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from driftmill.likelihoods import mixture_network, training_box
from driftmill.likelihoods.mixture_network import Heads
from driftmill.likelihoods.perceptron import layers_of
from driftmill.models.declaration import Model
from driftmill.models.network import Network
from driftmill.models.network_likelihood import NetworkLikelihood, Pair, pair_of
from driftmill.models.reductions import Clock, Reduction, reduction_of


def likelihood(model: Model, network: Network) -> NetworkLikelihood:
    """Make the functions of a network that gives mixtures.

    Parameters
    ----------
    model
        A model with response times.
    network
        A network of it.

    Returns
    -------
    NetworkLikelihood
        Elementwise functions that broadcast. The same objects for the same network, so that
        programs are compiled once. The network is evaluated on the shape of the parameters, which
        may be smaller than that of the trials.

    Raises
    ------
    ValueError
        When the network does not take the inputs of the model.
    """
    inputs = reduction_of(model).inputs
    if tuple(network.inputs) != inputs or set(network.box) != set(inputs):
        raise ValueError(
            f"network {network.name} takes {', '.join(network.inputs)}; a mixture network of "
            f"{model.name} takes {', '.join(inputs)}"
        )
    return _likelihood(pair_of(model, network))


class _Asked(NamedTuple):
    """What was asked of a network: mixtures, times on their scale, and where the density is 0."""

    found: Heads
    x: Array
    log_rate: Array
    over: Array
    early: Array
    impossible: Array
    penalty: Array


@lru_cache
def _likelihood(pair: Pair) -> NetworkLikelihood:
    model, network = pair.model, pair.network
    asked = _asker(model, network)

    def log_density(rt: Any, response: Any, *values: Any) -> Array:
        rt, response = jnp.broadcast_arrays(rt, response)
        at = asked(rt, values)
        place, unknown = _places(model.choices, response)
        log_p = mixture_network.log_density(at.found, at.x, place) + at.log_rate - at.penalty
        return jnp.where(at.early | at.over | at.impossible | unknown, -jnp.inf, log_p)

    def log_survivor(rt: Any, *values: Any) -> Array:
        at = asked(rt, values)
        log_p = mixture_network.log_survivor(at.found, at.x) - at.penalty
        log_p = jnp.where(at.over, -jnp.inf, log_p)
        return jnp.where(at.impossible, -jnp.inf, jnp.where(at.early, 0.0, log_p))

    def log_cumulative(rt: Any, response: Any, *values: Any) -> Array:
        rt, response = jnp.broadcast_arrays(rt, response)
        at = asked(rt, values)
        place, unknown = _places(model.choices, response)
        log_p = mixture_network.log_cumulative(at.found, at.x, place)
        each = (at.found.log_choice[:, None],)
        (everybody,) = mixture_network.chosen(each, place, at.x.ndim)
        log_p = jnp.where(at.over, everybody[0], log_p) - at.penalty
        return jnp.where(at.early | at.impossible | unknown, -jnp.inf, log_p)

    return NetworkLikelihood(
        log_density=_named(log_density, (*model.response_columns, *model.parameter_names)),
        log_survivor=_named(log_survivor, ("rt", *model.parameter_names)),
        log_cumulative=_named(log_cumulative, (*model.response_columns, *model.parameter_names)),
        beyond=_beyond(model, network),
        solved=tuple(name for name in model.parameter_names if name != model.shift),
    )


def mixtures_of(
    reduction: Reduction, network_weights: Mapping[str, Any], choices: int
) -> Callable[[Array], Heads]:
    """Return what gives mixtures at scaled inputs of a box whose centre is the mirror's.

    Parameters
    ----------
    reduction
        Of the model.
    network_weights
        Of the perceptron, by name.
    choices
        How many the model has.
    """
    layers = layers_of(network_weights)
    mirror = reduction.mirror
    signs = None
    if mirror is not None:
        signs = [-1.0 if name in mirror else 1.0 for name in reduction.inputs]

    def found(units: Array) -> Heads:
        mirrored = None if signs is None else units * jnp.asarray(signs, units.dtype)
        return mixture_network.heads(layers, units, mirrored, choices)

    return found


def check_box(reduction: Reduction, box: Mapping[str, tuple[float, float]], name: str) -> None:
    """Refuse a box that is not one of a model's inputs, or not centred where its mirror stands.

    Raises
    ------
    ValueError
        Naming the network, the input and the remedy.
    """
    wrong = [each for each in box if each not in reduction.inputs]
    missing = [each for each in reduction.inputs if each not in box]
    if wrong or missing:
        raise ValueError(
            f"network {name}: its box must have the inputs {', '.join(reduction.inputs)}"
            + (f"; unknown: {', '.join(wrong)}" if wrong else "")
            + (f"; missing: {', '.join(missing)}" if missing else "")
        )
    for each, (low, high) in box.items():
        if not low < high:
            raise ValueError(f"network {name}: the box of {each} is empty, ({low:g}, {high:g})")
        centre = (reduction.mirror or {}).get(each)
        if centre is not None and abs(0.5 * (low + high) - centre) > 1e-9 * (high - low):
            reach = max(abs(low - centre), abs(high - centre))
            raise ValueError(
                f"network {name}: the box of {each}, ({low:g}, {high:g}), must be symmetric about "
                f"{centre:g}, where the responses change places; take "
                f"({centre - reach:g}, {centre + reach:g})"
            )


def _asker(model: Model, network: Network) -> Callable[[Any, tuple[Any, ...]], _Asked]:
    reduction = reduction_of(model)
    check_box(reduction, network.box, network.name)
    box = [network.box[name] for name in reduction.inputs]
    mixtures = mixtures_of(reduction, network.weights, len(model.choices))

    def asked(rt: Any, values: tuple[Any, ...]) -> _Asked:
        named = {n: jnp.asarray(x) for n, x in zip(model.parameter_names, values, strict=True)}
        safe, impossible = _inside(model, named)
        time = jnp.asarray(rt) - (named[model.shift] if model.shift else 0.0)
        early = time <= 0.0
        units = training_box.scaled(reduction.reduce(safe), box)
        # Times of the shape of all, so that components can be laid beside them.
        shape = jnp.broadcast_shapes(time.shape, units.shape[:-1])
        time = jnp.broadcast_to(jnp.where(early, 1.0, time), shape)
        clock = Clock(*(jnp.broadcast_to(x, shape) for x in reduction.clock(time, safe)))
        x, log_slope = mixture_network.scaled(clock.log_time)
        return _Asked(
            mixtures(training_box.held(units)),
            x,
            clock.log_rate + log_slope,
            clock.over,
            early,
            impossible,
            training_box.penalty(units),
        )

    return asked


def _inside(model: Model, named: Mapping[str, Array]) -> tuple[dict[str, Array], Array]:
    """Return parameters with harmless values outside of their supports, and where that is."""
    safe, impossible = {}, jnp.zeros((), dtype=bool)
    for parameter in model.parameters:
        value = named[parameter.name]
        if parameter.name != model.shift:
            # An end is a value where the model is defined there; at 0 there is a logarithm.
            out = (value < parameter.lower) | (value > parameter.upper)
            out |= (value == 0.0) & (parameter.lower == 0.0)
            value = jnp.where(out, jnp.asarray(parameter.typical, value.dtype), value)
            impossible |= out
        safe[parameter.name] = value
    return safe, impossible


def _places(choices: tuple[int, ...], response: Any) -> tuple[Array, Array]:
    """Return which choice each response is, counted from 0, and where it is none."""
    response = jnp.asarray(response)
    place, known = jnp.zeros(response.shape, dtype=jnp.int32), response == choices[0]
    for k, choice in enumerate(choices[1:], start=1):
        place = jnp.where(response == choice, k, place)
        known |= response == choice
    return place, ~known


def _beyond(model: Model, network: Network) -> Callable[[Mapping[str, Any]], Any]:
    reduction = reduction_of(model)
    box = [network.box[name] for name in reduction.inputs]

    def beyond(parameters: Mapping[str, Any]) -> Any:
        named = {name: jnp.asarray(parameters[name], float) for name in model.parameter_names}
        safe, impossible = _inside(model, named)
        return training_box.outside(training_box.scaled(reduction.reduce(safe), box)) | impossible

    return beyond


def _named(function: Callable[..., Array], names: tuple[str, ...]) -> Callable[..., Array]:
    """Give a function of anything the names of its arguments, and compile it."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    signature = inspect.Signature([inspect.Parameter(name, kind) for name in names])
    function.__signature__ = signature  # type: ignore[attr-defined]
    return jax.jit(function)

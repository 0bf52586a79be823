"""The likelihood by a network that was trained elsewhere: its own parameters, rt and response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods import training_box
from driftmill.likelihoods.onnx_graph import log_densities
from driftmill.likelihoods.time_quadrature import cumulative_of, survivor_of
from driftmill.models.declaration import LogDensity, Model
from driftmill.models.network import Network
from driftmill.models.network_likelihood import NetworkLikelihood

#: After the last time of the box the density falls by this much of its logarithm a second.
_FALL = 1.0


@dataclass(frozen=True)
class _Pair:
    """A model and a network, equal to another one where their log densities are the same."""

    digest: str
    parameters: tuple[str, ...]
    choices: tuple[int, ...]
    shift: tuple[str | None, str | None]
    network: Network = field(compare=False)


def likelihood(model: Model, network: Network) -> NetworkLikelihood:
    """Return the functions that an imported network takes the place of.

    Parameters
    ----------
    model
        The model that it is of; a network's parameters are the model's, in an order of its own.
    network
        Of kind ``imported``.

    Returns
    -------
    NetworkLikelihood
        The same object for the same model and network. Evaluated in single precision. Outside of
        the box the network is asked near its edge, and a smooth penalty leads back;
        the shift of the model is not bound by the box, since a later start is a later response.
    """
    shift = (model.shift, model.shift_width)
    return _made(_Pair(network.digest, model.parameter_names, model.choices, shift, network))


@lru_cache(maxsize=64)
def _made(pair: _Pair) -> NetworkLikelihood:
    log_density = _log_density(pair)
    shift, width = (None if name is None else pair.parameters.index(name) for name in pair.shift)

    def beyond(values: Mapping[str, Any]) -> Any:
        return training_box.outside(_units(pair, values))

    return NetworkLikelihood(
        log_density=log_density,
        log_survivor=survivor_of(log_density, pair.choices, shift, width),
        log_cumulative=cumulative_of(log_density, shift, width),
        beyond=beyond,
    )


def _bound(pair: _Pair) -> list[str]:
    """Return the inputs that are bound by the box."""
    return [name for name in pair.network.inputs if name != pair.shift[0]]


def _units(pair: _Pair, values: Mapping[str, Any]) -> Array:
    names = _bound(pair)
    return training_box.scaled([values[n] for n in names], [pair.network.box[n] for n in names])


def _from_unit(unit: Array, ends: tuple[float, float]) -> Array:
    low, high = ends
    return 0.5 * (low + high) + 0.5 * (high - low) * unit


def _log_density(pair: _Pair) -> LogDensity:
    network, (shift, width) = pair.network, pair.shift
    box, last = network.box, network.box["rt"][1]

    def log_density(rt: ArrayLike, response: ArrayLike, *parameters: ArrayLike) -> Array:
        kind = jnp.result_type(rt, *parameters, jnp.float32)
        given = (jnp.asarray(x, kind) for x in (rt, response, *parameters))
        found = jnp.broadcast_arrays(*given)
        rt, response = found[:2]
        values = dict(zip(pair.parameters, found[2:], strict=True))
        onset = jnp.zeros_like(rt) if shift is None else values[shift]
        first = onset if width is None else jnp.maximum(onset - 0.5 * values[width], 0.0)
        early = rt <= first
        rt = jnp.where(early, onset + 1.0, rt)
        units = _units(pair, values)
        held = training_box.held(units)
        inside = {name: _from_unit(held[..., k], box[name]) for k, name in enumerate(_bound(pair))}
        if shift is not None:
            inside[shift] = jnp.clip(onset, *box[shift])
            rt = rt - onset + inside[shift]
        late = jnp.maximum(rt - last, 0.0)
        row = jnp.stack([*(inside[p] for p in network.inputs), rt - late, response], axis=-1)
        value = log_densities(network.operations, network.weights, row.reshape(-1, row.shape[-1]))
        lost = training_box.penalty(units) + _FALL * late
        return jnp.where(early, -jnp.inf, value.reshape(rt.shape).astype(rt.dtype) - lost)

    return log_density

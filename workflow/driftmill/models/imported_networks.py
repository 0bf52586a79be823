"""The likelihood by a network that was trained elsewhere: its own parameters, rt and response."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from driftmill.likelihoods.onnx_graph import log_densities
from driftmill.likelihoods.time_quadrature import cumulative_of, survivor_of
from driftmill.models.declaration import LogDensity, Model
from driftmill.models.network import Network
from driftmill.models.network_likelihood import NetworkLikelihood

#: What a trial costs far outside of the box, for each width of the box that parameters are away.
_STEEP = 20.0
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
        the box the network is asked at the nearest point of it, and a smooth penalty leads back;
        the shift of the model is not bound by the box, since a later start is a later response.
    """
    shift = (model.shift, model.shift_width)
    return _made(_Pair(network.digest, model.parameter_names, model.choices, shift, network))


@lru_cache(maxsize=64)
def _made(pair: _Pair) -> NetworkLikelihood:
    log_density = _log_density(pair)
    shift, width = (None if name is None else pair.parameters.index(name) for name in pair.shift)
    free = [name for name in pair.network.inputs if name != pair.shift[0]]

    def beyond(values: Mapping[str, Any]) -> Any:
        outside: Any = False
        for name in free:
            low, high = pair.network.box[name]
            outside = outside | (values[name] < low) | (values[name] > high)
        return outside

    return NetworkLikelihood(
        log_density=log_density,
        log_survivor=survivor_of(log_density, pair.choices, shift, width),
        log_cumulative=cumulative_of(log_density, shift, width),
        beyond=beyond,
    )


def _log_density(pair: _Pair) -> LogDensity:
    network, (shift, width) = pair.network, pair.shift
    box, last = network.box, network.box["rt"][1]

    def log_density(rt: ArrayLike, response: ArrayLike, *parameters: ArrayLike) -> Array:
        found = jnp.broadcast_arrays(
            *(jnp.asarray(x, float) for x in (rt, response, *parameters)),
        )
        rt, response = found[:2]
        values = dict(zip(pair.parameters, found[2:], strict=True))
        onset = jnp.zeros_like(rt) if shift is None else values[shift]
        first = onset if width is None else jnp.maximum(onset - 0.5 * values[width], 0.0)
        early = rt <= first
        rt = jnp.where(early, onset + 1.0, rt)
        inside, penalty = {}, jnp.zeros_like(rt)
        for name in network.inputs:
            low, high = box[name]
            inside[name] = jnp.clip(values[name], low, high)
            if name != shift:
                away = (values[name] - inside[name]) / (high - low)
                penalty = penalty + _STEEP * (jnp.sqrt(1.0 + away**2) - 1.0)
        if shift is not None:
            rt = rt - onset + inside[shift]
        late = jnp.maximum(rt - last, 0.0)
        row = jnp.stack([*(inside[p] for p in network.inputs), rt - late, response], axis=-1)
        value = log_densities(network.operations, network.weights, row.reshape(-1, row.shape[-1]))
        value = value.reshape(rt.shape).astype(rt.dtype) - penalty - _FALL * late
        return jnp.where(early, -jnp.inf, value)

    return log_density

"""Networks as ONNX files that HSSM and others read: the whole log density, reductions and all."""

from __future__ import annotations

import json
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import onnxruntime
from jax import Array
from numpy.typing import NDArray

from driftmill.models import correction_networks
from driftmill.models.declaration import LogDensity, Model, Parameter
from driftmill.models.network import Network
from driftmill.models.priors import Distribution
from driftmill.models.with_network import with_network
from driftmill.network_names import KIND
from driftmill.networks.jaxpr_graph import graph_of

#: What an exported network may differ by from ours, in log density, where that is not in a tail.
LARGEST_DIFFERENCE = 1e-5
#: Log densities below this are tails: there single precision has its last digits elsewhere.
ORDINARY = float(np.log(1e-4))
_ROWS, _DRAWS, _ROUNDS = 1000, 4000, 50
#: The share of these for which single precision must be enough.
_HELD = 0.95


def export(network: Network, model: Model) -> bytes:
    """Return an ONNX file of the log density of a model by a network.

    Parameters
    ----------
    network
        Of any kind.
    model
        The model that it is of, one with response times.

    Returns
    -------
    bytes
        A graph in single precision of one input of shape (1, n + 2), the model's n parameters in
        the model's order, rt and response, and one output of shape (1, 1), the log density, -inf
        where there can be no response. All is inside of it: reductions, mirror, what holds the
        inputs to the box; where a correction hands over to a solver, there is a floor. Under
        ``driftmill`` its metadata tell what it is, as JSON.

    Raises
    ------
    UnsupportedPrimitive
        When the log density uses what has no counterpart in ONNX.
    ValueError
        When the model has no response times.
    """
    if not model.has_rt:
        raise ValueError(
            f"network {network.name}: {model.name} has no response times; a file for the exchange "
            f"of networks takes them"
        )
    names = model.parameter_names
    density = _alone(network, model)

    def log_density(row: Array) -> Array:
        *values, rt, response = (row[:, k] for k in range(len(names) + 2))
        return jnp.reshape(jnp.asarray(density(rt, response, *values)), (1, 1))

    written = graph_of(log_density, len(names) + 2)
    written.producer_name = "driftmill"
    told: dict[str, Any] = {"name": network.name, "model": model.name, "kind": network.kind}
    told |= {"digest": network.digest, "columns": ", ".join((*names, "rt", "response"))}
    told |= {"box": {name: list(ends) for name, ends in network.box.items()}}
    told |= {"choices": list(model.choices), "accuracy": dict(network.accuracy)}
    written.metadata_props.add(key="driftmill", value=json.dumps(told))
    return bytes(written.SerializeToString(deterministic=True))


def _alone(network: Network, model: Model) -> LogDensity:
    """Return what a network gives without a solver, which cannot be written."""
    if network.kind == "correction":
        return correction_networks.without_solver(model, network)
    return with_network(model, network).likelihoods[KIND]


def check_export(network: Network, model: Model, content: bytes) -> float:
    """Return the largest difference of a file's log densities, by onnxruntime, to ours.

    Parameters
    ----------
    network, model
        As in :func:`export`.
    content
        The file.

    Returns
    -------
    float
        Over a thousand trials with parameters inside of the box and densities above 1e-4 a second.
        Left out are trials whose log density single precision changes in our own evaluation too,
        as just before two bounds meet; where they are more than one in twenty, or only one of
        the two is a number, the difference is infinite.
    """
    rows = trials_inside(network, model)
    density = jax.jit(_alone(network, model))
    ours, single = (
        np.asarray(density(r[:, -2], r[:, -1], *r[:, :-2].T), np.float64)
        for r in (rows, rows.astype(np.float32))
    )
    ordinary = np.isfinite(ours) & (ours > ORDINARY)
    held = ordinary.copy()
    held[ordinary] = np.abs(single[ordinary] - ours[ordinary]) <= 0.5 * LARGEST_DIFFERENCE
    if held.sum() < _HELD * ordinary.sum():
        return float("inf")
    apart = np.abs(evaluated(content, rows[held]) - ours[held])
    return float(np.where(np.isnan(apart), np.inf, apart).max())


def evaluated(content: bytes, rows: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the log densities that onnxruntime finds in a file, for rows of shape (n, inputs)."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    found = [session.run(None, {name: row[None].astype(np.float32)})[0].item() for row in rows]
    return np.asarray(found, np.float64)


def trials_inside(network: Network, model: Model) -> NDArray[np.float64]:
    """Draw trials with parameters inside of a network's box.

    Parameters
    ----------
    network, model
        As in :func:`export`; parameters come from the model's priors, those of an imported network
        from its box.

    Returns
    -------
    numpy.ndarray
        Rows of parameters, rt and response, of numbers that single precision has.

    Raises
    ------
    ValueError
        When no draw lies inside of the box.
    """
    rng = np.random.default_rng(1)
    beyond = with_network(model, network).beyond
    assert beyond is not None
    kept = np.empty((0, len(model.parameters)))
    for _ in range(_ROUNDS):
        drawn = np.column_stack([_values(network, model, p, rng) for p in model.parameters])
        outside = beyond({name: drawn[:, k] for k, name in enumerate(model.parameter_names)})
        kept = np.vstack([kept, drawn[~np.broadcast_to(np.asarray(outside), _DRAWS)]])[:_ROWS]
        if len(kept) == _ROWS:
            break
    if not len(kept):
        raise ValueError(
            f"network {network.name}: no draw of the priors of {model.name} lies inside of its box"
        )
    shift = kept[:, model.parameter_names.index(model.shift)] if model.shift else 0.0
    rt = shift + np.exp(rng.normal(-0.4, 0.7, len(kept)))
    response = rng.choice(model.choices, len(kept))
    return np.column_stack([kept, rt, response]).astype(np.float32).astype(np.float64)


def _values(
    network: Network, model: Model, parameter: Parameter, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw values of one parameter: from its prior, or from the box where that is in its terms."""
    if parameter.name == model.shift:
        return rng.uniform(0.1, 0.4, _DRAWS)
    if network.kind == "imported":
        return rng.uniform(*network.box[parameter.name], _DRAWS)
    prior = Distribution(parameter.prior, parameter.lower, parameter.upper)
    return np.asarray(prior.sample(rng, _DRAWS))

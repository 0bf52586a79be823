"""A model of the catalogue whose log density is a network's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from driftmill.families import serves
from driftmill.models import correction_networks, imported_networks, mixture_networks
from driftmill.models.declaration import Model
from driftmill.models.network import Kind, Network
from driftmill.models.network_likelihood import NetworkLikelihood
from driftmill.network_names import KIND

#: How the likelihood of each kind of network is made of a model and a network.
MAKERS: dict[Kind, Callable[[Model, Network], NetworkLikelihood]] = {
    "mixture": mixture_networks.likelihood,
    "correction": correction_networks.likelihood,
    "imported": imported_networks.likelihood,
}

#: What a model has of its network.
_TAKEN = ("likelihoods", "log_survivor", "log_cumulative", "beyond", "solved", "error")


def with_network(model: Model, network: Network) -> Model:
    """Return a model that has a network's log density and no other.

    Parameters
    ----------
    model
        The model that the network is of, or a learning model whose decision model it is of.
    network
        The network.

    Raises
    ------
    ValueError
        When the network is of another model.
    """
    if model.learning is not None:
        decision = with_network(model.learning.decision, network)
        taken = {name: getattr(decision, name) for name in _TAKEN}
        return replace(model, learning=replace(model.learning, decision=decision), **taken)
    if not serves(network.model, model.name):
        raise ValueError(f"network {network.name} is of {network.model}, not of {model.name}")
    made = MAKERS[network.kind](model, network)
    return replace(
        model,
        likelihoods={KIND: made.log_density},
        log_survivor=made.log_survivor,
        log_cumulative=made.log_cumulative,
        beyond=made.beyond,
        solved=made.solved,
        error=network.accuracy.get("log_density_error_p95", model.error),
    )

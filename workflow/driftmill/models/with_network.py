"""A model of the catalogue whose log density is a network's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from driftmill.models import imported_networks
from driftmill.models.declaration import Model
from driftmill.models.network import Kind, Network
from driftmill.models.network_likelihood import KIND, NetworkLikelihood

#: How the likelihood of each kind of network is made of a model and a network.
MAKERS: dict[Kind, Callable[[Model, Network], NetworkLikelihood]] = {
    "imported": imported_networks.likelihood,
}


def with_network(model: Model, network: Network) -> Model:
    """Return a model that has a network's log density and no other.

    Parameters
    ----------
    model
        The model that the network is of.
    network
        The network.

    Raises
    ------
    ValueError
        When the network is of another model.
    """
    if network.model != model.name:
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

"""What a network gives of a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from driftmill.models.declaration import LogDensity, Model
from driftmill.models.network import Network


@dataclass(frozen=True)
class NetworkLikelihood:
    """The functions that a network takes the place of.

    Parameters
    ----------
    log_density, log_survivor, log_cumulative
        As a model has them; None: not known.
    beyond
        Tells of parameters by name whether they lie outside of the network's box.
    solved
        Parameters of which every distinct set takes an evaluation of the network of its own,
        that trials share; none where each trial takes one.
    """

    log_density: LogDensity
    log_survivor: LogDensity | None
    log_cumulative: LogDensity | None
    beyond: Callable[[Mapping[str, Any]], Any]
    solved: tuple[str, ...] = ()


@dataclass(frozen=True)
class Pair:
    """A model and a network: equal where the same functions are made of them."""

    name: str
    choices: tuple[int, ...]
    supports: tuple[tuple[str, float, float], ...]
    digest: str
    model: Model = field(compare=False)
    network: Network = field(compare=False)


def pair_of(model: Model, network: Network) -> Pair:
    """Return a model and a network as a key under which what is made of them is kept."""
    supports = tuple((p.name, p.lower, p.upper) for p in model.parameters)
    return Pair(model.name, model.choices, supports, network.digest, model, network)

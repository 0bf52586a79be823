"""What network is to be made: of which model, over which box, how large, trained how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from driftmill.models.network import Kind
from driftmill.networks.training import Training


@dataclass(frozen=True)
class NetworkDesign:
    """A network that can be made.

    Parameters
    ----------
    name
        What it will be called.
    model
        The model whose log density it is to give.
    kind
        ``mixture``: learnt from simulated trials. ``correction``: learnt from log densities by a
        solver.
    box
        By input of the network (a parameter after the model's reductions), the interval in which
        it is trained.
    layers
        Numbers of units of its hidden layers.
    components
        Of a mixture: how many log-normals a choice.
    sets
        Sets of parameters in its training set; one in ten more is held out to tell when to end.
    draws
        Simulated trials, or times at which the solver is asked, a set.
    checks
        Fresh sets of parameters on which its accuracy is measured.
    training
        How it is trained.
    seed
        Of the training set and of the fresh sets.
    """

    name: str
    model: str
    box: Mapping[str, tuple[float, float]]
    kind: Kind = "mixture"
    layers: tuple[int, ...] = (64, 64)
    components: int = 8
    sets: int = 20_000
    draws: int = 32
    checks: int = 20
    training: Training = field(default_factory=Training)
    seed: int = 1

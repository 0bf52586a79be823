"""What a study file may say of networks: to be trained, from an ONNX file, or from a folder."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from driftmill.study.distribution import PriorSpec
from driftmill.study.values import Count, Name, Number, Positive, Section, Seed

Interval = tuple[Number, Number]
_Path = Annotated[str, AfterValidator(os.path.expanduser)]


class NetworkCalibration(Section):
    """Simulation-based calibration of a plain fit through a network, as one more of its gates."""

    datasets: Annotated[Count, Field(ge=20)] = 100
    """Datasets from the model's simulator, with truths that are drawn from the priors."""
    trials: Count = 200
    """Trials of each."""
    priors: dict[str, PriorSpec] = Field(default_factory=dict)
    """Priors of the fit, by parameter; others have the model's own. Give such as lie inside the
    network's box, e.g. {alpha: {name: Uniform, lower: 1.1, upper: 1.95}}."""


class TrainedNetwork(Section):
    """A network that the workflow trains before the first fit that uses it."""

    name: Name
    """The network's name, by which fits ask for it."""
    model: str
    """The model whose log density it is to give; of a learning model the decision model."""
    kind: Literal["mixture", "correction"] = "mixture"
    """`mixture`: learnt from simulated trials, for any model with a simulator. `correction`: learnt
    from log densities by the model's solver, for models that have one."""
    box: dict[str, Interval] = Field(default_factory=dict)
    """By input of the network (a parameter after the model's exact reductions), the interval in
    which it is trained, e.g. {v: [-3, 3]}; inputs that are left out have the interval of the
    network that driftmill brings along for the model."""
    layers: Annotated[tuple[Count, ...], Field(min_length=1)] = (64, 64)
    """Numbers of units of its hidden layers."""
    components: Count = 8
    """Of a mixture: how many log-normals there are for each choice."""
    sets: Annotated[Count, Field(ge=20)] = 20_000
    """Sets of parameters that it is trained with; one in ten more is held out to tell the end."""
    draws: Count = 32
    """Simulated trials, or times at which the solver is asked, for each set of parameters."""
    checks: Count = 20
    """Fresh sets of parameters on which its accuracy is measured."""
    sbc: NetworkCalibration | None = None
    """Whether posteriors by it must be calibrated too; without it nobody looks at that."""
    steps: Count = 20_000
    """Updates of the training at most."""
    batch: Count = 512
    """Rows of the training set in each update."""
    learning_rate: Positive = 3e-3
    """The highest learning rate; it falls to 0 as a cosine."""
    every: Count = 500
    """Updates between two looks at what is held out."""
    patience: Count = 20
    """The training ends after so many looks without a better one."""
    seed: Seed = 1
    """All random numbers of the network follow from this."""


class GivenNetwork(Section):
    """A network that was trained elsewhere, an ONNX file as HSSM and LANfactory exchange."""

    name: Name
    """The network's name, by which fits ask for it."""
    model: str
    """The model whose log density it gives; of a learning model the decision model."""
    file: _Path
    """The ONNX file; a relative path starts at the folder in which snakemake runs."""
    parameters: Annotated[tuple[str, ...], Field(min_length=1)]
    """The model's parameters in the order in which the network takes them, before rt and
    response."""
    box: dict[str, Interval]
    """By parameter, the interval in which it was trained, outside of which nobody knows what it
    gives; under `rt` that of the response times, where it is not from 0 to 20 s."""
    checks: Count = 20
    """Sets of parameters on which its accuracy is measured."""
    sbc: NetworkCalibration | None = None
    """Whether posteriors by it must be calibrated too; without it nobody looks at that."""
    seed: Seed = 1
    """Of these sets and of what is simulated with them."""


class KeptNetwork(Section):
    """A network that driftmill trained before, for another study or on another machine."""

    name: Name
    """The network's name, by which fits ask for it."""
    folder: _Path
    """Its folder, with card.json and weights.npz, e.g. results/networks/my_levy-1a2b3c4d; a
    relative path starts at the folder in which snakemake runs."""


def _network_kind(value: Any) -> str:
    """Tell by its keys whether a network is given, kept, or to be trained."""
    if isinstance(value, GivenNetwork) or (isinstance(value, dict) and "file" in value):
        return "<given>"
    if isinstance(value, KeptNetwork) or (isinstance(value, dict) and "folder" in value):
        return "<kept>"
    return "<trained>"


NetworkSection = Annotated[
    Annotated[TrainedNetwork, Tag("<trained>")]
    | Annotated[GivenNetwork, Tag("<given>")]
    | Annotated[KeptNetwork, Tag("<kept>")],
    Discriminator(_network_kind),
]


class NetworksFile(Section):
    """A file of networks that several studies share."""

    networks: Annotated[tuple[NetworkSection, ...], Field(min_length=1)]
    """The networks, as under `networks` of a study."""

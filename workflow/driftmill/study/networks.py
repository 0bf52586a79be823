"""Which network a fit uses, where its files lie, and what its results depend on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from driftmill.families import family_of, serves
from driftmill.network_names import CARD, KIND, WEIGHTS
from driftmill.store.cards import SHIPPED, Card, read_card, shipped_cards
from driftmill.store.errors import DamagedArtifact
from driftmill.store.network_paths import NetworkPaths
from driftmill.study.built_in import BY_NETWORK, MODELS
from driftmill.study.learning import LearningModel
from driftmill.study.model_files import digest
from driftmill.study.network_types import (
    GivenNetwork,
    KeptNetwork,
    NetworkSection,
    TrainedNetwork,
)
from driftmill.study.types import Fit, Study


@dataclass(frozen=True)
class NetworkUse:
    """A network of a study, or one that driftmill brings along.

    Parameters
    ----------
    name
        What the study calls it, or the name of its folder in the package.
    section
        What the study says of it; None: it is brought along.
    """

    name: str
    section: NetworkSection | None = None

    @property
    def made(self) -> bool:
        """Whether the workflow makes its files: by training, or from an ONNX file."""
        return self.section is not None and not isinstance(self.section, KeptNetwork)

    @property
    def trained(self) -> bool:
        """Whether the workflow trains it."""
        return isinstance(self.section, TrainedNetwork)

    @property
    def calibrated(self) -> bool:
        """Whether posteriors by it are calibrated before it may be used."""
        section = self.section
        return isinstance(section, TrainedNetwork | GivenNetwork) and section.sbc is not None

    @cached_property
    def identity(self) -> Mapping[str, Any]:
        """What results that it enters depend on: its design, or what its files hold."""
        if self.section is None or isinstance(self.section, KeptNetwork):
            card = self.known_card("")
            return {"name": self.name, "digest": None if card is None else card.digest}
        said = self.section.model_dump(mode="json")
        if isinstance(self.section, GivenNetwork):
            said["file"] = digest(self.section.file)
        return said

    @cached_property
    def label(self) -> str:
        """The name of its folder: with a hash of its design, so that designs keep apart."""
        told = json.dumps(self.identity, sort_keys=True).encode()
        return f"{self.name}-{hashlib.sha256(told).hexdigest()[:8]}"

    def folder(self, results: str) -> Path:
        """Return the folder of its files.

        Parameters
        ----------
        results
            The folder of all studies' results.
        """
        if self.section is None:
            return SHIPPED / self.name
        if isinstance(self.section, KeptNetwork):
            return Path(self.section.folder)
        return Path(NetworkPaths(results).folder(self.label))

    def files(self, results: str) -> list[str]:
        """Return the paths of its card and its weights."""
        folder = self.folder(results)
        return [str(folder / CARD), str(folder / WEIGHTS)]

    def calibrations(self, results: str) -> list[str]:
        """Return the path of the table of its calibration; none where it is not calibrated."""
        return [NetworkPaths(results).calibration(self.label)] if self.calibrated else []

    def outputs(self, results: str) -> dict[str, str]:
        """Return all that the workflow makes of it, by path, with the kind of its content."""
        if not self.made:
            return {}
        paths = NetworkPaths(results)
        made = {
            paths.card(self.label): "network_card",
            paths.weights(self.label): "network_weights",
            paths.figure(self.label, "density"): "network_figure",
        }
        if self.trained:
            made[paths.figure(self.label, "loss")] = "network_figure"
        return made | dict.fromkeys(self.calibrations(results), "network_calibration")

    def everything(self, results: str) -> list[str]:
        """Return the paths of all that can be made of it, the ONNX file of what was trained too."""
        exported = [NetworkPaths(results).onnx(self.label)] if self.trained else []
        return [*self.outputs(results), *exported]

    def known_card(self, results: str) -> Card | None:
        """Return its card; None where it is not made yet, or its folder is not there.

        Raises
        ------
        DamagedArtifact
            When the file is no card.
        """
        file = self.folder(results) / CARD
        return read_card(file) if file.is_file() else None


def decision_name(fit: Fit) -> str:
    """Return the name of the model whose density a fit takes, behind its learning process."""
    return fit.model.decision if isinstance(fit.model, LearningModel) else fit.model


def asks_for_network(fit: Fit) -> bool:
    """Tell whether the likelihood of a fit is a network's."""
    if fit.likelihood is None:
        return fit.network is not None or decision_name(fit) in BY_NETWORK
    return fit.likelihood == KIND


def candidates(study: Study, model: str) -> list[NetworkUse]:
    """Return the networks that a fit of a model may mean without naming one.

    Those of the study; where it has none, those that driftmill brings along.
    """
    own = [use for use in map(_use, study.networks) if _may_serve(use, model)]
    shipped = [
        NetworkUse(name) for name, card in shipped_cards().items() if serves(card.model, model)
    ]
    return own or shipped


def _may_serve(use: NetworkUse, model: str) -> bool:
    """Tell whether a network serves a model; one whose folder cannot be read may."""
    of = model_of_network(use)
    return of is None or serves(of, model)


def model_of_network(use: NetworkUse) -> str | None:
    """Return the model, or family, that a network is of; None where its folder cannot be read."""
    if isinstance(use.section, TrainedNetwork) and use.section.kind == "correction":
        return family_of(use.section.model)
    if not (use.section is None or isinstance(use.section, KeptNetwork)):
        return use.section.model
    try:
        card = use.known_card("")
    except DamagedArtifact:
        return None
    return None if card is None else card.model


def network_of(study: Study, fit: Fit) -> NetworkUse | None:
    """Return the network of a fit that passed its checks; None where its likelihood is no network.

    A model of the user's own may have a likelihood of that kind without a network of ours.
    """
    if not asks_for_network(fit):
        return None
    if fit.network is not None:
        own = {network.name: _use(network) for network in study.networks}
        return own.get(fit.network, NetworkUse(fit.network))
    found = candidates(study, decision_name(fit))
    return found[0] if found else None


def _use(section: NetworkSection) -> NetworkUse:
    return NetworkUse(section.name, section)


def networks_of(study: Study) -> list[NetworkUse]:
    """Return all networks that the study speaks of, whether a fit uses them or not."""
    return [_use(section) for section in study.networks]


def used_networks(study: Study) -> list[NetworkUse]:
    """Return the networks of the study's fits, each once."""
    found = (network_of(study, fit) for fit in study.fits)
    return list({use.name: use for use in found if use is not None}.values())


def design_of_network(study: Study, use: NetworkUse) -> dict[str, Any]:
    """Return what making a network depends on, as plain values for Snakemake's ``params``.

    Nothing of the study but the network itself, and the user's files of models where its model is
    one of these: studies that agree in these share it.
    """
    assert isinstance(use.section, TrainedNetwork | GivenNetwork)
    part = dict(use.identity)
    if use.section.model not in MODELS:
        part["models"] = [digest(file) for file in study.models]
    return part


def network_inputs(
    study: Study, results: str, local: Callable[[str], Any]
) -> Callable[[Any], Sequence[Any]]:
    """Return the function from a job's wildcards to the files of its fit's network.

    Parameters
    ----------
    study
        The study.
    results
        The folder of all studies' results.
    local
        Marks for Snakemake what is not in its storage: what the user gives.
    """

    def files(wildcards: Any) -> Sequence[Any]:
        use = network_of(study, study.fit(wildcards.fit))
        if use is None or use.section is None:
            return []
        paths = use.files(results)
        return paths if use.made else [local(path) for path in paths]

    return files

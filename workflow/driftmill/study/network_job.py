"""What a script that makes a network does around its work."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from driftmill.models import Model
from driftmill.models.network import Network, network_of
from driftmill.models.reductions import plain_reduction
from driftmill.networks import accuracy
from driftmill.networks.calibrated import figures_of, gate_of
from driftmill.networks.design import NetworkDesign
from driftmill.networks.extra import REMEDY, lacking
from driftmill.networks.make import maker_of
from driftmill.networks.training import Keeper
from driftmill.sampling.runtime import hold_to_threads, keep_compiled
from driftmill.store.checkpoint import MINUTES, Arrays, Checkpoint
from driftmill.store.fingerprint import file_hash
from driftmill.store.network_paths import NetworkPaths
from driftmill.store.provenance import versions
from driftmill.study.job import Job
from driftmill.study.load import find_study
from driftmill.study.long_job import CHECKPOINT_MINUTES
from driftmill.study.models import model_of
from driftmill.study.network_design import network_design
from driftmill.study.network_types import GivenNetwork, TrainedNetwork
from driftmill.study.networks import networks_of
from driftmill.study.problems import Problem, StudyErrors

#: Why a job fails that reads or writes ONNX files without what it takes.
_LACKING = "ONNX files are read and written with {}, which {} not installed: {}, or --sdm conda"
#: Driftmill's own folder, in which studies are looked for that are named.
ROOT = Path(__file__).parents[3]
_NAME = "training"


class NetworkJob(Job):
    """One job that makes a network, entered by its script.

    Studies share networks, so a job's parameters must not depend on the study that asks for one:
    it finds the study by the configuration.
    """

    def _study_file(self, snakemake: Any) -> str:
        return str(find_study(str(snakemake.config["study"]), ROOT))

    @property
    def _folder(self) -> str:
        return "networks"

    @property
    def label(self) -> str:
        """The name of the network's folder."""
        return self.wildcards["network"]

    @property
    def section(self) -> TrainedNetwork | GivenNetwork:
        """What the study says of the network."""
        found = next(use for use in networks_of(self.study) if use.label == self.label)
        assert isinstance(found.section, TrainedNetwork | GivenNetwork)
        return found.section

    @property
    def model(self) -> Model:
        """The model that the network is of."""
        return model_of(self.section.model)

    @property
    def design(self) -> NetworkDesign:
        """The design of a network that is to be trained."""
        assert isinstance(self.section, TrainedNetwork)
        return network_design(self.section)

    @property
    def unchecked(self) -> Network:
        """The network as it is before its accuracy is known."""
        card, weights = Path(self.input.unchecked), Path(self.input.weights)
        return network_of(card.read_text(encoding="utf-8"), weights.read_bytes())

    def check(self, network: Network) -> Network:
        """Return a network with its accuracy on fresh parameters, and its gates."""
        checked = self._measured(network)
        for path in self.input.calibration:
            figures = figures_of(pd.read_csv(path))
            gates = (*checked.gates, gate_of(figures))
            checked = replace(checked, accuracy={**checked.accuracy, **figures}, gates=gates)
        return checked

    def _measured(self, network: Network) -> Network:
        section = self.section
        if isinstance(section, TrainedNetwork):
            return maker_of(self.model, self.design).check(self.model, self.design, network, print)
        plain = plain_reduction(self.model)
        design = NetworkDesign(
            name=section.name,
            model=section.model,
            box={name: section.box[name] for name in plain.inputs},
            kind="imported",
            checks=section.checks,
            seed=section.seed,
        )
        return accuracy.check(self.model, design, network, print, plain)

    def ready(self) -> None:
        """Ready JAX for the job, before its first computation."""
        hold_to_threads(self.threads)
        keep_compiled(self.compiled)

    def keeper(self) -> tuple[Keeper, Checkpoint]:
        """Return what keeps the state of a training, and the folder that it does so in.

        What an earlier run of the same job left is taken up; it is the same job when the design,
        the training set, the code and the versions are the same.
        """
        params = self._given.params
        told = {
            "design": params.design,
            "code": params.code,
            "data": [file_hash(path) for path in self.input],
            "versions": versions(),
        }
        identity = hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode())
        folder = NetworkPaths(self.results).checkpoint(str(self._given.rule), self.label)
        seconds = 60.0 * float(self.config.get(CHECKPOINT_MINUTES, MINUTES))
        checkpoint = Checkpoint(folder, identity.hexdigest(), seconds, print)

        def save(state: Arrays) -> None:
            if checkpoint.due:
                checkpoint.save(_NAME, state)

        return Keeper(checkpoint.underway(_NAME), save), checkpoint


def taken(job: NetworkJob, file: str) -> Network:
    """Return the network of an ONNX file that the study gives.

    Raises
    ------
    StudyErrors
        When the file is none that can be evaluated, or what reads it is not installed.
    """
    section = job.section
    assert isinstance(section, GivenNetwork)
    _need_onnx(job, section.file)
    from driftmill.networks.onnx_import import OnnxError, import_network

    content, model, box = Path(file).read_bytes(), job.model, section.box
    try:
        return import_network(section.name, model, content, section.file, section.parameters, box)
    except OnnxError as error:
        message, _, remedy = str(error).partition("; ")
        raise _problem(job, section.file, message, remedy or "see config/README.md") from error


def exported(job: NetworkJob, network: Network) -> bytes:
    """Return a network as an ONNX file whose log densities onnxruntime finds to be ours.

    Raises
    ------
    StudyErrors
        When what writes it is not installed, or its log densities are others.
    """
    _need_onnx(job, network.name)
    from driftmill.networks.onnx_export import LARGEST_DIFFERENCE, check_export, export

    content = export(network, job.model)
    apart = check_export(network, job.model, content)
    print(f"onnxruntime agrees to {apart:.1e} of a log density")
    if not apart <= LARGEST_DIFFERENCE:
        message = f"its log densities by onnxruntime are {apart:.2g} off"
        remedy = "train it anew with another seed, or do without the file"
        raise _problem(job, network.name, message, remedy)
    return content


def _need_onnx(job: NetworkJob, shown: str) -> None:
    missing = lacking()
    if missing:
        verb = "are" if len(missing) > 1 else "is"
        message, _, remedy = _LACKING.format(" and ".join(missing), verb, REMEDY).partition(": ")
        raise _problem(job, shown, message, remedy)


def _problem(job: NetworkJob, value: str, message: str, remedy: str) -> StudyErrors:
    place = f"networks[{job.section.name}]"
    return StudyErrors([Problem(job.study_file, place, value, message, remedy)])

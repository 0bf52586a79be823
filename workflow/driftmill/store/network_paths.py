"""Where the files of networks lie, which all studies of a folder of results share."""

from __future__ import annotations

from dataclasses import dataclass

from driftmill.network_names import CARD, ONNX, WEIGHTS


@dataclass(frozen=True)
class NetworkPaths:
    """Paths of the files of networks.

    Every ``label``, the name of a network's folder, may be a wildcard of Snakemake.

    Parameters
    ----------
    results
        The folder of all studies' results.
    """

    results: str = "results"

    def folder(self, label: str) -> str:
        """Return the folder of a network."""
        return f"{self.results}/networks/{label}"

    def training_set(self, label: str) -> str:
        """Return the path of what a network is trained with."""
        return f"{self.folder(label)}/training_set.npz"

    def unchecked(self, label: str) -> str:
        """Return the path of a network's card before its accuracy is known."""
        return f"{self.folder(label)}/unchecked.json"

    def weights(self, label: str) -> str:
        """Return the path of a network's weights."""
        return f"{self.folder(label)}/{WEIGHTS}"

    def card(self, label: str) -> str:
        """Return the path of a network's card."""
        return f"{self.folder(label)}/{CARD}"

    def calibration(self, label: str) -> str:
        """Return the path of the table of a network's calibration, where one is asked for."""
        return f"{self.folder(label)}/calibration.csv"

    def onnx(self, label: str) -> str:
        """Return the path of a network as others read it."""
        return f"{self.folder(label)}/{ONNX}"

    def figure(self, label: str, name: str) -> str:
        """Return the path of a figure of a network: ``loss`` or ``density``."""
        return f"{self.folder(label)}/{name}.svg"

    def log(self, step: str, label: str) -> str:
        """Return the path of the log of a job."""
        return f"{self.folder(label)}/logs/{step}.log"

    def benchmark(self, step: str, label: str) -> str:
        """Return the path of the time and memory of a job, as Snakemake measures them."""
        return f"{self.folder(label)}/benchmarks/{step}.tsv"

    def checkpoint(self, step: str, label: str) -> str:
        """Return the folder in which a training keeps its state until it is done."""
        return f"{self.folder(label)}/checkpoints/{step}"

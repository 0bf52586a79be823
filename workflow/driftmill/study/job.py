"""What every script does around its work: the study, the log, the provenance, errors in a line."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TextIO

from driftmill.sampling.settings import NoGpuError
from driftmill.simulation.parameters import SimulationError
from driftmill.store.errors import DamagedArtifact, StoreError
from driftmill.store.paths import Paths
from driftmill.store.provenance import Provenance, provenance
from driftmill.study.batches import batches_of
from driftmill.study.expand import Plan, expand
from driftmill.study.hash import study_hash
from driftmill.study.job_log import DONE, FAILED, open_log
from driftmill.study.load import load_study
from driftmill.study.networks import network_of
from driftmill.study.problems import StudyErrors
from driftmill.study.safe_paths import local_results, results_of
from driftmill.study.trust import trust_of
from driftmill.study.types import ObservedCell

if TYPE_CHECKING:
    from driftmill.regression.fit_spec import FitSpec

#: Errors whose message says all that a user needs; others keep their traceback.
TOLD = (StoreError, DamagedArtifact, SimulationError, StudyErrors, NoGpuError)


class Job:
    """One job of the workflow, entered by its script.

    Inside, everything printed goes to the job's log, a line at a time, below what attempts before
    it left there. An error is written to the log and, in one line, to Snakemake; then the job
    fails.

    Parameters
    ----------
    snakemake
        The object that Snakemake gives a script; its ``params`` hold ``study_file``.
    """

    def __init__(self, snakemake: Any) -> None:
        self._given = snakemake
        self.config: Mapping[str, Any] = snakemake.config
        self.study_file = self._study_file(snakemake)
        self.study = load_study(self.study_file, trust_of(self.config))
        self.results = local_results(results_of(self.config), self._folder, snakemake.output)
        self.wildcards: dict[str, str] = dict(snakemake.wildcards)
        self.input = snakemake.input
        self.output = snakemake.output
        self.threads = int(snakemake.threads)
        self.gpus = int(snakemake.resources.get("gpu", 0))
        #: What posteriors are sampled on, where the job samples; its artifacts say so.
        self.device: Mapping[str, str] = {}
        self._stdout: TextIO = sys.stdout
        self._stderr: TextIO = sys.stderr

    def _study_file(self, snakemake: Any) -> str:
        return str(snakemake.params.study_file)

    @property
    def _folder(self) -> str:
        """The folder of results below which the job's outputs lie."""
        return self.study.study

    @property
    def cell(self) -> str:
        """The cell that this job works on."""
        return self.wildcards["cell"]

    @property
    def fit(self) -> str:
        """The fit that this job works on."""
        return self.wildcards["fit"]

    @property
    def generator(self) -> str | None:
        """Model that made this job's cell; None for observed data."""
        cell = self.study.cell(self.cell)
        if isinstance(cell, ObservedCell):
            return None
        from driftmill.study.models import model_name

        return model_name(cell.model)

    @property
    def spec(self) -> FitSpec:
        """The fit that this job works on, with its network where it has one.

        Raises
        ------
        StudyErrors
            When the network did not pass its gates and the fit does not accept that.
        """
        from driftmill.study.build import fit_spec_of
        from driftmill.study.load_network import load_network

        fit, network = self.study.fit(self.fit), None
        use = network_of(self.study, fit)
        if use is not None:
            files = [str(path) for path in self.input.network]
            network = load_network(self.study, fit, use, files, self.study_file)
        return fit_spec_of(self.study, self.cell, self.fit, network)

    @property
    def plan(self) -> Plan:
        """The whole study's plan."""
        return expand(self.study, self.results)

    @property
    def datasets(self) -> range:
        """Numbers of the datasets of this job's batch."""
        label = self.wildcards["batch"]
        return next(b.datasets for b in batches_of(self.study, self.cell) if b.label == label)

    @property
    def compiled(self) -> Path:
        """Folder of compiled programs, shared by all studies."""
        return Path(self.results) / ".compiled"

    @property
    def depends(self) -> dict[str, Any]:
        """What the job's results depend on besides its inputs: of study and code, and which job."""
        params = self._given.params
        return {"rule": self._given.rule, "study": params.depends, "code": params.code}

    @property
    def checkpoint(self) -> str:
        """Folder in which a long job keeps its state until it is done."""
        place = [self.wildcards[name] for name in ("cell", "fit", "batch")]
        return Paths(self.study.study, self.results).checkpoint(self._given.rule, *place)

    def origin(self, kind: str, **more: Any) -> Provenance:
        """Return the provenance of one of this job's artifacts, with what else it should say."""
        study = self.study
        place = {name: self.wildcards.get(name) for name in ("cell", "fit", "batch")}
        made = provenance(study.study, study_hash(study), kind, seed=study.seed, **place)
        sampled = {"device": dict(self.device)} if self.device else {}
        return made | sampled | more

    def __enter__(self) -> Self:
        """Turn what is printed to the job's log, and JAX to the CPU till the job says otherwise."""
        os.environ["JAX_PLATFORMS"] = "cpu"
        if "jax" in sys.modules:
            from driftmill.sampling.device import pin_to_cpu

            pin_to_cpu()
        sys.stdout = sys.stderr = open_log(self._given.log[0], self._what())
        return self

    def _what(self) -> str:
        """Say what this job works on."""
        parts = [f"{name} {value}" for name, value in self.wildcards.items()]
        if "batch" in self.wildcards and not isinstance(self.study.cell(self.cell), ObservedCell):
            datasets = self.datasets
            parts.append(f"datasets {datasets.start} to {datasets.stop - 1}")
        return ": ".join([self._given.rule, *([", ".join(parts)] if parts else [])])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Tell an error in the log and, in one line, to Snakemake."""
        log = sys.stdout
        if error is not None:
            if not isinstance(error, TOLD):
                traceback.print_exception(error, file=log)
            print(f"{FAILED}{error}", file=log)
        else:
            print(DONE, file=log)
        sys.stdout, sys.stderr = self._stdout, self._stderr
        log.close()
        if isinstance(error, TOLD):
            print(f"driftmill {self._given.rule}: {error}", file=sys.stderr)
            raise SystemExit(1) from error

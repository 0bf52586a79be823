"""What every script does around its work: the study, the log, the provenance, errors in a line."""

from __future__ import annotations

import sys
import time
import traceback
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from driftmill.simulation.parameters import SimulationError
from driftmill.store.errors import DamagedArtifact, StoreError
from driftmill.store.provenance import Provenance, provenance
from driftmill.study.expand import Plan, expand
from driftmill.study.hash import study_hash
from driftmill.study.load import load_study
from driftmill.study.problems import StudyErrors
from driftmill.study.safe_paths import local_results, results_of
from driftmill.study.trust import trust_of
from driftmill.study.types import ObservedCell

#: Errors whose message says all that a user needs; others keep their traceback.
TOLD = (StoreError, DamagedArtifact, SimulationError, StudyErrors)


class Job:
    """One job of the workflow, entered by its script.

    Inside, everything printed goes to the job's log, a line at a time. An error is written
    to the log and, in one line, to Snakemake; then the job fails.

    Parameters
    ----------
    snakemake
        The object that Snakemake gives a script; its ``params`` hold ``study_file``.
    """

    def __init__(self, snakemake: Any) -> None:
        self._given = snakemake
        self.study = load_study(snakemake.params.study_file, trust_of(snakemake.config))
        self.results = local_results(
            results_of(snakemake.config), self.study.study, snakemake.output
        )
        self.wildcards: dict[str, str] = dict(snakemake.wildcards)
        self.input = snakemake.input
        self.output = snakemake.output
        self.threads = int(snakemake.threads)
        self._stdout: TextIO = sys.stdout
        self._stderr: TextIO = sys.stderr

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
    def plan(self) -> Plan:
        """The whole study's plan."""
        return expand(self.study, self.results)

    @property
    def datasets(self) -> range:
        """Numbers of the datasets of this job's batch."""
        return self.plan.datasets(self.cell, self.wildcards["batch"])

    @property
    def compiled(self) -> Path:
        """Folder of compiled programs, shared by all studies."""
        return Path(self.results) / ".compiled"

    def origin(self, kind: str, **more: Any) -> Provenance:
        """Return the provenance of one of this job's artifacts, with what else it should say."""
        study = self.study
        place = {name: self.wildcards.get(name) for name in ("cell", "fit", "batch")}
        made = provenance(study.study, study_hash(study), kind, seed=study.seed, **place)
        return made | more

    def __enter__(self) -> Self:
        """Turn what is printed to the job's log."""
        path = Path(self._given.log[0])
        path.parent.mkdir(parents=True, exist_ok=True)
        log = path.open("w", buffering=1, encoding="utf-8")
        sys.stdout = sys.stderr = log
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {self._given.rule} {self.wildcards or ''}")
        return self

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
            print(f"failed: {error}", file=log)
        else:
            print("done", file=log)
        sys.stdout, sys.stderr = self._stdout, self._stderr
        log.close()
        if isinstance(error, TOLD):
            print(f"driftmill {self._given.rule}: {error}", file=sys.stderr)
            raise SystemExit(1) from error

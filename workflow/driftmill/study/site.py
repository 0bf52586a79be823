"""What a site says of its cluster, in ``config/cluster.yaml``, and the options made of it."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError
from pydantic_core import PydanticCustomError

from driftmill.study.explain import explain
from driftmill.study.problems import StudyErrors
from driftmill.study.values import Count, Section, not_bool
from driftmill.study.yaml_file import read_yaml

#: Variable of the environment that names another file than ``config/cluster.yaml``.
VARIABLE = "DRIFTMILL_CLUSTER"
_PLACE = Path("config") / "cluster.yaml"
_BEGINNING = "begin with `partitions:` (see workflow/profiles/README.md)"
#: The settings that the profile of this process was made from.
_used: list[Site] = []


def _minutes(value: Any) -> float:
    """Return minutes from a number of them, or from SLURM's ``days-hours:minutes:seconds``."""
    if isinstance(not_bool(value), int | float):
        return float(value)
    days, dash, clock = str(value).rpartition("-")
    try:
        parts = [int(part) for part in clock.split(":")]
        if not 1 <= len(parts) <= 3:
            raise ValueError
        if dash:
            hours, minutes, seconds = [*parts, 0, 0][:3]
        else:
            hours, minutes, seconds = {1: [0, *parts, 0], 2: [0, *parts], 3: parts}[len(parts)]
        return (int(days) if dash else 0) * 1440 + hours * 60 + minutes + seconds / 60
    except ValueError:
        raise PydanticCustomError(
            "minutes", "Input should be minutes, or a time like 1-12:00:00"
        ) from None


def _one_line(text: str) -> str:
    if "\n" in text or not text.strip():
        raise PydanticCustomError("one_line", "Input should be one line that is not empty")
    return text


def _word(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.@:,+-]{0,79}", text):
        raise PydanticCustomError("word", "Input should be a word of letters, digits and _.@:,+-")
    return text


def _given(value: Any) -> Any:
    if value is None:
        raise PydanticCustomError("no_limit", "Input should be a limit; leave the key out for none")
    return value


Word = Annotated[str, AfterValidator(_word)]
Limit = Annotated[Count | None, BeforeValidator(_given)]
Line = Annotated[str, AfterValidator(_one_line)]
Rate = Annotated[float, BeforeValidator(not_bool), Field(gt=0, le=1000)]


class Partition(Section):
    """The limits of one partition; what is not given has none."""

    max_runtime: Annotated[
        Annotated[float, BeforeValidator(_minutes), Field(gt=0)] | None, BeforeValidator(_given)
    ] = None
    """Minutes that a job may take at most, or a time like 1-00:00:00."""
    max_threads: Limit = None
    """Cores of a job at most."""
    max_mem_mb: Limit = None
    """Memory of a job in MB at most."""
    max_mem_mb_per_cpu: Limit = None
    """Memory of a core in MB at most."""
    max_gpu: Annotated[int, BeforeValidator(not_bool), Field(ge=0)] = 0
    """GPUs of a job at most; 0: the partition has none."""
    available_gpu_models: Annotated[tuple[Word, ...] | None, BeforeValidator(_given)] = None
    """What its GPUs are called."""


class Site(Section):
    """A cluster as the workflow uses it."""

    account: Word | None = None
    """The account that jobs are charged to; null: your default account."""
    qos: Word | None = None
    """The quality of service that jobs ask for; null: the cluster's default."""
    reservation: Word | None = None
    """The reservation that jobs run in; null: none."""
    max_jobs: Count = 100
    """Jobs in the queue at once, at most."""
    submit_rate: Rate = 5
    """Jobs handed to the scheduler in a second, at most; below 1: one in so many seconds."""
    max_gpus: Count | None = None
    """GPUs in use at once, at most; with a number, `platform: auto` takes them; null: no limit, and
    `auto` stays on CPUs."""
    gpu_type: Word | None = None
    """What the cluster calls the GPUs that fits shall run on; null: any."""
    constraint: Line | None = None
    """Features that the nodes of all jobs must have, as sbatch's --constraint takes them."""
    sbatch_options: Line | None = None
    """Further options of sbatch for every job, e.g. --exclude=node7; null: none."""
    before_each_job: tuple[Line, ...] = ()
    """Lines of shell that every job begins with, e.g. module load cuda/13.0; a line that fails
    fails the job."""
    partitions: dict[Word, Partition] | None = None
    """Partitions and their limits; null: the cluster's default partition."""

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """Minutes and MB of a job that some partition takes; None for no limit."""
        partitions = (self.partitions or {}).values()
        return _most(p.max_runtime for p in partitions), _most(p.max_mem_mb for p in partitions)


def _most[N: float](limits: Iterable[N | None]) -> N | None:
    found = list(limits)
    known = [limit for limit in found if limit is not None]
    return max(known) if known and len(known) == len(found) else None


def site_file() -> Path:
    """Return the file that the cluster is described in.

    The one that ``DRIFTMILL_CLUSTER`` names, else ``config/cluster.yaml`` of the current folder,
    else that of the project.
    """
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser().absolute()
    here = Path.cwd() / _PLACE
    return here if here.is_file() else Path(__file__).resolve().parents[3] / _PLACE


def load_site(path: Path) -> Site:
    """Read and check the description of a cluster.

    Raises
    ------
    StudyErrors
        With every problem found.
    """
    try:
        return Site.model_validate(read_yaml(path, _BEGINNING))
    except ValidationError as error:
        problems = [problem for _, problem in explain(str(path), error, root=Site)]
        raise StudyErrors(problems, "cluster file") from error
    except StudyErrors as error:
        raise StudyErrors(error.problems, "cluster file") from error


def options_of(site: Site, path: Path) -> dict[str, Any]:
    """Return the options of Snakemake that a site's settings stand for; None for those unsaid.

    Parameters
    ----------
    site
        The settings.
    path
        Where they stand, for the executor, which reads the partitions itself.
    """
    rate = site.submit_rate
    every_job = {
        "slurm_account": site.account,
        "constraint": site.constraint,
        "slurm_extra": site.sbatch_options,
    }
    return {
        "jobs": site.max_jobs,
        "max-jobs-per-timespan": f"{int(rate)}/1s" if rate >= 1 else f"1/{round(1 / rate)}s",
        "max-threads": _most(p.max_threads for p in (site.partitions or {}).values()),
        "slurm-qos": site.qos,
        "slurm-reservation": site.reservation,
        "slurm-partition-config": str(path) if site.partitions else None,
        "gpus": {"gpu": site.max_gpus} if site.max_gpus else None,
        # As Python text, since Snakemake evaluates the values.
        "resources": {key: repr(value) for key, value in every_job.items() if value is not None},
    }


def use_site() -> dict[str, Any]:
    """Return the options for a profile, which Snakemake reads before anything else.

    What is wrong with the file ends the run, told as the faults of a study are.
    """
    path = site_file()
    try:
        site = load_site(path)
    except StudyErrors as error:
        sys.stderr.write(f"{error}\n")
        raise SystemExit(1) from None
    _used[:] = [site]
    return options_of(site, path)


def used_site() -> Site | None:
    """Return the settings that this process's profile was made from; None without one."""
    return _used[0] if _used else None

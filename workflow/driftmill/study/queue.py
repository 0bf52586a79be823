"""The jobs that SLURM has of this user, as ``squeue`` tells; a job's name tells its run."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

#: Number, state, reason, node list, folder, name and comment of a job; the last may hold anything.
FORMAT = "%i|%T|%r|%N|%Z|%j|%k"
#: States of jobs that wait for a place.
_WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD")
#: Digits of a run's token that stand in the names of its jobs.
_DIGITS = 12


class QueueError(Exception):
    """SLURM does not answer; the message is its own."""


@dataclass(frozen=True)
class QueuedJob:
    """A job in the queue.

    Parameters
    ----------
    number
        What SLURM calls it.
    state
        As SLURM says it: PENDING, RUNNING, COMPLETING, SUSPENDED, ...
    reason
        Why it is not running; empty or ``None`` where it is.
    nodes
        Where it runs.
    folder
        From which it was sent.
    name
        Begins with the study and its run where Snakemake sent it.
    comment
        By which Snakemake's executor says its rule and wildcards.
    """

    number: str
    state: str
    reason: str
    nodes: str
    folder: str
    name: str
    comment: str

    @property
    def waits(self) -> bool:
        """Whether it waits for a place."""
        return self.state in _WAITING

    @property
    def of_snakemake(self) -> bool:
        """Whether Snakemake sent it."""
        return self.comment.startswith(("rule_", "group_"))

    @property
    def work(self) -> str:
        """The rule and its wildcards, e.g. ``fit ddm_full_0000``."""
        return self.comment.removeprefix("rule_").replace("_wildcards_", " ", 1)

    def __str__(self) -> str:
        """Return the job as a line."""
        return f"{self.number}  {self.state:<10} {self.work}"


def name_prefix(study: str, token: str) -> str:
    """Return what the names of all jobs of a run begin with: the study, and digits of its token."""
    return f"{study[: 49 - _DIGITS]}-{token[:_DIGITS]}"


def parse_squeue(told: str) -> dict[str, QueuedJob]:
    """Return the jobs that a table of ``squeue`` in our format lists, by number."""
    found = {}
    for line in told.splitlines():
        fields = [field.strip() for field in line.split("|", FORMAT.count("|"))]
        if len(fields) == FORMAT.count("|") + 1 and fields[0]:
            found[fields[0]] = QueuedJob(*fields)
    return found


def queued_jobs(patience: float = 60.0) -> dict[str, QueuedJob]:
    """Ask SLURM for this user's jobs.

    Parameters
    ----------
    patience
        Seconds to wait for its answer.

    Returns
    -------
    dict
        The jobs by number.

    Raises
    ------
    QueueError
        When SLURM does not answer.
    """
    command = ["squeue", "--me", "--noheader", f"--format={FORMAT}"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=patience, check=False
        )
    except FileNotFoundError as error:
        raise QueueError("there is no squeue here") from error
    except subprocess.TimeoutExpired as error:
        raise QueueError(f"squeue took more than {patience:g} s") from error
    if done.returncode != 0:
        raise QueueError(done.stderr.strip())
    return parse_squeue(done.stdout)


def jobs_of(tokens: Sequence[str]) -> list[QueuedJob]:
    """Return the jobs of some runs that wait or run, by their numbers.

    Raises
    ------
    QueueError
        When SLURM does not answer.
    """
    marks = [f"-{token[:_DIGITS]}_" for token in tokens]
    jobs = [job for job in queued_jobs().values() if any(mark in job.name for mark in marks)]
    return sorted(jobs, key=lambda job: int(re.sub(r"\D.*", "", job.number)))

"""Which jobs of a run are in SLURM's queue; a job's name tells its run."""

from __future__ import annotations

import getpass
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

#: Digits of a run's token that stand in the names of its jobs.
_DIGITS = 12
_SECONDS = 60.0


class QueueError(Exception):
    """SLURM does not answer; the message is its own."""


@dataclass(frozen=True)
class QueuedJob:
    """A job in the queue.

    Parameters
    ----------
    number
        SLURM's number of it.
    state
        E.g. ``RUNNING``.
    work
        The rule and its wildcards, e.g. ``fit ddm_full_0000``.
    """

    number: str
    state: str
    work: str

    def __str__(self) -> str:
        """Return the job as a line."""
        return f"{self.number}  {self.state:<10} {self.work}"


def name_prefix(study: str, token: str) -> str:
    """Return what the names of all jobs of a run begin with: the study, and digits of its token."""
    return f"{study[: 49 - _DIGITS]}-{token[:_DIGITS]}"


def jobs_of(tokens: Sequence[str]) -> list[QueuedJob]:
    """Return the jobs of some runs that wait or run, by their numbers.

    Raises
    ------
    QueueError
        When SLURM does not answer.
    """
    command = ["squeue", "--noheader", f"--user={getpass.getuser()}", "--format=%i|%T|%j|%k"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except FileNotFoundError as error:
        raise QueueError("there is no squeue here") from error
    except subprocess.TimeoutExpired as error:
        raise QueueError(f"squeue took more than {_SECONDS:.0f} s") from error
    if done.returncode != 0:
        raise QueueError(done.stderr.strip())
    jobs = []
    for line in done.stdout.splitlines():
        number, state, name, comment = line.split("|", 3)
        if any(f"-{token[:_DIGITS]}_" in name for token in tokens):
            work = re.sub(r"_wildcards_", " ", comment.removeprefix("rule_"), count=1)
            jobs.append(QueuedJob(number, state, work))
    return sorted(jobs, key=lambda job: int(re.sub(r"\D.*", "", job.number)))

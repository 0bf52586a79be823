"""The jobs that a SLURM cluster has of this user, as ``squeue`` tells."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

#: Number, state, reason, node list, folder and comment of a job; the last may hold anything.
FORMAT = "%i|%T|%r|%N|%Z|%k"
#: States of jobs that wait for a place.
_WAITING = ("PENDING", "CONFIGURING", "REQUEUED", "REQUEUE_HOLD", "REQUEUE_FED", "RESV_DEL_HOLD")


@dataclass(frozen=True)
class ClusterJob:
    """A job that is on the cluster.

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
    comment
        By which Snakemake's executor says its rule and wildcards.
    """

    number: str
    state: str
    reason: str
    nodes: str
    folder: str
    comment: str

    @property
    def waits(self) -> bool:
        """Whether it waits for a place."""
        return self.state in _WAITING

    @property
    def of_snakemake(self) -> bool:
        """Whether Snakemake sent it."""
        return self.comment.startswith(("rule_", "group_"))


def parse_squeue(told: str) -> dict[str, ClusterJob]:
    """Return the jobs that a table of `squeue` in our format lists, by number."""
    found = {}
    for line in told.splitlines():
        fields = [field.strip() for field in line.split("|", FORMAT.count("|"))]
        if len(fields) == FORMAT.count("|") + 1 and fields[0]:
            found[fields[0]] = ClusterJob(*fields)
    return found


def cluster_jobs(patience: float = 20.0) -> dict[str, ClusterJob] | None:
    """Ask the cluster for this user's jobs.

    Parameters
    ----------
    patience
        Seconds to wait for its answer.

    Returns
    -------
    dict or None
        The jobs by number; None where there is no cluster, or it does not answer.
    """
    squeue = shutil.which("squeue")
    if squeue is None:
        return None
    try:
        told = subprocess.run(
            [squeue, "--me", "--noheader", f"--format={FORMAT}"],
            capture_output=True,
            text=True,
            timeout=patience,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    return parse_squeue(told)

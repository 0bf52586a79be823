"""Taking over a folder from a run that was killed.

``kill -9``, or a login that breaks off, leaves Snakemake's lock behind, jobs that go on without
it, and outputs marked as incomplete. Whether the run is really dead is told by a shared ``flock``
that every run holds on a file of ``.snakemake`` for its life: the kernel lets go of it however the
run ends. Processes know their run by an environment variable, jobs in SLURM's queue by their name.
"""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from driftmill.study.leftovers import end_orphans, remove_incomplete
from driftmill.study.processes import TOKEN, is_running
from driftmill.study.queue import QueueError, jobs_of
from driftmill.study.unrecorded import note_unrecorded

#: Where a run's jobs go on when it is killed: as processes here, in SLURM's queue, elsewhere.
Place = Literal["local", "slurm", "elsewhere"]
#: Locks held until this process ends.
_held: list[IO[str]] = []


class StillAtWork(Exception):  # noqa: N818 - it is no error of this run
    """Jobs of a killed run go on, or may; the message names them and says what to do."""


@dataclass(frozen=True)
class _Run:
    """A line of the file that runs note themselves in."""

    token: str
    place: str = "local"
    host: str = ""
    pid: str = ""
    version: str = ""

    @property
    def may_live(self) -> bool:
        """Whether its process runs, as far as this machine can tell."""
        here = self.host == socket.gethostname()
        return not (here and self.pid.isdigit()) or is_running(int(self.pid))

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}" if self.pid else "a process"


def clear_stale_lock(
    workdir: Path | str = ".",
    *,
    place: Place = "local",
    version: str = "",
    artifacts: Sequence[str] = (),
) -> list[str]:
    """Clean up after a killed run, if there is one, and mark the folder as in use.

    Call it once, in Snakemake's main process, before the jobs are planned. When another run
    is alive in the folder nothing is touched; Snakemake's own lock then decides.

    Parameters
    ----------
    workdir
        The folder in which Snakemake runs.
    place
        Where this run's jobs go on should it be killed.
    version
        The hash of this run's study.
    artifacts
        What the study makes; of these, those are noted that were finished after the kill.

    Returns
    -------
    messages : list of str
        What was done; also printed on stderr.

    Raises
    ------
    StillAtWork
        When jobs of a killed run are still in the queue, since starting them again would do
        their work twice; nothing is touched.
    """
    state = Path(workdir) / ".snakemake"
    state.mkdir(parents=True, exist_ok=True)
    file = (state / "driftmill.lock").open("a+", encoding="utf-8")
    messages: list[str] = []
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(file, fcntl.LOCK_SH)
    except OSError:
        pass  # a file system without locks: who is alive cannot be told, so nothing is cleared
    else:
        messages = _clean(Path(workdir), _runs(file), artifacts)
        file.truncate(0)
        fcntl.flock(file, fcntl.LOCK_SH)
    token = uuid.uuid4().hex
    file.write(f"{token} {place} {socket.gethostname()} {os.getpid()} {version}\n")
    file.flush()
    os.environ[TOKEN] = token
    _held.append(file)
    for message in messages:
        print(f"driftmill: {message}", file=sys.stderr)
    return messages


def who_is_at_work(workdir: Path | str = ".") -> str:
    """Return a hint for someone whom Snakemake's lock refuses: which run it is, and what to do."""
    with (Path(workdir) / ".snakemake" / "driftmill.lock").open(encoding="utf-8") as file:
        runs = [run for run in _runs(file) if run.token != os.environ.get(TOKEN)]
    others = [run for run in runs if run.may_live]
    if not others:
        return "no run of this folder is known to be alive: remove the lock by snakemake --unlock"
    return (
        f"another run is at work on this study ({' or '.join(map(str, others))}). Wait for it, or "
        "stop it there by Ctrl-C; do not unlock while it lives. Then give the same command again."
    )


def _runs(file: IO[str]) -> list[_Run]:
    file.seek(0)
    return [_Run(*line.split()[:5]) for line in file.read().splitlines() if line.strip()]


def _clean(workdir: Path, runs: list[_Run], artifacts: Sequence[str]) -> list[str]:
    """Remove what dead runs left, and tell what it was."""
    locks = sorted((workdir / ".snakemake" / "locks").glob("*.lock"))
    _check_queue([run.token for run in runs if run.place == "slurm"], killed=bool(locks))
    away = [run for run in runs if run.host not in ("", socket.gethostname())]
    if any(run.place == "elsewhere" for run in runs) and locks:
        return [
            "an earlier run was killed while its jobs were on the cluster; they may go on. "
            "When none is left, remove its lock: snakemake --unlock"
        ]
    if away and locks:
        return [
            f"an earlier run, {away[0]}, was killed or is alive. If it is not, give this command "
            f"on {away[0].host}, or remove its lock here: snakemake --unlock"
        ]
    if away:
        return []
    if locks:
        note_unrecorded(workdir, artifacts, [run.version for run in runs])
    messages = []
    orphans = end_orphans({run.token for run in runs})
    if orphans:
        plural = "es" if orphans > 1 else ""
        messages.append(f"ended {orphans} process{plural} that a killed run had left")
    for lock in locks:
        lock.unlink(missing_ok=True)
    if locks:
        messages.append("removed the lock of a run that was killed")
    if removed := remove_incomplete(workdir):
        names = ", ".join(str(path) for path in removed[:5])
        more = f" and {len(removed) - 5} more" if len(removed) > 5 else ""
        messages.append(f"removed what was being written when it was killed: {names}{more}")
    return messages


def _check_queue(tokens: list[str], *, killed: bool) -> None:
    """Raise when jobs of dead runs are in SLURM's queue, or may be since it does not answer."""
    if not tokens:
        return
    try:
        jobs = jobs_of(tokens)
    except QueueError as error:
        if not killed:
            return
        raise StillAtWork(
            "an earlier run was killed, and whether its jobs go on cannot be told, since SLURM "
            f"does not answer ({error}). Give the same command again when it does."
        ) from error
    if not jobs:
        return
    numbers = " ".join(job.number for job in jobs)
    shown = "\n".join(f"    {job}" for job in jobs[:20])
    more = f"\n    and {len(jobs) - 20} more" if len(jobs) > 20 else ""
    raise StillAtWork(
        f"an earlier run was killed, and its jobs go on without it, {len(jobs)} of them:\n"
        f"{shown}{more}\n"
        "Wait until they end (what they finish is kept), or end them yourself:\n"
        f"    scancel {numbers}\n"
        "Then give the same command again: it goes on where that run was."
    )

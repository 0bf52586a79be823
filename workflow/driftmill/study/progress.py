"""How far a study is: the state of each of its jobs, from files, the cluster and this machine.

Reads only. A run may go on meanwhile: what is half written or gone a moment later is no error.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from driftmill.study.codes import CodeCounter
from driftmill.study.expand import Plan
from driftmill.study.job_log import Attempt, read_attempts
from driftmill.study.jobs import PlannedJob, jobs_of
from driftmill.study.marks import marks_of
from driftmill.study.processes import holders, is_running, run_processes
from driftmill.study.queue import QueuedJob, QueueError, queued_jobs
from driftmill.study.slurm_logs import reason_of, slurm_log_of

State = Literal["done", "running", "queued", "planned", "failed", "lost"]
#: Of a job on a machine that we cannot ask: its log has grown so many seconds ago at most.
_FRESH = 900.0
#: Seconds to wait for the cluster's answer.
_PATIENCE = 20.0


@dataclass(frozen=True)
class JobStatus:
    """How far a job is.

    Parameters
    ----------
    job
        The job.
    state
        ``done``; ``running``; ``queued``: it was sent to the cluster and waits there; ``planned``;
        ``failed``; ``lost``: it began, and neither ended nor goes on.
    attempts
        How often it began since it was last done, 0 where it has no log.
    reason
        Why it failed, or what it waits for.
    logs
        Where to read on.
    left
        How long it has still to go, in its own words.
    number
        Of its job on the cluster, if it is there.
    """

    job: PlannedJob
    state: State
    attempts: int = 0
    reason: str = ""
    logs: tuple[str, ...] = ()
    left: str = ""
    number: str = ""


@dataclass(frozen=True)
class StudyStatus:
    """How far a study is.

    Parameters
    ----------
    jobs
        All its jobs.
    codes
        By cell and fit, how many posteriors of finished files have which result code.
    left
        Seconds that the jobs which are not done will take one after the other, as jobs of their
        steps did; None where no such job is done yet.
    runs
        Processes of this machine in which Snakemake runs in this folder.
    locked
        Whether Snakemake's lock lies there.
    orphans
        Processes of this machine that a killed run has left.
    strays
        Jobs on the cluster that were sent from this folder although no run is alive here.
    """

    jobs: tuple[JobStatus, ...]
    codes: Mapping[tuple[str, str], Counter[str]]
    left: float | None
    runs: tuple[int, ...]
    locked: bool
    orphans: tuple[int, ...]
    strays: tuple[QueuedJob, ...]

    def count(self, *states: State) -> int:
        """Return how many jobs are in one of some states."""
        return sum(status.state in states for status in self.jobs)


@dataclass(frozen=True)
class _Scene:
    """What is looked at once for all jobs."""

    workdir: Path
    marks: Mapping[str, str]
    queue: Mapping[str, QueuedJob] | None
    alive: bool
    host: str


class Observer:
    """Looks how far a study is, as often as it is asked.

    Parameters
    ----------
    plan
        Its plan; relative paths are taken from ``workdir``.
    workdir
        The folder in which Snakemake runs.
    """

    def __init__(self, plan: Plan, workdir: Path | str = ".") -> None:
        self._plan = plan
        self._jobs = jobs_of(plan)
        self._workdir = Path(workdir)
        self._codes = CodeCounter()

    def look(self) -> StudyStatus:
        """Return how far the study is now."""
        folder, state = self._workdir, self._workdir / ".snakemake"
        runs = tuple(holders(state / "driftmill.lock"))
        queue = _queue()
        marks = {mark.output: mark.job() for mark in marks_of(folder)}
        scene = _Scene(folder, marks, queue, bool(runs), socket.gethostname())
        jobs = tuple(_status(job, scene) for job in self._jobs)
        return StudyStatus(
            jobs=jobs,
            codes=self._count(jobs),
            left=_left(jobs, folder / self._plan.paths.benchmarks),
            runs=runs,
            locked=any((state / "locks").glob("*.lock")),
            orphans=() if runs else _orphans(state),
            strays=() if runs else _strays(folder, queue or {}),
        )

    def _count(self, jobs: Sequence[JobStatus]) -> dict[tuple[str, str], Counter[str]]:
        """Count the result codes of the posteriors that are there."""
        found: dict[tuple[str, str], Counter[str]] = {}
        for status in jobs:
            if status.job.step == "fit" and status.state == "done":
                pair = (status.job.cell, status.job.fit)
                paths = [self._workdir / path for path in status.job.outputs]
                found[pair] = found.get(pair, Counter()) + self._codes.count(paths)
        return found


def _left(jobs: Sequence[JobStatus], benchmarks: Path) -> float | None:
    """Return the seconds of the jobs that are not done, by what jobs of their steps took."""
    known = _seconds(benchmarks)
    rest = Counter(status.job.step for status in jobs if status.state != "done")
    if not any(step in known for step in rest):
        return None
    return sum(n * sum(known[s]) / len(known[s]) for s, n in rest.items() if s in known)


def _seconds(benchmarks: Path) -> dict[str, list[float]]:
    """Return the seconds of the jobs that have a benchmark file, by step."""
    found: dict[str, list[float]] = {}
    for file in sorted(benchmarks.rglob("*.tsv")):
        step = file.relative_to(benchmarks).parts[0].removesuffix(".tsv")
        with contextlib.suppress(OSError, ValueError, IndexError):
            row = file.read_text(encoding="utf-8").splitlines()[1]
            found.setdefault(step, []).append(float(row.split("\t")[0]))
    return found


def _orphans(state: Path) -> tuple[int, ...]:
    """Return the processes of dead local runs, which wrote their tokens into the lock's file."""
    try:
        lines = (state / "driftmill.lock").read_text(encoding="utf-8").splitlines()
    except OSError:
        return ()
    # A run notes its token, and where its jobs are.
    tokens = {line.split()[0] for line in lines if line.split()[1:2] == ["local"]}
    return tuple(sorted(pid for pid, token in run_processes() if token in tokens))


def _queue() -> Mapping[str, QueuedJob] | None:
    """Return what the cluster has of this user; None where there is none, or it is silent."""
    try:
        return queued_jobs(_PATIENCE)
    except QueueError:
        return None


def _strays(folder: Path, queue: Mapping[str, QueuedJob]) -> tuple[QueuedJob, ...]:
    here = str(folder.resolve())
    return tuple(job for job in queue.values() if job.of_snakemake and job.folder == here)


def _status(job: PlannedJob, scene: _Scene) -> JobStatus:
    attempts = read_attempts(scene.workdir / job.log)
    last = attempts[-1] if attempts else None
    number = next((scene.marks[path] for path in job.outputs if scene.marks.get(path)), "")
    marked = any(path in scene.marks for path in job.outputs)
    if not marked and all((scene.workdir / path).exists() for path in job.outputs):
        return JobStatus(job, "done", last.number if last else 0)
    if last is not None and not last.ended and _goes_on(last, job, scene):
        return JobStatus(job, "running", last.number, "", (job.log,), last.left, last.slurm)
    number = number or (last.slurm if last is not None else "")
    there = (scene.queue or {}).get(number)
    if there is not None:
        state: State = "queued" if there.waits else "running"
        reason = there.reason if there.waits and there.reason not in ("", "None") else ""
        return JobStatus(job, state, last.number if last else 0, reason, (), "", number)
    if last is None or last.done:
        return _unbegun(job, scene, marked, number)
    reason = last.failure or _lost_reason(last)
    state = "lost" if last.failure is None else "failed"
    logs = tuple(path for path in (job.log, last.slurm_log) if path)
    return JobStatus(job, state, last.number, reason, logs, "", "")


def _unbegun(job: PlannedJob, scene: _Scene, marked: bool, number: str) -> JobStatus:
    """Tell the state of a job whose log says of no attempt that is not done."""
    if marked and scene.alive and not (number and scene.queue is not None):
        # Snakemake has begun it and it has not begun to write, or is about to be counted as done.
        return JobStatus(job, "running")
    log = slurm_log_of(scene.workdir, job)
    if log is not None:
        reason = reason_of(log) or "its SLURM job ended before it began to work"
        return JobStatus(job, "lost", 0, reason, (str(log),))
    if marked and not scene.alive:
        return JobStatus(job, "lost", 0, "its run was killed")
    return JobStatus(job, "planned")


def _goes_on(last: Attempt, job: PlannedJob, scene: _Scene) -> bool:
    """Tell whether an attempt without an end still works."""
    if last.slurm and scene.queue is not None:
        return last.slurm in scene.queue
    if not last.slurm and last.host == scene.host:
        return is_running(last.process)
    try:
        return time.time() - (scene.workdir / job.log).stat().st_mtime < _FRESH
    except OSError:
        return False


def _lost_reason(last: Attempt) -> str:
    where = f"SLURM job {last.slurm}" if last.slurm else f"process {last.process} on {last.host}"
    told = reason_of(Path(last.slurm_log)) if last.slurm_log else ""
    return f"{where}, begun {last.time}" + (f"; {told}" if told else "")


def longest_left(statuses: Sequence[JobStatus]) -> str:
    """Return the longest time that running jobs say to have left; empty where none says."""
    found = [status.left for status in statuses if status.state == "running" and status.left]
    return max(found, key=_minutes, default="")


def _minutes(left: str) -> float:
    number, _, unit = left.partition(" ")
    factor = {"s": 1 / 60, "min": 1.0, "h": 60.0, "days": 1440.0}.get(unit.split(" ")[0], 1.0)
    try:
        return float(number) * factor
    except ValueError:
        return 0.0

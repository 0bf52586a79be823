"""Removing what a killed run leaves: processes that go on, and unfinished outputs."""

from __future__ import annotations

import os
import shutil
import signal
import time
from collections.abc import Collection
from pathlib import Path

from driftmill.study.marks import marks_of
from driftmill.study.processes import is_running, run_processes

_PATIENCE = 30.0


def end_orphans(tokens: Collection[str]) -> int:
    """Kill the processes that belong to dead runs; return how many there were."""
    orphans = [pid for pid, token in run_processes() if token in tokens]
    for pid in orphans:
        _kill(pid)
    deadline = time.monotonic() + _PATIENCE
    while any(is_running(pid) for pid in orphans) and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(orphans)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def remove_incomplete(workdir: Path) -> list[Path]:
    """Remove outputs that Snakemake marked as being written, and their marks."""
    removed = []
    for mark in list(marks_of(workdir)):
        output = (workdir / mark.output).resolve()
        inside = workdir.resolve() in output.parents
        if inside and output.is_dir():
            shutil.rmtree(output)
            removed.append(Path(mark.output))
        elif inside and output.is_file():
            output.unlink()
            removed.append(Path(mark.output))
        mark.file.unlink()
    return removed

"""Taking over a folder from a run that was killed.

``kill -9`` leaves three things of a local run behind: Snakemake's lock, jobs that go on
without it, and outputs marked as incomplete. Whether the run is really dead is told by a
shared ``flock`` that every run holds on a file of ``.snakemake`` for its life: the kernel
lets go of it however the run ends. Jobs know their run by an environment variable.
"""

from __future__ import annotations

import binascii
import fcntl
import os
import shutil
import signal
import sys
import time
import uuid
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import IO

#: Environment variable by which a job's processes know their run.
TOKEN = "DRIFTMILL_RUN"
_LOCAL, _CLUSTER = "local", "cluster"
_PATIENCE = 30.0
#: Locks held until this process ends.
_held: list[IO[str]] = []


def clear_stale_lock(workdir: Path | str = ".", *, cluster: bool = False) -> list[str]:
    """Clean up after a killed run, if there is one, and mark the folder as in use.

    Call it once, in Snakemake's main process, before the jobs are planned. When another run
    is alive in the folder nothing is touched; Snakemake's own lock then decides.

    Parameters
    ----------
    workdir
        The folder in which Snakemake runs.
    cluster
        Whether jobs are sent to a cluster, where they outlive a killed run. The next run then
        leaves everything as it is, since starting the jobs again would do their work twice.

    Returns
    -------
    messages : list of str
        What was done; also printed on stderr.
    """
    state = Path(workdir) / ".snakemake"
    state.mkdir(parents=True, exist_ok=True)
    file = (state / "driftmill.lock").open("a+", encoding="utf-8")
    messages: list[str] = []
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        fcntl.flock(file, fcntl.LOCK_SH)
    else:
        file.seek(0)
        runs = [line.split() for line in file.read().splitlines()]
        messages = _clean(Path(workdir), {r[0] for r in runs}, {r[1] for r in runs if r[1:]})
        file.truncate(0)
        fcntl.flock(file, fcntl.LOCK_SH)
    token = uuid.uuid4().hex
    file.write(f"{token} {_CLUSTER if cluster else _LOCAL}\n")
    file.flush()
    os.environ[TOKEN] = token
    _held.append(file)
    for message in messages:
        print(f"driftmill: {message}", file=sys.stderr)
    return messages


def _clean(workdir: Path, tokens: set[str], kinds: set[str]) -> list[str]:
    """Remove what dead runs left, and tell what it was."""
    state = workdir / ".snakemake"
    locks = sorted((state / "locks").glob("*.lock"))
    if _CLUSTER in kinds and locks:
        return [
            "an earlier run was killed while its jobs were on the cluster; they may go on. "
            "When none is left (`squeue --me`), remove its lock: snakemake --unlock"
        ]
    messages = []
    orphans = _end_orphans(tokens)
    if orphans:
        plural = "es" if orphans > 1 else ""
        messages.append(f"ended {orphans} process{plural} that a killed run had left")
    for lock in locks:
        lock.unlink(missing_ok=True)
    if locks:
        messages.append("removed the lock of a run that was killed")
    if removed := _remove_incomplete(workdir):
        names = ", ".join(str(path) for path in removed[:5])
        more = f" and {len(removed) - 5} more" if len(removed) > 5 else ""
        messages.append(f"removed what was being written when it was killed: {names}{more}")
    return messages


def _end_orphans(tokens: set[str]) -> int:
    """Kill the processes that belong to dead runs; return how many there were."""
    orphans = [pid for pid, token in _processes() if token in tokens]
    for pid in orphans:
        _kill(pid)
    deadline = time.monotonic() + _PATIENCE
    while any(_is_running(pid) for pid in orphans) and time.monotonic() < deadline:
        time.sleep(0.05)
    return len(orphans)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _is_running(pid: int) -> bool:
    """Tell whether a process still runs; one that waits for its parent to notice does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


def _processes() -> Iterator[tuple[int, str]]:
    """Yield this user's other processes that carry a token, where the system tells (Linux)."""
    mark = f"{TOKEN}=".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        if pid in (os.getpid(), os.getppid()):
            continue
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # another user's, or gone by now
        for entry in environment:
            if entry.startswith(mark):
                yield pid, entry.removeprefix(mark).decode(errors="replace")


def _remove_incomplete(workdir: Path) -> list[Path]:
    """Remove outputs that Snakemake marked as being written, and their marks."""
    marks = workdir / ".snakemake" / "incomplete"
    removed = []
    for mark in sorted(path for path in marks.rglob("*") if path.is_file()):
        # Long names are cut into folders that begin with @.
        encoded = "".join(part.removeprefix("@") for part in mark.relative_to(marks).parts)
        try:
            name = urlsafe_b64decode(encoded).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue  # not a mark
        output = (workdir / name).resolve()
        inside = workdir.resolve() in output.parents
        if inside and output.is_dir():
            shutil.rmtree(output)
            removed.append(Path(name))
        elif inside and output.is_file():
            output.unlink()
            removed.append(Path(name))
        mark.unlink()
    return removed

"""What a killed run leaves on its machine: processes that go on, and unfinished outputs."""

from __future__ import annotations

import binascii
import os
import shutil
import signal
import time
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path

#: Environment variable by which a job's processes know their run.
TOKEN = "DRIFTMILL_RUN"
_PATIENCE = 30.0


def end_orphans(tokens: set[str]) -> int:
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


def marked(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield the marks that Snakemake keeps of outputs in a folder, each with its output's path."""
    for mark in sorted(path for path in folder.rglob("*") if path.is_file()):
        # Long names are cut into folders that begin with @.
        encoded = "".join(part.removeprefix("@") for part in mark.relative_to(folder).parts)
        try:
            yield mark, urlsafe_b64decode(encoded).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue  # not a mark


def remove_incomplete(workdir: Path) -> list[Path]:
    """Remove outputs that Snakemake marked as being written, and their marks."""
    removed = []
    for mark, name in marked(workdir / ".snakemake" / "incomplete"):
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

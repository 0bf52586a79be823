"""Which processes of this machine belong to runs, and which runs are alive; reads only."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

#: Environment variable by which a job's processes know their run.
TOKEN = "DRIFTMILL_RUN"


def run_processes() -> Iterator[tuple[int, str]]:
    """Yield this user's other processes that carry a token, where the system tells (Linux)."""
    mark = f"{TOKEN}=".encode()
    for folder in _own():
        pid = int(folder.name)
        if pid == os.getppid():
            continue
        try:
            environment = (folder / "environ").read_bytes().split(b"\0")
        except OSError:
            continue  # another user's, or gone by now
        for entry in environment:
            if entry.startswith(mark):
                yield pid, entry.removeprefix(mark).decode(errors="replace")


def is_running(pid: int) -> bool:
    """Tell whether a process still runs; one that waits for its parent to notice does not."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in ("Z", "X")


def holders(file: Path | str) -> list[int]:
    """Return the processes of this user on this machine that have a file open.

    A run has its lock's file open for its life; to look for that locks nothing.
    """
    wanted = str(Path(file).resolve())
    return sorted(int(folder.name) for folder in _own() if wanted in _open_files(folder))


def _own() -> Iterator[Path]:
    return (p for p in Path("/proc").glob("[0-9]*") if int(p.name) != os.getpid())


def _open_files(folder: Path) -> set[str]:
    """Return the files that a process has open; none of another user's, or one that ended."""
    found = set()
    try:
        for descriptor in os.listdir(folder / "fd"):
            with contextlib.suppress(OSError):
                found.add(os.readlink(folder / "fd" / descriptor))
    except OSError:
        return set()
    return found

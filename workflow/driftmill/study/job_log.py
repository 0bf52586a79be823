"""The log of a job: one file that keeps the attempts before, each under a heading of its own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from driftmill.store.atomic import write_text

#: A log that is larger loses its first lines when the next attempt begins.
LARGEST = 200_000
#: The last line of an attempt that ended by itself.
DONE, FAILED = "done", "failed: "
_HEADING = re.compile(
    r"^== (?P<time>\S+ \S+) attempt (?P<number>\d+) of (?P<what>.*); "
    r"host (?P<host>\S+), process (?P<process>\d+)"
    r"(?:, SLURM job (?P<slurm>\w+)(?: \(log: (?P<slurm_log>.*)\))?)?$"
)
_LEFT = re.compile(r"; about (.+ left)\b")


@dataclass(frozen=True)
class Attempt:
    """One attempt of a job, as its log tells.

    Parameters
    ----------
    number
        1 for the first since the job was last done.
    time
        When it began.
    host, process
        Where it runs, or ran.
    slurm, slurm_log
        The number of its SLURM job and that job's own log; empty where there is none.
    lines
        What it printed.
    """

    number: int
    time: str
    host: str
    process: int
    slurm: str
    slurm_log: str
    lines: tuple[str, ...]

    @property
    def ended(self) -> bool:
        """Whether it came to its end, good or bad."""
        return self.done or self.failure is not None

    @property
    def done(self) -> bool:
        """Whether it did its work."""
        return bool(self.lines) and self.lines[-1] == DONE

    @property
    def failure(self) -> str | None:
        """Why it failed, in a line; None where it did not."""
        for line in reversed(self.lines):
            if line.startswith(FAILED):
                return line.removeprefix(FAILED)
        return None

    @property
    def left(self) -> str:
        """How long it has still to go, in its own words; empty where it does not say."""
        found = [match[1] for line in self.lines if (match := _LEFT.search(line))]
        return found[-1] if found else ""


def read_attempts(path: Path | str) -> list[Attempt]:
    """Return the attempts that a log tells of; none where it is not there or half written."""
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found: list[Attempt] = []
    lines: list[str] = []
    heading: re.Match[str] | None = None
    for line in [*text.splitlines(), None]:
        match = None if line is None else _HEADING.match(line)
        if line is None or match is not None:
            if heading is not None:
                found.append(_attempt(heading, lines))
            heading, lines = match, []
        else:
            lines.append(line)
    return found


def _attempt(heading: re.Match[str], lines: list[str]) -> Attempt:
    said = heading.groupdict(default="")
    return Attempt(
        int(said["number"]),
        said["time"],
        said["host"],
        int(said["process"]),
        said["slurm"],
        said["slurm_log"],
        tuple(line for line in lines if line.strip()),
    )


def open_log(path: Path | str, what: str) -> TextIO:
    """Open a job's log for another attempt and write its heading.

    Attempts that failed or were killed are kept, the oldest lines only as far as there is room;
    after one that was done the log begins anew.

    Parameters
    ----------
    path
        The log.
    what
        What the job works on, in words.
    """
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    before = read_attempts(file)
    anew = not before or before[-1].done
    if not anew:
        _shorten(file)
    heading = _heading(1 if anew else before[-1].number + 1, what, os.environ)
    log = file.open("w" if anew else "a", buffering=1, encoding="utf-8")
    log.write(f"{heading}\n")
    return log


def _shorten(file: Path) -> None:
    """Leave out the first lines of a log that is too large."""
    text = file.read_text(encoding="utf-8", errors="replace")
    if len(text) > LARGEST:
        kept = text[-LARGEST // 2 :].partition("\n")[2]
        write_text(file, f"(earlier lines are left out)\n{kept}")
    elif not text.endswith("\n"):
        with file.open("a", encoding="utf-8") as log:
            log.write("\n")


def _heading(number: int, what: str, environment: Mapping[str, str]) -> str:
    now = time.strftime("%Y-%m-%d %H:%M:%S")
    text = f"== {now} attempt {number} of {what}; host {socket.gethostname()}, "
    text += f"process {os.getpid()}"
    slurm = environment.get("SLURM_JOB_ID")
    if slurm is None:
        return text
    log = _slurm_log(slurm)
    return f"{text}, SLURM job {slurm}" + (f" (log: {log})" if log else "")


def _slurm_log(job: str) -> str:
    """Return where SLURM writes what a job prints, as far as it tells."""
    scontrol = shutil.which("scontrol")
    if scontrol is None:
        return ""
    try:
        told = subprocess.run(
            [scontrol, "show", "job", job],
            capture_output=True,
            text=True,
            timeout=10,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    match = re.search(r"^\s*StdOut=(.+)$", told, re.MULTILINE)
    return match[1].strip() if match else ""

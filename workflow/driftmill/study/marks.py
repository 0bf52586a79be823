"""Snakemake's marks of outputs that are being written, read without Snakemake."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mark:
    """A mark that an output is being written, or was when its run was killed.

    Parameters
    ----------
    output
        The output's path as Snakemake has it, from the folder in which it runs.
    file
        The mark itself.
    """

    output: str
    file: Path

    def job(self) -> str:
        """Return the number that the cluster gave the job; empty where it has none."""
        try:
            told = json.loads(self.file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return ""  # gone or half written: the job has just begun or ended
        found = told.get("external_jobid") if isinstance(told, dict) else None
        return "" if found is None else str(found)


def marks_of(workdir: Path | str) -> Iterator[Mark]:
    """Yield the marks of the folder in which Snakemake runs, in the order of their names."""
    folder = Path(workdir) / ".snakemake" / "incomplete"
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        # Long names are cut into folders that begin with @.
        encoded = "".join(part.removeprefix("@") for part in file.relative_to(folder).parts)
        try:
            output = urlsafe_b64decode(encoded).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue  # not a mark
        yield Mark(output, file)

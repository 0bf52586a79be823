"""Hashes of sources and of data files, so that a result knows what it was made by."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from driftmill.network_names import CARD

PACKAGE = Path(__file__).parent.parent


@cache
def code_hash(*rooms: str, package: Path = PACKAGE) -> str:
    """Return 16 hexadecimal digits that change with the sources of some parts of the library.

    Parameters
    ----------
    rooms
        Folders or files of the package, e.g. ``"likelihoods"`` or ``"study/observed.py"``.
    package
        The folder of the package.

    Raises
    ------
    FileNotFoundError
        When the package has no such part.
    """
    digest = hashlib.sha256()
    for room in sorted(rooms):
        part = package / room
        if not part.exists():
            raise FileNotFoundError(f"the package has no {room}")
        inside = (p for p in part.rglob("*") if _is_source(p.relative_to(part)))
        files = [part] if part.is_file() else sorted(p for p in inside if p.is_file())
        for file in files:
            digest.update(f"{file.relative_to(package).as_posix()}\0".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _is_source(path: Path) -> bool:
    """Tell a source from caches, hidden files, and networks, which count for those who use them."""
    if path.suffix in (".npz", ".onnx") or path.name == CARD:
        return False
    return not any(part.startswith((".", "__pycache__")) for part in path.parts)


def file_hash(path: Path | str) -> str:
    """Return the SHA-256 of a file's content."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

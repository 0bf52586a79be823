"""Writing a file beside its place and renaming it in, so that no half file looks finished."""

from __future__ import annotations

import contextlib
import glob
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from driftmill.store.errors import write_failure


@contextlib.contextmanager
def replacing(path: Path | str) -> Iterator[Path]:
    """Yield a place to write to, which becomes ``path`` when all went well.

    Places of different processes differ; what a killed one left is removed. Folders are made
    as needed. The content is on the disk before the name is.

    Raises
    ------
    StoreError
        When the disk is full or the folder cannot be written; nothing is left behind.
    """
    target = Path(path)
    # Two nodes of a cluster may have processes of one number.
    partial = target.with_name(f".{target.name}.{socket.gethostname()}.{os.getpid()}.partial")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        for left in target.parent.glob(f".{glob.escape(target.name)}.*.partial"):
            left.unlink(missing_ok=True)
        yield partial
        _sync(partial)
        partial.replace(target)
        _sync(target.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            partial.unlink()
        if isinstance(error, OSError):
            raise write_failure(path, error) from error
        raise


def _sync(path: Path) -> None:
    """Wait until a file's content, or a folder's entries, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: Path | str, text: str) -> None:
    """Write a text file whole or not at all."""
    with replacing(path) as partial:
        partial.write_text(text, encoding="utf-8")


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write a binary file whole or not at all."""
    with replacing(path) as partial:
        partial.write_bytes(content)


def claim(folder: Path | str) -> None:
    """Make a folder and make sure that files can be written to it.

    Raises
    ------
    StoreError
        When it cannot be made or written to.
    """
    trial = Path(folder) / ".writable"
    write_text(trial, "")
    trial.unlink()

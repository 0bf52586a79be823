"""What can go wrong with a file, told so that a person knows what to do."""

from __future__ import annotations

import errno
from pathlib import Path


class StoreError(Exception):
    """A file could not be written."""


class DamagedArtifact(StoreError):  # noqa: N818 - it is what was found, not what was done
    """A file is not the artifact that should lie there.

    Parameters
    ----------
    path
        The file.
    reason
        What is wrong with it.
    """

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path, self.reason = str(path), reason
        super().__init__(f"{path} is damaged or foreign: {reason}; remove it and run again")


_REMEDIES = {
    errno.ENOSPC: "the disk is full: free some space and run again",
    errno.EDQUOT: "your disk quota is used up: free some space and run again",
    errno.EFBIG: "the file would be larger than allowed here (see `ulimit -f`)",
    errno.EACCES: "no permission to write there: choose another results folder or ask its owner",
    errno.EPERM: "no permission to write there: choose another results folder or ask its owner",
    errno.EROFS: "the file system is read-only: choose another results folder",
    errno.ENOTDIR: "a part of the path is a file, not a folder: remove or rename that file",
}


def write_failure(path: Path | str, error: OSError) -> StoreError:
    """Return the error to raise when ``path`` could not be written."""
    known = _REMEDIES.get(error.errno or 0)
    reason = known or f"{error.strerror or error}: see to that and run again"
    return StoreError(f"cannot write {path}: {reason}")

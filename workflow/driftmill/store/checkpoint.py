"""The state of a long job in a folder of its own, for the next run of the job to go on from.

Every few minutes what was finished since is written to one file and what is underway to another,
each whole or not at all. They hold plain arrays, and what they belong to: anything else is ignored.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from driftmill.store.arrays import UNREADABLE, write_arrays
from driftmill.store.errors import StoreError

Arrays = dict[str, NDArray[Any]]

#: Minutes between two writes when nothing else is said.
MINUTES: Final = 5.0
_IDENTITY, _APART = "belongs_to", "/"
_UNDERWAY = "underway"


class Checkpoint:
    """Keeps finished posteriors and the one underway.

    Parameters
    ----------
    folder
        Where; made when there is something to write.
    belongs_to
        Hash of all that the kept posteriors depend on.
    every
        Seconds between two writes.
    say
        Called with a line when something is found, ignored or cannot be written.
    """

    def __init__(
        self, folder: Path | str, belongs_to: str, every: float, say: Callable[[str], None]
    ) -> None:
        self._folder, self._belongs_to = Path(folder), belongs_to
        self._every, self._say = every, say
        self._written = time.monotonic()
        self._pending: Arrays = {}
        self._failed = False
        self._places: dict[str, Path] = {}
        self._underway: dict[str, Arrays] = {}
        self._number = 0
        self._open()

    def _open(self) -> None:
        """Find what an earlier run left; remove what cannot be used."""
        for file in sorted(self._folder.glob("*.npz")):
            kept = self._read(file)
            if kept is None:
                file.unlink(missing_ok=True)
            elif file.stem == _UNDERWAY:
                self._underway = _by_name(kept)
            else:
                self._places |= dict.fromkeys(_by_name(kept), file)
                self._number = int(file.stem.rpartition("-")[2]) + 1
        going = self._underway.keys() - self._places.keys()
        if self._places or going:
            found = f"{len(self._places)} finished" + (", one underway" if going else "")
            self._say(f"goes on from the checkpoint in {self._folder}: {found}")

    def _read(self, file: Path, name: str = "") -> Arrays | None:
        """Return the arrays of a file, or of one name in it; or say why it cannot be used."""
        try:
            with np.load(file, allow_pickle=False) as opened:
                belongs_to = opened[_IDENTITY].item()
                wanted = [key for key in opened.files if key.startswith(name) and key != _IDENTITY]
                kept = {key: opened[key] for key in wanted}
        except UNREADABLE:
            self._say(f"{file} is truncated or foreign: ignored, its work is done anew")
            return None
        if belongs_to != self._belongs_to:
            self._say(f"{file} is of other data, settings or code: ignored, its work is done anew")
            return None
        return kept

    @property
    def due(self) -> bool:
        """Whether the last write is long enough ago."""
        return time.monotonic() - self._written >= self._every

    def finished(self, name: str) -> Arrays | None:
        """Return a finished posterior that an earlier run kept."""
        if name not in self._places:
            return None
        kept = self._read(self._places[name], name + _APART)
        return None if kept is None else _by_name(kept).get(name)

    def underway(self, name: str) -> Arrays | None:
        """Return the state that an earlier run left a posterior in."""
        return self._underway.get(name)

    def finish(self, name: str, arrays: Arrays) -> None:
        """Keep a finished posterior, at the latest with the next state that is saved."""
        self._underway.pop(name, None)
        self._pending |= _named(name, arrays)
        if self.due:
            self._write({})

    def save(self, name: str, arrays: Arrays) -> None:
        """Write what was finished, and the state of the posterior that is underway."""
        self._write(_named(name, arrays))

    def _write(self, underway: Arrays) -> None:
        """Write; where that fails the job goes on, since it may end well without."""
        self._written = time.monotonic()
        try:
            if self._pending:
                self._put(f"finished-{self._number:04d}", self._pending)
                self._number, self._pending = self._number + 1, {}
            if underway:
                self._put(_UNDERWAY, underway)
        except StoreError as error:
            if not self._failed:
                self._say(f"no checkpoint: {error}")
            self._failed = True

    def _put(self, stem: str, arrays: Arrays) -> None:
        belongs_to = {_IDENTITY: np.asarray(self._belongs_to)}
        write_arrays(self._folder / f"{stem}.npz", arrays | belongs_to)

    def remove(self) -> None:
        """Remove the checkpoint: what it kept has become an artifact."""
        shutil.rmtree(self._folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # others' may lie beside it, or there may be none
            self._folder.parent.rmdir()


def _named(name: str, arrays: Mapping[str, NDArray[Any]]) -> Arrays:
    return {f"{name}{_APART}{key}": array for key, array in arrays.items()}


def _by_name(kept: Arrays) -> dict[str, Arrays]:
    found: dict[str, Arrays] = {}
    for path, array in kept.items():
        name, _, key = path.partition(_APART)
        found.setdefault(name, {})[key] = array
    return found

"""What a long job keeps of its posteriors, so that another can go on where it was stopped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

#: Arrays of numbers, truth values or text, by name.
Arrays = dict[str, NDArray[Any]]
_APART: Final = "/"


class Keeper(Protocol):
    """Where the state of a job outlives the job."""

    @property
    def due(self) -> bool:
        """Whether it is time to save the posterior that is underway."""

    def finished(self, name: str) -> Arrays | None:
        """Return a finished posterior that an earlier run of the job kept."""

    def underway(self, name: str) -> Arrays | None:
        """Return the state that an earlier run left a posterior in."""

    def finish(self, name: str, arrays: Arrays) -> None:
        """Keep a finished posterior, at the latest with the next state that is saved."""

    def save(self, name: str, arrays: Arrays) -> None:
        """Keep the state of the posterior that is underway."""


class _Nothing:
    """Keeps nothing: what is short need not outlive its process."""

    due = False

    def finished(self, name: str) -> Arrays | None:
        return None

    def underway(self, name: str) -> Arrays | None:
        return None

    def finish(self, name: str, arrays: Arrays) -> None:
        """Keep nothing."""

    def save(self, name: str, arrays: Arrays) -> None:
        """Keep nothing."""


NOTHING: Final[Keeper] = _Nothing()


def packed(tree: Mapping[str, Any]) -> Arrays:
    """Return nested mappings of arrays, numbers and text as one flat one; None is left out."""
    flat: Arrays = {}
    for name, value in tree.items():
        if isinstance(value, Mapping):
            inner = packed(value)
            flat |= {f"{name}{_APART}{key}": array for key, array in inner.items()}
        elif value is not None:
            flat[name] = np.asarray(value)
    return flat


def unpacked(flat: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """Return what was packed; arrays without a dimension are Python's numbers and text again."""
    tree: dict[str, Any] = {}
    for name, array in flat.items():
        *path, last = name.split(_APART)
        place = tree
        for part in path:
            place = place.setdefault(part, {})
        place[last] = array if array.ndim else array.item()
    return tree


def below(flat: Mapping[str, NDArray[Any]], path: str) -> Arrays:
    """Return what of a packed tree lies below a path that ends with a slash."""
    return {k.removeprefix(path): array for k, array in flat.items() if k.startswith(path)}

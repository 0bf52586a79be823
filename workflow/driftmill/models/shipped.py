"""The networks that driftmill brings along, trained by its own rules."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from driftmill.models.network import Network, network_of
from driftmill.network_names import CARD, WEIGHTS

_FOLDER = files("driftmill.models") / "networks"


def shipped_names() -> tuple[str, ...]:
    """Return the names of the networks that driftmill brings along."""
    if not _FOLDER.is_dir():
        return ()
    return tuple(sorted(each.name for each in _FOLDER.iterdir() if (each / CARD).is_file()))


@lru_cache
def shipped(name: str) -> Network:
    """Return a network that driftmill brings along; KeyError when there is none of the name."""
    if name not in shipped_names():
        raise KeyError(f"driftmill brings no network {name!r} along, but {shipped_names()}")
    folder = _FOLDER / name
    return network_of((folder / CARD).read_text("utf-8"), (folder / WEIGHTS).read_bytes())

"""What can be named: models, compositions, processes and couplings, and what users register."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from driftmill.models import CATALOGUE, processes
from driftmill.models.couplings import COUPLINGS
from driftmill.models.declaration import Model
from driftmill.models.learning import Coupling, Process
from driftmill.models.named import find_named
from driftmill.models.sound import RegistrationError, check_declaration

__all__ = [
    "COMPOSITIONS",
    "RegistrationError",
    "all_couplings",
    "all_models",
    "all_processes",
    "find_coupling",
    "find_model",
    "find_process",
    "forget",
    "register",
    "registrations",
]

Item = Model | Process | Coupling

#: Compositions with a name of their own, each by the coupling that fits.
COMPOSITIONS: Mapping[str, Model] = MappingProxyType({m.name: m for m in processes.COMPOSITIONS})

_BUILT_IN: Mapping[str, Mapping[str, Item]] = {
    "model": {**CATALOGUE, **COMPOSITIONS},
    "process": {process.name: process for process in processes.PROCESSES},
    "coupling": {coupling.name: coupling for coupling in COUPLINGS},
}
_registered: dict[str, dict[str, Item]] = {kind: {} for kind in _BUILT_IN}
_listeners: list[list[Item]] = []


def register[T: (Model, Process, Coupling)](item: T) -> T:
    """Make a model, a process or a coupling known by its name.

    Parameters
    ----------
    item
        What is to be known.

    Returns
    -------
    Model, Process or Coupling
        The same.

    Raises
    ------
    RegistrationError
        When its name is taken or its declaration cannot be; the message says what to mend. What
        takes time to find out is left to ``driftmill check``.
    """
    kind = _kind(item)
    check_declaration(item)
    if item.name in _BUILT_IN[kind]:
        raise RegistrationError(
            f"{kind} {item.name}: driftmill has a {kind} of this name; choose another"
        )
    if item.name in _registered[kind]:
        raise RegistrationError(
            f"{kind} {item.name} is registered already; register each name once"
        )
    _registered[kind][item.name] = item
    for listener in _listeners:
        listener.append(item)
    return item


@contextmanager
def registrations() -> Iterator[list[Item]]:
    """Collect what is registered in a block; where the block fails, it is forgotten."""
    made: list[Item] = []
    _listeners.append(made)
    try:
        yield made
    except BaseException:
        forget(made)
        raise
    finally:
        # By identity: another block's list may be equal.
        _listeners[:] = [each for each in _listeners if each is not made]


def forget(items: list[Item]) -> None:
    """Take back what was registered."""
    for item in items:
        _registered[_kind(item)].pop(item.name, None)


def all_models() -> dict[str, Model]:
    """Return the models by name: the catalogue, the named compositions, what users registered."""
    return {k: x for k, x in _known("model").items() if isinstance(x, Model)}


def all_processes() -> dict[str, Process]:
    """Return the learning processes by name, those that users registered last."""
    return {k: x for k, x in _known("process").items() if isinstance(x, Process)}


def all_couplings() -> dict[str, Coupling]:
    """Return the couplings by name, those that users registered last."""
    return {k: x for k, x in _known("coupling").items() if isinstance(x, Coupling)}


def find_model(name: str) -> Model:
    """Return the model called ``name``; KeyError, naming the nearest one, when there is none."""
    return find_named("model", "models", all_models(), name)


def find_process(name: str) -> Process:
    """Return the process called ``name``; KeyError, naming the nearest one, when there is none."""
    return find_named("process", "processes", all_processes(), name)


def find_coupling(name: str) -> Coupling:
    """Return the coupling called ``name``; KeyError, naming the nearest, when there is none."""
    return find_named("coupling", "couplings", all_couplings(), name)


def _known(kind: str) -> dict[str, Item]:
    return {**_BUILT_IN[kind], **_registered[kind]}


def _kind(item: Item) -> str:
    for kind, known in (("model", Model), ("process", Process), ("coupling", Coupling)):
        if isinstance(item, known):
            return kind
    raise RegistrationError(
        f"{item!r} is no Model, Process or Coupling; register takes one of these"
    )

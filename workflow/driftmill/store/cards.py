"""What the card of a network says, read without its weights and without the models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from driftmill.network_names import CARD
from driftmill.store.errors import DamagedArtifact

#: Where the networks lie that driftmill brings along, a folder each.
SHIPPED: Final = Path(__file__).parent.parent / "models" / "networks"
#: Figures of accuracy that are told whether a gate asks for them or not.
_ALWAYS = ("log_density_error_median", "log_density_error_p95")
_NEEDED = ("name", "model", "kind", "inputs", "box", "accuracy", "gates", "passed", "digest")


@dataclass(frozen=True)
class Card:
    """What a network is of, where it holds, and how accurate it is.

    Parameters
    ----------
    name, model, kind, digest
        As of a `driftmill.models.network.Network`.
    inputs, box, layers, accuracy, training
        Likewise.
    gates
        Each with ``figure``, ``value``, ``lower``, ``upper`` and ``passed``.
    passed
        Whether it was checked and passed all of its gates.
    """

    name: str
    model: str
    kind: str
    digest: str
    inputs: tuple[str, ...]
    box: Mapping[str, tuple[float, float]]
    layers: tuple[int, ...]
    accuracy: Mapping[str, float]
    training: Mapping[str, Any]
    gates: tuple[Mapping[str, Any], ...]
    passed: bool

    @property
    def failures(self) -> str:
        """The gates that it does not pass, in words; empty when it passes all of them."""
        if not self.gates:
            return "it was never checked"
        told = [
            f"{gate['figure']} is {gate['value']:.3g}, not between {gate['lower']:g} and "
            f"{gate['upper']:g}"
            for gate in self.gates
            if not gate["passed"]
        ]
        return "; ".join(told)

    @property
    def figures(self) -> str:
        """Its accuracy in words, the figures of its gates alone where there are any."""
        asked = [gate["figure"] for gate in self.gates] or list(self.accuracy)
        known = [n for n in dict.fromkeys([*asked, *_ALWAYS]) if n in self.accuracy]
        return ", ".join(f"{name} {self.accuracy[name]:.3g}" for name in known)


def read_card(path: Path | str) -> Card:
    """Read the card of a network.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    DamagedArtifact
        When it is not the card of a network.
    """
    try:
        told = json.loads(Path(path).read_text(encoding="utf-8"))
    except (UnicodeDecodeError, ValueError) as error:
        raise DamagedArtifact(path, "it is not JSON") from error
    lacking = [name for name in _NEEDED if not isinstance(told, dict) or name not in told]
    if lacking:
        raise DamagedArtifact(path, f"it is not the card of a network: it lacks {lacking[0]}")
    return Card(
        name=str(told["name"]),
        model=str(told["model"]),
        kind=str(told["kind"]),
        digest=str(told["digest"]),
        inputs=tuple(told["inputs"]),
        box={name: (float(low), float(high)) for name, (low, high) in told["box"].items()},
        layers=tuple(told.get("layers", ())),
        accuracy=told["accuracy"],
        training=told.get("training", {}),
        gates=tuple(told["gates"]),
        passed=bool(told["passed"]),
    )


@cache
def shipped_cards(folder: Path = SHIPPED) -> dict[str, Card]:
    """Return the cards of the networks that driftmill brings along, by the folder's name."""
    return {file.parent.name: read_card(file) for file in sorted(folder.glob(f"*/{CARD}"))}

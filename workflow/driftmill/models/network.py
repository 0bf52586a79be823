"""A trained network as it is kept: what it is of, where it holds, its weights, its accuracy."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods.onnx_graph import Operation

Kind = Literal["mixture", "correction", "imported"]
_PLAIN = ("name", "model", "kind", "inputs", "box", "layers", "accuracy", "gates", "training")


@dataclass(frozen=True)
class Gate:
    """One thing that a network must be.

    Parameters
    ----------
    figure
        The figure of its accuracy that is looked at.
    value
        What it is.
    lower, upper
        Between which it must lie.
    """

    figure: str
    value: float
    lower: float
    upper: float

    @property
    def passed(self) -> bool:
        """Whether it does; a figure that is not a number does not."""
        return self.lower <= self.value <= self.upper


@dataclass(frozen=True)
class Network:
    """A network and its card.

    Parameters
    ----------
    name
        What it is called.
    model
        The model whose log density it gives, or the family of models.
    kind
        ``mixture``: reduced parameters in, mixtures of log-normals out, one a choice.
        ``correction``: reduced parameters and a time in, the logarithm of the ratio of the
        density to a closed form out. ``imported``: parameters, rt and response in, the log
        density out.
    inputs
        Its parameters in order, after the reductions of the model.
    box
        By input, the interval in which it was trained.
    layers
        Numbers of units of its hidden layers, for the card.
    weights
        Arrays by name, in single precision.
    accuracy
        Figures on parameter sets that it was not trained with.
    gates
        What it must be to be used unasked.
    training
        Sizes, seeds, versions and course of the training, as plain values.
    operations
        Of an imported one, what is done with its weights, in order.
    """

    name: str
    model: str
    kind: Kind
    inputs: tuple[str, ...]
    box: Mapping[str, tuple[float, float]]
    layers: tuple[int, ...]
    weights: Mapping[str, NDArray[np.float32]]
    accuracy: Mapping[str, float] = field(default_factory=dict)
    gates: tuple[Gate, ...] = ()
    training: Mapping[str, Any] = field(default_factory=dict)
    operations: tuple[Operation, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether it was checked and passed all of its gates."""
        return bool(self.gates) and all(gate.passed for gate in self.gates)

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that change with anything that its log density depends on."""
        told: dict[str, Any] = {
            "model": self.model,
            "kind": self.kind,
            "inputs": self.inputs,
            "box": self.box,
        }
        if self.operations:
            told["operations"] = _told(self.operations)
        digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
        for name in sorted(self.weights):
            array = np.ascontiguousarray(self.weights[name])
            digest.update(f"{name}{array.shape}{array.dtype.str}".encode())
            digest.update(array.tobytes())
        return digest.hexdigest()[:16]


def _told(operations: Iterable[Operation]) -> list[list[Any]]:
    """Return operations as JSON has them."""
    return [[o.operator, o.inputs, o.outputs, dict(o.settings)] for o in operations]


def card_of(network: Network) -> str:
    """Return a network's card as JSON: all but its weights."""
    told = {name: getattr(network, name) for name in _PLAIN}
    told["gates"] = [vars(gate) | {"passed": gate.passed} for gate in network.gates]
    told |= {"passed": network.passed, "digest": network.digest}
    if network.operations:
        told["operations"] = _told(network.operations)
    return json.dumps(told, indent=2, default=list) + "\n"


def weights_of(network: Network) -> bytes:
    """Return a network's weights as a file of NumPy's."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **{name: network.weights[name] for name in network.weights})
    return file.getvalue()


def network_of(card: str, weights: bytes) -> Network:
    """Return the network that `card_of` and `weights_of` wrote.

    Raises
    ------
    ValueError
        When the two do not belong to each other.
    """
    told = json.loads(card)
    with np.load(io.BytesIO(weights), allow_pickle=False) as opened:
        arrays = {name: opened[name] for name in opened.files}
    gates = tuple(
        Gate(**{name: gate[name] for name in ("figure", "value", "lower", "upper")})
        for gate in told["gates"]
    )
    network = Network(
        name=told["name"],
        model=told["model"],
        kind=told["kind"],
        inputs=tuple(told["inputs"]),
        box={name: (low, high) for name, (low, high) in told["box"].items()},
        layers=tuple(told["layers"]),
        weights=arrays,
        accuracy=told["accuracy"],
        gates=gates,
        training=told["training"],
        operations=tuple(
            Operation(operator, tuple(inputs), tuple(outputs), settings)
            for operator, inputs, outputs, settings in told.get("operations", ())
        ),
    )
    if network.digest != told["digest"]:
        raise ValueError(
            f"network {network.name}: the weights are not those of its card "
            f"({network.digest} instead of {told['digest']})"
        )
    return network

"""Every network's price: microseconds of its log density with gradient, in single precision.

500 trials that share their parameters, and 20 participants of 100 trials with parameters of their
own, on one core. Beside them a tanh network of 6-100-100-100-1 units (four parameters, time and
response), as are trained in place of a formula elsewhere, which takes every trial by itself; and
the same network read from an ONNX file.
"""

import argparse
import json
import os
from collections.abc import Callable, Sequence

from loop import microseconds

# isort: split
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from measure import BUILD
from rich.console import Console
from rich.table import Table
from truths import TRUTHS

from driftmill.families import serves
from driftmill.likelihoods.perceptron import layers_of, perceptron
from driftmill.models import CATALOGUE, get_model
from driftmill.models.declaration import Model
from driftmill.models.shipped import shipped, shipped_names
from driftmill.models.with_network import with_network
from driftmill.network_names import KIND
from driftmill.networks.jaxpr_graph import graph_of
from driftmill.networks.onnx_import import import_network
from driftmill.networks.training import first_weights

WIDTHS = (6, 100, 100, 100, 1)
ONE, MANY = (1, 500), (20, 100)
COLUMNS = ("network", "us of 500 trials", "the tanh network's / it", "us of 20 x 100")
BOX = {"v": (-3.0, 3.0), "a": (0.3, 2.5), "z": (0.1, 0.9), "t": (0.0, 2.0)}
#: Rows, response times and responses of shape (participants, trials) to log densities.
Density = Callable[..., Array]


def price(density: Density, values: Sequence[float], choices: Sequence[int], shift: float) -> list:
    """Time a density at parameters that trials share, and at those of participants."""
    return [
        _microseconds(density, values, choices, shift, participants, trials)
        for participants, trials in (ONE, MANY)
    ]


def _microseconds(
    density: Density,
    values: Sequence[float],
    choices: Sequence[int],
    shift: float,
    participants: int,
    trials: int,
) -> float:
    rng = np.random.default_rng(1)
    shape = (participants, trials)
    rt = jnp.asarray(shift + rng.gamma(2.0, 0.4, shape), jnp.float32)
    response = jnp.asarray(rng.choice(choices, shape), jnp.float32)

    def total(position: Array) -> Array:
        own = position.astype(jnp.float32).reshape(len(values), participants, 1)
        return jnp.sum(density(rt, response, *own)).astype(position.dtype)

    spread = 1.0 + 0.02 * np.linspace(-1.0, 1.0, participants)
    return microseconds(total, (np.asarray(values)[:, None] * spread).ravel().tolist())


def by_trial(rt: Array, response: Array, *parameters: Array) -> Array:
    """Evaluate the tanh network on a row a trial."""
    columns = jnp.broadcast_arrays(*parameters, rt, response)
    return perceptron(_LAYERS, jnp.stack(columns, axis=-1))[..., 0]


_LAYERS = layers_of(first_weights(WIDTHS, 1))
_LAYERS = [(w.astype(jnp.float32), b.astype(jnp.float32)) for w, b in _LAYERS]


def from_file() -> Model:
    """Return the diffusion model with the tanh network as it comes from an ONNX file."""
    model = get_model("ddm")
    content = graph_of(lambda row: perceptron(_LAYERS, row), WIDTHS[0]).SerializeToString()
    network = import_network("tanh", model, content, "tanh.onnx", model.parameter_names, BOX)
    return with_network(model, network)


def rows() -> dict[str, tuple[Density, list[float], tuple[int, ...], float]]:
    """Return densities by name, with where they are timed."""
    ddm = [1.0, 1.0, 0.5, 0.2]
    found = {
        "tanh network": (by_trial, ddm, (-1, 1), 0.2),
        "the same from a file": (from_file().likelihoods[KIND], ddm, (-1, 1), 0.2),
    }
    for name in shipped_names():
        network = shipped(name)
        for served in (get_model(m) for m in CATALOGUE if serves(network.model, m)):
            model = with_network(served, network)
            truth = TRUTHS.get(model.name, {})
            values = [truth.get(p.name, p.typical) for p in model.parameters]
            shift = values[model.parameter_names.index(model.shift)] if model.shift else 0.0
            shown = name if name == model.name else f"{name}: {model.name}"
            found[shown] = (model.likelihoods[KIND], values, model.choices, shift)
    return found


def main() -> None:
    argparse.ArgumentParser(description=__doc__).parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    print(f"load over the last minute: {os.getloadavg()[0]:.1f}; {jax.devices()[0]}", flush=True)
    table = Table(title="log density with gradient; single precision, one core")
    for heading in COLUMNS:
        table.add_column(heading, justify="right")
    measured = {name: price(*row) for name, row in rows().items()}
    (BUILD / "networks.json").write_text(json.dumps(measured, indent=2) + "\n")
    tanh = measured["tanh network"][0]
    for name, (one, many) in measured.items():
        table.add_row(name, f"{one:,.0f}", f"{tanh / one:,.1f}", f"{many:,.0f}")
    Console(width=120).print(table)


if __name__ == "__main__":
    main()

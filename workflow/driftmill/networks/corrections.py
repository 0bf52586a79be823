"""Networks that correct a closed form: drawn, trained, and measured against the solver."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version

import jax.numpy as jnp
import numpy as np
from jax import Array

from driftmill.families import family_of
from driftmill.likelihoods.perceptron import layers_of, perceptron
from driftmill.models.declaration import Model
from driftmill.models.network import Network
from driftmill.networks.design import NetworkDesign
from driftmill.networks.exact_accuracy import measured
from driftmill.networks.exact_targets import Targets, draw_targets, rows_of, sets_in
from driftmill.networks.full_ddm_targets import FULL_DDM
from driftmill.networks.ornstein_targets import ORNSTEIN
from driftmill.networks.reflected_targets import REFLECTED
from driftmill.networks.training import Arrays, Keeper, Rows, Weights, first_weights, train
from driftmill.networks.weibull_targets import WEIBULL

#: By the model, or the family of models, that a network is of.
TARGETS: Mapping[str, Targets] = {
    "full_ddm": FULL_DDM,
    "weibull": WEIBULL,
    "ornstein": ORNSTEIN,
    "race_no_bias_angle": REFLECTED,
}
#: Called with a line of progress.
Say = Callable[[str], None]
_LIBRARIES = ("driftmill", "jax", "optax", "numpy", "scipy")
#: Errors below it count by their squares.
_ROUND = 1e-3


def _targets_of(design: NetworkDesign) -> Targets:
    of = family_of(design.model)
    if of not in TARGETS:
        raise ValueError(
            f"network {design.name}: no correction is known for {design.model}, but for "
            f"{', '.join(TARGETS)}: ask for kind mixture"
        )
    return TARGETS[of]


def loss(weights: Weights, rows: Rows) -> Array:
    """Return the mean weighted error of log densities, rounded at 0."""
    found = rows["scale"] * perceptron(layers_of(weights), rows["features"])
    error = found - rows["rest"]
    return jnp.mean(rows["weight"] * (jnp.sqrt(error * error + _ROUND**2) - _ROUND))


def draw(model: Model, design: NetworkDesign, say: Say) -> Arrays:
    """Return exact log densities over the box of a design."""
    return draw_targets(_targets_of(design), design, say)


def fit(
    model: Model, design: NetworkDesign, drawn: Arrays, say: Say, keeper: Keeper | None
) -> Network:
    """Return a network trained with what `draw` returned."""
    targets = _targets_of(design)
    rows, held_out = rows_of(targets, design, drawn)
    outputs = rows["rest"].shape[1]
    widths = (rows["features"].shape[1], *design.layers, outputs)
    start = first_weights(widths, design.training.seed)
    trained = train(loss, start, rows, held_out, design.training, say, keeper)
    return Network(
        name=design.name,
        model=family_of(design.model),
        kind="correction",
        inputs=tuple(design.box),
        box=dict(design.box),
        layers=design.layers,
        weights=trained.weights,
        training={
            "sets": design.sets,
            "times": design.draws,
            "seed": design.seed,
            "settings": dict(vars(design.training)),
            "steps": trained.steps.tolist(),
            "training_loss": [round(float(x), 7) for x in trained.training_loss],
            "validation_loss": [round(float(x), 7) for x in trained.validation_loss],
            "versions": {name: version(name) for name in _LIBRARIES},
        },
    )


def check(model: Model, design: NetworkDesign, network: Network, say: Say) -> Network:
    """Return the network with its accuracy against the solver, and its gates."""
    targets = _targets_of(design)
    inputs = sets_in(design.box, design.checks, design.seed + 1)
    parameters = targets.natural(inputs, np.random.default_rng([design.seed, 2]))
    return measured(model, network, parameters, say)

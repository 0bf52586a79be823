"""Networks of mixtures of log-normals, by maximum likelihood on simulated trials."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import version

import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray

from driftmill.likelihoods import mixture_network, training_box
from driftmill.models.declaration import Model
from driftmill.models.mixture_networks import check_box, mixtures_of
from driftmill.models.network import Network
from driftmill.models.reductions import reduction_of
from driftmill.networks.design import NetworkDesign
from driftmill.networks.draws import draw, parameter_sets
from driftmill.networks.training import Arrays, Keeper, Rows, Trained, Weights, first_weights, train

#: Streams of parameter sets and trials.
TO_TRAIN, HELD_OUT, FRESH = 0, 1, 2
#: One set in so many more is held out.
SHARE = 10
_LIBRARIES = ("driftmill", "jax", "optax", "numpy", "scipy", "ssm-simulators")


def draw_training_set(model: Model, design: NetworkDesign, say: Callable[[str], None]) -> Arrays:
    """Simulate what a network is trained with.

    Parameters
    ----------
    model
        The model.
    design
        What is to be made.
    say
        Called with lines of progress.

    Returns
    -------
    dict
        ``units`` (sets, inputs), the parameters on the scale of the box; ``x``, times on the scale
        of the components, ``place`` and ``finished`` (sets, draws); ``longest`` (sets, 1), the
        longest time that was simulated; and the same with ``held_`` for what is held out.

    Raises
    ------
    ValueError
        When the model has no response times, or the box is not one of its reduced parameters.
    """
    if not model.has_rt or model.learning is not None:
        raise ValueError(
            f"network {design.name}: a mixture network is of response times of single trials, "
            f"which {model.name} does not have"
        )
    reduction = reduction_of(model)
    check_box(reduction, design.box, design.name)
    arrays: Arrays = {}
    for prefix, stream, count in (
        ("", TO_TRAIN, design.sets),
        ("held_", HELD_OUT, max(design.sets // SHARE, 1)),
    ):
        inputs = parameter_sets(model, reduction, design, count, stream)
        seed = np.random.SeedSequence([design.seed, stream, 1])
        drawn = draw(model, reduction, inputs, design.draws, seed, say)
        ordered = [inputs[name] for name in reduction.inputs]
        box = [design.box[name] for name in reduction.inputs]
        arrays[prefix + "units"] = np.asarray(training_box.scaled(ordered, box), np.float32)
        arrays[prefix + "x"] = _on_scale(drawn.log_time)
        arrays[prefix + "place"] = drawn.place.astype(np.int32)
        arrays[prefix + "finished"] = drawn.finished
        arrays[prefix + "longest"] = _on_scale(drawn.longest)
    return arrays


def _on_scale(log_time: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.asarray(mixture_network.scaled(jnp.asarray(log_time)).x, np.float32)


def fit(
    model: Model,
    design: NetworkDesign,
    drawn: Arrays,
    say: Callable[[str], None],
    keeper: Keeper | None = None,
) -> Network:
    """Train a network by maximum likelihood.

    Parameters
    ----------
    model, design, say
        As for `draw_training_set`.
    drawn
        What it gave.
    keeper
        Where the state of the training is kept.

    Returns
    -------
    Network
        Without accuracy and gates.

    Notes
    -----
    Bishop (1994), Mixture density networks, with log-normal components: the loss is the mean
    negative log density of the logarithm of the reduced time and the choice. A walk that had not
    ended by the longest time enters by the log probability of that.
    """
    reduction = reduction_of(model)
    choices = len(model.choices)

    def loss(weights: Weights, rows: Rows) -> Array:
        # A set's outputs are shared by its draws, along the last axis.
        found = mixtures_of(reduction, weights, choices)(rows["units"][:, None, :])
        log_p = mixture_network.log_density(found, rows["x"], rows["place"])
        late = mixture_network.log_survivor(found, rows["longest"])
        return -jnp.where(rows["finished"], log_p, late).mean()

    mirrored = reduction.mirror is not None
    wide = mixture_network.outputs(design.components, choices, mirrored)
    widths = (len(reduction.inputs), *design.layers, wide)
    start = first_weights(widths, design.training.seed)
    last = f"b{len(design.layers)}"
    start[last] = _first_outputs(drawn, design.components, 1 if mirrored else choices)
    names = ("units", "x", "place", "finished", "longest")
    trained = train(
        loss,
        start,
        {name: drawn[name] for name in names},
        {name: drawn["held_" + name] for name in names},
        design.training,
        say,
        keeper,
    )
    return Network(
        name=design.name,
        model=model.name,
        kind="mixture",
        inputs=reduction.inputs,
        box={name: design.box[name] for name in reduction.inputs},
        layers=design.layers,
        weights=trained.weights,
        training=_told(design, trained),
    )


def _first_outputs(drawn: Arrays, components: int, heads: int) -> Array:
    """Return biases of the last layer whose mixture covers all times of the training set."""
    shares = (np.arange(components) + 0.5) / components
    means = np.quantile(drawn["x"], shares)
    spread = max(float(np.std(drawn["x"])) / 2, 0.1)
    raw = np.full(components, np.log(np.expm1(spread)))
    one = np.concatenate([np.zeros(components), means, raw, [0.0]])
    return jnp.asarray(np.tile(one, heads), jnp.float32)


def _told(design: NetworkDesign, trained: Trained) -> dict[str, object]:
    """Return what the card says of the training."""
    settings = design.training
    return {
        "sets": design.sets,
        "draws": design.draws,
        "components": design.components,
        "seed": design.seed,
        "settings": dict(vars(settings)),
        "steps": trained.steps.tolist(),
        "training_loss": [round(float(x), 6) for x in trained.training_loss],
        "validation_loss": [round(float(x), 6) for x in trained.validation_loss],
        "versions": {name: version(name) for name in _LIBRARIES},
    }

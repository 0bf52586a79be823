"""The training of a network: batches in an order set by the seed, until it gets no better."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from numpy.typing import NDArray

#: Arrays by name.
Weights = dict[str, Array]
Rows = Mapping[str, Array]
#: The mean loss of rows.
Loss = Callable[[Weights, Rows], Array]
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Training:
    """How a network is trained.

    Parameters
    ----------
    steps
        At most so many updates; the learning rate falls to 0 until the last, as a cosine.
    batch
        Rows of an update.
    learning_rate
        The highest, of Adam.
    every
        Updates between two looks at the rows that are held out.
    patience
        It ends early after so many looks without a better one.
    seed
        Of the first weights and of the order of the rows.
    """

    steps: int = 20_000
    batch: int = 512
    learning_rate: float = 3e-3
    every: int = 500
    patience: int = 20
    seed: int = 1


@dataclass(frozen=True)
class Trained:
    """What training gave.

    Parameters
    ----------
    weights
        Those that were best on the rows that were held out.
    steps, training_loss, validation_loss
        The course: updates until each look, and the losses then.
    """

    weights: dict[str, NDArray[np.float32]]
    steps: NDArray[np.int64]
    training_loss: NDArray[np.float64]
    validation_loss: NDArray[np.float64]


@dataclass(frozen=True)
class Keeper:
    """Where the state of a training is kept, for a run that was interrupted to go on from.

    Parameters
    ----------
    kept
        What an earlier run left.
    save
        Called after every look with the state as it is.
    """

    kept: Arrays | None = None
    save: Callable[[Arrays], None] = lambda _: None


def train(
    loss: Loss,
    start: Weights,
    rows: Mapping[str, NDArray[Any]],
    held_out: Mapping[str, NDArray[Any]],
    settings: Training,
    say: Callable[[str], None] = lambda _: None,
    keeper: Keeper | None = None,
) -> Trained:
    """Train a network by Adam.

    Parameters
    ----------
    loss
        The mean loss of rows.
    start
        The first weights.
    rows, held_out
        Arrays with a row each along their first axis: to train with, and to look at.
    settings
        How.
    say
        Called with a line of progress at every look.
    keeper
        Where the state is kept; None: nowhere.

    Returns
    -------
    Trained
        The same to the bit for the same arguments on one machine, interrupted or not.
    """
    keeper = keeper or Keeper()
    schedule = optax.cosine_decay_schedule(settings.learning_rate, settings.steps)
    optimiser = optax.adam(schedule)
    n = len(next(iter(rows.values())))
    size = min(settings.batch, n)
    data = {name: jnp.asarray(array) for name, array in rows.items()}
    aside = {name: jnp.asarray(array) for name, array in held_out.items()}
    key = jax.random.key(settings.seed)

    def update(state: Any, step: Array) -> tuple[Any, Array]:
        weights, moments = state
        chosen = jax.random.randint(jax.random.fold_in(key, step), (size,), 0, n)
        value, gradient = jax.value_and_grad(loss)(
            weights, {name: array[chosen] for name, array in data.items()}
        )
        change, moments = optimiser.update(gradient, moments, weights)
        return (optax.apply_updates(weights, change), moments), value

    @jax.jit
    def advance(state: Any, first: Array) -> tuple[Any, Array]:
        state, losses = jax.lax.scan(update, state, first + jnp.arange(settings.every))
        return state, losses.mean()

    look = jax.jit(loss)
    state: Any = (start, optimiser.init(start))
    best, course = start, np.empty((0, 3))
    if keeper.kept is not None:
        state, best, course = _restored(keeper.kept, (state, best))
    while not _over(course, settings):
        done = len(course) * settings.every
        state, training = advance(state, jnp.asarray(done))
        validation = float(look(state[0], aside))
        if not course.size or validation < course[:, 2].min():
            best = state[0]
        done += settings.every
        course = np.vstack([course, [done, float(training), validation]])
        say(f"step {done} of {settings.steps}: loss {training:.5f}, held out {validation:.5f}")
        if not np.isfinite(validation):
            raise FloatingPointError(
                f"the loss is {validation} after {done} steps: take a smaller learning rate than "
                f"{settings.learning_rate:g}"
            )
        keeper.save(_flat((state, best), course))
    weights = {name: np.asarray(array, np.float32) for name, array in best.items()}
    return Trained(weights, course[:, 0].astype(int), course[:, 1], course[:, 2])


def _over(course: NDArray[np.float64], settings: Training) -> bool:
    """Tell whether all updates are made, or the last looks were no better."""
    if not course.size:
        return False
    since = len(course) - 1 - int(np.argmin(course[:, 2]))
    return bool(course[-1, 0] >= settings.steps or since >= settings.patience)


def _flat(state: Any, course: NDArray[np.float64]) -> Arrays:
    leaves = jax.tree.leaves(state)
    return {f"leaf{k}": np.asarray(leaf) for k, leaf in enumerate(leaves)} | {"course": course}


def _restored(kept: Arrays, like: Any) -> tuple[Any, Any, NDArray[np.float64]]:
    leaves, shape = jax.tree.flatten(like)
    found = [jnp.asarray(kept[f"leaf{k}"], leaf.dtype) for k, leaf in enumerate(leaves)]
    state, best = jax.tree.unflatten(shape, found)
    return state, best, np.asarray(kept["course"])


def first_weights(widths: tuple[int, ...], seed: int) -> Weights:
    """Return the first weights of a perceptron, ``w0``, ``b0``, ``w1``, ...

    Parameters
    ----------
    widths
        Numbers of inputs, of the units of each hidden layer, and of outputs.
    seed
        Of the weights; the biases are 0.
    """
    keys = jax.random.split(jax.random.key(seed), len(widths) - 1)
    draw = jax.nn.initializers.lecun_normal()
    weights: Weights = {}
    for k, (inputs, outputs) in enumerate(itertools.pairwise(widths)):
        weights[f"w{k}"] = draw(keys[k], (inputs, outputs), jnp.float32)
        weights[f"b{k}"] = jnp.zeros(outputs, jnp.float32)
    return weights

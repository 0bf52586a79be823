"""Training: the same to the bit whether interrupted or not, and no longer than it helps."""

import jax.numpy as jnp
import numpy as np
import pytest

from driftmill.likelihoods.perceptron import layers_of, perceptron
from driftmill.networks.training import Keeper, Training, first_weights, train

SETTINGS = Training(steps=800, batch=64, learning_rate=1e-2, every=100)


def loss(weights, rows):
    return jnp.mean((perceptron(layers_of(weights), rows["x"])[:, 0] - rows["y"]) ** 2)


def sine(n, seed):
    x = np.random.default_rng(seed).uniform(-3, 3, (n, 1))
    return {"x": x, "y": np.sin(x[:, 0])}


def trained(settings=SETTINGS, keeper=None, rows=None):
    said = []
    start = first_weights((1, 16, 16, 1), seed=3)
    rows = sine(2000, 1) if rows is None else rows
    return train(loss, start, rows, sine(500, 2), settings, said.append, keeper), said


def test_a_sine_is_learned():
    found, said = trained()
    assert found.validation_loss[-1] < 1e-3
    x = np.linspace(-3, 3, 101)[:, None]
    learned = perceptron(layers_of(found.weights), x)[:, 0]
    assert np.abs(learned - np.sin(x[:, 0])).max() < 0.1
    assert said[0].startswith("step 100 of 800: loss ")


def test_an_interrupted_training_goes_on_to_the_same_weights():
    whole, _ = trained()
    kept = []
    trained(keeper=Keeper(None, kept.append))
    rest, said = trained(keeper=Keeper(kept[2]))
    assert len(said) == 5
    for name, array in whole.weights.items():
        np.testing.assert_array_equal(rest.weights[name], array)
    np.testing.assert_array_equal(rest.validation_loss, whole.validation_loss)


def test_it_ends_when_it_gets_no_better():
    rng = np.random.default_rng(5)
    noise = {"x": rng.normal(size=(40, 1)), "y": rng.normal(size=40)}
    settings = Training(steps=20_000, batch=40, learning_rate=1e-2, every=100, patience=4)
    found, said = trained(settings, rows=noise)
    assert len(said) < 200
    assert len(said) - 1 - np.argmin(found.validation_loss) == 4


def test_another_seed_gives_other_weights():
    first, _ = trained(Training(steps=100, batch=64, every=100, seed=1))
    second, _ = trained(Training(steps=100, batch=64, every=100, seed=2))
    assert any((first.weights[name] != second.weights[name]).any() for name in first.weights)


def test_a_loss_that_is_no_number_is_told():
    with pytest.raises(FloatingPointError, match="smaller learning rate"):
        trained(rows=sine(2000, 1) | {"y": np.full(2000, np.inf)})

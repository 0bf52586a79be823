"""A network's card and weights belong together, and its gates say whether it may be used."""

import json
from dataclasses import replace

import numpy as np
import pytest

from driftmill.models.network import Gate, Network, card_of, network_of, weights_of

NETWORK = Network(
    name="small",
    model="levy",
    kind="mixture",
    inputs=("v", "z"),
    box={"v": (0.0, 3.0), "z": (0.2, 0.8)},
    layers=(4,),
    weights={"w0": np.ones((2, 4), np.float32), "b0": np.zeros(4, np.float32)},
    accuracy={"mass": 1.0},
    gates=(Gate("mass", 1.0, 0.99, 1.01),),
    training={"sets": 10, "seed": 1},
)


def test_it_comes_back_as_it_was():
    back = network_of(card_of(NETWORK), weights_of(NETWORK))
    assert replace(back, weights={}) == replace(NETWORK, weights={})
    for name, array in NETWORK.weights.items():
        np.testing.assert_array_equal(back.weights[name], array)


def test_weights_of_another_network_are_refused():
    other = replace(NETWORK, weights=NETWORK.weights | {"b0": np.ones(4, np.float32)})
    with pytest.raises(ValueError, match="small: the weights are not those of its card"):
        network_of(card_of(NETWORK), weights_of(other))


def test_the_digest_is_of_what_the_density_depends_on():
    assert replace(NETWORK, accuracy={}, training={}, name="x").digest == NETWORK.digest
    assert replace(NETWORK, box={"v": (0.0, 2.0), "z": (0.2, 0.8)}).digest != NETWORK.digest


@pytest.mark.parametrize(
    ("gates", "passed"),
    [
        ((), False),
        ((Gate("mass", 1.0, 0.99, 1.01),), True),
        ((Gate("mass", 1.0, 0.99, 1.01), Gate("error", float("nan"), 0.0, 0.01)), False),
        ((Gate("mass", 1.02, 0.99, 1.01),), False),
    ],
)
def test_unchecked_networks_and_those_that_fail_do_not_pass(gates, passed):
    network = replace(NETWORK, gates=gates)
    assert network.passed is passed
    assert json.loads(card_of(network))["passed"] is passed

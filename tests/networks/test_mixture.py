"""Mixture networks: training sets, training for real, and what cannot be trained."""

from dataclasses import replace

import numpy as np
import pytest

from driftmill.models import CATALOGUE
from driftmill.models.levy import LEVY
from driftmill.models.reductions import LEVY as LEVY_REDUCTION
from driftmill.models.with_network import with_network
from driftmill.networks.design import NetworkDesign
from driftmill.networks.draws import BLOCKS, parameter_sets
from driftmill.networks.make import make, maker_of
from driftmill.networks.training import Training

DDM = CATALOGUE["ddm"]
DESIGN = NetworkDesign(
    name="small",
    model="ddm",
    box={"v": (-1.5, 1.5), "a": (0.7, 1.3), "z": (0.35, 0.65)},
    layers=(24, 24),
    components=6,
    sets=1_600,
    draws=50,
    checks=1,
    training=Training(steps=2_000, batch=64, learning_rate=5e-3, every=500),
)
LEVY_DESIGN = replace(
    DESIGN, model="levy", box={"v": (-2.0, 2.0), "z": (0.3, 0.7), "alpha": (1.2, 1.9)}
)


@pytest.fixture(scope="module")
def network():
    return make(DDM, DESIGN)


def test_a_small_network_learns_the_closed_form(network):
    """Its log density on fresh points is within what 80,000 trials tell of it."""
    learned = with_network(DDM, network).likelihoods["approx_differentiable"]
    rng = np.random.default_rng(8)
    n = 4_000
    v, a, z = (rng.uniform(low, high, n) for low, high in DESIGN.box.values())
    rt, response = 0.2 + rng.gamma(2.0, 0.3, n), rng.choice([-1.0, 1.0], n)
    exact = np.asarray(DDM.likelihoods["analytical"](rt, response, v, a, z, 0.2))
    error = np.asarray(learned(rt, response, v, a, z, 0.2)) - exact
    likely = exact > np.log(0.05)
    # Some 1,500 weights learned from 80,000 trials: a Kullback-Leibler divergence of at most
    # 1500 / 160000, and so a root mean square of the log density of at most 0.14.
    assert np.sqrt(np.mean(error[likely] ** 2)) < 0.14
    assert np.ptp(exact[likely]) > 2


def test_it_passes_where_mass_and_distance_are_right(network):
    figures = network.accuracy
    assert abs(figures["mass_least"] - 1) < 1e-3
    assert figures["trials"] == 100_000
    assert 0.5 < figures["hellinger_ratio_median"] < 5
    assert {gate.figure for gate in network.gates} == {
        *("mass_least", "mass_most"),
        "hellinger_ratio_median",
    }
    assert network.inputs == ("v", "a", "z")


@pytest.mark.long
def test_an_untrained_network_does_not_pass():
    maker = maker_of(DDM, DESIGN)
    short = replace(DESIGN, sets=64, training=replace(DESIGN.training, steps=1, every=1))
    drawn = maker.draw(DDM, short, lambda _: None)
    raw = maker.fit(DDM, short, drawn, lambda _: None, None)
    checked = maker.check(DDM, short, raw, lambda _: None)
    assert not checked.passed
    assert checked.accuracy["hellinger_ratio_median"] > 10


def test_the_same_design_gives_the_same_network():
    short = replace(DESIGN, sets=64, training=replace(DESIGN.training, steps=20, every=10))
    maker = maker_of(DDM, short)
    first, second = (
        maker.fit(DDM, short, maker.draw(DDM, short, lambda _: None), lambda _: None, None)
        for _ in range(2)
    )
    assert first.digest == second.digest


def test_sets_fill_the_box_and_streams_differ():
    sets = parameter_sets(LEVY, LEVY_REDUCTION, LEVY_DESIGN, 3_000, 0)
    other = parameter_sets(LEVY, LEVY_REDUCTION, LEVY_DESIGN, 3_000, 1)
    for name, (low, high) in LEVY_DESIGN.box.items():
        assert low <= sets[name].min() < low + 0.01 * (high - low)
        assert high - 0.01 * (high - low) < sets[name].max() <= high
        # A tenth of the sets in each tenth of the interval, or nearly.
        counts, _ = np.histogram(sets[name], 10, (low, high))
        assert np.abs(counts - 300).max() < 60
    assert not np.intersect1d(sets["v"], other["v"]).size
    # The package takes one stability a call: few distinct ones, in blocks.
    assert np.unique(sets["alpha"]).size == BLOCKS
    assert (np.diff(sets["alpha"]) >= 0).all()


@pytest.mark.parametrize(
    ("model", "design", "said"),
    [
        (DDM, replace(DESIGN, box={"v": (-1.0, 1.0), "a": (1.0, 2.0)}), "missing: z"),
        (
            DDM,
            replace(DESIGN, box={**DESIGN.box, "t": (0.0, 1.0)}),
            "must have the inputs v, a, z; unknown: t",
        ),
        (DDM, replace(DESIGN, box={**DESIGN.box, "a": (2.0, 1.0)}), "the box of a is empty"),
        (
            LEVY,
            replace(LEVY_DESIGN, box={**LEVY_DESIGN.box, "z": (0.2, 0.7)}),
            r"symmetric about 0.5, where the responses change places; take \(0.2, 0.8\)",
        ),
        (DDM, LEVY_DESIGN, "small is of levy, not of ddm"),
        (
            CATALOGUE["softmax_inv_temperature_2"],
            replace(DESIGN, model="softmax_inv_temperature_2"),
            "of response times of single trials",
        ),
        (DDM, replace(DESIGN, box={**DESIGN.box, "a": (-9.0, 1.0)}), "fewer than one set in eight"),
    ],
)
def test_what_cannot_be_trained_is_told(model, design, said):
    with pytest.raises(ValueError, match=said):
        maker_of(model, design).draw(model, design, lambda _: None)

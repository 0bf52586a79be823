"""Corrections are learnt from exact log densities, and measured against the solver."""

from dataclasses import replace

import numpy as np
import pytest

from driftmill.models import CATALOGUE
from driftmill.models.network import card_of, network_of, weights_of
from driftmill.networks import corrections, shipped_designs
from driftmill.networks.exact_targets import rows_of, sets_in
from driftmill.networks.make import make
from driftmill.networks.training import Training

SMALL = replace(
    shipped_designs.WEIBULL,
    box={"z": (0.3, 0.7), "alpha": (1.0, 2.0), "beta": (0.8, 3.0)},
    layers=(16,),
    sets=96,
    draws=32,
    checks=4,
    training=Training(steps=1_500, batch=256, learning_rate=1e-2, every=500),
)


def test_a_small_network_is_made_in_seconds_and_passes():
    lines = []
    network = make(CATALOGUE["weibull"], SMALL, lines.append)
    assert network.model == "weibull"
    assert network.kind == "correction"
    assert network.passed, network.accuracy
    assert {gate.figure for gate in network.gates} == {
        "log_density_error_median",
        "log_density_error_p95",
        "gradient_error_p95",
        "mass_error_max",
    }
    assert any("fresh sets" in line for line in lines)
    back = network_of(card_of(network), weights_of(network))
    assert back.digest == network.digest


def test_what_is_learnt_is_what_the_closed_form_misses():
    targets = corrections.TARGETS["weibull"]
    drawn = corrections.draw(CATALOGUE["weibull"], SMALL, lambda _: None)
    rows, held_out = rows_of(targets, SMALL, drawn)
    trained = corrections.fit(CATALOGUE["weibull"], SMALL, drawn, lambda _: None, None)
    silent = {name: 0 * array for name, array in trained.weights.items()}
    assert len(held_out["rest"]) < 0.2 * len(rows["rest"])
    assert corrections.loss(silent, held_out) > 3.0 * corrections.loss(trained.weights, held_out)


def test_targets_are_the_solver_of_the_model():
    design = replace(SMALL, sets=8, draws=8)
    drawn = corrections.draw(CATALOGUE["weibull"], design, lambda _: None)
    assert drawn["time"].shape == (9, 8)
    assert drawn["log"].shape == (9, 2, 8, 1)
    solver = CATALOGUE["weibull"].likelihoods["numerical"]
    for k in range(3):
        shape = (drawn[name][k] for name in ("z", "alpha", "beta"))
        z, alpha, beta = shape
        for side, logs in zip((1, -1), drawn["log"][k, ..., 0], strict=True):
            exact = np.asarray(solver(drawn["time"][k], side, 0.0, 1.0, z, 0.0, alpha, beta))
            likely = exact > np.log(1e-4)
            np.testing.assert_allclose(logs[likely], exact[likely], atol=1e-3)


@pytest.mark.long
def test_targets_of_accumulators_are_the_solver_of_the_race():
    design = replace(shipped_designs.RACE_NO_BIAS_ANGLE, sets=8, draws=16)
    model = CATALOGUE["race_no_bias_angle_2"]
    drawn = corrections.draw(model, replace(design, model=model.name), lambda _: None)
    for k in range(3):
        v, z, slope = (drawn[name][k] for name in ("v", "z", "slope"))
        time, (log_f, odds) = drawn["time"][k], drawn["log"][k, 0].T
        given = (v, v, 1.0, z, 0.0, np.arctan(slope))
        both = np.asarray(model.log_survivor(time, *given))
        survivor = -np.logaddexp(0.0, odds)
        np.testing.assert_allclose(2 * survivor, both, rtol=1e-6, atol=1e-9)
        exact = np.asarray(model.likelihoods["numerical"](time, 0, *given))
        np.testing.assert_allclose(log_f + survivor, exact, rtol=1e-6, atol=1e-6)


@pytest.mark.long
def test_targets_of_full_ddm_are_the_exact_density_and_its_figures_are_of_all_its_mass():
    small = {"v": (-2.0, 2.0), "z": (0.4, 0.6), "spread": (0.0, 0.4), "sv": (0.0, 1.0)}
    design = replace(
        shipped_designs.FULL_DDM,
        box=small | {"st": (0.0, 0.4)},
        layers=(8,),
        sets=16,
        draws=16,
        checks=2,
        training=Training(steps=500, batch=64, every=250),
    )
    model = CATALOGUE["full_ddm"]
    drawn = corrections.draw(model, design, lambda _: None)
    v, z, spread, sv, st = (drawn[name][0] for name in design.box)
    given = (v, 1.0, z, 0.5 * st, spread * (1 - abs(2 * z - 1)), sv, st)
    for side, logs in zip((1, -1), drawn["log"][0, ..., 0], strict=True):
        exact = np.asarray(model.likelihoods["analytical"](drawn["time"][0], side, *given))
        np.testing.assert_allclose(logs, exact, atol=1e-5)
    network = corrections.fit(model, design, drawn, lambda _: None, None)
    figures = corrections.check(model, design, network, lambda _: None).accuracy
    # Part of the mass, and of the density, comes before the mean non-decision time.
    assert figures["mass_error_max"] < 0.01
    assert figures["log_density_error_median"] < 0.01


def test_sets_fill_their_box_evenly():
    box = {"x": (-1.0, 3.0), "y": (0.1, 10.0)}
    sets = sets_in(box, 100, seed=3)
    for name, (low, high) in box.items():
        assert sets[name].shape == (100,)
        assert ((sets[name] > low) & (sets[name] < high)).all()
    # A wide interval is filled evenly in its logarithm.
    assert abs(np.mean(sets["x"] < 1.0) - 0.5) < 0.05
    assert abs(np.mean(sets["y"] < 1.0) - 0.5) < 0.05
    assert (sets_in(box, 100, seed=3)["x"] == sets["x"]).all()
    assert (sets_in(box, 100, seed=4)["x"] != sets["x"]).all()


def test_a_model_without_a_correction_is_refused():
    design = replace(SMALL, model="ddm")
    with pytest.raises(ValueError, match="no correction is known for ddm, but for full_ddm"):
        make(CATALOGUE["ddm"], design)

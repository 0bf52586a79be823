"""A network that asks for it is calibrated: posteriors by a wrong density are noticed."""

from dataclasses import replace

import numpy as np
import pytest

from driftmill.models import get_model
from driftmill.network_names import KIND
from driftmill.networks.calibrated import LEAST, figures_of, gate_of
from driftmill.recovery.self_calibration import calibrate
from driftmill.sampling.settings import Gates, SamplingSettings
from driftmill.study.build import design_of, fit_spec_of
from driftmill.study.examine import examine
from driftmill.study.network_study import CELL, FIT, calibration_study
from driftmill.study.network_types import TrainedNetwork
from driftmill.study.problems import StudyErrors

SECTION = {
    "name": "mine",
    "model": "ddm",
    "box": {"v": [-4, 4], "a": [0.5, 2.5], "z": [0.1, 0.9]},
    "sbc": {
        "datasets": 24,
        "trials": 60,
        "priors": {
            "v": {"name": "Normal", "mu": 0, "sigma": 1.5},
            "a": {"name": "Gamma", "mu": 1.2, "sigma": 0.2},
            "z": {"name": "Beta", "alpha": 10, "beta": 10},
            "t": {"name": "Gamma", "mu": 0.4, "sigma": 0.1},
        },
    },
}
SETTINGS = SamplingSettings(
    chains=2, draws=200, warmup=200, gates=Gates(1.1, 50, 50, mcse_ratio=0.3), ladder=()
)
DDM = get_model("ddm")


def exact(rt, response, v, a, z, t):
    return DDM.likelihoods["analytical"](rt, response, v, a, z, t)


def exaggerating(rt, response, v, a, z, t):
    """Take a drift for more than it is: its posteriors are too close to 0."""
    return DDM.likelihoods["analytical"](rt, response, 1.7 * v, a, z, t)


@pytest.fixture(scope="module")
def calibrated():
    """Return how well posteriors by a density in the place of a network's are calibrated."""
    study = calibration_study(TrainedNetwork.model_validate(SECTION))
    spec = fit_spec_of(study, CELL, FIT)
    design = design_of(study, CELL)

    def by(density):
        model = replace(DDM, likelihoods={KIND: density})
        return calibrate(design, replace(spec, model=model), SETTINGS, lambda _: None)

    return {density: by(density) for density in (exact, exaggerating)}


def test_posteriors_by_the_exact_density_pass(calibrated):
    table = calibrated[exact]
    assert set(table["parameter"]) == {"v", "a", "z", "t", "log_likelihood"}
    assert (table["n"] == 24).all()
    figures = figures_of(table)
    assert figures["sbc_datasets"] == 24
    assert figures["sbc_failed"] == 24 - table["ranked"].min()
    # By chance one right density in a hundred would fail, had it not fixed seeds.
    assert gate_of(figures).passed, figures


def test_posteriors_by_a_wrong_density_do_not(calibrated):
    figures = figures_of(calibrated[exaggerating])
    gate = gate_of(figures)
    assert gate.value < LEAST
    assert not gate.passed


def test_posteriors_that_cannot_be_had_do_not_pass(calibrated):
    lost = calibrated[exact].assign(ranked=0, p_with_failed=np.nan)
    figures = figures_of(lost)
    assert figures["sbc_failed"] == 24
    assert not gate_of(figures).passed


@pytest.mark.parametrize(
    ("sbc", "place", "part"),
    [
        ({"priors": {"w": {"name": "Normal", "mu": 0, "sigma": 1}}}, "sbc.priors.w", "ddm"),
        ({"priors": {"v": {"name": "Normal", "mu": 0}}}, "sbc.priors.v", "sigma"),
        ({"datasets": 5}, "sbc.datasets", "20"),
        ({"trials": 0}, "sbc.trials", "1"),
    ],
)
def test_what_is_wrong_with_a_calibration_is_named(raw, write, sbc, place, part):
    raw["networks"] = [SECTION | {"sbc": sbc}]
    raw["fits"] = [{"name": "net", "model": "ddm", "network": "mine"}]
    with pytest.raises(StudyErrors) as caught:
        examine(write(raw))
    (problem,) = caught.value.problems
    assert problem.field == f"networks[0].{place}"
    assert part in problem.message + problem.remedy

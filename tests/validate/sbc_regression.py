"""Simulation-based calibration of regressions and hierarchies, group level and participants."""

import pytest
from tests.validate.ranks import Case, calibrate

from driftmill.formulas.links import Link, link_of
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.settings import SamplingSettings
from driftmill.simulation.covariates import Drawn

ALPHA = 0.01  # over all quantities of all cases

X = {"x": Drawn(Prior("Normal", {"mu": 0.0, "sigma": 1.0}))}


def normal(mu, sigma):
    return Prior("Normal", {"mu": mu, "sigma": sigma})


def varying(sigma):
    """Deviations around 0 with a half-normal standard deviation, which may be near zero."""
    return Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": sigma})})


def hierarchical_ddm():
    ddm = get_model("ddm")
    priors = {
        "Intercept": normal(0.5, 1.0),
        "x": normal(0.0, 0.7),
        "1|participant_id": varying(0.6),
        "x|participant_id": varying(0.4),
    }
    v = Regression("v", "1 + x + (1 + x | participant_id)", Link("identity"), priors)
    plain = {
        # Few decisions take longer than the 20 s that are simulated.
        "a": Prior("Gamma", {"mu": 1.0, "sigma": 0.15}),
        "z": Prior("Beta", {"alpha": 10.0, "beta": 10.0}),
        "t": Prior("Gamma", {"mu": 0.4, "sigma": 0.1}),
    }
    spec = FitSpec("hierarchical-ddm", ddm, priors=plain, regressions={"v": v})
    return Case(spec, trials=60, datasets=200, participants=8, covariates=X)


def hierarchical_softmax():
    priors = {
        "Intercept": normal(0.0, 0.7),
        "x": normal(0.0, 0.5),
        "1|participant_id": varying(0.4),
    }
    logit1 = Regression("logit1", "1 + x + (1 | participant_id)", Link("identity"), priors)
    spec = FitSpec(
        "hierarchical-softmax",
        get_model("softmax_inv_temperature_2"),
        priors={"beta": Prior("Gamma", {"mu": 2.0, "sigma": 0.5})},
        regressions={"logit1": logit1},
    )
    return Case(spec, trials=60, datasets=200, participants=8, covariates=X)


def angle_by_formulas():
    angle = get_model("angle")
    v = Regression(
        "v", "1 + x", Link("identity"), {"Intercept": normal(0.5, 1.0), "x": normal(0.0, 0.7)}
    )
    a = Regression(
        "a",
        "1 + x",
        link_of(angle.parameter("a"), "log"),
        {"Intercept": normal(0.1, 0.15), "x": normal(0.0, 0.1)},
    )
    plain = {
        "z": Prior("Beta", {"alpha": 10.0, "beta": 10.0}),
        "t": Prior("Gamma", {"mu": 0.4, "sigma": 0.1}),
        "theta": normal(0.4, 0.2),
    }
    spec = FitSpec("angle-by-formulas", angle, priors=plain, regressions={"v": v, "a": a})
    return Case(spec, trials=200, datasets=200, covariates=X)


CASES = [hierarchical_ddm(), hierarchical_softmax(), angle_by_formulas()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.spec.name)
def test_ranks_of_the_truth_are_uniform(case: Case) -> None:
    found = calibrate(case, SamplingSettings())
    print(f"\n{case.spec.name}: {found}")
    # Ten quantities of the hierarchical DDM, six of the softmax, eight of the angle model.
    assert min(found.p_values.values()) > ALPHA / 24

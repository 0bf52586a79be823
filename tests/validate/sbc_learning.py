"""Simulation-based calibration of learning models, participants and groups of them."""

import pytest
from tests.validate.ranks import Case, calibrate

from driftmill.formulas.links import default_link
from driftmill.formulas.regression import Regression
from driftmill.models.composition import compose
from driftmill.models.declaration import Prior
from driftmill.models.processes import RESCORLA_WAGNER
from driftmill.models.registry import find_model
from driftmill.models.softmax import SOFTMAX_2
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.settings import SamplingSettings
from driftmill.simulation.tasks import Bandit, Inputs

ALPHA = 0.01  # over all quantities of all cases

BANDIT = Bandit(means=((0.3, 0.7),), reverse_every=40)
#: Informative, so that truths are such as experiments have; with bounds that do not expand.
RLSSM = {
    "rl_alpha": Prior("Beta", {"alpha": 2.0, "beta": 4.0}),
    "scaler": Prior("Gamma", {"mu": 2.5, "sigma": 0.7}),
    "a": Prior("Gamma", {"mu": 1.2, "sigma": 0.2}),
    "z": Prior("Beta", {"alpha": 10.0, "beta": 10.0}),
    "t": Prior("Gamma", {"mu": 0.4, "sigma": 0.1}),
    "theta": Prior("Uniform", {"lower": 0.05, "upper": 0.7}),
}


def normal(mu, sigma):
    return Prior("Normal", {"mu": mu, "sigma": sigma})


def choices():
    model = compose(RESCORLA_WAGNER, SOFTMAX_2)
    priors = {"rl_alpha": RLSSM["rl_alpha"], "beta": Prior("Gamma", {"mu": 4.0, "sigma": 1.5})}
    spec = FitSpec("rescorla-wagner", model, priors=priors)
    return Case(spec, trials=120, datasets=200, task=BANDIT)


def participant():
    spec = FitSpec("rlssm1", find_model("rlssm1"), priors=RLSSM)
    return Case(spec, trials=120, datasets=150, task=BANDIT)


def group():
    model = find_model("rlssm1")
    deviations = Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 0.25})})

    def varying(name, intercept):
        link = default_link(model.parameter(name))
        priors = {"Intercept": intercept, "1|participant_id": deviations}
        return Regression(name, "1 + (1 | participant_id)", link, priors)

    formulas = {
        "rl_alpha": varying("rl_alpha", normal(-0.8, 0.7)),
        "scaler": varying("scaler", normal(0.9, 0.3)),
        "a": varying("a", normal(0.2, 0.15)),
    }
    plain = {name: prior for name, prior in RLSSM.items() if name not in formulas}
    spec = FitSpec("rlssm1-group", model, priors=plain, regressions=formulas)
    return Case(spec, trials=60, datasets=100, participants=6, task=BANDIT)


def filters():
    priors = {"omega2": normal(-3.0, 1.0), "beta": Prior("Gamma", {"mu": 2.0, "sigma": 0.7})}
    spec = FitSpec("hgf", find_model("hgf_softmax"), priors=priors)
    turns = tuple((share, 40) for share in (0.8, 0.2, 0.8, 0.2))
    return Case(spec, trials=160, datasets=200, task=Inputs(schedule=turns))


CASES = [choices(), participant(), group(), filters()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.spec.name)
def test_ranks_of_the_truth_are_uniform(case: Case) -> None:
    found = calibrate(case, SamplingSettings())
    print(f"\n{case.spec.name}: {found}")
    # Three quantities of the choices, seven of a participant, 13 of the group, three of the filter.
    assert min(found.p_values.values()) > ALPHA / 26

"""Simulation-based calibration of the models: one participant, one value of each parameter."""

import pytest
from tests.validate.ranks import Case, calibrate

from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.fit_spec import FitSpec
from driftmill.sampling.settings import SamplingSettings

TRIALS = 100
ALPHA = 0.01  # over all parameters of all cases

#: Informative, so that truths are such as experiments have.
DIFFUSION = {
    "v": Prior("Normal", {"mu": 0.0, "sigma": 1.5}),
    "a": Prior("Gamma", {"mu": 1.2, "sigma": 0.25}),
    "z": Prior("Beta", {"alpha": 10.0, "beta": 10.0}),
    "t": Prior("Gamma", {"mu": 0.4, "sigma": 0.1}),
}


def case(model, priors, fixed=None, datasets=150):
    return Case(FitSpec(model, get_model(model), fixed or {}, priors), TRIALS, datasets)


CASES = [
    case("ddm", DIFFUSION, datasets=300),
    case("ddm_sdv", DIFFUSION | {"sv": Prior("HalfNormal", {"sigma": 1.0})}),
    case("angle", DIFFUSION | {"theta": Prior("Normal", {"mu": 0.4, "sigma": 0.2})}),
    case(
        "softmax_inv_temperature_2",
        {"beta": Prior("Gamma", {"alpha": 2.0, "beta": 0.5})},
        fixed={"logit1": 0.5},
    ),
    case(
        "softmax_inv_temperature_3",
        {
            "logit1": Prior("Normal", {"mu": 0.0, "sigma": 1.0}),
            "logit2": Prior("Normal", {"mu": 0.0, "sigma": 1.0}),
        },
        fixed={"beta": 1.5},
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.spec.name)
def test_ranks_of_the_truth_are_uniform(case: Case) -> None:
    found = calibrate(case, SamplingSettings())
    print(f"\n{case.spec.name}: {found}")
    quantities = sum(len(c.spec.free_parameters) + 1 for c in CASES)
    assert min(found.p_values.values()) > ALPHA / quantities

from dataclasses import replace

import pytest

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.models import Prior, get_model
from driftmill.simulation.covariates import Drawn, Levels
from driftmill.simulation.design import Design
from driftmill.simulation.parameters import SimulationError

DESIGN = Design(
    cell="easy",
    model=get_model("ddm"),
    truth={"v": 1.0, "a": 0.6, "z": 0.5, "t": 0.3},
    participants=2,
    trials=5,
    datasets=3,
    lapse=0.0,
    seed=1,
)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"participants": 0}, "cell easy: participants is 0"),
        ({"trials": -5}, "cell easy: trials is -5"),
        ({"datasets": 0}, "cell easy: datasets is 0"),
        ({"lapse": 1.0}, "cell easy: lapse is 1"),
        ({"seed": -1}, "cell easy: seed is -1"),
    ],
)
def test_impossible_numbers_are_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        replace(DESIGN, **changed)


def test_the_truth_is_checked_at_once():
    with pytest.raises(SimulationError, match="z = 2"):
        replace(DESIGN, truth=dict(DESIGN.truth) | {"z": 2.0})


REGRESSION = Regression("v", "1 + x + (1 | participant_id)", Link("identity"))
TRUTH = {"v_Intercept": 1.0, "v_x": 0.5, "v_1|participant_id_sigma": 0.2, "a": 0.6} | {
    "z": 0.5,
    "t": 0.3,
}
HIERARCHICAL = replace(
    DESIGN,
    truth=TRUTH,
    formulas={"v": REGRESSION},
    covariates={"x": Drawn(Prior("Normal", {"mu": 0.0, "sigma": 1.0}))},
)


def test_coefficients_need_truths_in_the_place_of_their_parameter():
    assert [p.name for p in HIERARCHICAL.parameters] == list(TRUTH)
    assert DESIGN.parameters == DESIGN.model.parameters


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"truth": TRUTH | {"v": 1.0}}, "unknown: v$"),
        ({"truth": {k: v for k, v in TRUTH.items() if k != "v_x"}}, "missing: v_x$"),
        ({"truth": TRUTH | {"v_1|participant_id_sigma": 0.0}}, "sigma = 0 is outside its support"),
        ({"participants": 1}, "cell easy: v ~ .*participant_id has the single member 0"),
        ({"covariates": {}}, "cell easy: v ~ .*there is no column x; known: participant_id, trial"),
        ({"formulas": {"b": REGRESSION}}, "cell easy: ddm has no parameter b"),
        (
            {"covariates": {"x": Levels(("a", "b", "c", "d", "e", "f"))}},
            "cell easy: the covariate x .* the 5 trials",
        ),
    ],
)
def test_formulas_and_their_truths_are_checked_at_once(changed, message):
    with pytest.raises(SimulationError, match=message):
        replace(HIERARCHICAL, **changed)

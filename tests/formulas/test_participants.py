import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from driftmill.formulas.design import design_matrix
from driftmill.formulas.links import Link
from driftmill.formulas.participants import participant_values
from driftmill.formulas.regression import Regression

PEOPLE = ("p", "q", "r")
LOGIT = Link("logit", 0.0, 1.0)


def regression(formula, link=None):
    return Regression("v", formula, link or Link("identity"))


def table(found):
    return {(value.label, value.participant): value.value for value in found}


def test_a_formula_without_groups_has_none():
    found = participant_values(regression("1 + x"), {"v_Intercept": 1.0, "v_x": 2.0}, {})
    assert found == []
    other = {"v_1|session": (("s", "t"),), "v_Intercept": ()}
    values = {"v_Intercept": 1.0, "v_1|session": [1.0, 2.0]}
    assert participant_values(regression("1 + (1 | session)"), values, other) == []


def test_intercept_and_slope_of_each_participant():
    labels = {"v_Intercept": (), "v_x": (), "v_1|participant_id": (PEOPLE,)}
    labels |= {"v_x|participant_id": (PEOPLE,)}
    values = {
        "v_Intercept": 0.5,
        "v_x": 2.0,
        "v_1|participant_id": [0.0, 1.0, -1.0],
        "v_x|participant_id": [0.1, 0.2, 0.3],
    }
    found = participant_values(
        regression("1 + x + (1 + x | participant_id)", LOGIT), values, labels
    )
    assert [value.participant for value in found] == [*PEOPLE, *PEOPLE]
    got = table(found)
    assert list(dict.fromkeys(label for label, _ in got)) == [
        "v (participant)",
        "v_x (participant)",
    ]
    for person, eta, slope in zip(PEOPLE, (0.5, 1.5, -0.5), (2.1, 2.2, 2.3), strict=True):
        assert got["v (participant)", person] == pytest.approx(expit(eta), rel=1e-14)
        assert got["v_x (participant)", person] == pytest.approx(slope, rel=1e-14)


def test_draws_keep_their_leading_axes_and_agree_with_scalars():
    rng = np.random.default_rng(1)
    formula = regression("1 + c + (1 + c | participant_id)", LOGIT)
    labels = {
        "v_Intercept": (),
        "v_c": (("b", "c"),),
        "v_1|participant_id": (PEOPLE,),
        "v_c|participant_id": (PEOPLE, ("b", "c")),
    }
    draws = {
        name: rng.normal(size=(2, 5, *(len(dim) for dim in dims))) for name, dims in labels.items()
    }
    found = participant_values(formula, draws, labels)
    one = participant_values(formula, {n: v[1, 3] for n, v in draws.items()}, labels)
    assert len(found) == len(one) == 9
    for many, single in zip(found, one, strict=True):
        assert many[:2] == single[:2]
        assert many.value.shape == (2, 5)
        assert many.value[1, 3] == single.value
    assert {value.label for value in found} == {
        "v (participant)",
        "v_c[b] (participant)",
        "v_c[c] (participant)",
    }
    got = table(one)
    expected = draws["v_c"][1, 3, 1] + draws["v_c|participant_id"][1, 3, 2, 1]
    assert got["v_c[c] (participant)", "r"] == expected


def test_levels_without_a_common_coefficient_are_deviations_alone():
    """`c` has the reference a; the participants' terms have all levels."""
    labels = {
        "v_Intercept": (),
        "v_c": (("b",),),
        "v_c|participant_id": (PEOPLE, ("a", "b")),
    }
    deviations = np.arange(6.0).reshape(3, 2)
    values = {"v_Intercept": 7.0, "v_c": [100.0], "v_c|participant_id": deviations}
    got = table(participant_values(regression("1 + c + (0 + c | participant_id)"), values, labels))
    assert [got["v_c[a] (participant)", p] for p in PEOPLE] == [0.0, 2.0, 4.0]
    assert [got["v_c[b] (participant)", p] for p in PEOPLE] == [101.0, 103.0, 105.0]
    assert [got["v (participant)", p] for p in PEOPLE] == [7.0, 7.0, 7.0]


def test_the_intercept_may_be_the_participants_alone():
    labels = {"v_1|participant_id": (PEOPLE,)}
    found = participant_values(
        regression("0 + (1 | participant_id)", Link("log", 0.0)),
        {"v_1|participant_id": [0.0, 1.0, 2.0]},
        labels,
    )
    np.testing.assert_allclose([value.value for value in found], np.exp([0.0, 1.0, 2.0]))


def test_without_an_intercept_there_are_slopes_alone():
    labels = {"v_x": (), "v_x|participant_id": (PEOPLE,)}
    values = {"v_x": 1.0, "v_x|participant_id": [0.0, 1.0, 2.0]}
    found = participant_values(regression("0 + x + (0 + x | participant_id)"), values, labels)
    assert [(value.label, float(value.value)) for value in found] == [
        ("v_x (participant)", 1.0),
        ("v_x (participant)", 2.0),
        ("v_x (participant)", 3.0),
    ]


def test_the_value_is_that_of_a_trial_at_covariates_zero():
    data = pd.DataFrame(
        {
            "x": [0.0, 1.0, 0.0, 3.0, 0.0, 5.0],
            "c": ["a", "b", "a", "b", "a", "b"],
            "participant_id": np.repeat(PEOPLE, 2),
        }
    )
    formula = regression("1 + x + c + (1 + x + c | participant_id)", Link("log", 0.2))
    design = design_matrix(formula, data)
    rng = np.random.default_rng(2)
    values = {n: rng.normal(size=[len(dim) for dim in d]) for n, d in design.labels.items()}
    got = table(participant_values(formula, values, design.labels))
    own = [got["v (participant)", p] for p in PEOPLE]
    np.testing.assert_allclose(design.parameter(values)[[0, 2, 4]], own, rtol=1e-13)
    steps = np.log(design.parameter(values)[[1, 3, 5]] - 0.2) - np.log(np.array(own) - 0.2)
    x = [got["v_x (participant)", p] for p in PEOPLE]
    c = [got["v_c[b] (participant)", p] for p in PEOPLE]
    np.testing.assert_allclose(steps, np.array([1.0, 3.0, 5.0]) * x + c, rtol=1e-10)

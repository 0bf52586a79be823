from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmill.formulas.design import design_matrix
from driftmill.formulas.links import Link, default_link
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import FormulaError
from driftmill.models import get_model
from driftmill.simulation.coefficients import (
    coefficient_values,
    coefficients_of,
    draw_deviations,
    truth_parameters,
)

DDM = get_model("ddm")
FORMULA = "1 + x + c + (1 + c | participant_id)"
LABELS = [
    "v_Intercept",
    "v_x",
    "v_c[b]",
    "v_c[c]",
    "v_1|participant_id_sigma",
    "v_c|participant_id_sigma[b]",
    "v_c|participant_id_sigma[c]",
]


def data(participants=4):
    rng = np.random.default_rng(1)
    n = 6 * participants
    return pd.DataFrame(
        {
            "participant_id": np.repeat([str(p) for p in range(participants)], 6),
            "x": rng.normal(size=n),
            "c": np.tile(["a", "b", "c"], n // 3),
        }
    )


def matrix(parameter="v", formula=FORMULA, link=None, frame=None):
    chosen = link or default_link(DDM.parameter(parameter))
    return design_matrix(Regression(parameter, formula, chosen), data() if frame is None else frame)


def test_coefficients_take_the_place_of_their_parameter():
    needed = truth_parameters(DDM, {"v": matrix()})
    assert [p.name for p in needed] == [*LABELS, "a", "z", "t"]
    supports = {p.name: (p.lower, p.upper) for p in needed}
    assert supports["v_c[b]"] == (-np.inf, np.inf)
    assert supports["v_c|participant_id_sigma[b]"] == (0.0, np.inf)
    assert supports["a"] == (0.0, np.inf)
    assert truth_parameters(DDM, {}) == DDM.parameters


def test_the_intercept_has_the_support_on_the_identity_scale_alone():
    (on_log,) = coefficients_of(matrix("a", "1"), DDM.parameter("a"))
    (on_identity,) = coefficients_of(matrix("a", "1", Link("identity")), DDM.parameter("a"))
    assert (on_log.lower, on_identity.lower) == (-np.inf, 0.0)


def test_a_group_needs_two_members():
    frame = data(participants=1)
    with pytest.raises(FormulaError, match="participant_id has the single member 0"):
        coefficients_of(matrix(frame=frame), DDM.parameter("v"))


def test_a_coefficient_with_the_name_of_a_parameter_is_refused():
    more = (*DDM.parameters, replace(DDM.parameter("t"), name="v_x"))
    model = replace(DDM, parameters=more)
    with pytest.raises(FormulaError, match="v_x would be the name of a coefficient and"):
        truth_parameters(model, {"v": matrix()})


def test_elements_are_put_together():
    truth = dict(zip(LABELS, np.arange(7.0), strict=True))
    values = coefficient_values(matrix(), truth)
    assert list(values) == ["v_Intercept", "v_x", "v_c"]
    assert (float(values["v_Intercept"]), float(values["v_x"])) == (0.0, 1.0)
    np.testing.assert_array_equal(values["v_c"], [2.0, 3.0])


def draw(participants, seed=1, formula=FORMULA, parameter="v"):
    made = matrix(parameter, formula, frame=data(participants))
    truth = {label: 0.5 * (i + 1) for i, label in enumerate(LABELS)}
    return made, draw_deviations(made, truth, np.random.SeedSequence(seed))


def test_deviations_are_normal_with_their_sds():
    _, drawn = draw(1500)
    scaled = [
        drawn["v_1|participant_id"] / 2.5,
        drawn["v_c|participant_id"][:, 0] / 3.0,
        drawn["v_c|participant_id"][:, 1] / 3.5,
    ]
    for values in scaled:
        assert stats.kstest(values, stats.norm.cdf).pvalue > 1e-3
    correlations = np.corrcoef(scaled)[np.triu_indices(3, 1)]
    assert np.abs(correlations).max() < 4 / np.sqrt(1500)


def test_more_participants_and_other_terms_leave_deviations_alone():
    few, drawn = draw(3)
    many, more = draw(25)
    # As text the labels are sorted: 10 comes before 2.
    assert many.groups[0].groups[:3] == ("0", "1", "10")
    for variable, values in drawn.items():
        where = [many.groups[0].groups.index(p) for p in few.groups[0].groups]
        np.testing.assert_array_equal(values, more[variable][where])
    _, alone = draw(3, formula="1 + (1 | participant_id)")
    np.testing.assert_array_equal(alone["v_1|participant_id"], drawn["v_1|participant_id"])
    _, other = draw(3, seed=2)
    assert not np.isin(other["v_1|participant_id"], drawn["v_1|participant_id"]).any()


def test_a_held_parameter_needs_a_truth_where_it_is_given_one():
    model = get_model("ddm")
    first = replace(model.parameters[0], held=0.2)
    model = replace(model, parameters=(first, *model.parameters[1:]))
    assert [p.name for p in truth_parameters(model, {})] == ["a", "z", "t"]
    assert [p.name for p in truth_parameters(model, {}, {"v": 1.0})] == ["v", "a", "z", "t"]

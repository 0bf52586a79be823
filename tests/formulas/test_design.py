"""Design matrices, against those of Bambi itself."""

import warnings

import bambi as bmb
import numpy as np
import pandas as pd
import pymc as pm
import pytest

from driftmill.formulas.design import design_matrix, element_labels
from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import FormulaError

FORMULAS = (
    "1",
    "1 + x",
    "1 + x*c",
    "0 + c",
    "C(c, Treatment('b'))",
    "C(c, Sum)",
    "bs(x, df=4)",
    "scale(x) + np.log(w) + log(w):x",
    "1 + x + offset(w)",
    "x:w + bs(x, df=3):c",
    "C(k)",
    "k",
    "1 + x + (1 + x | participant_id)",
    "1 + (0 + c | participant_id)",
    "0 + (1 | participant_id)",
    "c + (c | participant_id)",
    "1 + (x | participant_id:two)",
    "1 + (two*c | participant_id) + (1 | two)",
    "1 + (bs(x, df=3) | participant_id)",
)


@pytest.fixture(scope="module")
def data():
    rng = np.random.default_rng(3)
    n = 60
    return pd.DataFrame(
        {
            "y": rng.normal(size=n),
            "x": rng.normal(1.0, 2.0, n),
            "w": rng.gamma(2.0, 1.0, n),
            "c": rng.permutation(np.resize(["c", "a", "b"], n)),
            "two": rng.permutation(np.resize(["no", "yes"], n)),
            "k": rng.permutation(np.resize([1.0, 2.0, 4.0], n)),
            # As text, 10 and 11 stand between 1 and 2.
            "participant_id": np.repeat([str(p) for p in range(12)], 5),
        }
    )


def regression(formula, link=None):
    return Regression("v", formula, link or Link("identity"))


def bambi_component(formula, data):
    """Return Bambi's terms of a formula on a parameter that is not the parent, and its model."""
    likelihood = bmb.Likelihood("Two", params=["mu", "v"], parent="mu", dist=pm.Normal)
    family = bmb.Family("two", likelihood, link={"mu": "identity", "v": "identity"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = bmb.Model(
            bmb.Formula("y ~ 1", f"v ~ {formula}"), data, family=family, center_predictors=False
        )
    return model.parameters["v"]


def own_values(design, rng, leading=()):
    return {
        name: rng.normal(size=(*leading, *(len(dim) for dim in labels)))
        for name, labels in design.labels.items()
    }


@pytest.mark.parametrize("formula", FORMULAS)
def test_names_levels_and_columns_are_bambis(formula, data):
    design = design_matrix(regression(formula), data)
    component = bambi_component(formula, data)
    terms = {t.name: t for t in component.terms.values() if t.kind != "offset"}
    assert [c.variable for c in design.common] + [d.variable for d in design.groups] == list(terms)
    for mine in design.common:
        theirs = terms[mine.variable]
        coords = [[str(level) for level in levels] for levels in theirs.coords.values()]
        assert [list(dim) for dim in mine.labels] == coords
        np.testing.assert_array_equal(mine.columns, theirs.data.reshape(len(data), -1))
    for mine in design.groups:
        theirs = terms[mine.variable]
        coords = [[str(level) for level in levels] for levels in theirs.coords.values()]
        assert [list(dim) for dim in mine.labels] == coords
        np.testing.assert_array_equal(mine.rows, theirs.group_index)
        np.testing.assert_array_equal(mine.columns, theirs.predictor.reshape(len(data), -1))
        assert [str(group) for group in theirs.groups] == list(mine.groups)


@pytest.mark.parametrize("formula", FORMULAS)
def test_the_predictor_is_columns_times_coefficients(formula, data):
    """Bambi keeps X and Z whole; X b + Z u is the predictor."""
    design = design_matrix(regression(formula), data)
    values = own_values(design, np.random.default_rng(5))
    found = bambi_component(formula, data).design
    expected = np.zeros(len(data))
    for name, term in (found.common.terms if found.common else {}).items():
        columns = np.asarray(found.common[name], dtype=float)
        offset = term.kind == "offset"
        expected += columns @ (np.ones(1) if offset else np.atleast_1d(values[f"v_{name}"]))
    for name in found.group.terms if found.group else {}:
        expected += found.group[name] @ values[f"v_{name}"].reshape(-1)
    np.testing.assert_allclose(design.predictor(values), expected, rtol=0, atol=1e-12)


def test_draws_are_evaluated_together(data):
    link = Link("log", lower=0.5)
    design = design_matrix(regression("1 + x + (1 + c | participant_id)", link), data)
    rng = np.random.default_rng(6)
    values = own_values(design, rng, leading=(2, 3))
    together = design.parameter(values)
    assert together.shape == (2, 3, len(data))
    assert (together > 0.5).all()
    one = design.parameter({name: value[1, 2] for name, value in values.items()})
    np.testing.assert_array_equal(together[1, 2], one)
    np.testing.assert_allclose(
        np.log(one - 0.5), design.predictor({n: v[1, 2] for n, v in values.items()}), atol=1e-12
    )


def test_a_predictor_by_hand():
    data = pd.DataFrame(
        {"x": [1.0, 2.0, 3.0], "c": ["b", "a", "b"], "participant_id": ["p", "q", "q"]}
    )
    design = design_matrix(regression("1 + x + c + (1 | participant_id)"), data)
    values = {
        "v_Intercept": 10.0,
        "v_x": 2.0,
        "v_c": [0.5],
        "v_1|participant_id": [100.0, 200.0],
    }
    np.testing.assert_array_equal(design.predictor(values), [112.5, 214.0, 216.5])
    assert design.labels == {
        "v_Intercept": (),
        "v_x": (),
        "v_c": (("b",),),
        "v_1|participant_id_sigma": (),
        "v_1|participant_id": (("p", "q"),),
    }


def test_labels_of_elements():
    assert element_labels("v_x", ()) == ("v_x",)
    assert element_labels("v_c", (("b", "c"),)) == ("v_c[b]", "v_c[c]")
    assert element_labels("v_c|g", (("s", "t"), ("b",))) == ("v_c|g[s, b]", "v_c|g[t, b]")


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ("1 + nothing", "there is no column nothing; known: y, x, w"),
        ("1 + one", "the term one is constant over all trials"),
        ("1 + log(text)", "cannot be evaluated"),
        ("1 + gaps", "1 incomplete rows"),
        ("1 + hsgp(x, m=10, c=1.5)", "hsgp terms cannot be evaluated here"),
    ],
)
def test_what_cannot_be_evaluated_is_told(formula, words, data):
    gaps = np.where(np.arange(len(data)) == 7, np.nan, data["x"])
    more = data.assign(one=1.0, text="a", gaps=gaps)
    with pytest.raises(FormulaError, match=words) as caught:
        design_matrix(regression(formula), more)
    assert str(caught.value).startswith(f"v ~ {formula}: ")


def test_a_formula_sees_no_names_of_the_program(data):
    with pytest.raises(FormulaError, match="calls regression, which formulas may not"):
        design_matrix(regression("1 + regression(x)"), data)

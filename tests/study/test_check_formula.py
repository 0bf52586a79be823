"""Problems of a fit's formulas, priors and lapses that need no data."""

import pytest
from tests.study.fits_with_formulas import FORMULA, HALF, NESTED, NORMAL, entry, problems


@pytest.mark.parametrize(
    "said",
    [
        {"include": [f"v ~ {FORMULA}", "a ~ 1 + C(c, Treatment('a'))", "t ~ 0 + bs(x, df=4)"]},
        {"include": [entry({"Intercept": NORMAL, "x": HALF, "1|participant_id": NESTED})]},
        {"include": [entry({"common": NORMAL, "group_specific": NESTED})]},
        {"include": [entry({"x|participant_id": NESTED | {"name": "StudentT", "nu": 4}})]}
        | {"noncentered": {"v": False}},
        {"include": [entry(name="a", link="identity")], "link_settings": "log_logit"},
        {"global_formula": f"y ~ {FORMULA}", "link_settings": "identity", "prior_set": "hssm"},
        {"fixed": {"z": 0.5, "t": "ter"}, "p_outlier": "1 + (1 | participant_id)"},
        {"fixed": {"v": 1, "a": 1, "z": 0.5, "t": 0.3}, "p_outlier": "1"},
        {"p_outlier": {"name": "Beta", "alpha": 1, "beta": 20}},
    ],
)
def test_what_is_right_has_no_problems(said):
    assert problems(**said) == []


@pytest.mark.parametrize(
    ("said", "field", "value", "message", "remedy"),
    [
        # The formula.
        (
            {"include": ["v ~ 1 + (x"]},
            "include[0]",
            "'1 + (x'",
            "cannot be read",
            "write it as for HSSM",
        ),
        ({"include": ["v ~ "]}, "include[0]", "''", "the formula is empty", "write it as"),
        (
            {"include": [entry(formula="a ~ 1 + x")]},
            "include[0].formula",
            "'a ~ 1 + x'",
            "the formula's left side is 'a', its entry's name v",
            "write v ~ 1 + x, or change the name",
        ),
        (
            {"include": ["vv ~ 1 + x"]},
            "include[0]",
            "vv ~ 1 + x",
            "ddm has no parameter 'vv'",
            "did you mean 'v'?",
        ),
        (
            {"include": [{"name": "theta", "prior": 0.2}]},
            "include[0]",
            "0.2",
            "ddm has no parameter 'theta'",
            "known parameters of ddm: v, a, z, t",
        ),
        ({"include": ["1 + x"]}, "include[0]", "'1 + x'", "of which parameter", "v ~ 1 + x"),
        (
            {"include": [{"name": "p_outlier", "prior": 0.1}]},
            "include[0]",
            "0.1",
            "p_outlier is no parameter of the model",
            "p_outlier: ...",
        ),
        (
            {"global_formula": "y ~ 1 +* x"},
            "global_formula",
            "'y ~ 1 +* x'",
            "cannot be read",
            "e.g. y ~ 1 + (1 | participant_id)",
        ),
        (
            {"p_outlier": "1 + (x"},
            "p_outlier",
            "'1 + (x'",
            "cannot be read",
            "write it as for HSSM",
        ),
        # Entries that do not go together.
        ({"include": [{"name": "v"}]}, "include[0]", "{'name': 'v'}", "says nothing", "give it"),
        (
            {"include": [entry(NORMAL)]},
            "include[0]",
            "'formula'",
            "one prior for a whole formula",
            "prior: {Intercept: {...}, x: {...}}",
        ),
        (
            {"include": [{"name": "v", "prior": {"x": NORMAL}}]},
            "include[0]",
            "'prior'",
            "priors of terms without a formula",
            "add the formula",
        ),
        (
            {"include": [{"name": "a", "prior": 1.5, "link": "log"}]},
            "include[0]",
            "'link': 'log'",
            "a link without a formula",
            "leave the link out",
        ),
        # Two things said of one parameter.
        (
            {"include": ["v ~ 1 + x", "v ~ 1 + y"]},
            "include[1]",
            "'v'",
            "v has the formula 1 + x and has the formula 1 + y",
            "fits[0].include[0] or fits[0].include[1]",
        ),
        (
            {"include": ["v ~ 1 + x"], "fixed": {"v": 1}},
            "fixed.v",
            "'v'",
            "v has the formula 1 + x and is fixed to 1",
            "take one of them out",
        ),
        (
            {"include": ["v ~ 1 + x"], "priors": {"v": NORMAL}},
            "priors.v",
            "'v'",
            "and has the prior Normal(mu=0, sigma=1)",
            "take one of them out",
        ),
        (
            {"fixed": {"t": "ter"}, "priors": {"t": HALF}},
            "priors.t",
            "'t'",
            "t is fixed to the column ter and has the prior HalfNormal(sigma=0.5)",
            "take one of them out",
        ),
        # Links.
        (
            {"include": [entry(link="log")]},
            "include[0].link",
            "'log'",
            "the link log does not fit v, whose support is (-inf, inf)",
            "give one of identity",
        ),
        (
            {"include": [entry(name="a", link="logit")]},
            "include[0].link",
            "'logit'",
            "does not fit a, whose support is (0, inf)",
            "give one of identity, log",
        ),
        (
            {"p_outlier": {"formula": "1", "link": "log"}},
            "p_outlier.link",
            "'log'",
            "does not fit p_outlier",
            "give one of identity, logit, gen_logit",
        ),
        # Groups.
        (
            {"include": ["a ~ 0 + (1 | participant_id)"], "link_settings": "identity"},
            "include[0]",
            "'0 + (1 | participant_id)'",
            "1|participant_id varies around 0",
            "add an intercept (1 + ...), or give a link: log",
        ),
        (
            {"noncentered": {"vv": False}},
            "noncentered.vv",
            "false",
            "ddm has no parameter 'vv'",
            "did you mean 'v'?",
        ),
        # Fixed values.
        (
            {"include": [{"name": "z", "prior": 1.5}]},
            "include[0]",
            "1.5",
            "lies outside the support of z",
            "inside (0, 1)",
        ),
        (
            {"fixed": {"v": 1, "a": 1, "z": 0.5, "t": "ter"}, "p_outlier": 0.1},
            "fixed",
            "'t': 'ter'",
            "nothing left to fit",
            "leave at least one",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place_and_remedy(said, field, value, message, remedy):
    (problem,) = problems(**said)
    assert problem.field == f"fits[0].{field}"
    assert value in problem.value
    assert message in problem.message
    assert remedy in problem.remedy


def test_all_problems_are_told_at_once():
    found = problems(
        include=[
            entry({"y": NORMAL, "1|participant_id": HALF, "x": {"name": "Nromal"}}),
            "a ~ 1 + (",
            "b ~ 1",
        ],
        priors={"t": {"name": "Gamma", "mu": 1}},
        noncentered={"q": True},
        p_outlier={"formula": "1", "link": "log"},
    )
    assert [problem.field.removeprefix("fits[0].") for problem in found] == [
        "include[0].prior.y",
        "include[0].prior.1|participant_id",
        "include[0].prior.x.name",
        "include[1]",
        "include[2]",
        "priors.t",
        "p_outlier.link",
        "noncentered.q",
    ]


def test_the_global_formula_is_checked_for_every_parameter_that_it_is_of():
    found = problems(
        global_formula="y ~ 0 + (1 | participant_id)",
        link_settings="identity",
        fixed={"z": 0.5},
    )
    assert [p.field for p in found] == ["fits[0].global_formula"] * 2
    assert "support of a is" in found[0].message
    assert "support of t is" in found[1].message

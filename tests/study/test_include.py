"""What the parts of a fit may be, and how it is told that they are not."""

import pytest

from driftmill.study.distribution import PriorSpec
from driftmill.study.include import IncludeSpec, LapseSpec
from driftmill.study.load import load_study
from driftmill.study.priors import prior_of
from driftmill.study.problems import StudyErrors
from driftmill.study.types import Fit

NORMAL = {"name": "Normal", "mu": 0, "sigma": 1}
NESTED = {"name": "Normal", "mu": 0, "sigma": {"name": "HalfNormal", "sigma": 1}}


def fit(**said):
    return Fit.model_validate({"name": "f", "model": "ddm", **said})


@pytest.mark.parametrize(
    ("prior", "expected"),
    [
        (0.5, 0.5),
        ("ter", "ter"),
        (NORMAL, PriorSpec(**NORMAL)),
        ({"x": NORMAL}, {"x": PriorSpec(**NORMAL)}),
        ({"name": NORMAL}, {"name": PriorSpec(**NORMAL)}),
        (None, None),
    ],
)
def test_a_prior_is_told_by_what_it_is(prior, expected):
    (entry,) = fit(include=[{"name": "v", "prior": prior}]).include
    assert entry == IncludeSpec(name="v", prior=expected)
    assert entry.prior == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (0.1, 0.1),
        ("1 + x", "1 + x"),
        ({"name": "Beta", "alpha": 1, "beta": 9}, PriorSpec(name="Beta", alpha=1, beta=9)),
        ({"formula": "1 + x", "link": "logit"}, LapseSpec(formula="1 + x", link="logit")),
        (None, None),
    ],
)
def test_lapses_are_told_by_what_they_are(said, expected):
    assert fit(p_outlier=said).p_outlier == expected


def test_a_distribution_may_hold_one_and_survives_a_round_trip():
    made = fit(priors={"v": NESTED})
    spec = made.priors["v"]
    assert isinstance(spec.args["sigma"], PriorSpec)
    assert str(prior_of(spec)) == "Normal(mu=0, sigma=HalfNormal(sigma=1))"
    assert Fit.model_validate(made.model_dump(mode="json")) == made
    assert made.model_dump(mode="json")["priors"]["v"] == NESTED


@pytest.mark.parametrize(
    ("said", "field", "words", "remedy"),
    [
        ({"include": "v ~ 1"}, "include", "should be a list", "formulas such as"),
        ({"include": [3]}, "include[0]", "should be keys", "mappings of name, formula"),
        (
            {"include": [{"fomula": "v ~ 1"}]},
            "include[0].fomula",
            "unknown key 'fomula'",
            "did you mean 'formula'?",
        ),
        (
            {"include": [{"formula": "v ~ 1", "link": "lgo"}]},
            "include[0].link",
            "should be 'identity'",
            "did you mean 'log'?",
        ),
        (
            {"include": [{"formula": "v ~ 1", "prior": {"x": 3}}]},
            "include[0].prior.x",
            "should be keys",
            "a distribution for each term",
        ),
        (
            {"include": [{"formula": "v ~ 1", "prior": {"x": {"mu": 3}}}]},
            "include[0].prior.x.name",
            "is missing",
            "name in PyMC",
        ),
        (
            {"include": [{"formula": "v ~ 1", "prior": {"x": NORMAL | {"mu": {"mu": 1}}}}]},
            "include[0].prior.x.mu.name",
            "is missing",
            "name in PyMC",
        ),
        ({"priors": {"v": NORMAL | {"mu": [1]}}}, "priors.v.mu", "valid number", "Priors of"),
        ({"fixed": {"z": True}}, "fixed.z", "not true or false", "the name of a column"),
        ({"fixed": {"z": [1]}}, "fixed.z", "valid number", "the name of a column"),
        ({"noncentered": {"v": "so"}}, "noncentered.v", "valid boolean", "{v: false}"),
        ({"noncentered": 3}, "noncentered", "valid boolean", "{v: false}"),
        ({"p_outlier": 1}, "p_outlier", "less than 1", "a number, a distribution"),
        ({"p_outlier": -0.1}, "p_outlier", "greater than or equal to 0", "a number, a"),
        ({"p_outlier": True}, "p_outlier", "not true or false", "a number, a distribution"),
        (
            {"p_outlier": {"formula": "1", "priors": {}}},
            "p_outlier.priors",
            "unknown key 'priors'",
            "did you mean 'prior'?",
        ),
        ({"prior_set": "hsm"}, "prior_set", "should be 'default'", "did you mean 'hssm'?"),
        ({"link_settings": "log"}, "link_settings", "should be 'log_logit'", "by their support"),
        ({"global_formula": 3}, "global_formula", "valid string", "y ~ 1"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_place(raw, write, said, field, words, remedy):
    raw["fits"][0] |= said
    with pytest.raises(StudyErrors) as caught:
        load_study(write(raw))
    (problem,) = caught.value.problems
    assert problem.field == f"fits[0].{field}"
    assert words in problem.message
    assert remedy in problem.remedy

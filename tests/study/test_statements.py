import pytest

from driftmill.models import get_model
from driftmill.study.distribution import PriorSpec
from driftmill.study.statements import Statement, Written, statements_of, written_of
from driftmill.study.types import Fit

DDM = get_model("ddm")


def fit(**said):
    return Fit.model_validate({"name": "f", "model": "ddm", **said})


def test_everything_that_is_said_has_a_place():
    prior = {"name": "HalfNormal", "sigma": 1}
    found = statements_of(
        fit(
            include=["v ~ 1 + x", {"name": "a", "formula": "1", "link": "log"}],
            fixed={"z": 0.5},
            priors={"t": prior},
            p_outlier=0.1,
        )
    )
    assert [(s.parameter, s.at) for s in found] == [
        ("v", "include[0]"),
        ("a", "include[1]"),
        ("z", "fixed.z"),
        ("t", "priors.t"),
        ("p_outlier", "p_outlier"),
    ]
    assert found[0].said == Written("1 + x", "v")
    assert found[1].said == Written("1", None, "log")
    assert [s.said for s in found[2:]] == [0.5, PriorSpec(**prior), 0.1]


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"include": ["v ~ 1"]}, "include[0]"),
        ({"include": [{"formula": "v ~ 1"}]}, "include[0].formula"),
        ({"p_outlier": "1 + x"}, "p_outlier"),
        ({"p_outlier": {"formula": "1 + x"}}, "p_outlier.formula"),
        ({"global_formula": "y ~ 1", "fixed": {"a": 1, "z": 0.5, "t": 0.3}}, "global_formula"),
    ],
)
def test_a_formula_stands_where_it_is_written(said, place):
    ((at, _),) = written_of(fit(**said), DDM).values()
    assert at == place


def test_what_is_said_first_of_a_parameter_holds():
    found = written_of(fit(include=["v ~ 1 + x", "v ~ 1 + y"], fixed={"v": 1}), DDM)
    assert found == {"v": ("include[0]", Written("1 + x", "v"))}


@pytest.mark.parametrize(
    "entry",
    [{"name": "v"}, {"name": "v", "link": "log"}, {"name": "v", "prior": {"x": {"name": "Flat"}}}],
)
def test_an_entry_without_formula_or_prior_says_nothing(entry):
    assert statements_of(fit(include=[entry])) == (Statement("v", "include[0]", None, True),)

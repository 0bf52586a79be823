import math

import pytest

from driftmill.models import Prior
from driftmill.regression.fit_spec import P_OUTLIER
from driftmill.study.build import fit_spec_of
from driftmill.study.load import load_study

HALF = {"name": "HalfNormal", "sigma": 0.3}
NORMAL = {"name": "Normal", "mu": 0, "sigma": 0.7}


@pytest.fixture
def spec(write, raw):
    def make(**said):
        raw["fits"][0] |= said
        return fit_spec_of(load_study(write(raw)), "c", "f")

    return make


def test_an_entry_may_be_a_formula_a_number_a_column_or_a_prior(spec):
    made = spec(
        include=[
            "v ~ 1 + x",
            {"name": "a", "prior": {"name": "Gamma", "mu": 1.2, "sigma": 0.4}},
            {"name": "z", "prior": 0.5},
            {"name": "t", "prior": "ter"},
        ]
    )
    assert made.plain_parameters == ("a",)
    assert made.named_prior("a") == Prior("Gamma", {"mu": 1.2, "sigma": 0.4})
    assert made.fixed == {"z": 0.5, "t": "ter"}
    assert str(made.formulas["v"]) == "v ~ 1 + x"
    assert made.columns == ("rt", "response", "x", "ter")


def test_fixed_takes_numbers_and_columns(spec):
    made = spec(fixed={"z": 0.5, "t": "ter"})
    assert (made.fixed_numbers, made.fixed_columns) == ({"z": 0.5}, {"t": "ter"})


def test_priors_of_terms_are_those_given_and_defaults_for_the_rest(spec):
    entry = {
        "name": "a",
        "formula": "a ~ 1 + x + (1 | participant_id)",
        "prior": {
            "Intercept": NORMAL,
            "1|participant_id": {"name": "Normal", "mu": 0, "sigma": HALF},
        },
    }
    regression = spec(include=[entry]).formulas["a"]
    assert regression.link.name == "log"
    assert regression.priors == {
        "Intercept": Prior("Normal", {"mu": 0.0, "sigma": 0.7}),
        "x": Prior("Normal", {"mu": 0.0, "sigma": 0.5}),
        "1|participant_id": Prior(
            "Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": 0.3})}
        ),
    }


def test_links_follow_the_settings_unless_one_is_given(spec):
    formulas = ["a ~ 1 + x", "z ~ 1 + x", "v ~ 1 + x"]
    links = {name: r.link.name for name, r in spec(include=formulas).formulas.items()}
    assert links == {"v": "identity", "a": "log", "z": "logit"}
    formulas.append({"formula": "t ~ 1 + x", "link": "log"})
    made = spec(include=formulas, link_settings="identity")
    links = {name: r.link.name for name, r in made.formulas.items()}
    assert links == {"v": "identity", "a": "identity", "z": "identity", "t": "log"}


def test_the_global_formula_is_of_every_parameter_of_which_nothing_is_said(spec):
    made = spec(
        global_formula="y ~ 1 + (1 | participant_id)",
        include=["v ~ 1 + x"],
        priors={"a": {"name": "HalfNormal", "sigma": 1}},
        fixed={"z": 0.5},
    )
    assert {name: r.formula for name, r in made.formulas.items()} == {
        "v": "1 + x",
        "t": "1 + (1 | participant_id)",
    }
    assert made.plain_parameters == ("a",)
    assert not made.estimates_lapse


def test_an_entry_may_give_priors_or_a_link_of_the_global_formula(spec):
    made = spec(
        global_formula="y ~ 1 + x",
        include=[{"name": "v", "prior": {"x": NORMAL}}, {"name": "a", "link": "identity"}],
    )
    assert made.formulas["v"].priors["x"] == Prior("Normal", {"mu": 0.0, "sigma": 0.7})
    assert made.formulas["a"].link.name == "identity"
    assert str(made.formulas["a"]) == "a ~ 1 + x"


@pytest.mark.parametrize(
    ("said", "expected"),
    [(True, (True, True)), (False, (False, False)), ({"v": False}, (False, True))],
)
def test_groups_are_multiples_of_their_sd_for_all_or_by_parameter(spec, said, expected):
    made = spec(global_formula="y ~ 1 + (1 | participant_id)", noncentered=said)
    assert (made.formulas["v"].noncentered, made.formulas["a"].noncentered) == expected


def test_the_set_of_priors_reaches_the_terms(spec):
    priors = spec(include=["v ~ 1 + x"], prior_set="hssm").formulas["v"].priors
    assert priors["Intercept"] == Prior("Normal", {"mu": 2.0, "sigma": 3.0})


@pytest.mark.parametrize(
    "said",
    ["1 + x", "p_outlier ~ 1 + x", {"formula": "1 + x"}],
)
def test_lapses_may_have_a_formula(spec, said):
    made = spec(p_outlier=said)
    assert str(made.p_outlier) == "p_outlier ~ 1 + x"
    assert made.p_outlier.link.name == "logit"
    assert made.p_outlier.priors["Intercept"] == Prior("Normal", {"mu": -3.0, "sigma": 1.0})
    assert made.formulas == {"p_outlier": made.p_outlier}


def test_the_formula_of_lapses_has_priors_and_a_link(spec):
    made = spec(p_outlier={"formula": "1", "prior": {"Intercept": NORMAL}, "link": "identity"})
    assert made.p_outlier.link.name == "identity"
    assert made.p_outlier.priors == {"Intercept": Prior("Normal", {"mu": 0.0, "sigma": 0.7})}


def test_lapses_may_have_a_prior_or_a_share(spec):
    made = spec(p_outlier={"name": "Beta", "alpha": 2, "beta": 50})
    assert made.p_outlier == Prior("Beta", {"alpha": 2.0, "beta": 50.0})
    assert made.plain_parameters == ("v", "a", "z", "t", P_OUTLIER.name)
    made = spec(p_outlier=0)
    assert made.p_outlier == 0.0
    assert not made.lapses


def test_a_fit_without_a_word_is_plain(spec):
    made = spec()
    assert made.plain_parameters == ("v", "a", "z", "t")
    assert not made.formulas
    assert math.isclose(made.p_outlier, 0.0)

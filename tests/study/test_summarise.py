"""The study in words: parameters, terms of formulas, lapses, where truths come from."""

import pytest

from driftmill.study.expand import expand
from driftmill.study.load import load_study
from driftmill.study.summarise import summarise

HALF = {"name": "HalfNormal", "sigma": 1}
FORMULA = "v ~ 1 + x + (1 | participant_id)"


@pytest.fixture
def summary(raw, write):
    def make(said=None, cell=None):
        raw["fits"][0] |= said or {}
        raw["data"][0] |= cell or {}
        return summarise(expand(load_study(write(raw))), "")

    return make


def test_a_plain_fit_has_its_parameters_priors(summary):
    (fit,) = summary({"fixed": {"z": 0.5, "t": "ter"}, "priors": {"a": HALF}}).fits
    assert fit.priors == {"v": "Normal(mu=0, sigma=2)", "a": "HalfNormal(sigma=1)"}
    assert (fit.fixed, fit.fixed_columns) == ({"z": 0.5}, {"t": "ter"})
    assert (fit.formulas, fit.links, fit.p_outlier) == ({}, {}, "0")


def test_a_formula_has_an_entry_a_term(summary):
    said = {"include": [FORMULA, "a ~ 1"], "noncentered": {"v": False}}
    (fit,) = summary(said).fits
    assert fit.formulas == {"v": FORMULA, "a": "a ~ 1"}
    assert fit.links == {"v": "identity", "a": "log"}
    assert fit.centered == ("v",)
    assert fit.priors == {
        "z": "Uniform(lower=0, upper=1)",
        "t": "HalfNormal(sigma=2)",
        "v_Intercept": "Normal(mu=0, sigma=2)",
        "v_x": "Normal(mu=0, sigma=1)",
        "v_1|participant_id": "Normal(mu=0, sigma=HalfNormal(sigma=1))",
        "a_Intercept": "Normal(mu=0.182322, sigma=0.5)",
    }


@pytest.mark.parametrize(
    ("said", "words", "more"),
    [
        (0.1, "0.1", {}),
        (
            {"name": "Beta", "alpha": 1, "beta": 20},
            "Beta(alpha=1, beta=20)",
            {"p_outlier": "Beta(alpha=1, beta=20)"},
        ),
        ("1", "p_outlier ~ 1", {"p_outlier_Intercept": "Normal(mu=-3, sigma=1)"}),
    ],
)
def test_lapses_are_told(summary, said, words, more):
    (fit,) = summary({"p_outlier": said}).fits
    assert fit.p_outlier == words
    assert {k: v for k, v in fit.priors.items() if k.startswith("p_outlier")} == more


def test_lapses_of_the_cells_are_told_by_cell(raw, summary):
    raw["data"].append(raw["data"][0] | {"name": "d", "lapse": 0.1})
    (fit,) = summary().fits
    assert fit.p_outlier == "0 (c), 0.1 (d)"


def test_truths_are_told_in_the_order_of_the_parameters(summary):
    truth = {"t": 0.3, "v_x": 0.5, "z": {"grid": [0.4, 0.6]}, "v_Intercept": 1, "a": HALF}
    cell = {"formulas": ["v ~ 1 + x"], "covariates": {"x": HALF}, "truth": truth}
    (told,) = summary(cell=cell).cells
    assert list(told.truth.items()) == [
        ("v_Intercept", "1"),
        ("v_x", "0.5"),
        ("a", "HalfNormal(sigma=1)"),
        ("z", "grid of 0.4, 0.6"),
        ("t", "0.3"),
    ]
    assert told.formulas == {"v": "v ~ 1 + x"}


def test_truths_may_be_drawn_from_the_priors_of_a_fit(summary):
    cell = {
        "covariates": {"x": {"name": "Normal", "mu": 0, "sigma": 1}},
        "participants": 3,
        "truth": "prior",
    }
    (told,) = summary({"include": [FORMULA], "fixed": {"z": 0.5}}, cell).cells
    assert told.prior_of == "f"
    assert told.formulas == {"v": FORMULA}
    assert told.truth == {
        "v_Intercept": "Normal(mu=0, sigma=2)",
        "v_x": "Normal(mu=0, sigma=1)",
        "v_1|participant_id_sigma": "HalfNormal(sigma=1)",
        "a": "HalfNormal(sigma=2)",
        "z": "0.5",
        "t": "HalfNormal(sigma=2)",
    }


def test_truths_of_the_studys_own_are_of_no_fit(summary):
    (told,) = summary().cells
    assert told.prior_of is None

"""Truths from a fit's priors: what the generator then is, and what `driftmill check` refuses."""

import math

import numpy as np
import pytest
from scipy import stats

from driftmill.models.priors import Distribution
from driftmill.recovery.roles import roles_of
from driftmill.simulation.simulate import simulate_datasets
from driftmill.study.build import design_of, fit_spec_of, generating_formulas
from driftmill.study.hash import relevant
from driftmill.study.load import load_study
from driftmill.study.prior_truths import calibrated_pairs
from driftmill.study.problems import StudyErrors

NORMAL = {"name": "Normal", "mu": 0, "sigma": 1}
HALF = {"name": "HalfNormal", "sigma": 1}
COVARIATES = {"x": NORMAL, "c": {"levels": ["a", "b", "d"]}}
FORMULA = "v ~ 1 + x + c + (1 + c | participant_id)"


@pytest.fixture
def calibrating(raw):
    """Return a study whose truths are drawn from its only fit's priors."""
    raw["data"][0]["truth"] = "prior"
    return raw


@pytest.fixture
def hierarchical(calibrating):
    calibrating["data"][0] |= {"covariates": COVARIATES, "participants": 3}
    calibrating["fits"][0] |= {"include": [FORMULA], "fixed": {"z": 0.5}}
    return calibrating


@pytest.mark.parametrize("truth", ["prior", {"prior": "f"}])
def test_the_word_and_the_fits_name_are_the_same(raw, problems, write, truth):
    raw["data"][0]["truth"] = truth
    assert problems(raw) == []
    study = load_study(write(raw))
    assert calibrated_pairs(study) == (("c", "f"),)
    truths = design_of(study, "c").truth
    assert list(map(str, truths.values())) == [
        "Normal(mu=0, sigma=2)",
        "HalfNormal(sigma=2)",
        "Uniform(lower=0, upper=1)",
        "HalfNormal(sigma=2)",
    ]


def test_the_generator_of_a_hierarchy_is_the_fit(hierarchical, problems, write):
    assert problems(hierarchical) == []
    study = load_study(write(hierarchical))
    spec = fit_spec_of(study, "c", "f")
    assert generating_formulas(study, "c") == spec.formulas
    design = design_of(study, "c")
    assert set(design.truth) == {
        *("a", "t", "z", "v_Intercept", "v_x", "v_c[b]", "v_c[d]"),
        *("v_1|participant_id_sigma", "v_c|participant_id_sigma[b]", "v_c|participant_id_sigma[d]"),
    }
    assert design.truth["z"] == 0.5
    assert design.truth["v_c[b]"] == design.truth["v_c[d]"] == spec.formulas["v"].priors["c"]
    assert design.lenient


def test_every_truth_has_the_distribution_that_its_posterior_starts_from(hierarchical, write):
    """By the sds that the fit's own variables are said to have, and cut where it cuts them."""
    study = load_study(write(hierarchical))
    spec, design = fit_spec_of(study, "c", "f"), design_of(study, "c")
    roles = roles_of(spec)
    ends = {p.name: (p.lower, p.upper) for p in design.parameters}
    for name, prior in design.truth.items():
        if not isinstance(prior, float):
            variable = name.partition("[")[0]
            sd = Distribution(prior, *ends[name]).sd
            assert sd == pytest.approx(roles[variable].prior_sd, rel=1e-9)


def test_drawn_shares_of_lapses_are_truths(calibrating, problems, write):
    calibrating["fits"][0]["p_outlier"] = {"name": "Beta", "alpha": 2, "beta": 20}
    calibrating["data"][0] |= {"deadline": 20, "datasets": 60}
    assert problems(calibrating) == []
    design = design_of(load_study(write(calibrating)), "c")
    _, truth = simulate_datasets(design, range(60))
    shares = truth[truth["parameter"] == "p_outlier"]["value"]
    assert len(shares) == 60
    assert stats.kstest(shares, stats.beta(2, 20).cdf).pvalue > 1e-3


def test_lapses_are_simulated_as_often_as_their_truth_says(calibrating, write):
    calibrating["fits"][0] |= {
        "p_outlier": {"name": "Uniform", "lower": 0.4, "upper": 0.6},
        "fixed": {"v": 3, "a": 1, "z": 0.5, "t": 0.2},
    }
    calibrating["data"][0]["trials"] = 2000
    design = design_of(load_study(write(calibrating)), "c")
    trials, truth = simulate_datasets(design, [0])
    share = float(truth[truth["parameter"] == "p_outlier"]["value"].iloc[0])
    # Beyond 4 s no decision of this drift is seen, and four fifths of the lapses.
    late = float((trials["rt"] > 4).mean())
    assert late == pytest.approx(0.8 * share, abs=4 * math.sqrt(0.25 / 2000))


def test_what_changes_the_fits_prior_changes_the_data(calibrating, write):
    before = relevant(load_study(write(calibrating)), "simulate", "c")
    calibrating["fits"][0]["priors"] = {"v": NORMAL}
    assert relevant(load_study(write(calibrating)), "simulate", "c") != before


def test_datasets_are_the_same_in_any_batch(hierarchical, write):
    hierarchical["data"][0]["deadline"] = 15
    design = design_of(load_study(write(hierarchical)), "c")
    trials, truth = simulate_datasets(design, [0, 1, 2])
    again, known = simulate_datasets(design, [2])
    assert trials[trials["dataset"] == 2].reset_index(drop=True).equals(again)
    assert truth[truth["dataset"] == 2].reset_index(drop=True).equals(known)


def refused(problems, raw, field, *words):
    (problem,) = problems(raw)
    assert problem.field == field
    assert all(word in f"{problem.value} {problem.message} {problem.remedy}" for word in words)


def test_with_several_fits_one_must_be_named(calibrating, problems):
    calibrating["fits"].append({"name": "g", "model": "ddm"})
    refused(problems, calibrating, "data[0].truth", "2 fits", "{prior: f}")
    calibrating["data"][0]["truth"] = {"prior": "g"}
    assert problems(calibrating) == []


def test_the_named_fit_must_be_applied_to_the_cell(calibrating, problems):
    calibrating["data"][0]["truth"] = {"prior": "ff"}
    refused(problems, calibrating, "data[0].truth.prior", "no fit 'ff'", "did you mean 'f'")


@pytest.mark.parametrize(
    ("cell", "fit", "field", "words"),
    [
        ({"model": "angle"}, {}, "data[0].model", ["of ddm", "angle"]),
        ({"formulas": ["v ~ 1"]}, {}, "data[0].formulas", ["take it out"]),
        ({"lapse": 0.1}, {"p_outlier": 0.05}, "data[0].lapse", ["0.05", "differ"]),
        (
            {"lapse": 0.1},
            {"p_outlier": {"name": "Beta", "alpha": 1, "beta": 20}},
            "data[0].lapse",
            ["drawn from its prior"],
        ),
        ({}, {"p_outlier": "1"}, "fits[0].p_outlier", ["not simulated", "a number"]),
        (
            {"covariates": {"ter": HALF}},
            {"fixed": {"t": "ter"}},
            "fits[0].fixed.t",
            ["column ter", "hold it at a number"],
        ),
        ({"deadline": 2}, {"omissions": "ignore"}, "fits[0].omissions", ["give score"]),
        (
            {"participants": 3},
            {
                "noncentered": False,
                "include": [
                    {
                        "name": "v",
                        "formula": "v ~ 1 + (1 | participant_id)",
                        "prior": {
                            "1|participant_id": {
                                "name": "StudentT",
                                "nu": 4,
                                "mu": 0,
                                "sigma": HALF,
                            }
                        },
                    }
                ],
            },
            "fits[0].include",
            ["StudentT", "Normal"],
        ),
        (
            {"covariates": {"c": NORMAL}},
            {"include": ["v ~ 1 + C(c)"]},
            "data[0].truth",
            ["change with what is drawn"],
        ),
    ],
)
def test_what_cannot_be_a_generator_is_refused(calibrating, problems, cell, fit, field, words):
    calibrating["data"][0] |= cell
    calibrating["fits"][0] |= fit
    refused(problems, calibrating, field, *words)


def test_observed_data_have_no_truth(observed, write):
    with pytest.raises(StudyErrors, match=r"data\[0\]\.truth"):
        load_study(write(observed(truth="prior")))


def test_another_word_is_no_truth(raw, write):
    raw["data"][0]["truth"] = "priors"
    with pytest.raises(StudyErrors, match=r"data\[0\]\.truth") as told:
        load_study(write(raw))
    assert "PriorTruth" in str(told.value) or "prior" in str(told.value)


def test_datasets_that_cannot_be_simulated_are_left_without_trials(calibrating, write, capsys):
    """A prior of bounds so wide that some decisions take longer than 20 s."""
    calibrating["fits"][0]["priors"] = {"a": {"name": "Uniform", "lower": 1, "upper": 6}}
    calibrating["data"][0] |= {"datasets": 12, "trials": 30}
    design = design_of(load_study(write(calibrating)), "c")
    trials, truth = simulate_datasets(design, range(12))
    made = set(trials["dataset"])
    assert 0 < len(made) < 12
    assert truth.groupby("dataset")["parameter"].apply(list).map(tuple).nunique() == 1
    assert sorted(truth["dataset"].unique()) == list(range(12))
    assert capsys.readouterr().out.count("not simulated") == 12 - len(made)
    wide = truth[truth["parameter"] == "a"].set_index("dataset")["value"]
    assert wide[sorted(made)].mean() < wide[[n for n in range(12) if n not in made]].mean()
    assert np.array_equal(simulate_datasets(design, sorted(made))[0], trials)

"""Parameters of which every value takes a numerical solution of its own."""

import pytest

TRUTH = {"v": 1.0, "a": 1.2, "z": 0.5, "t": 0.3, "alpha": 2.0, "beta": 1.5}


@pytest.fixture
def weibull(raw):
    """Return a study of four participants with a covariate a trial and one a participant."""
    covariates = {
        "x": {"name": "Normal", "mu": 0, "sigma": 1},
        "shape": {"name": "Uniform", "lower": 1, "upper": 2},
        "age": {"name": "Normal", "mu": 0, "sigma": 1, "per": "participant"},
    }
    more = {"model": "weibull", "truth": TRUTH, "participants": 4, "covariates": covariates}
    raw["data"][0] |= more
    raw["fits"][0] |= {"model": "weibull"}
    return raw


@pytest.mark.parametrize(
    "formula",
    [
        "v ~ 1 + x + (1 | participant_id)",
        "a ~ 1 + (1 | participant_id)",
        "alpha ~ 1 + age",
        "beta ~ 0 + participant_id",
    ],
)
def test_participants_may_differ(weibull, problems, formula):
    weibull["fits"][0]["include"] = [formula]
    assert problems(weibull) == []


def test_a_solution_for_every_trial_is_refused(weibull, problems):
    weibull["fits"][0]["include"] = ["v ~ 1 + x", "a ~ 1 + x", "z ~ 1 + age"]
    (problem,) = problems(weibull)
    assert problem.field == "fits[0].include[1]"
    assert problem.value == "a ~ 1 + x"
    assert "every distinct set of a, z, alpha, beta" in problem.message
    assert "with x there are 80 sets in 80 trials of cell 'c'" in problem.message
    assert problem.remedy.startswith("let a differ between participants or conditions only")
    assert "v and t" in problem.remedy


def test_a_column_of_values_counts_as_well(weibull, problems):
    weibull["fits"][0]["fixed"] = {"alpha": "shape"}
    (problem,) = problems(weibull)
    assert "80 sets in 80 trials" in problem.message


def test_learning_may_not_drive_what_is_solved_for(raw, problems):
    raw["data"][0] |= {
        "model": {"learning": "rescorla_wagner", "decision": "ornstein"},
        "task": {"bandit": {"means": [0.2, 0.8]}},
        "truth": {"rl_alpha": 0.2, "scaler": 2.0, "a": 1.2, "z": 0.5, "g": 0.1, "t": 0.3},
    }
    raw["fits"][0]["model"] = raw["data"][0]["model"]
    found = problems(raw)
    assert any("learning drives v" in problem.message for problem in found)

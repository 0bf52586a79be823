"""Problems that fits have with the covariates of simulated cells."""

import numpy as np
import pandas as pd
import pytest

from driftmill.study.check import check_study
from driftmill.study.load import load_study

NORMAL = {"name": "Normal", "mu": 0, "sigma": 1}
COVARIATES = {"x": NORMAL, "cond": {"levels": ["hc", "lc"]}}


@pytest.fixture
def simulated(raw, write):
    def find(said, **settings):
        raw["data"][0] |= settings
        raw["fits"][0] |= said
        path = write(raw)
        return check_study(load_study(path), path)

    return find


def test_simulated_cells_have_their_covariates(simulated):
    said = {"include": ["v ~ 1 + x + cond + trial_id + (1 | participant_id)"]}
    assert simulated(said, covariates=COVARIATES, participants=3) == []


@pytest.mark.parametrize(
    ("said", "settings", "message", "remedy"),
    [
        (
            {"include": ["v ~ 1 + cnd"]},
            {"covariates": COVARIATES},
            "the data of cell 'c' have no column 'cnd'",
            "declare it under data[0].covariates",
        ),
        (
            {"include": ["v ~ 1 + (1 | participant_id)"]},
            {},
            "participant_id has one member (0)",
            "participants: 2 or more",
        ),
        (
            {"include": ["v ~ 1 + C(cond, Treatment('q'))"]},
            {"covariates": COVARIATES},
            "cannot be evaluated",
            "change the formula",
        ),
        (
            {"fixed": {"z": "x"}},
            {"covariates": COVARIATES},
            "lies outside the support of z",
            "inside (0, 1)",
        ),
    ],
)
def test_what_does_not_fit_simulated_data_is_told(simulated, said, settings, message, remedy):
    (problem,) = simulated(said, **settings)
    assert problem.field.startswith("fits[0].")
    assert message in problem.message
    assert remedy in problem.remedy


def test_covariates_from_a_file_are_columns(simulated, tmp_path):
    design = pd.DataFrame({"x": np.linspace(-1, 1, 40), "cond": np.resize(["a", "b"], 40)})
    design.to_csv(tmp_path / "design.csv", index=False)
    file = {"path": str(tmp_path / "design.csv"), "columns": ["x", "cond"]}
    said = {"include": ["v ~ 1 + x:cond"]}
    assert simulated(said, covariates_from=file, participants=2) == []


def test_the_scale_of_simulated_covariates_is_the_study_s_own(simulated):
    wide = {"x": NORMAL | {"sigma": 100}}
    assert simulated({"include": ["v ~ 1 + x"]}, covariates=wide) == []


def test_every_fit_and_every_cell_is_checked(raw, write, simulated):
    raw["data"].append(raw["data"][0] | {"name": "d"})
    raw["fits"].append({"name": "g", "model": "ddm", "include": ["a ~ 1 + y"]})
    found = simulated({"include": ["v ~ 1 + x"]}, covariates=COVARIATES)
    assert [(p.field, p.message.split()[4]) for p in found] == [
        ("fits[1].include[0]", "'c'"),
        ("fits[0].include[0]", "'d'"),
        ("fits[1].include[0]", "'d'"),
    ]

import numpy as np
import pandas as pd
import pytest

from driftmill.study.check_covariates import check_covariates
from driftmill.study.types import SimulatedCell

NORMAL = {"name": "Normal", "mu": 0, "sigma": 1}


def cell(**more):
    truth = {"v": 1.0, "a": 1.0, "z": 0.5, "t": 0.3}
    base = {"name": "c", "model": "ddm", "truth": truth, "participants": 3, "trials": 4}
    return SimulatedCell.model_validate(base | {"datasets": 2} | more)


def problems(**more):
    found, _ = check_covariates("s.yaml", "data[0]", cell(**more))
    assert all(problem.remedy for problem in found)
    return found


@pytest.fixture
def file(tmp_path):
    def write(frame, name="d.csv"):
        path = tmp_path / name
        if path.suffix == ".parquet":
            frame.to_parquet(path)
        else:
            frame.to_csv(path, index=False, sep="\t" if path.suffix == ".tsv" else ",")
        return str(path)

    return write


@pytest.mark.parametrize(
    ("name", "spec", "field", "message", "remedy"),
    [
        ("rt", NORMAL, "rt", "the trials have of their own", "another name"),
        ("trial_id", NORMAL, "trial_id", "of their own", "formulas may use trial_id without it"),
        ("x", {"name": "Nrmal"}, "x.name", "unknown distribution", "did you mean 'Normal'?"),
        ("x", {"name": "Normal", "mu": 0}, "x", "Normal takes the arguments", "as PyMC"),
        ("c", {"levels": []}, "c.levels", "needs 2 levels", "all of its values"),
        ("c", {"levels": ["a"]}, "c.levels", "needs 2 levels", "all of its values"),
        ("c", {"levels": ["a", "a"]}, "c.levels", "given twice", "once"),
        ("c", {"levels": ["a", 1]}, "c.levels", "some are text", "quotes"),
        ("c", {"levels": list("abcde")}, "c.levels", "5 levels cannot all stand in 4 tr", "5 tr"),
        (
            "c",
            {"levels": list("abcd"), "per": "participant"},
            "c.levels",
            "4 levels cannot all stand in 3 participants",
            "4 participants",
        ),
    ],
)
def test_a_covariate_that_cannot_be_is_told(name, spec, field, message, remedy):
    (problem,) = problems(covariates={name: spec})
    assert problem.field == f"data[0].covariates.{field}"
    assert message in problem.message
    assert remedy in problem.remedy


@pytest.mark.parametrize("name", ["d.csv", "d.tsv", "d.parquet"])
def test_a_good_file_has_no_problems(file, name):
    frame = pd.DataFrame({"x": np.arange(13.0), "c": [*["b", "a"] * 6, None], "other": 1})
    path = file(frame, name)
    given = {"path": path, "columns": ["c", "x"]}
    assert problems(covariates={"y": NORMAL}, covariates_from=given) == []


def test_the_columns_of_the_file_are_checked(file):
    frame = pd.DataFrame({"x": [0.5, np.nan, 1.0] * 4, "rt": 1.0, "y": 2.0})
    given = {"path": file(frame), "columns": ["xx", "x", "rt", "y"]}
    found = problems(covariates={"y": NORMAL}, covariates_from=given)
    told = {problem.field: problem for problem in found}
    at = "data[0].covariates_from.columns"
    assert list(told) == [f"{at}[2]", f"{at}[3]", f"{at}[0]", f"{at}[1]"]
    assert "did you mean 'x'?" in told[f"{at}[0]"].remedy
    assert "missing in 4 of the first 12 rows, first in row 2" in told[f"{at}[1]"].message
    assert "of their own" in told[f"{at}[2]"].message
    assert "under `covariates` as well" in told[f"{at}[3]"].message


def test_a_file_that_is_too_short_is_told(file):
    path = file(pd.DataFrame({"x": np.arange(11.0)}))
    (problem,) = problems(covariates_from={"path": path, "columns": ["x"]})
    assert problem.field == "data[0].covariates_from.path"
    assert "has 11 rows, but 3 participants x 4 trials need 12" in problem.message


def test_a_file_that_is_not_there_is_told(tmp_path):
    given = {"path": str(tmp_path / "no.csv"), "columns": ["x"]}
    (problem,) = problems(covariates_from=given)
    assert problem.field == "data[0].covariates_from.path"
    assert "there is no file" in problem.message


def test_what_has_no_problem_is_returned(file):
    _, good = check_covariates(
        "s.yaml",
        "data[0]",
        cell(covariates={"x": NORMAL, "c": {"levels": ["a", "a"]}, "k": {"levels": [1, 2]}}),
    )
    assert list(good) == ["x", "k"]

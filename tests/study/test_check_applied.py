"""Fits that are applied to some cells alone: what is checked, expanded, hashed and costed."""

import pytest

from driftmill.study.artifacts import artifacts, report_inputs
from driftmill.study.check import check_study
from driftmill.study.examine import examine
from driftmill.study.expand import expand
from driftmill.study.hash import relevant
from driftmill.study.load import load_study
from driftmill.study.plan import estimate
from driftmill.study.problems import StudyErrors
from driftmill.study.summarise import summarise

SOFTMAX = "softmax_inv_temperature_2"


@pytest.fixture
def two(raw):
    """A cell of times with two fits, and one of choices with one."""
    choices = {"name": "s", "model": SOFTMAX, "truth": {"beta": 1, "logit1": 0}}
    raw["data"].append(choices | {"trials": 10, "datasets": 2, "lapse": 0.1})
    raw["fits"] = [
        {"name": "f", "model": "ddm", "cells": ["c"]},
        {"name": "g", "model": SOFTMAX, "cells": ["s"]},
        {"name": "h", "model": "angle", "cells": ["c"]},
    ]
    return raw


@pytest.fixture
def problems(write):
    def find(raw):
        path = write(raw)
        return check_study(load_study(path), path)

    return find


def test_fits_of_other_data_may_share_a_study(two, problems):
    assert problems(two) == []


def test_a_fit_must_know_the_data_of_its_cells(two, problems):
    two["fits"][1]["cells"] = ["s", "c"]
    (problem,) = problems(two)
    assert problem.field == "fits[1].model"
    assert "cannot be compared" in problem.message
    two["fits"][0]["cells"] = two["fits"][2]["cells"] = ["c", "s"]
    two["compare"] = {"enabled": False}
    found = problems(two)
    assert [p.field for p in found] == ["fits[0].model", "fits[2].model"]
    assert all("needs the column rt, which the data of cell 's' lack" in p.message for p in found)
    assert all("name the fit's cells" in p.remedy for p in found)


def test_a_cell_without_a_fit_is_told(two, problems):
    two["fits"][1] |= {"cells": ["c"], "model": "ddm"}
    (problem,) = problems(two)
    assert (problem.field, problem.value) == ("data[1].name", "'s'")
    assert "no fit is applied to cell 's'" in problem.message


def test_formulas_are_held_against_the_data_of_their_cells(two, problems):
    two["data"][0]["covariates"] = {"x": {"name": "Normal", "mu": 0, "sigma": 1}}
    two["fits"][0]["include"] = ["v ~ 1 + x"]
    assert problems(two) == []
    two["fits"][1]["include"] = ["logit1 ~ 1 + x"]
    (problem,) = problems(two)
    assert "the data of cell 's' have no column 'x'" in problem.message


def test_a_cell_that_is_not_there_names_the_nearest(two, problems):
    two["fits"][0]["cells"] = ["cc"]
    two["fits"][2]["cells"] = ["c", "s2"]
    first, second = problems(two)
    assert (first.field, first.value) == ("fits[0].cells[0]", "'cc'")
    assert "did you mean 'c'?" in first.remedy
    assert second.field == "fits[2].cells[1]"


def test_a_cell_that_cannot_be_read_is_there_nevertheless(two, write):
    two["data"][1]["trials"] = "many"
    with pytest.raises(StudyErrors) as caught:
        examine(write(two))
    assert [p.field for p in caught.value.problems] == ["data[1].trials"]


def test_no_cells_at_all_are_refused(two, write):
    two["fits"][0]["cells"] = []
    with pytest.raises(StudyErrors) as caught:
        load_study(write(two))
    assert [p.field for p in caught.value.problems] == ["fits[0].cells"]


@pytest.fixture
def plan(two, write):
    return expand(load_study(write(two)))


def test_a_fit_goes_to_its_cells(plan):
    assert plan.pairs == (("c", "f"), ("c", "h"), ("s", "g"))
    assert plan.fits_of("c") == ("f", "h")
    assert plan.cells_of("g") == ("s",)
    assert plan.confused == ("c",)
    made = artifacts(plan)
    assert {path for path, kind in made.items() if kind == "posterior"} == {
        f"results/s/fits/{cell}/{fit}/posterior-0000.nc" for cell, fit in plan.pairs
    }
    assert sum(kind == "pointwise" for kind in made.values()) == 3
    assert sum(kind == "comparison" for kind in made.values()) == 2
    assert "results/s/fits/s/g/posterior-0000.nc" in report_inputs(plan)
    assert len(report_inputs(plan)) == len(set(report_inputs(plan)))


def test_without_rivals_nothing_is_confused(two, write):
    two["fits"].pop()
    plan = expand(load_study(write(two)))
    assert plan.confused == ()
    assert {"confusion", "inversion"}.isdisjoint(artifacts(plan).values())


def test_jobs_are_those_of_the_pairs(plan):
    jobs = estimate(plan).jobs
    assert {step: jobs[step] for step in ("fit", "loo", "estimate", "compare", "confuse")} == {
        "fit": 3,
        "loo": 3,
        "estimate": 3,
        "compare": 2,
        "confuse": 1,
    }


def test_more_cells_leave_the_fits_of_the_others_as_they_are(two, write):
    def parts(raw):
        study = load_study(write(raw))
        steps = {step: relevant(study, step, "c", "f") for step in ("fit", "loo", "predict")}
        return steps | {cell: relevant(study, "compare", cell) for cell in ("c", "s")}

    before = parts(two)
    two["data"].append(two["data"][0] | {"name": "d"})
    two["fits"][0]["cells"] = ["c", "d"]
    assert parts(two) == before
    two["fits"][2]["cells"] = ["d"]
    after = parts(two)
    assert {part for part in before if before[part] != after[part]} == {"c"}


def test_the_page_knows_where_a_fit_is_applied(plan):
    study = summarise(plan, "")
    assert [fit.cells for fit in study.fits] == [("c",), ("s",), ("c",)]
    assert [fit.name for fit in study.fits_of("s")] == ["g"]
    assert [fit.p_outlier for fit in study.fits] == ["0", "0.1", "0"]
    assert study.rivals

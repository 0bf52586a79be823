"""Deadlines in study files and in observed data: what is read, what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from driftmill.models import CATALOGUE
from driftmill.models.registry import forget, register, registrations
from driftmill.study.build import design_of, fit_spec_of
from driftmill.study.load import load_study
from driftmill.study.observed import count_left_out, count_unscored, read_observed


@pytest.fixture
def cut(frame):
    """Return data with a window of 2.5 s, of which rows 3 and 14 have neither rt nor response."""
    data = frame.astype({"key": "Int64"}).assign(window=2.5)
    data["RT"] = data["RT"].clip(upper=2.4)
    data.loc[[2, 13], ["key", "RT"]] = pd.NA
    return data


def said(found):
    return [(p.field, p.message) for p in found]


@pytest.mark.parametrize("unit", ["s", "ms"])
def test_omissions_are_trials_with_a_deadline(observed, problems, write, cut, unit):
    columns = {"rt": "RT", "response": "key", "participant_id": "subj", "deadline": "window"}
    if unit == "ms":
        cut[["RT", "window"]] *= 1000.0
    raw = observed(cut, columns=columns, rt_unit=unit)
    assert problems(raw) == []
    study = load_study(write(raw))
    trials = read_observed(study.cell("o"))
    assert count_left_out(study.cell("o")) == count_unscored(study.cell("o")) == 0
    omitted = trials["rt"].isna()
    assert omitted.sum() == 2
    assert (trials["response"].isna() == omitted).all()
    np.testing.assert_allclose(trials["deadline"], 2.5)
    spec = fit_spec_of(study, "o", "f")
    assert spec.deadlines
    assert spec.silent is None
    study = load_study(
        write(raw | {"fits": [{"name": "f", "model": "ddm", "omissions": "ignore"}]})
    )
    assert not fit_spec_of(study, "o", "f").deadlines


def test_a_silent_response_may_be_written_down(observed, problems, write, cut):
    cut.loc[5, "key"], cut.loc[6, "key"] = 0, 1
    cut["key"] = cut["key"].fillna(0).where(cut["RT"].isna(), 1)
    raw = observed(cut, deadline=2.5, silent=-1)
    assert problems(raw) == []
    study = load_study(write(raw))
    trials = read_observed(study.cell("o"))
    assert trials["response"].isna().sum() == trials["rt"].isna().sum() == 2
    assert fit_spec_of(study, "o", "f").silent == -1
    cut.loc[4, "key"] = 0
    (field, message), *_ = said(problems(observed(cut, deadline=2.5, silent=-1)))
    assert field == "data[0].silent"
    assert "response -1 is silent, but has an rt in row 5" in message


def test_what_is_wrong_is_named(observed, problems, cut):
    found = problems(observed(cut, deadline=2.0))
    assert found[0].field == "data[0].deadline"
    assert "rt is not below the deadline" in found[0].message
    found = problems(observed(cut))
    assert [p.field for p in found] == ["data[0].columns.rt", "data[0].columns.response"]
    assert "give the deadline" in found[0].remedy
    columns = {"rt": "RT", "response": "key", "participant_id": "subj", "deadline": "window"}
    both = said(problems(observed(cut, columns=columns, deadline=2.5)))
    assert both == [("data[0].deadline", "there is a column of deadlines too (window)")]
    gap = problems(
        observed(cut.assign(window=cut["window"].where(cut.index != 2)), columns=columns)
    )
    assert {p.field for p in gap} == {"data[0].columns.rt", "data[0].columns.response"}
    assert "in row 3 " in gap[0].message
    wrong = problems(observed(cut.assign(window=-1.0), columns=columns))
    assert "not a number above 0" in wrong[0].message
    (only,) = problems(observed(cut.dropna().astype({"key": int}), silent=-1))
    assert only.field == "data[0].silent"
    assert "deadline: 1.5" in only.remedy


def test_generators_have_deadlines(raw, problems, write):
    cell = raw["data"][0]
    cell |= {"deadline": {"levels": [0.8, 1.2]}, "silent": -1}
    assert problems(raw) == []
    design = design_of(load_study(write(raw)), "c")
    assert sorted(design.table(0)["deadline"].unique()) == [0.8, 1.2]
    assert design.silent == -1
    cell["deadline"] = 0.3
    assert said(problems(raw)) == [
        ("data[0].deadline", "is not above t = 0.3: no trial would have a response")
    ]
    cell |= {"deadline": 1.0, "silent": 2}
    assert said(problems(raw))[0] == ("data[0].silent", "is no response of ddm")
    del cell["silent"]
    cell["covariates"] = {"deadline": {"levels": [1, 2]}}
    (problem,) = problems(raw)
    assert "deadline: ..." in problem.remedy


def test_learners_are_not_simulated_up_to_a_deadline(bandit, problems):
    bandit["data"][0]["deadline"] = 1.0
    (problem,) = problems(bandit)
    assert problem.field == "data[0].deadline"
    assert "learns" in problem.message


@pytest.fixture
def seen_only():
    """Register a model that knows omissions, but no response that is inferred from silence."""
    with registrations() as made:
        register(replace(CATALOGUE["ddm"], name="seen_only", log_cumulative=None))
        yield "seen_only"
    forget(made)


def test_fits_must_know_the_probability_of_an_omission(raw, problems, seen_only):
    cell = raw["data"][0]
    cell |= {"deadline": 1.2, "silent": -1}
    raw["fits"] = [{"name": "f", "model": seen_only}]
    (problem,) = problems(raw)
    assert problem.field == "fits[0].model"
    assert "the silent response -1" in problem.message
    assert "ddm" in problem.remedy
    del cell["silent"]
    assert problems(raw) == []


@pytest.mark.parametrize("name", [name for name, model in CATALOGUE.items() if model.has_rt])
def test_every_model_of_times_knows_omissions_and_silence(raw, problems, name):
    raw["data"][0] |= {"deadline": 1.2, "silent": -1}
    choices = CATALOGUE[name].choices
    recode = dict(zip((-1, 1), choices, strict=False)) if choices[0] != -1 else {}
    raw["fits"] = [{"name": "f", "model": name, "recode": recode}]
    assert problems(raw) == []


def test_fits_that_leave_omissions_out_are_not_compared_with_others(raw, problems):
    raw["data"][0]["deadline"] = 1.2
    raw["fits"].append({"name": "g", "model": "ddm", "omissions": "ignore"})
    (problem,) = problems(raw)
    assert problem.field == "fits[1].omissions"
    assert "cannot be compared" in problem.message
    assert problems(raw | {"compare": {"enabled": False}}) == []

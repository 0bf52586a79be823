import pytest

from driftmill.study.check import check_study
from driftmill.study.load import load_study
from driftmill.study.published import Published, asked_of

FORMULAS = ["v ~ 0 + c + (0 + c | participant_id)", "a ~ 1 + x + (1 | participant_id)"]
COVARIATES = {"x": {"name": "Normal", "mu": 0, "sigma": 1}, "c": {"levels": ["b", "d"]}}


@pytest.fixture
def problems(raw, write):
    """The problems of a study with a hierarchical fit h, a plain fit f, and one entry."""
    raw["data"] = [
        raw["data"][0] | {"name": name, "participants": 3, "covariates": COVARIATES}
        for name in ("c", "d")
    ]
    raw["fits"] = [
        {"name": "h", "model": "ddm", "include": FORMULAS, "cells": ["c"]},
        {"name": "f", "model": "ddm", "fixed": {"z": 0.5}},
    ]

    def find(entry, **more):
        entry = {"label": "l", "fit": "h", "of": "a_Intercept", "published": 1.0} | entry
        entry = {key: value for key, value in entry.items() if value is not None}
        path = write(raw | {"report": {"published": [entry]}} | more)
        return check_study(load_study(path), path)

    return find


SOUND = [
    {},
    {"natural": True, "scale": 2, "published_sd": 0.1},
    {"of": "v_c", "natural": True},
    {"of": "v_c[b]", "minus": "a_x", "statistic": "p_positive"},
    {"of": "a_1|participant_id_sigma"},
    {"of": "a_1|participant_id", "participant": 0},
    {"of": "a (participant)", "participant": "0", "minus": "a_x"},
    {"of": "v_c (participant)"},
    {"of": "v_c[b] (participant)"},
    {"of": "z"},
    {"fit": "f", "cell": "d", "of": "v"},
    {"fit": "f", "cell": "d", "of": "v", "dataset": 3},
    {"of": None, "statistic": "elpd_diff", "minus_fit": "f"},
]


@pytest.mark.parametrize("entry", SOUND, ids=str)
def test_what_may_be_asked_for(problems, entry):
    assert problems(entry) == []


FAULTY = [
    ({"fit": "hh"}, "fit", "did you mean 'h'?"),
    ({"fit": "f", "of": "v"}, "cell", "say which: c, d"),
    ({"cell": "d"}, "cell", "known cells: c"),
    ({"dataset": 4}, "dataset", "from 0 to 3"),
    ({"of": None}, "of", "v_Intercept"),
    ({"of": "v_Intercept"}, "of", "did you mean 'a_Intercept'?"),
    ({"of": "v"}, "of", "known: "),
    ({"of": "v (participant)"}, "of", "did you mean 'v_c (participant)'?"),
    ({"of": "a_1|participant_id_offset"}, "of", "did you mean 'a_1|participant_id'?"),
    ({"minus": "b"}, "minus", "known: "),
    ({"of": "a_x", "natural": True}, "natural", "name an intercept"),
    ({"of": "z", "natural": True}, "natural", "name an intercept"),
    ({"participant": 1}, "participant", "a (participant)"),
    ({"minus_fit": "f"}, "minus_fit", "set statistic: elpd_diff"),
    ({"of": None, "statistic": "elpd_diff"}, "minus_fit", "name one of f"),
    ({"of": None, "statistic": "elpd_diff", "minus_fit": "h"}, "minus_fit", "known fits: f"),
    ({"statistic": "elpd_diff", "minus_fit": "f"}, "of", "take it out"),
]


@pytest.mark.parametrize(("entry", "field", "remedy"), FAULTY, ids=str)
def test_what_may_not(problems, entry, field, remedy):
    (problem,) = problems(entry)
    assert problem.field == f"report.published[0].{field}"
    assert remedy in problem.remedy


def test_there_is_no_elpd_without_a_comparison(problems):
    entry = {"of": None, "statistic": "elpd_diff", "minus_fit": "f"}
    (problem,) = problems(entry, compare={"enabled": False})
    assert problem.field == "report.published[0].statistic"
    assert problem.remedy == "set compare: {enabled: true}"


def test_an_entry_is_asked_of_the_recovery():
    entry = Published(label="l", fit="h", of="a (participant)", participant=0, published=2)
    asked = asked_of(entry)
    assert (asked.of, asked.participant, asked.published, asked.scale) == (
        "a (participant)",
        "0",
        2.0,
        1.0,
    )
    said = {"label": "l", "fit": "h", "statistic": "elpd_diff", "minus_fit": "f", "published": 3}
    assert asked_of(Published.model_validate(said)).of == "f"

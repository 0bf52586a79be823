"""A comparison by new participants is refused where nobody can be left out."""

import pytest

from driftmill.study.problems import StudyErrors

FORMULA = "v ~ 1 + (1 | participant_id)"


@pytest.fixture
def sound(raw):
    """A study of five participants with a fit that varies over them, compared by them too."""
    raw["data"][0] |= {"participants": 5, "covariates": {"item": {"levels": ["i", "j"]}}}
    raw["fits"].append({"name": "h", "model": "ddm", "include": [FORMULA]})
    return raw | {"compare": {"participants": True}}


def test_a_hierarchy_beside_a_plain_fit_is_fine(sound, problems):
    assert problems(sound) == []
    sound["fits"][1]["include"] = ["v ~ 1 + (1 | participant_id) + (1 | participant_id:item)"]
    assert problems(sound) == []


def told(found, field, message, remedy):
    (problem,) = found
    assert problem.field == field
    assert message in problem.message
    assert remedy in problem.remedy


def test_some_fit_varies_over_participants(sound, problems):
    sound["fits"].pop()
    found = problems(sound)
    told(found, "compare.participants", "no fit varies", "(1 | participant_id)")
    assert found[0].value == "true"


def test_it_varies_where_there_are_several(sound, problems):
    sound["data"].append(sound["data"][0] | {"name": "d", "participants": 1})
    sound["fits"][1]["cells"] = ["c"]
    assert problems(sound) == []
    sound["fits"][1]["include"] = ["v ~ 1"]
    told(problems(sound), "compare.participants", "no fit varies", "(1 | participant_id)")


def test_somebody_is_left(raw, observed, problems):
    raw["compare"] = {"participants": True}
    told(problems(raw), "compare.participants", "no cell", "`participants`")
    told(problems(observed()), "compare.participants", "no cell", "dataset_by")


def test_comparison_is_on(sound, problems):
    sound["compare"]["enabled"] = False
    told(problems(sound), "compare.participants", "switches comparison off", "enabled: true")


def test_groups_of_others_are_refused(sound, problems):
    formula = "v ~ 1 + (1 | participant_id) + (1 | item)"
    sound["fits"][1]["include"] = ["a ~ 1", formula]
    found = problems(sound)
    told(found, "fits[1].include[1]", "groups of item have trials of several", "other cells")
    assert "participants 0 and 1" in found[0].message
    assert "item" in found[0].value
    sound["data"].append({**sound["data"][0], "name": "d"})
    sound["fits"][1]["cells"] = ["d"]
    assert "cell 'd'" in problems(sound)[0].message


def test_coefficients_of_single_participants_are_refused(observed, frame, problems):
    frame["subj"] = "s" + frame["subj"].astype(str)
    raw = observed(frame, dataset_by=None)
    raw["compare"] = {"participants": True}
    raw["fits"][0]["include"] = [FORMULA, "a ~ 0 + participant_id"]
    told(problems(raw), "fits[0].include[1]", "participant_id has a coefficient", "(1 | ")


def test_observed_groups_within_participants_are_fine(observed, frame, problems):
    frame["session"] = frame["subj"] * 10 + frame.index % 2
    frame["session"] = "s" + frame["session"].astype(str)
    raw = observed(frame, dataset_by=None)
    raw["compare"] = {"participants": True}
    raw["fits"][0]["include"] = ["v ~ 1 + (1 | participant_id) + (1 | session)"]
    assert problems(raw) == []
    frame["session"] = "s" + (frame.index % 2).astype(str)
    again = observed(frame, dataset_by=None)
    (problem,) = problems(again)
    assert "participants 7 and 9" in problem.message


def test_observed_datasets_of_one_participant_are_told(sound, observed, frame, problems):
    frame["who"] = frame["subj"].map({7: "x", 9: "y"})
    simulated = sound["data"]
    raw = observed(frame, dataset_by="who") | {"compare": {"participants": True}}
    raw["data"] = [*raw["data"], *simulated]
    raw["fits"] = [{"name": "f", "model": "ddm"}]
    raw["fits"].append({"name": "h", "model": "ddm", "include": [FORMULA], "cells": ["c"]})
    found = problems(raw)
    told(found, "data[0].name", "of one participant alone", "change dataset_by")
    assert "(who x) and 1 more" in found[0].message


def test_folds_ask_for_the_same(sound, raw, problems):
    sound["compare"] = {"folds": 3}
    assert problems(sound) == []
    sound["fits"][1]["include"] = ["v ~ 1 + (1 | participant_id) + (1 | item)"]
    told(problems(sound), "fits[1].include[0]", "groups of item", "take compare.folds out")
    sound["fits"][1]["include"] = ["v ~ 1"]
    told(problems(sound), "compare.folds", "no fit varies", "take compare.folds out")
    sound["compare"]["enabled"] = False
    told(problems(sound), "compare.folds", "switches comparison off", "enabled: true")


def test_there_are_no_more_folds_than_participants(sound, observed, frame, problems):
    sound["compare"] = {"folds": 6}
    found = problems(sound)
    told(found, "compare.folds", "more folds than the 5 participants", "give at most 5")
    assert found[0].value == "6"
    sound["compare"] = {"folds": "participants"}
    assert problems(sound) == []
    raw = observed(frame, dataset_by=None) | {"compare": {"folds": 3}}
    raw["fits"][0]["include"] = [FORMULA]
    told(problems(raw), "compare.folds", "more folds than the 2 participants", "`participants`")


@pytest.mark.parametrize("value", [1, 2.5, True, "each"])
def test_folds_are_a_number_or_a_word(sound, problems, value):
    sound["compare"] = {"folds": value}
    with pytest.raises(StudyErrors) as raised:
        problems(sound)
    (problem,) = raised.value.problems
    assert problem.field == "compare.folds"
    assert "K-fold" in problem.remedy

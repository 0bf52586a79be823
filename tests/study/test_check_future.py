"""A comparison by later trials is refused where there are none."""

import pytest

from driftmill.study.expand import expand
from driftmill.study.load import load_study
from driftmill.study.problems import StudyErrors


def told(found, field, message, remedy):
    (problem,) = found
    assert problem.field == field
    assert message in problem.message
    assert remedy in problem.remedy


def test_some_trials_are_later(raw, problems):
    raw["compare"] = {"future": {"first": 19}}
    assert problems(raw) == []
    raw["compare"]["future"]["first"] = 20
    found = problems(raw)
    told(found, "compare.future.first", "no participant has more than 20", "less than 20")
    assert "cell 'c'" in found[0].message
    assert found[0].value == "20"


def test_it_may_be_of_some_cells(raw, problems, write):
    raw["data"].append({**raw["data"][0], "name": "d", "trials": 5})
    raw["compare"] = {"future": {"first": 10, "cells": ["c"]}}
    assert problems(raw) == []
    assert expand(load_study(write(raw))).by_future == ("c",)
    raw["compare"]["future"]["cells"] = ["c", "dd"]
    told(problems(raw), "compare.future.cells[1]", "no cell of this study", "d")


def test_comparison_is_on(raw, problems):
    raw["compare"] = {"future": {"first": 5}, "enabled": False}
    told(problems(raw), "compare.future", "switches comparison off", "enabled: true")


def test_the_shortest_observed_dataset_is_named(observed, frame, problems):
    """Of 10 trials each; in one dataset the longest participant counts."""
    raw = observed(frame.iloc[:-3]) | {"compare": {"future": {"first": 7}}}
    told(problems(raw), "compare.future.first", "dataset 1 (participant_id 9)", "less than 7")
    raw["compare"]["future"]["first"] = 6
    assert problems(raw) == []
    raw = observed(frame.iloc[:-3], dataset_by=None) | {"compare": {"future": {"first": 9}}}
    assert problems(raw) == []
    raw["compare"]["future"]["first"] = 10
    told(problems(raw), "compare.future.first", "a dataset in which", "less than 10")


@pytest.mark.parametrize("future", [{"ahead": 5}, {"first": 0}, {"first": 5, "refits": 0}])
def test_what_is_said_of_it_makes_sense(raw, problems, future):
    raw["compare"] = {"future": future}
    with pytest.raises(StudyErrors) as raised:
        problems(raw)
    (problem,) = raised.value.problems
    assert problem.field.startswith("compare.future.")

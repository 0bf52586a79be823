"""Trials that stay without being scored: those without a response, and those outside the limits."""

import numpy as np
import pandas as pd
import pytest

from driftmill.regression.columns import Shape, datasets_of, shape_of
from driftmill.regression.scored import is_scored
from driftmill.store.tables import read_table, to_arrow, write_table
from driftmill.study.build import fit_spec_of
from driftmill.study.data_file import extent
from driftmill.study.load import load_study
from driftmill.study.observed import (
    count_left_out,
    count_unscored,
    read_observed,
)
from driftmill.study.plan import sizes_of_datasets

RLDDM = {"learning": "rescorla_wagner", "decision": "ddm", "columns": {"feedback": "won"}}


@pytest.fixture
def holed(frame):
    """Return data of which rows 3 and 14 lack a response, and 5 is too fast."""
    data = frame.astype({"key": "Int64"}).assign(won=np.tile([1.0, 0.0, 1.0, 0.0, 1.0], 4))
    data.loc[[2, 13], ["key", "RT"]] = pd.NA
    data.loc[4, "RT"] = 0.05
    return data


@pytest.fixture
def study(observed, write, holed):
    def make(data=holed, **settings):
        raw = observed(data, **settings)
        raw["fits"] = [{"name": "learns", "model": RLDDM}, {"name": "plain", "model": "ddm"}]
        return load_study(write(raw))

    return make


def test_missing_responses_are_an_error_that_names_both_remedies(observed, problems, holed):
    found = problems(observed(holed, rt_min=0.1))
    assert [p.field for p in found] == ["data[0].columns.rt", "data[0].columns.response"]
    for problem in found:
        assert "is missing (NaN or empty) in rows 3, 14 (row 1 follows" in problem.message
        assert "missing: drop" in problem.remedy
        assert "missing: keep" in problem.remedy


@pytest.mark.parametrize("missing", ["drop", "keep"])
@pytest.mark.parametrize("outside", ["drop", "keep"])
def test_trials_stay_in_their_place_or_go(study, problems, observed, holed, missing, outside):
    settings = {"missing": missing, "outside": outside, "rt_min": 0.1}
    assert problems(observed(holed, **settings)) == []
    cell = study(**settings).cell("o")
    trials = read_observed(cell)
    gone = {*((2, 13) if missing == "drop" else ()), *((4,) if outside == "drop" else ())}
    kept = [row for row in range(20) if row not in gone]
    np.testing.assert_array_equal(trials["won"], holed["won"][kept])
    np.testing.assert_array_equal(trials["trial_id"], np.tile(np.arange(10), 2)[kept])
    unscored = [row for row in kept if row in (2, 4, 13)]
    np.testing.assert_array_equal(is_scored(trials), [row not in unscored for row in kept])
    assert ("scored" in trials) == bool(unscored)
    assert count_left_out(cell) == len(gone)
    assert count_unscored(cell) == len(unscored)
    assert extent(cell)[0] == 2
    # A too fast trial keeps its response, from which a learner learns.
    if outside == "keep":
        assert trials["response"][kept.index(4)] == (1 if holed["key"][4] == 1 else -1)


def test_a_table_of_trials_may_lack_responses(study, tmp_path):
    trials = read_observed(study(missing="keep", rt_min=0.1).cell("o"))
    assert to_arrow(trials, "trials").column("response").null_count == 2
    write_table(tmp_path / "t.parquet", trials, "trials", {})
    again = read_table(tmp_path / "t.parquet", "trials")
    np.testing.assert_array_equal(is_scored(again), is_scored(trials))
    assert again["response"].isna().tolist() == trials["response"].isna().tolist()


def test_a_learner_sees_all_and_other_fits_what_is_scored(study):
    made = study(missing="keep", outside="keep", rt_min=0.1)
    trials = read_observed(made.cell("o"))
    learner = datasets_of(trials, fit_spec_of(made, "o", "learns"))
    plain = datasets_of(trials, fit_spec_of(made, "o", "plain"))
    assert [len(x["response"]) for x in learner.values()] == [10, 10]
    assert learner[0]["scored"].tolist() == [1, 1, 0, 1, 0, 1, 1, 1, 1, 1]
    assert [len(x["response"]) for x in plain.values()] == [8, 9]
    dropped = read_observed(study(missing="drop", rt_min=0.1).cell("o"))
    for number, columns in datasets_of(dropped, fit_spec_of(made, "o", "plain")).items():
        assert plain[number].keys() == columns.keys()
        for name, values in columns.items():
            np.testing.assert_array_equal(plain[number][name], values)
            assert plain[number][name].dtype == values.dtype
    assert shape_of(trials) == shape_of(dropped) == Shape(9, padded=True)


def test_a_missing_response_stays_whatever_stands_for_its_rt(study, holed):
    holed.loc[[2, 13], "RT"] = [0.0, -1.0]
    trials = read_observed(study(holed, missing="keep", rt_min=0.1).cell("o"))
    assert np.flatnonzero(~is_scored(trials)).tolist() == [2, 12]


def test_of_whom_nothing_is_scored_is_left_out(study, holed):
    holed.loc[10:, "key"] = pd.NA
    cell = study(holed, missing="keep", rt_min=0.1).cell("o")
    assert extent(cell)[0] == 1
    assert set(read_observed(cell)["participant_id"]) == {"7"}
    assert count_left_out(cell) == 11
    pooled = study(holed, missing="keep", rt_min=0.1, dataset_by=None).cell("o")
    assert set(read_observed(pooled)["participant_id"]) == {"7"}


def test_data_without_any_response_are_refused(observed, problems, holed):
    (problem,) = problems(observed(holed.assign(key=pd.NA), missing="keep"))
    assert "no trial is left" in problem.message
    assert "missing: keep" in problem.remedy


def test_sizes_count_what_is_scored(study):
    from driftmill.study.expand import expand

    sizes = sizes_of_datasets(expand(study(missing="keep", outside="keep", rt_min=0.1)))
    assert [size.trials for size in sizes["o"]] == [8, 9]


def test_trials_without_a_response_may_be_equal(observed, problems, holed):
    holed.loc[[2, 3], ["key", "RT"]] = pd.NA
    holed.loc[3, ["won", "load"]] = holed.loc[2, ["won", "load"]]
    assert problems(observed(holed, missing="keep", rt_min=0.1)) == []
    columns = {"rt": "RT", "response": "key", "participant_id": "subj", "trial_id": "n"}
    holed["n"] = np.tile([0, 1, 2, 2, 4, 5, 6, 7, 8, 9], 2)
    (problem,) = problems(observed(holed, columns=columns, missing="keep", rt_min=0.1))
    assert "of the same subj, n as an earlier row" in problem.message


def test_gaps_matter_to_the_fits_that_see_them(observed, problems, holed):
    holed["x"] = np.arange(20.0)
    holed.loc[2, "x"] = np.nan
    raw = observed(holed, missing="keep", rt_min=0.1)
    raw["fits"] = [{"name": "plain", "model": "ddm", "include": ["v ~ 1 + x"]}]
    assert problems(raw) == []
    raw["fits"] = [{"name": "learns", "model": RLDDM, "include": ["a ~ 1 + x"]}]
    (problem,) = problems(raw)
    assert "'x', which a fit needs, is missing in row 3" in problem.message


def test_a_held_shift_may_pass_the_rt_of_a_trial_that_is_not_scored(observed, problems, holed):
    raw = observed(holed, missing="keep", outside="keep", rt_min=0.1)
    raw["fits"] = [
        {"name": name, "model": model, "fixed": {"t": 0.2}, "p_outlier": 0}
        for name, model in (("learns", RLDDM), ("plain", "ddm"))
    ]
    assert problems(raw) == []


def test_a_column_called_scored_is_kept_beside(study, holed):
    trials = read_observed(study(holed.assign(scored="yes"), missing="keep", rt_min=0.1).cell("o"))
    assert set(trials["scored"]) == {0, 1}
    assert set(trials["scored_in_file"]) == {"yes"}

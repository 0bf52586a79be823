import numpy as np
import pandas as pd
import pytest

from driftmill.study.load import load_study
from driftmill.study.observed import read_observed


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_good_data_have_no_problems(observed, problems, suffix):
    assert problems(observed(suffix=suffix)) == []


def test_a_missing_file_names_the_one_that_was_meant(observed, problems, tmp_path):
    raw = observed()
    raw["data"][0]["path"] = str(tmp_path / "dta.csv")
    (problem,) = problems(raw)
    assert problem.field == "data[0].path"
    assert problem.value == repr(str(tmp_path / "dta.csv"))
    assert "there is no file" in problem.message
    assert f"did you mean {tmp_path / 'data.csv'}?" in problem.remedy


def test_a_file_of_another_kind_is_told(observed, problems, tmp_path):
    (tmp_path / "data.xlsx").write_bytes(b"PK")
    (problem,) = problems(observed(path=str(tmp_path / "data.xlsx")))
    assert "'.xlsx'" in problem.message
    (tmp_path / "data.parquet").write_bytes(b"no parquet")
    (problem,) = problems(observed(path=str(tmp_path / "data.parquet")))
    assert "cannot be read as PARQUET" in problem.message


def test_an_empty_file_is_told(observed, problems, frame):
    (problem,) = problems(observed(frame.iloc[:0]))
    assert "has no rows" in problem.message


@pytest.mark.parametrize(
    ("settings", "field", "hint"),
    [
        ({"columns": {"rt": "rt", "response": "key"}}, "data[0].columns.rt", "'RT'"),
        ({"columns": {"rt": "RT", "response": "keys"}}, "data[0].columns.response", "'key'"),
        (
            {"columns": {"rt": "RT", "response": "key", "participant_id": "subject"}},
            "data[0].columns.participant_id",
            "'subj'",
        ),
        ({"dataset_by": "loda"}, "data[0].dataset_by", "'load'"),
    ],
)
def test_a_missing_column_names_the_nearest(observed, problems, settings, field, hint):
    if "columns" in settings and "participant_id" not in settings["columns"]:
        settings["dataset_by"] = None
    found = {problem.field: problem for problem in problems(observed(**settings))}
    assert field in found
    assert f"did you mean {hint}?" in found[field].remedy


def test_participants_as_datasets_need_their_column(observed, problems):
    settings = {"columns": {"rt": "RT", "response": "key"}, "dataset_by": "participant_id"}
    (problem,) = problems(observed(**settings))
    assert problem.field == "data[0].dataset_by"
    assert "columns.participant_id" in problem.remedy


def test_semicolons_are_recognised(observed, problems, frame, tmp_path):
    raw = observed()
    frame.to_csv(tmp_path / "data.csv", sep=";", index=False)
    assert any("semicolons" in problem.remedy for problem in problems(raw))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "rt is missing (NaN or empty) in row 4"),
        ("NaN", "rt is missing (NaN or empty) in row 4"),
        ("NA", "rt is missing (NaN or empty) in row 4"),
        ("slow", "rt is not a number in row 4 (row 1 follows the header): 'slow'"),
        ("0,512", "rt is not a number in row 4"),
        ("inf", "rt is not a number in row 4"),
        ("-0.4", "rt is negative or zero in row 4 (row 1 follows the header): '-0.4'"),
        ("0", "rt is negative or zero in row 4"),
    ],
)
def test_an_impossible_rt_is_told_with_its_row(observed, problems, frame, value, words):
    data = frame.astype("object")
    data.loc[3, "RT"] = value
    (problem,) = problems(observed(data))
    assert (problem.field, problem.value) == ("data[0].columns.rt", "'RT'")
    assert words in problem.message


def test_many_faulty_rows_are_counted(observed, problems, frame):
    frame.loc[2:9, "RT"] = -1.0
    (problem,) = problems(observed(frame))
    assert "in rows 3, 4, 5, 6, 7 and 3 more" in problem.message


def test_missing_rt_of_a_parquet_file_are_told(observed, problems, frame):
    frame.loc[3, "RT"] = np.nan
    (problem,) = problems(observed(frame, suffix="parquet"))
    assert "rt is missing (NaN or empty) in row 4" in problem.message


def test_rows_that_the_filters_leave_out_may_be_faulty(observed, problems, frame):
    frame.loc[3, "RT"] = -999
    frame.loc[4, "key"] = 7
    frame.loc[4, "RT"] = 15.0
    assert problems(observed(frame, rt_min=0.1, rt_max=10)) == []


def test_nothing_left_after_the_filters_is_told(observed, problems):
    (problem,) = problems(observed(rt_min=100, rt_max=101))
    assert problem.field == "data[0].rt_min"
    assert "no trial is left" in problem.message


def test_filters_the_wrong_way_round_are_told(observed, problems):
    (problem,) = problems(observed(rt_min=5, rt_max=1))
    assert (problem.field, problem.value) == ("data[0].rt_min", "5.0")


def test_milliseconds_taken_for_seconds_are_told(observed, problems, frame):
    (problem,) = problems(observed(frame.assign(RT=frame["RT"] * 1000)))
    assert (problem.field, problem.value) == ("data[0].rt_unit", "'s'")
    assert "rt_unit: ms" in problem.remedy
    (problem,) = problems(observed(rt_unit="ms"))
    assert "rt_unit: s" in problem.remedy
    assert problems(observed(frame.assign(RT=frame["RT"] * 1000), rt_unit="ms")) == []


def test_codes_that_are_not_choices_are_told(observed, problems):
    (problem,) = problems(observed(response_codes=None))
    assert (problem.field, problem.value) == ("data[0].response_codes", "null")
    assert "responses 0 in rows 1, 3, 5, 7, 9 and 5 more" in problem.message
    assert "not among the choices of fit 'f' (ddm)" in problem.message
    assert "response_codes: {0: -1, 1: 1}" in problem.remedy


def test_codes_that_are_not_mapped_are_told(observed, problems, frame):
    frame.loc[5, "key"] = 3
    (problem,) = problems(observed(frame))
    assert (problem.field, problem.value) == ("data[0].response_codes", "'{0: -1, 1: 1}'")
    assert "code '3' in row 6" in problem.message


def test_missing_responses_are_told(observed, problems, frame):
    data = frame.astype({"key": "Int64"})
    data.loc[5, "key"] = pd.NA
    (problem,) = problems(observed(data))
    assert (problem.field, problem.value) == ("data[0].columns.response", "'key'")
    assert "response is missing (NaN or empty) in row 6" in problem.message


def test_words_may_be_codes(observed, problems, frame, write):
    data = frame.assign(key=frame["key"].map({0: "left", 1: "right"}))
    raw = observed(data, response_codes={"left": -1, "right": 1})
    assert problems(raw) == []
    trials = read_observed(load_study(write(raw)).cell("o"))
    np.testing.assert_array_equal(trials["response"], np.where(frame["key"] == 1, 1, -1))


@pytest.mark.parametrize("kind", [float, bool, str])
def test_a_code_is_the_same_code_in_every_type(observed, problems, frame, kind):
    assert problems(observed(frame.astype({"key": kind}), suffix="parquet")) == []
    assert problems(observed(frame.astype({"key": kind}))) == []


def test_a_repeated_row_is_told(observed, problems, frame):
    data = pd.concat([frame, frame.iloc[[4]]])
    (problem,) = problems(observed(data))
    assert problem.field == "data[0].path"
    assert "1 rows are equal in every column to an earlier row: in row 21" in problem.message
    assert "duplicates: keep" in problem.remedy
    assert problems(observed(data, duplicates="keep")) == []


def test_with_trial_numbers_a_repeat_is_told_by_them(observed, problems, frame):
    columns = {"rt": "RT", "response": "key", "participant_id": "subj", "trial_id": "trial"}
    frame["trial"] = np.tile(np.arange(10), 2)
    frame["RT"] = 0.5
    frame["load"] = 0.0
    assert problems(observed(frame, columns=columns)) == []
    frame.loc[13, "trial"] = 2
    (problem,) = problems(observed(frame, columns=columns))
    assert "of the same subj, trial as an earlier row: in row 14" in problem.message


def test_missing_labels_and_broken_trial_numbers_are_told(observed, problems, frame):
    columns = {"rt": "RT", "response": "key", "participant_id": "subj", "trial_id": "trial"}
    data = frame.assign(trial=np.tile(np.arange(10.0), 2)).astype("object")
    data.loc[2, "subj"] = ""
    data.loc[3, "trial"] = 1.5
    ids, trials = problems(observed(data, columns=columns))
    assert ids.field == "data[0].columns.participant_id"
    assert "missing in row 3" in ids.message
    assert trials.field == "data[0].columns.trial_id"
    assert "not a whole number in row 4" in trials.message


def test_choice_only_data_need_no_rt(observed, problems, frame):
    raw = observed(frame, columns={"rt": None, "response": "key"}, dataset_by=None)
    (problem,) = problems(raw)
    assert problem.field == "data[0].columns.rt"
    assert "the fits f need rt" in problem.message
    raw["fits"] = [{"name": "f", "model": "softmax_inv_temperature_2"}]
    assert problems(raw) == []


def test_the_cavanagh_data_pass(problems, raw, shared_file):
    raw["data"] = [
        {
            "name": "cavanagh",
            "path": str(shared_file("data/cavanagh_theta.csv")),
            "columns": {"participant_id": "subj_idx"},
            "response_codes": {0: -1, 1: 1},
            "dataset_by": "participant_id",
        }
    ]
    assert problems(raw) == []


def test_codes_that_a_fit_translates_are_no_problem(observed, problems):
    raw = observed()
    raw["fits"][0]["model"] = "lba2"
    assert "responses -1" in problems(raw)[0].message
    raw["fits"][0]["recode"] = {-1: 0}
    assert problems(raw) == []
    raw["fits"][0]["recode"] = {-1: 1}
    assert "makes one code of two" in problems(raw)[0].message

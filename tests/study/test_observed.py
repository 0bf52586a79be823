import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftmill.store.tables import to_arrow
from driftmill.study.data_file import UnreadableFile, extent
from driftmill.study.examine import examine
from driftmill.study.load import load_study
from driftmill.study.observed import (
    count_left_out,
    dataset_names,
    read_observed,
)
from driftmill.study.problems import StudyErrors


@pytest.fixture
def cell(observed, write):
    return lambda *args, **settings: load_study(write(observed(*args, **settings))).cell("o")


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_trials_are_what_the_file_holds(cell, frame, suffix):
    trials = read_observed(cell(suffix=suffix))
    assert list(trials.columns) == [
        "dataset",
        "participant_id",
        "trial_id",
        "rt",
        "response",
        "load",
    ]
    np.testing.assert_array_equal(trials["dataset"], np.repeat([0, 1], 10))
    assert trials["participant_id"].tolist() == ["7"] * 10 + ["9"] * 10
    np.testing.assert_array_equal(trials["trial_id"], np.tile(np.arange(10), 2))
    np.testing.assert_array_equal(trials["rt"], frame["RT"])
    np.testing.assert_array_equal(trials["response"], np.where(frame["key"] == 1, 1, -1))
    np.testing.assert_array_equal(trials["load"], frame["load"])
    assert to_arrow(trials, "trials").num_rows == 20


def test_datasets_are_numbered_as_they_appear(cell, frame):
    shuffled = frame.iloc[np.random.default_rng(2).permutation(20)]
    given = cell(shuffled)
    trials = read_observed(given)
    first = str(shuffled["subj"].iloc[0])
    assert set(trials.loc[trials["dataset"] == 0, "participant_id"]) == {first}
    assert trials["dataset"].is_monotonic_increasing
    np.testing.assert_array_equal(
        trials.loc[trials["dataset"] == 0, "rt"],
        shuffled.loc[shuffled["subj"] == int(first), "RT"],
    )
    assert extent(given)[0] == 2


def test_datasets_know_the_value_that_makes_them(cell, frame):
    given = cell(frame)
    names = dataset_names(given, read_observed(given))
    assert to_arrow(names, "datasets").to_pylist() == [
        {"cell": "o", "dataset": 0, "column": "participant_id", "value": "7"},
        {"cell": "o", "dataset": 1, "column": "participant_id", "value": "9"},
    ]
    frame["dbs"] = np.tile([1.0, 0.0], 10)
    given = cell(frame, dataset_by="dbs")
    names = dataset_names(given, read_observed(given))
    assert names["column"].tolist() == ["dbs", "dbs"]
    assert names["value"].tolist() == ["1", "0"]
    # A column that bears a name of ours without being mapped is kept as another.
    frame["rt"] = np.tile(["x", "y"], 10)
    given = cell(frame, dataset_by="rt")
    assert dataset_names(given, read_observed(given))["value"].tolist() == ["x", "y"]


def test_a_cell_of_one_dataset_has_no_name_for_it(cell):
    given = cell(dataset_by=None)
    assert to_arrow(dataset_names(given, read_observed(given)), "datasets").num_rows == 0


def test_one_dataset_of_all_participants_numbers_their_trials_apart(cell):
    given = cell(dataset_by=None)
    trials = read_observed(given)
    assert trials["dataset"].unique().tolist() == [0]
    assert not trials.duplicated(["participant_id", "trial_id"]).any()
    assert extent(given)[0] == 1


def test_a_column_may_say_what_a_dataset_is(cell, frame):
    frame["block"] = np.tile(["x", "x", "y", "y", "y"], 4)
    given = cell(frame, dataset_by="block")
    trials = read_observed(given)
    assert extent(given)[0] == 2
    assert trials.groupby("dataset")["block"].unique().map(list).tolist() == [["x"], ["y"]]


def test_filters_leave_trials_and_whole_datasets_out(cell, frame):
    frame.loc[frame["subj"] == 7, "RT"] = 0.05
    given = cell(frame, rt_min=0.1)
    trials = read_observed(given)
    assert set(trials["participant_id"]) == {"9"}
    assert trials["dataset"].unique().tolist() == [0]
    assert extent(given)[0] == 1
    assert count_left_out(given) == 10


def test_trial_numbers_do_not_depend_on_the_filters(cell, frame):
    frame.loc[0, "RT"] = 0.05
    trials = read_observed(cell(frame, rt_min=0.1))
    assert trials["trial_id"].tolist()[:2] == [1, 2]


def test_milliseconds_become_seconds(cell, frame):
    trials = read_observed(cell(frame.assign(RT=frame["RT"] * 1000), rt_unit="ms", rt_max=20))
    np.testing.assert_allclose(trials["rt"], frame["RT"])


def test_nobody_is_null(cell):
    trials = read_observed(cell(columns={"rt": "RT", "response": "key"}, dataset_by=None))
    assert trials["participant_id"].isna().all()
    np.testing.assert_array_equal(trials["trial_id"], np.arange(20))
    assert "subj" in trials


def test_columns_that_bear_our_names_are_kept_beside(cell, frame):
    trials = read_observed(cell(frame.assign(rt=1.0, dataset="d")))
    assert (trials["rt_in_file"] == 1).all()
    assert (trials["dataset_in_file"] == "d").all()


def test_whole_numbers_are_labels_without_a_point(cell, frame):
    trials = read_observed(cell(frame.astype({"subj": float})))
    assert set(trials["participant_id"]) == {"7", "9"}


def test_faulty_rows_stop_the_reading(cell, frame):
    frame.loc[3, "RT"] = np.nan
    with pytest.raises(ValueError, match="without a valid rt"):
        read_observed(cell(frame))


def test_a_missing_file_is_told(cell, tmp_path):
    given = cell()
    (tmp_path / "data.csv").unlink()
    with pytest.raises(UnreadableFile, match="there is no file"):
        read_observed(given)


def test_a_tab_separated_file_is_read(cell, frame, tmp_path):
    frame.to_csv(tmp_path / "data.tsv", sep="\t", index=False)
    trials = read_observed(cell(path=str(tmp_path / "data.tsv")))
    pd.testing.assert_frame_equal(trials, read_observed(cell()))


def test_a_path_may_start_at_home(cell, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    cell()
    assert len(read_observed(cell(path="~/data.csv"))) == 20


class Marker:
    """Leaves a file behind when somebody unpickles it."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return (Path.touch, (self.file,))


def packed(written, kind):
    """Return a column of pickles as somebody might hide them in a Parquet file."""
    content = pickle.dumps(Marker(written))
    if kind == "lists":
        return pa.field("extra", pa.list_(pa.binary())), pa.array([[content]] * 20)
    # Arrow before 14.0.1 unpickled what stands here.
    hidden = {
        "ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": content,
    }
    named = hidden if kind == "extension" else None
    return pa.field("extra", pa.binary(), metadata=named), pa.array([content] * 20)


@pytest.mark.parametrize("kind", ["bytes", "lists", "extension"])
def test_packed_columns_are_refused_unopened(observed, write, frame, tmp_path, kind):
    written = tmp_path / "written"
    raw = observed(suffix="parquet")
    table = pa.Table.from_pandas(frame).append_column(*packed(written, kind))
    pq.write_table(table, raw["data"][0]["path"])
    with pytest.raises(StudyErrors) as caught:
        examine(write(raw))
    (problem,) = caught.value.problems
    assert problem.field == "data[0].path"
    assert "'extra'" in problem.message
    assert "hold neither numbers nor text; leave them out" in problem.message
    assert not written.exists()

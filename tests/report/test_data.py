import numpy as np
import pandas as pd
import xarray as xr

from driftmill.report.data import ReportData, select, select_dataset


def test_observed_datasets_are_called_by_their_participants(make):
    assert make("observed_only").dataset_label("people", 2) == "p03"
    assert make("recovery_only").dataset_label("ddm", 2) == "2"


def test_a_participant_of_two_datasets_names_neither(make):
    observed_only = make("observed_only")
    estimates = observed_only.table("estimates").assign(participant_id="same")
    data = ReportData(observed_only.study, {"estimates": estimates})
    assert data.dataset_label("people", 2) == "2"


def test_absent_tables_are_empty(make):
    assert make("single").table("nothing").empty
    assert not make("single").has("nothing")
    assert select(pd.DataFrame(), cell="x").empty


def test_failures_are_counted_and_matched_fits_found(make):
    full = make("full")
    assert full.failed == 3
    assert [(cell.name, fit.name) for cell, fit in full.matched] == [
        ("ddm", "ddm"),
        ("angle", "angle"),
    ]
    own = full.matched_rows(full.table("point"))
    assert set(zip(own["cell"], own["fit"], strict=True)) == {("ddm", "ddm"), ("angle", "angle")}


def test_one_dataset_is_taken_out_of_a_batch():
    values = np.arange(24.0).reshape(2, 4, 3)
    coords = {"dataset": [7, 8, 9]}
    dims = ("chain", "draw", "dataset")
    batch = xr.DataTree.from_dict(
        {
            "posterior": xr.Dataset({"v": (dims, values)}, coords),
            "sample_stats": xr.Dataset({"diverging": (dims, values > 3)}, coords),
            "result": xr.Dataset({"code": ("dataset", ["ok"] * 3)}, coords),
        }
    )
    one = select_dataset(batch, 8)
    assert one["posterior"]["v"].dims == ("chain", "draw")
    np.testing.assert_array_equal(one["posterior"]["v"], values[:, :, 1])
    assert set(one.children) == {"posterior", "sample_stats"}

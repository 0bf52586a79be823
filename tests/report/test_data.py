import numpy as np
import pandas as pd
import xarray as xr

from driftmill.report.data import ReportData, select, select_dataset


def named(make, column, values):
    observed_only = make("observed_only")
    rows = [("people", dataset, column, value) for dataset, value in enumerate(values)]
    datasets = pd.DataFrame(rows, columns=["cell", "dataset", "column", "value"])
    return ReportData(observed_only.study, {**observed_only.tables, "datasets": datasets})


def test_observed_datasets_are_called_by_the_column_that_parts_them(make):
    data = named(make, "dbs", ["1", "0"])
    assert data.dataset_label("people", 0) == "dbs 1"
    assert data.dataset_value("people", 0) == "1"
    assert data.dataset_axis("people") == "dbs"


def test_simulated_datasets_are_called_by_their_numbers(make):
    data = make("recovery_only")
    assert data.dataset_label("ddm", 2) == data.dataset_value("ddm", 2) == "2"
    assert data.dataset_axis("ddm") == "dataset"


def test_datasets_are_in_the_natural_order_of_their_values(make):
    data = named(make, "participant_id", ["s10", "s9", "s1"])
    assert data.datasets_in_order("people", [0, 1, 2, 2, 1]) == [2, 1, 0]
    assert make("many").datasets_in_order("ddm-0", [10, 9, 0]) == [0, 9, 10]


def test_rows_get_the_labels_of_their_datasets(make):
    data = named(make, "dbs", ["1", "0"])
    rows = pd.DataFrame({"cell": ["people", "people"], "dataset": [1, 0]}, index=[4, 2])
    assert data.with_labels(rows)["label"].to_dict() == {4: "dbs 0", 2: "dbs 1"}


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

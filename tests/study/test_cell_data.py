import numpy as np
import pytest

from driftmill.study.cell_data import observed_data, simulated_data
from driftmill.study.load import load_study


@pytest.fixture
def cell(write):
    return lambda raw: load_study(write(raw)).data[0]


def test_observed_columns_have_the_names_of_the_trials(observed, cell):
    data = observed_data(cell(observed()))
    assert data.columns == ("participant_id", "trial_id", "rt", "response", "load")
    assert data.renamed == {"rt": "RT", "response": "key", "participant_id": "subj"}
    assert [label for label, _ in data.datasets] == [
        "dataset 0 (participant_id 7)",
        "dataset 1 (participant_id 9)",
    ]


def test_rows_keep_their_place_in_the_file(observed, cell, frame):
    shuffled = frame.iloc[np.random.default_rng(1).permutation(len(frame))]
    data = observed_data(cell(observed(shuffled, rt_max=float(frame["RT"].median()))))
    expected = shuffled["RT"].reset_index(drop=True)
    np.testing.assert_allclose(data.rows["rt"], expected[data.rows.index])
    assert data.rows.index.is_monotonic_increasing
    assert len(data.rows) == 10


def test_datasets_by_a_covariate_are_named_after_it(observed, cell, frame):
    data = observed_data(cell(observed(frame.assign(day=[1, 2] * 10), dataset_by="day")))
    assert [label for label, _ in data.datasets] == ["dataset 0 (day 1)", "dataset 1 (day 2)"]


def test_without_a_column_of_participants_there_is_none(observed, cell):
    columns = {"rt": "RT", "response": "key"}
    data = observed_data(cell(observed(columns=columns, dataset_by=None)))
    assert "participant_id" not in data.columns
    assert "participant_id" not in data.rows
    ((label, frame),) = data.datasets
    assert label == ""
    assert len(frame) == 20


def test_simulated_cells_have_covariates_and_names_of_responses(raw, cell):
    raw["data"][0] |= {
        "covariates": {"x": {"name": "Normal", "mu": 0, "sigma": 1}},
        "participants": 3,
    }
    data = simulated_data(cell(raw))
    assert data.columns == ("participant_id", "trial_id", "x", "rt", "response")
    assert list(data.rows) == ["participant_id", "trial_id", "x"]
    assert len(data.rows) == 60


def test_a_large_simulated_dataset_is_cut_but_keeps_all_participants(raw, cell):
    raw["data"][0] |= {"participants": 2000, "trials": 100}
    rows = simulated_data(cell(raw)).rows
    assert rows.groupby("participant_id").size().eq(20).all()
    assert rows["participant_id"].nunique() == 2000

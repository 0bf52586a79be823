import hashlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from driftmill.store.errors import DamagedArtifact
from driftmill.store.tables import read_table, table_provenance, write_table


@pytest.fixture
def trials():
    return pd.DataFrame(
        {
            "dataset": [0, 0, 1],
            "participant_id": ["a", None, "b"],
            "trial_id": [0, 1, 0],
            "rt": [0.5, 0.1 + 0.2, np.nan],
            "response": [-1, 1, 1],
            "load": [1.5, np.nan, 2.0],
            "word": ["x", "y", None],
        }
    )


def test_a_table_comes_back_as_it_went(tmp_path, trials, origin):
    path = tmp_path / "t.parquet"
    write_table(path, trials, "trials", origin)
    found = read_table(path, "trials")
    pd.testing.assert_frame_equal(found, trials, check_dtype=False)
    assert found["rt"][1] == 0.1 + 0.2
    assert found.dtypes[["dataset", "trial_id", "response"]].eq("int64").all()


def test_a_table_says_where_it_comes_from(tmp_path, trials, origin):
    path = tmp_path / "t.parquet"
    write_table(path, trials, "trials", origin)
    found = table_provenance(path, "trials")
    assert found == origin | {"kind": "trials"}
    assert found["versions"]["pyarrow"] == pa.__version__


def test_equal_tables_are_equal_files(tmp_path, trials, origin):
    digests = set()
    for name in ("1", "2"):
        write_table(tmp_path / name, trials.set_index("load", drop=False), "trials", origin)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_columns_are_put_in_the_declared_order(tmp_path, trials, origin):
    path = tmp_path / "t.parquet"
    write_table(path, trials[list(reversed(trials.columns))], "trials", origin)
    assert list(read_table(path, "trials"))[:5] == list(trials)[:5]


def test_choice_only_trials_have_no_rt(tmp_path, trials, origin):
    path = tmp_path / "t.parquet"
    write_table(path, trials.drop(columns="rt"), "trials", origin)
    assert "rt" not in read_table(path, "trials")


def test_an_empty_table_keeps_its_columns(tmp_path, origin):
    path = tmp_path / "t.parquet"
    columns = ["dataset", "participant_id", "parameter", "value"]
    write_table(path, pd.DataFrame(columns=columns), "truth", origin)
    found = read_table(path, "truth")
    assert list(found) == columns
    assert len(found) == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t.drop(columns="response"), "lacks the columns response"),
        (lambda t: t.assign(response=["up", "up", "down"]), "column response"),
        (lambda t: t.assign(response=[1.5, 1.0, 1.0]), "column response"),
        (lambda t: t.assign(dataset=[0.0, np.nan, 1.0]), "column dataset .* missing values"),
    ],
)
def test_rows_that_are_no_such_table_are_refused(tmp_path, trials, origin, change, words):
    with pytest.raises(ValueError, match=words):
        write_table(tmp_path / "t.parquet", change(trials), "trials", origin)
    assert list(tmp_path.iterdir()) == []


def test_only_trials_may_have_more_columns(tmp_path, origin):
    frame = pd.DataFrame({"dataset": [0], "participant_id": [None], "parameter": ["v"]})
    with pytest.raises(ValueError, match="has the columns extra"):
        write_table(tmp_path / "t", frame.assign(value=1.0, extra=2), "truth", origin)


def test_every_truncation_is_noticed(tmp_path, trials, origin):
    path = tmp_path / "t.parquet"
    write_table(path, trials, "trials", origin)
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 23), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(DamagedArtifact, match="not a whole Parquet file") as caught:
            table_provenance(path, "trials")
        assert str(path) in str(caught.value)


def test_foreign_files_are_named(tmp_path, trials, origin):
    path = tmp_path / "t.parquet"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DamagedArtifact, match="not a whole Parquet file"):
        read_table(path, "trials")
    trials.to_parquet(path)
    with pytest.raises(DamagedArtifact, match="was not written by driftmill"):
        read_table(path, "trials")
    write_table(path, trials, "trials", origin)
    with pytest.raises(DamagedArtifact, match="holds 'trials' where 'truth' belongs"):
        read_table(path, "truth")


def test_a_table_of_another_shape_is_damaged(tmp_path, trials, origin):
    path = tmp_path / "t.parquet"
    write_table(path, trials, "trials", origin)
    table = pq.read_table(path)
    pq.write_table(table.drop_columns(["response"]), path)
    with pytest.raises(DamagedArtifact, match="lacks the columns response"):
        read_table(path, "trials")


def test_spoilt_rows_are_damaged(tmp_path, trials, origin):
    path = tmp_path / "t.parquet"
    write_table(path, pd.concat([trials] * 1000), "trials", origin)
    content = bytearray(path.read_bytes())
    content[4:400] = bytes(396)
    path.write_bytes(content)
    table_provenance(path, "trials")
    with pytest.raises(DamagedArtifact, match="rows cannot be read"):
        read_table(path, "trials")


def test_a_missing_table_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_table(tmp_path / "no.parquet", "trials")

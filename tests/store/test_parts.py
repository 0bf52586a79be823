import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from driftmill.store.parts import write_parts
from driftmill.store.tables import read_table, table_provenance, write_table


def part(draw, rows=4):
    return pd.DataFrame(
        {
            "draw": draw,
            "row": np.arange(rows),
            "participant_id": pd.Series(["a", None, "b", "b"][:rows], dtype="str"),
            "trial_id": pd.array([1, 2, None, 4][:rows], dtype="Int64"),
            "rt": [0.5, np.nan, 1.0, 1.5][:rows],
            "response": pd.array([1, None, -1, 1][:rows], dtype="Int64"),
        }
    )


def test_parts_make_the_table_that_all_rows_make(tmp_path, origin):
    parts = [part(0), part(1, 2), part(2)]
    assert write_parts(tmp_path / "parts", iter(parts), "predictions", origin) == 10
    write_table(tmp_path / "whole", pd.concat(parts), "predictions", origin)
    found = read_table(tmp_path / "parts", "predictions")
    pd.testing.assert_frame_equal(found, read_table(tmp_path / "whole", "predictions"))
    assert pq.read_metadata(tmp_path / "parts").num_row_groups == 3
    assert table_provenance(tmp_path / "parts") == origin | {"kind": "predictions"}


def test_a_part_that_fails_leaves_nothing_behind(tmp_path, origin):
    def parts():
        yield part(0)
        raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        write_parts(tmp_path / "t", parts(), "predictions", origin)
    assert list(tmp_path.iterdir()) == []


def test_rows_that_are_no_such_table_are_refused(tmp_path, origin):
    with pytest.raises(ValueError, match="lacks the columns row"):
        write_parts(tmp_path / "t", [part(0).drop(columns="row")], "predictions", origin)
    with pytest.raises(ValueError, match="there are no rows"):
        write_parts(tmp_path / "t", [], "predictions", origin)
    assert list(tmp_path.iterdir()) == []

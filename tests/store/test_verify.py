import pandas as pd
import pytest
import xarray as xr

from driftmill.store.tables import write_table
from driftmill.store.trees import write_tree
from driftmill.store.verify import drop_damaged, find_damaged


@pytest.fixture
def made(tmp_path, origin):
    """Write one table and one tree, and return all artifacts that a plan might expect."""
    truth = pd.DataFrame({"dataset": [0], "participant_id": [None], "parameter": ["v"]})
    write_table(tmp_path / "truth.parquet", truth.assign(value=1.0), "truth", origin)
    tree = xr.DataTree.from_dict({"posterior": xr.Dataset({"v": ("draw", [1.0, 2.0])})})
    write_tree(tmp_path / "p.nc", tree, origin | {"kind": "posterior"})
    return {
        str(tmp_path / "truth.parquet"): "truth",
        str(tmp_path / "p.nc"): "posterior",
        str(tmp_path / "later.nc"): "posterior",
    }


def test_whole_and_missing_artifacts_are_no_damage(made):
    assert find_damaged(made, "s") == []


def test_damaged_ones_are_named_and_removed(made, tmp_path):
    content = (tmp_path / "p.nc").read_bytes()
    (tmp_path / "p.nc").write_bytes(content[:-100])
    (tmp_path / "truth.parquet").write_text("foreign")
    found = drop_damaged(made, "s")
    assert {damage.path for damage in found} == set(list(made)[:2])
    assert all("it is not a whole" in str(damage) for damage in found)
    assert list(tmp_path.iterdir()) == []


def test_an_artifact_in_the_wrong_place_is_damage(made, tmp_path, origin):
    truth = pd.read_parquet(tmp_path / "truth.parquet")
    write_table(tmp_path / "truth.parquet", truth, "truth", origin | {"study": "other"})
    (damage,) = find_damaged(made, "s")
    assert "of the study 'other'" in damage.reason
    assert find_damaged(made) == []


def test_files_of_other_kinds_are_not_opened(tmp_path):
    (tmp_path / "report.html").write_text("x")
    assert find_damaged({str(tmp_path / "report.html"): "report"}, "s") == []

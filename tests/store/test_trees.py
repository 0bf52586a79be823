import hashlib
import pickle
import time
from pathlib import Path

import h5py
import numpy as np
import pytest
import xarray as xr

from driftmill.store.errors import DamagedArtifact
from driftmill.store.trees import read_dataset, read_tree, tree_provenance, write_tree


@pytest.fixture
def tree():
    rng = np.random.default_rng(1)
    dims = ("chain", "draw", "dataset")
    posterior = xr.Dataset(
        {"v": (dims, rng.normal(size=(2, 50, 3))), "a": (dims, np.full((2, 50, 3), np.nan))},
        coords={"chain": range(2), "draw": range(50), "dataset": [4, 5, 6]},
    )
    stats = xr.Dataset({"diverging": (dims, rng.random((2, 50, 3)) < 0.1)})
    result = xr.Dataset(
        {
            "code": ("dataset", np.array(["ok", "retried_ok", "timeout"])),
            "message": ("dataset", np.array(["", "", "zu spät"])),
            "rung": ("dataset", [0, 1, 2]),
        },
        coords={"dataset": [4, 5, 6]},
    )
    return xr.DataTree.from_dict(
        {"posterior": posterior, "sample_stats": stats, "result": result, "empty": xr.Dataset()}
    )


@pytest.fixture
def posterior_origin(origin):
    return origin | {"kind": "posterior"}


def test_a_tree_comes_back_as_it_went(tmp_path, tree, posterior_origin):
    path = tmp_path / "p.nc"
    write_tree(path, tree, posterior_origin)
    found = read_tree(path)
    for group in ("posterior", "sample_stats", "result"):
        xr.testing.assert_identical(found[group].to_dataset(), tree[group].to_dataset())
    assert found["posterior"]["v"].dims == ("chain", "draw", "dataset")
    assert found["sample_stats"]["diverging"].dtype == bool


def test_groups_are_read_without_the_others(tmp_path, tree, posterior_origin):
    path = tmp_path / "p.nc"
    write_tree(path, tree, posterior_origin)
    found = read_tree(path, ("posterior", "result"))
    assert list(found.children) == ["posterior", "result"]
    for group in found.children:
        xr.testing.assert_identical(found[group].to_dataset(), tree[group].to_dataset())
    with pytest.raises(DamagedArtifact, match="variables cannot be read"):
        read_tree(path, ("posterior", "prior"))


def test_a_tree_says_where_it_comes_from(tmp_path, tree, posterior_origin):
    path = tmp_path / "p.nc"
    write_tree(path, tree, posterior_origin)
    assert tree_provenance(path, "posterior") == posterior_origin
    assert "driftmill" not in tree.attrs


def test_equal_trees_are_equal_files(tmp_path, tree, posterior_origin):
    digests = set()
    for name in ("1", "2"):
        tree.attrs["created_at"] = f"now {name}"
        tree["posterior"].attrs["created_at"] = f"now {name}"
        write_tree(tmp_path / name, tree, posterior_origin)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
        time.sleep(1.1)  # time stamps in HDF5 files count seconds
    assert len(digests) == 1
    assert tree.attrs["created_at"] == "now 2"


def test_every_truncation_is_noticed(tmp_path, tree, posterior_origin):
    path = tmp_path / "p.nc"
    write_tree(path, tree, posterior_origin)
    whole = path.read_bytes()
    for length in [*range(0, len(whole), 997), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(DamagedArtifact, match="not a whole NetCDF-4 file") as caught:
            read_tree(path)
        assert str(path) in str(caught.value)


def test_foreign_files_are_named(tmp_path, tree, origin):
    path = tmp_path / "p.nc"
    path.write_text("no netcdf")
    with pytest.raises(DamagedArtifact, match="not a whole NetCDF-4 file"):
        read_tree(path)
    tree.to_netcdf(path, engine="h5netcdf")
    with pytest.raises(DamagedArtifact, match="was not written by driftmill"):
        read_tree(path)
    write_tree(path, tree, origin)
    with pytest.raises(DamagedArtifact, match="holds 'truth' where 'posterior' belongs"):
        read_tree(path)


def test_a_missing_tree_is_missing(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_tree(tmp_path / "no.nc")


def test_reading_does_not_hold_the_file(tmp_path, tree, posterior_origin):
    path = tmp_path / "p.nc"
    write_tree(path, tree, posterior_origin)
    found = read_tree(path)
    write_tree(path, tree, posterior_origin)
    path.unlink()
    assert float(found["posterior"]["v"].sum()) == pytest.approx(
        float(tree["posterior"]["v"].sum())
    )


def test_one_dataset_can_be_read_without_the_others(tmp_path, tree, posterior_origin):
    path = tmp_path / "p.nc"
    write_tree(path, tree, posterior_origin)
    found = read_dataset(path, 5)
    assert set(found.children) == {"posterior", "result"}
    for name in found.children:
        expected = tree[name].to_dataset().sel(dataset=[5])
        xr.testing.assert_identical(found[name].to_dataset(), expected)
    with pytest.raises(DamagedArtifact, match="dataset 7 cannot be read"):
        read_dataset(path, 7)


class Marker:
    """Leaves a file behind when somebody unpickles it."""

    def __init__(self, file):
        self.file = file

    def __reduce__(self):
        return (Path.touch, (self.file,))


@pytest.mark.parametrize("kind", ["opaque", "text", "reference"])
def test_pickled_content_is_never_unpickled(tmp_path, tree, posterior_origin, kind):
    path, written = tmp_path / "p.nc", tmp_path / "written"
    write_tree(path, tree, posterior_origin)
    content = pickle.dumps(Marker(written))
    with h5py.File(path, "a") as file:
        for group in (file, file["posterior"], file["result"]):
            group.attrs["pickled"] = np.void(content)
        del file["result/message"]
        if kind == "opaque":
            file["result/message"] = np.array([np.void(content)] * 3)
        elif kind == "text":
            file["result/message"] = np.array([content] * 3, dtype=object).astype("S")
        else:
            file["result/message"] = np.array([file.ref] * 3, dtype=h5py.ref_dtype)
    for read in (lambda: read_tree(path), lambda: read_dataset(path, 4)):
        with pytest.raises(DamagedArtifact, match="variable message holds neither"):
            read()
    assert not written.exists()

"""What is kept is found again; what is damaged, foreign or another's is ignored, and said."""

import numpy as np
import pytest

from driftmill.store import arrays
from driftmill.store.checkpoint import Checkpoint
from driftmill.store.errors import StoreError


@pytest.fixture
def said():
    return []


@pytest.fixture
def make(tmp_path, said):
    def opened(belongs_to="mine", every=0.0):
        return Checkpoint(tmp_path / "checkpoints" / "fit.c.f.0000", belongs_to, every, said.append)

    return opened


DRAWS = {"draws": np.arange(6.0).reshape(2, 3), "stats/lp": np.ones(2), "code": np.asarray("ok")}
STATE = {"partial/state/0": np.arange(2, dtype=np.uint32), "message": np.asarray("")}


def files(keeper):
    return sorted(file.name for file in keeper._folder.iterdir())


def test_finished_and_underway_are_found_again(make, said):
    first = make()
    first.finish("dataset-0", DRAWS)
    first.finish("dataset-1", {name: 2 * a for name, a in DRAWS.items() if name != "code"})
    first.save("dataset-10", STATE)
    assert said == []
    again = make()
    assert "2 finished, one underway" in said[0]
    found = again.finished("dataset-0")
    assert found.keys() == DRAWS.keys()
    np.testing.assert_array_equal(found["draws"], DRAWS["draws"])
    assert found["code"].item() == "ok"
    np.testing.assert_array_equal(again.finished("dataset-1")["stats/lp"], 2 * np.ones(2))
    state = again.underway("dataset-10")
    assert state["partial/state/0"].dtype == np.uint32
    assert again.finished("dataset-10") is None
    assert again.underway("dataset-1") is None


def test_it_writes_when_it_is_due_and_all_that_waits(make):
    patient = make(every=1e6)
    patient.finish("dataset-0", DRAWS)
    assert not patient.due
    assert not patient._folder.exists()
    patient.save("dataset-1", STATE)
    assert files(patient) == ["finished-0000.npz", "underway.npz"]
    third = make(every=0.0)
    third.finish("dataset-1", DRAWS)
    assert files(third) == ["finished-0000.npz", "finished-0001.npz", "underway.npz"]
    assert make().finished("dataset-1") is not None


def test_that_of_other_data_or_code_is_ignored_and_removed(make, said):
    first = make()
    first.finish("dataset-0", DRAWS)
    other = make(belongs_to="other")
    assert other.finished("dataset-0") is None
    assert "is of other data, settings or code: ignored" in said[0]
    assert files(other) == []


@pytest.mark.parametrize("name", ["finished-0000.npz", "underway.npz"])
@pytest.mark.parametrize("content", ["half", b"", b"not ours", "pickle"])
def test_a_damaged_file_is_ignored_and_the_rest_is_used(make, said, name, content):
    first = make()
    first.finish("dataset-0", DRAWS)
    first.save("dataset-1", STATE)
    path = first._folder / name
    if content == "pickle":
        with path.open("wb") as file:
            np.savez(file, belongs_to=np.array([{"a": 1}], dtype=object))
    else:
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2] if content == "half" else content)
    again = make()
    assert f"{path} is truncated or foreign" in said[0]
    assert not path.exists()
    assert (again.finished("dataset-0") is None) == (name != "underway.npz")
    assert (again.underway("dataset-1") is None) == (name == "underway.npz")


def test_a_full_disk_is_said_once_and_stops_nothing(make, said, monkeypatch):
    def full(path):
        raise StoreError("the disk is full")

    keeper = make()
    monkeypatch.setattr(arrays, "replacing", full)
    keeper.finish("dataset-0", DRAWS)
    keeper.finish("dataset-1", DRAWS)
    assert said == ["no checkpoint: the disk is full"]
    monkeypatch.undo()
    keeper.finish("dataset-2", DRAWS)
    assert all(make().finished(f"dataset-{k}") is not None for k in range(3))


def test_at_the_end_nothing_is_left(make):
    keeper = make()
    keeper.remove()
    keeper.finish("dataset-0", DRAWS)
    beside = keeper._folder.parent / "fit.c.g.0000"
    beside.mkdir()
    keeper.remove()
    assert not keeper._folder.exists()
    beside.rmdir()
    keeper.finish("dataset-0", DRAWS)
    keeper.remove()
    assert not keeper._folder.parent.exists()

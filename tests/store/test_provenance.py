import os
import subprocess
import sys
from importlib import metadata

from driftmill import __version__
from driftmill.store.provenance import decode, encode, git_commit, provenance, versions


def test_it_names_study_seed_versions_and_place():
    origin = provenance("s", "0123", "posterior", cell="c", fit="f", batch="0001", seed=5)
    assert (origin["kind"], origin["study"], origin["study_hash"]) == ("posterior", "s", "0123")
    assert (origin["cell"], origin["fit"], origin["batch"]) == ("c", "f", "0001")
    assert origin["seed"] == 5
    assert origin["versions"]["driftmill"] == __version__
    assert origin["versions"]["pymc"] == metadata.version("pymc")
    assert None not in versions().values()


def test_it_survives_being_written():
    origin = provenance("s", "0123", "truth", seed=5)
    assert decode(encode(origin)) == origin
    assert decode(encode(origin).encode()) == origin


def test_what_is_none_of_ours_is_none():
    assert decode(None) is None
    assert decode("no json") is None
    assert decode("[1]") is None
    assert decode('{"a": 1}') is None


def test_the_commit_is_that_of_the_repository(project_root):
    found = subprocess.run(
        ["git", "rev-parse", "HEAD"], cwd=project_root, capture_output=True, text=True
    )
    if found.returncode:
        assert git_commit() is None
    else:
        assert (git_commit() or "").removesuffix("-dirty") == found.stdout.strip()


def test_without_git_there_is_no_commit(tmp_path):
    code = "from driftmill.store.provenance import git_commit; print(git_commit())"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "None"

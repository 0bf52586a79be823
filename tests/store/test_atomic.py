"""Writing under faults: real ones, made by the operating system, in a process of their own."""

import errno
import os
import resource
import subprocess
import sys
import textwrap

import pytest

from driftmill.store.atomic import replacing, write_text
from driftmill.store.errors import StoreError


def test_a_file_appears_whole_in_a_new_folder(tmp_path):
    path = tmp_path / "a" / "b" / "file.txt"
    write_text(path, "whole")
    assert path.read_text() == "whole"
    assert os.listdir(path.parent) == ["file.txt"]


def half_write(path, error):
    with replacing(path) as partial:
        partial.write_text("half")
        raise error


def test_an_error_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file.txt"
    write_text(path, "old")
    with pytest.raises(ValueError, match="oh"):
        half_write(path, ValueError("oh"))
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_an_interrupt_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        half_write(tmp_path / "file.txt", KeyboardInterrupt())
    assert os.listdir(tmp_path) == []


def test_what_a_killed_process_left_is_removed(tmp_path):
    (tmp_path / ".file.txt.123456.partial").write_text("half")
    (tmp_path / ".file.txt.old.partial").write_text("half")
    (tmp_path / ".other.txt.123456.partial").write_text("another's")
    write_text(tmp_path / "file.txt", "whole")
    assert sorted(os.listdir(tmp_path)) == [".other.txt.123456.partial", "file.txt"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "quota is used up"),
        (errno.EROFS, "read-only"),
        (errno.EACCES, "no permission"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_a_failure_is_told_with_its_remedy(tmp_path, number, words):
    path = tmp_path / "file.txt"
    with pytest.raises(StoreError) as caught:
        half_write(path, OSError(number, os.strerror(number)))
    assert str(caught.value).startswith(f"cannot write {path}: ")
    assert words in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_a_file_is_told(tmp_path):
    (tmp_path / "results").write_text("a file")
    with pytest.raises(StoreError, match="cannot write"):
        write_text(tmp_path / "results" / "x" / "file.txt", "text")


WRITERS = {
    "text": "from driftmill.store.atomic import write_text; write_text(path, 'x' * 10**6)",
    "table": """
        import numpy as np, pandas as pd
        from driftmill.store.tables import write_table
        n = 200_000
        frame = pd.DataFrame({"dataset": 0, "participant_id": "a", "trial_id": np.arange(n),
                              "rt": np.random.default_rng(1).random(n), "response": 1})
        write_table(path, frame, "trials", {"kind": "trials"})
        """,
    "tree": """
        import numpy as np, xarray as xr
        from driftmill.store.trees import write_tree
        draws = np.random.default_rng(1).random(200_000)
        posterior = xr.Dataset({"v": ("draw", draws)})
        write_tree(path, xr.DataTree.from_dict({"posterior": posterior}), {"kind": "posterior"})
        """,
}
MAIN = """
import sys
from driftmill.store.errors import StoreError
{before}
path = sys.argv[1]
try:
{body}
except StoreError as error:
    print(f"told: {{error}}")
    raise SystemExit(0)
raise SystemExit("no error")
"""


def told(tmp_path, writer, before=""):
    """Run a writer in another process and return what it told."""
    body = textwrap.indent(textwrap.dedent(WRITERS[writer]), "    ")
    path = tmp_path / "results" / "file"
    # Without -B the limit on file sizes would cut the bytecode of modules that are new here.
    done = subprocess.run(
        [sys.executable, "-B", "-c", MAIN.format(before=before, body=body), str(path)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(f"told: cannot write {path}: ")
    return done.stdout


# Python ignores SIGXFSZ, so that a write past the limit fails as it does on a full disk.
LIMIT = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"


@pytest.mark.parametrize("writer", WRITERS)
def test_a_write_that_the_system_stops_leaves_nothing(tmp_path, writer):
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == resource.RLIM_INFINITY
    told(tmp_path, writer, LIMIT)
    assert os.listdir(tmp_path / "results") == []


# Root may write everywhere, so the process becomes nobody once all is imported.
NOBODY = """
import h5netcdf, numpy, pandas, pyarrow.parquet, xarray
import driftmill.store.tables, driftmill.store.trees
import os
if os.geteuid() == 0:
    os.setegid(65534)
    os.seteuid(65534)
"""


@pytest.mark.parametrize("writer", WRITERS)
def test_an_unwritable_folder_is_told(tmp_path, writer):
    for folder in (tmp_path, *tmp_path.parents):
        if folder.name.startswith("pytest-"):
            folder.chmod(0o755)
    (tmp_path / "results").mkdir()
    (tmp_path / "results").chmod(0o555)
    said = told(tmp_path, writer, NOBODY)
    assert "no permission to write there" in said
    (tmp_path / "results").chmod(0o755)
    assert os.listdir(tmp_path / "results") == []

"""The locks agree, name no host and satisfy pyproject; the set-up finds a Python or says how."""

import re
import shutil
import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("cpu", "dev", "gpu", "networks", "s3", "uv")
PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)==(?P<version>[^\s;\\]+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    text = (ROOT / "envs" / f"{lock}.txt").read_text()
    return {match["name"]: match["version"] for match in PIN.finditer(text)}


def declared(extra: str | None = None) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    listed = project["dependencies"] if extra is None else project["optional-dependencies"][extra]
    return [Requirement(line) for line in listed]


def unsatisfied(requirements: list[Requirement], lock: dict[str, str]) -> list[str]:
    named = {re.sub(r"[-_.]+", "-", r.name).lower(): r for r in requirements}
    return [
        f"{requirement} but {lock.get(name)}"
        for name, requirement in named.items()
        if name not in lock or not requirement.specifier.contains(lock[name], prereleases=True)
    ]


@pytest.mark.parametrize(
    ("lock", "extra"),
    [
        *[(lock, None) for lock in ("cpu", "dev", "gpu", "networks")],
        *[(lock, lock) for lock in ("dev", "gpu", "networks")],
        ("dev", "networks"),
    ],
)
def test_locks_satisfy_pyproject(lock: str, extra: str | None) -> None:
    assert unsatisfied(declared(extra), pins(lock)) == []


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [("cpu", "dev"), ("cpu", "gpu"), ("cpu", "networks"), ("networks", "dev")],
)
def test_larger_locks_contain_smaller_ones(smaller: str, larger: str) -> None:
    assert pins(smaller).items() <= pins(larger).items()


def test_what_storage_adds_changes_one_package_within_what_the_others_ask_for() -> None:
    ours, added = pins("cpu"), pins("s3")
    assert "snakemake-storage-plugin-s3" in added
    changed = {name for name in ours.keys() & added.keys() if ours[name] != added[name]}
    assert changed <= {"python-dateutil"}
    needing = [
        Requirement(line)
        for name in ("pandas", "matplotlib")
        for line in metadata.requires(name) or []
        if line.startswith("python-dateutil")
    ]
    assert len(needing) == 2
    assert unsatisfied(needing, added) == []


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_has_a_hash_and_no_line_names_a_host_or_a_path(lock: str) -> None:
    text = (ROOT / "envs" / f"{lock}.txt").read_text()
    blocks = re.split(r"\n(?=[a-z])", text.strip())
    assert [b.splitlines()[0] for b in blocks if "--hash=sha256:" not in b] == []
    assert re.findall(r"^.*(?:/|://|--index|--extra-index|--find-links|@).*$", text, re.M) == []


def find_python(home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Look for a Python with nothing on PATH but what the set-up script itself calls."""
    tools = home / "tools"
    tools.mkdir()
    for tool in ("bash", "cat", "dirname"):
        (tools / tool).symlink_to(str(shutil.which(tool)))
    return subprocess.run(
        [str(tools / "bash"), str(ROOT / "envs" / "setup.sh"), "--find-python"],
        env={"PATH": str(tools), "HOME": str(home), "DRIFTMILL_PREFIXES": "", **settings},
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_python_gives_one_message_with_the_remedies(tmp_path: Path) -> None:
    fake = tmp_path / "python3.11"
    fake.write_text("#!/bin/bash\necho is Python 3.11\nexit 1\n")
    fake.chmod(0o755)
    answer = find_python(tmp_path, PYTHON=str(fake))
    assert answer.returncode == 1
    assert answer.stdout == ""
    remedies = ("apt install", "pyenv install 3.12", "uv python install", "conda create")
    looked_for = ("3.12 or 3.13", "Looked for", str(tmp_path / ".pyenv"))
    for part in (*looked_for, f"{fake}: is Python 3.11", *remedies):
        assert part in answer.stderr


def test_a_python_in_a_pyenv_folder_is_found(tmp_path: Path) -> None:
    place = tmp_path / ".pyenv" / "versions" / "3.12.9" / "bin"
    place.mkdir(parents=True)
    fake = place / "python3.12"
    fake.write_text("#!/bin/bash\necho /real/python3.12\n")
    fake.chmod(0o755)
    answer = find_python(tmp_path)
    assert (answer.returncode, answer.stdout.strip()) == (0, "/real/python3.12")

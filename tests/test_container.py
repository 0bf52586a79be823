"""The container recipe: it is set up as every machine is, from what is there, and tests itself."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def recipe() -> dict[str, str]:
    """Return the recipe's header, as ``""``, and its sections by name."""
    text = (ROOT / "envs" / "driftmill.def").read_text(encoding="utf-8")
    head, *sections = re.split(r"^%", text, flags=re.MULTILINE)
    named = [section.partition("\n") for section in sections]
    return {"": head} | {name.strip(): body for name, _, body in named}


def test_it_begins_with_a_system_whose_python_the_locks_cover(recipe: dict[str, str]) -> None:
    assert dict(re.findall(r"^(\w+): (\S+)$", recipe[""], re.MULTILINE)) == {
        "Bootstrap": "docker",
        "From": "debian:13-slim",
    }
    versions = re.search(r'VERSIONS="([^"]+)"', (ROOT / "envs" / "setup.sh").read_text())
    assert versions is not None
    assert "3.13" in versions[1].split()


def test_it_takes_all_that_the_workflow_needs(recipe: dict[str, str]) -> None:
    pairs = [line.split() for line in recipe["files"].strip().splitlines()]
    assert {target for _, target in pairs} == {"/opt/driftmill/"}
    taken = {source for source, _ in pairs}
    assert all((ROOT / source).exists() for source in taken)
    assert taken >= {"Snakefile", "workflow", "scripts", "config", "envs", "pyproject.toml"}


def test_it_is_set_up_from_the_lock_by_its_hashes(recipe: dict[str, str]) -> None:
    lines = [shlex.split(line, comments=True) for line in recipe["post"].splitlines()]
    assert ["/opt/driftmill/envs/setup.sh", "cpu"] in lines
    assert not re.search(r"pip install|curl|wget", recipe["post"])


@pytest.mark.parametrize("name", ["post", "environment", "runscript", "test"])
def test_its_shell_can_be_read(recipe: dict[str, str], name: str) -> None:
    subprocess.run(["sh", "-n"], input=recipe[name], text=True, check=True)

"""The house: a room imports only from floors below it, and light parts stay light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "workflow" / "driftmill"
FLOORS = {
    "families": 0,
    "natural_order": 0,
    "network_names": 0,
    "proportions": 0,
    "likelihoods": 1,
    "processes": 2,
    "models": 3,
    "formulas": 4,
    "simulation": 5,
    "regression": 6,
    "sampling": 7,
    "networks": 8,
    "comparison": 8,
    "recovery": 8,
    "prediction": 8,
    "store": 9,
    "report": 9,
    "study": 10,
    "commands": 11,
    "cli": 12,
}


def imports_of(file: Path) -> set[str]:
    """Return the rooms that a file imports from."""
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found |= {n.split(".")[1] for n in names if n.startswith("driftmill.")}
    return found


def files() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if p != PACKAGE / "__init__.py")


@pytest.mark.parametrize("file", files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_room_imports_from_below(file):
    room = file.relative_to(PACKAGE).parts[0].removesuffix(".py")
    above = {other for other in imports_of(file) - {room} if FLOORS[other] >= FLOORS[room]}
    assert not above


@pytest.mark.parametrize("file", files(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_file_holds_one_idea(file):
    assert len(file.read_text(encoding="utf-8").splitlines()) <= 350


def test_scripts_are_thin():
    for script in (PACKAGE.parents[1] / "scripts").glob("*.py"):
        assert len(script.read_text(encoding="utf-8").splitlines()) < 40, script.name


def test_what_the_snakefile_imports_is_light():
    program = (
        "import sys, driftmill.study.enter, driftmill.store.fingerprint, driftmill.study.hash;"
        "print([m for m in ('jax', 'pymc', 'bambi', 'arviz', 'pandas') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr

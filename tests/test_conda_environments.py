"""The conda environments: pins as in the locks, and all that the rules' scripts import."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "workflow"
FILES = sorted((ROOT / "envs").glob("*.yaml"))


def pinned(environment: Path) -> list[Requirement]:
    python, pip, sections = yaml.safe_load(environment.read_text())["dependencies"]
    assert (python, pip) == ("python=3.12", "pip")
    return [Requirement(line) for line in sections["pip"]]


def test_the_five_environments_are_there() -> None:
    assert {path.stem for path in FILES} == {"workflow", "fit", "fit-gpu", "networks", "report"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_they_pin_what_the_locks_pin(path: Path) -> None:
    name = {"fit-gpu": "gpu", "networks": "networks"}.get(path.stem, "cpu")
    lock = (ROOT / "envs" / f"{name}.txt").read_text()
    for requirement in pinned(path):
        assert f"\n{requirement.name}{requirement.specifier} " in f"\n{lock}", str(requirement)


def with_requirements(names: set[str]) -> set[str]:
    """Add everything that installed packages bring along."""
    found: set[str] = set()
    left = set(names)
    while left:
        name = left.pop()
        found.add(name)
        for line in metadata.requires(name) or []:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
                left |= {re.sub(r"[-_.]+", "-", requirement.name).lower()} - found
    return found


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield str(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@cache
def foreign_imports(file: Path) -> frozenset[str]:
    """Top-level packages that a file and the library's modules it imports need."""
    foreign: set[str] = set()
    read: set[Path] = set()
    left = {file}
    while left:
        read.add(current := left.pop())
        for module in imported(current):
            top, *parts = module.split(".")
            if top != "driftmill":
                foreign.add(top)
                continue
            packages = [LIBRARY.joinpath(top, *parts[:k]) for k in range(len(parts) + 1)]
            files = {p / "__init__.py" for p in packages} | {p.with_suffix(".py") for p in packages}
            left |= {path for path in files if path.is_file()} - read
    return frozenset(foreign - sys.stdlib_module_names)


def rules() -> Iterator[tuple[str, Path, Path]]:
    """Yield the name, environment and script of every rule that has a script."""
    for file in sorted((LIBRARY / "rules").glob("*.smk")):
        for block in re.split(r"^rule ", file.read_text(), flags=re.MULTILINE)[1:]:
            script = re.search(r"script:\s*\"([^\"]+)\"", block)
            environment = re.search(r"conda:\s*\"([^\"]+)\"", block)
            if script and environment:
                paths = [(file.parent / found[1]).resolve() for found in (environment, script)]
                yield block.partition(":")[0], *paths


def lacking(environment: Path, script: Path) -> set[str]:
    have = with_requirements({requirement.name for requirement in pinned(environment)})
    distributions = metadata.packages_distributions()
    return {
        package
        for package in foreign_imports(script)
        if not {re.sub(r"[-_.]+", "-", d).lower() for d in distributions.get(package, [])} & have
    }


def test_every_rule_with_a_script_names_an_environment() -> None:
    texts = [file.read_text() for file in sorted((LIBRARY / "rules").glob("*.smk"))]
    scripts = sum(text.count("script:\n") for text in texts)
    assert scripts == len(list(rules())) > 10
    assert {path.stem for _, path, _ in rules()} <= {path.stem for path in FILES}


def test_fits_on_a_gpu_have_what_fits_have_and_cuda() -> None:
    cpu, gpu = (
        {requirement.name: requirement for requirement in pinned(ROOT / "envs" / f"{name}.yaml")}
        for name in ("fit", "fit-gpu")
    )
    assert gpu["jax"].extras == {"cuda13"}
    assert {name: r.specifier for name, r in gpu.items()} == {
        name: r.specifier for name, r in cpu.items()
    }


@pytest.mark.parametrize(
    ("environment", "script"), [pytest.param(*rule[1:], id=rule[0]) for rule in rules()]
)
def test_a_rules_environment_has_what_its_script_imports(environment: Path, script: Path) -> None:
    assert lacking(environment, script) == set()


def test_snakemake_runs_in_the_workflow_environment(tmp_path: Path) -> None:
    lines = re.findall(r"^(?:from|import) .*$", (ROOT / "Snakefile").read_text(), re.MULTILINE)
    top = tmp_path / "top.py"
    top.write_text("\n".join(lines))
    assert lacking(ROOT / "envs" / "workflow.yaml", top) == set()

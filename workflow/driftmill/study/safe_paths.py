"""Paths that a user gives and Snakemake takes: without what it would read otherwise, and local."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from driftmill.study.problems import Problem, StudyErrors, show


def strange_signs(path: Path | str) -> str | None:
    """Say why a path cannot go through Snakemake; None where it can.

    It takes braces for wildcards and angle brackets for path variables, in inputs and parameters
    alike, and logs and shells would take a line break for the end of a name.
    """
    text = str(path)
    if found := [sign for sign in "{}<>" if sign in text]:
        return f"has a {found[0]} in it, which Snakemake takes for the sign of a variable"
    if not text.isprintable():
        return "has a line break or another sign in it that cannot be printed"
    return None


def refuse_strange(path: Path | str, file: str, field: str = "") -> list[Problem]:
    """Return a problem where a path cannot go through Snakemake."""
    wrong = strange_signs(path)
    return [Problem(file, field, show(str(path)), wrong, "rename it")] if wrong else []


def results_of(config: Mapping[str, Any]) -> str:
    """Return the folder of all studies' results that the configuration names.

    Raises
    ------
    StudyErrors
        When its path cannot go through Snakemake.
    """
    results = str(config.get("results", "results"))
    if problems := refuse_strange(results, "snakemake --config", "results"):
        raise StudyErrors(problems)
    return results


def local_results(results: str, folder: str, outputs: Iterable[str]) -> str:
    """Return the folder of all studies' results as a job sees it.

    Where results go to storage, a job has those that it reads and writes in a folder that
    mirrors them.

    Parameters
    ----------
    results
        The folder that the configuration names.
    folder
        The folder in it that is the study's, or that of networks.
    outputs
        Paths of what the job writes, which lie below it.
    """
    below = f"{results}/{folder}/"
    found = next((str(path) for path in outputs if below in str(path)), below)
    return found[: found.index(below)] + results

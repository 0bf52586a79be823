"""Finding a study file and reading it; light enough for every job that Snakemake spawns."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from driftmill.study.explain import explain
from driftmill.study.model_files import announce
from driftmill.study.network_files import with_shared_networks
from driftmill.study.problems import Problem, StudyErrors, show, suggest
from driftmill.study.safe_paths import refuse_strange
from driftmill.study.trust import Trust
from driftmill.study.types import Study
from driftmill.study.yaml_file import read_yaml

_SUFFIXES = (".yaml", ".yml")


def find_study(name_or_path: str, root: Path | str = ".") -> Path:
    """Return the study file that a name or a path means.

    A path is taken from the current folder, then from ``root``; a name is a file of
    ``root/config/studies``.

    Raises
    ------
    StudyErrors
        When there is no such file; names the studies that there are. When its path holds what
        Snakemake would take for something else.
    """
    given, folder = Path(name_or_path).expanduser(), Path(root) / "config" / "studies"
    candidates = [given, Path(root) / given]
    if given.suffix not in _SUFFIXES and len(given.parts) == 1:
        candidates += [folder / f"{name_or_path}{suffix}" for suffix in _SUFFIXES]
    for candidate in candidates:
        if candidate.is_file() and candidate.suffix in _SUFFIXES:
            if problems := refuse_strange(candidate, show(str(candidate))):
                raise StudyErrors(problems)
            return candidate
    known = sorted(path.stem for path in folder.glob("*") if path.suffix in _SUFFIXES)
    raise StudyErrors(
        [
            Problem(
                str(name_or_path),
                "",
                "",
                f"no such study: neither a .yaml file nor a name in {folder}",
                suggest(given.stem, known, "studies"),
            )
        ]
    )


def read_raw(path: Path | str) -> dict[str, Any]:
    """Read a study file without checking it, and name a nameless study after the file."""
    raw = read_yaml(Path(path))
    raw.setdefault("study", Path(path).stem)
    return raw


def load_study(path: Path | str, trust: Trust = False) -> Study:
    """Read a study file and check all that can be checked without the catalogue of models.

    Parameters
    ----------
    path
        The file.
    trust
        Whether the files of models that it names may run, once a model is needed.

    Raises
    ------
    StudyErrors
        With every problem found.
    """
    raw = read_raw(path)
    try:
        study = Study.model_validate(raw)
    except ValidationError as error:
        raise StudyErrors([problem for _, problem in explain(str(path), error)]) from error
    repeated = repeated_names(str(path), raw)
    if repeated:
        raise StudyErrors(repeated)
    announce(str(path), study.models, trust)
    return with_shared_networks(study, path)


def repeated_names(file: str, raw: dict[str, Any]) -> list[Problem]:
    """Return a problem for each name that two cells, two fits, or two networks bear."""
    problems = []
    for part, word in (("data", "cells"), ("fits", "fits"), ("networks", "networks")):
        items = raw.get(part)
        named = items if isinstance(items, list) else []
        names = [str(item["name"]) for item in named if isinstance(item, dict) and "name" in item]
        # Folders of some file systems do not tell upper from lower case.
        for lower, count in Counter(name.lower() for name in names).items():
            if count < 2:
                continue
            at = [
                f"{part}[{i}].name"
                for i, item in enumerate(named)
                if isinstance(item, dict) and str(item.get("name", "")).lower() == lower
            ]
            value = next(name for name in names if name.lower() == lower)
            message = f"{count} {word} of one name: {', '.join(at)}"
            problems.append(
                Problem(file, at[-1], value, message, f"give each {word[:-1]} a name of its own")
            )
    return problems

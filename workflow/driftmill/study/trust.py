"""Whose Python may run: a study is data, so files of models that it names need the user's word.

The user gives it by ``trust`` in config/config.yaml, ``snakemake --config trust=true`` or
``driftmill ... --trust``; never the study itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from driftmill.study.problems import Problem, StudyErrors, show

#: All files, none of them, or these and what lies in these folders.
Trust = bool | tuple[str, ...]
#: Where a clone of the project says what holds for all runs.
CONFIG = Path("config/config.yaml")
_WORDS = {"true": True, "yes": True, "false": False, "no": False, "": False, "none": False}


def trust_of(config: Mapping[str, Any]) -> Trust:
    """Return what the configuration says of files of models; none are trusted when it is silent.

    Parameters
    ----------
    config
        Snakemake's configuration: ``trust`` is a truth value, a path or a list of paths. From the
        command line truth values come as text.

    Raises
    ------
    StudyErrors
        When it is something else.
    """
    said = config.get("trust")
    word = _WORDS.get(str(said).lower())
    if word is not None:
        return word
    files = [said] if isinstance(said, str) else said
    if isinstance(files, list | tuple) and all(isinstance(file, str) for file in files):
        return tuple(files)
    remedy = "give true, false, or a list of Python files and folders of them"
    raise StudyErrors(
        [Problem(str(CONFIG), "trust", show(said), "is neither true nor false nor a list", remedy)]
    )


def trust_given(flag: bool, root: Path | str) -> Trust:
    """Return whose word a command of driftmill goes by: its option, else the project's config.

    Parameters
    ----------
    flag
        Whether ``--trust`` was given.
    root
        The folder of the Snakefile that runs studies.
    """
    from driftmill.study.yaml_file import read_yaml

    file = Path(root) / CONFIG
    return flag or (trust_of(read_yaml(file)) if file.is_file() else False)


def is_trusted(file: str, trust: Trust) -> bool:
    """Tell whether a file of models may run."""
    if isinstance(trust, bool):
        return trust
    path = Path(file).expanduser().resolve()
    known = [Path(each).expanduser().resolve() for each in trust]
    return any(path == each or each in path.parents for each in known)


def refusals(study_file: str, files: tuple[str, ...], trust: Trust) -> list[Problem]:
    """Return a problem for each file of models that a study names and the user does not trust."""
    message = (
        "is Python, which would run on this machine with all that you may do; a study alone may "
        "not have it run"
    )
    return [
        Problem(
            study_file,
            f"models[{k}]",
            file,
            message,
            "read it; if you trust it, say so: snakemake --config trust=true ..., driftmill check "
            f"--trust ..., or in {CONFIG} `trust: true` or `trust: [{file}]`",
        )
        for k, file in enumerate(files)
        if not is_trusted(file, trust)
    ]

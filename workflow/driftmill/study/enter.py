"""What the Snakefile does before its rules: find, check and expand the study."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from driftmill.study.expand import Plan, expand
from driftmill.study.load import find_study, load_study
from driftmill.study.problems import StudyErrors


@dataclass(frozen=True)
class Entered:
    """A study that passed its checks.

    Parameters
    ----------
    file
        The study file.
    plan
        What it will make.
    """

    file: Path
    plan: Plan


def enter(study: str, results: str, root: Path | str, main: bool) -> Entered:
    """Read a study for the workflow; a bad one ends the run with all its errors.

    Parameters
    ----------
    study
        Name or path of the study.
    results
        Folder of all studies' results.
    root
        The project's folder.
    main
        Whether this is the run that the user started. It checks everything, which takes a
        second of imports; the jobs that it spawns read a study that has been checked.
    """
    try:
        file = find_study(study, root)
        if main:
            from driftmill.study.examine import examine

            return Entered(file, expand(examine(file), results))
        return Entered(file, expand(load_study(file), results))
    except StudyErrors as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        raise SystemExit(1) from None

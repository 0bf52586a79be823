"""What the Snakefile does before its rules: find, check and expand the study."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from driftmill.store.atomic import claim
from driftmill.store.errors import StoreError
from driftmill.store.verify import drop_damaged, find_damaged
from driftmill.study.artifacts import artifacts
from driftmill.study.expand import Plan, expand
from driftmill.study.load import find_study, load_study
from driftmill.study.problems import StudyErrors
from driftmill.study.resume import clear_stale_lock
from driftmill.study.safe_paths import results_of
from driftmill.study.trust import trust_of


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


def enter(config: Mapping[str, Any], root: Path | str, main: bool) -> Entered:
    """Read a study for the workflow; a bad one ends the run with all its errors.

    Parameters
    ----------
    config
        Snakemake's configuration: ``study``, its name or path; ``results``, the folder of all
        studies' results; ``trust``, whether files of models that the study names may run.
    root
        The project's folder.
    main
        Whether this is the run that the user started. It checks everything, which takes a
        second of imports; the jobs that it spawns read a study that has been checked.
    """
    try:
        results, trust = results_of(config), trust_of(config)
        file = find_study(str(config["study"]), root)
        if main:
            from driftmill.study.examine import examine

            return Entered(file, expand(examine(file, trust=trust), results))
        return Entered(file, expand(load_study(file, trust), results))
    except StudyErrors as error:
        sys.stderr.write(f"{error}\n")
        sys.stderr.flush()
        raise SystemExit(1) from None


def before_jobs(entered: Entered, workflow: Any) -> None:
    """Have a run clear away what a killed run or a bad disk left, before its jobs are planned.

    The lock of a run that is no longer alive is removed; artifacts that are truncated or
    foreign are removed, so that they are made again. A dry run only tells of these, and
    commands that execute nothing (``--lint``, ``--report``, ``--unlock``) do neither.

    Parameters
    ----------
    entered
        The study.
    workflow
        Snakemake's workflow. It reads the Snakefile before it knows whether and where jobs
        will run, and has no hook between that and its lock, so its ``execute`` is wrapped.
    """
    execute = workflow.execute

    def prepared(*args: Any, **named: Any) -> Any:
        plugin = named["executor_plugin"].common_settings
        if not plugin.touch_exec:
            _prepare(entered, dry_run=plugin.dryrun_exec, cluster=not plugin.local_exec)
        return execute(*args, **named)

    workflow.execute = prepared


def _prepare(entered: Entered, dry_run: bool, cluster: bool) -> None:
    made = artifacts(entered.plan)
    name = entered.plan.study.study
    if dry_run:
        for damage in find_damaged(made, name):
            sys.stderr.write(f"driftmill: would be made again: {damage}\n")
        return
    clear_stale_lock(cluster=cluster)
    try:
        claim(entered.plan.paths.root)
    except StoreError as error:
        sys.stderr.write(f"driftmill: {error}\n")
        raise SystemExit(1) from None
    for damage in drop_damaged(made, name):
        sys.stderr.write(f"driftmill: made again: {damage}\n")

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
from driftmill.study.hash import study_hash
from driftmill.study.load import find_study, load_study
from driftmill.study.needs import Needs
from driftmill.study.problems import StudyErrors
from driftmill.study.rebatched import rebatched
from driftmill.study.resume import Place, StillAtWork, clear_stale_lock, who_is_at_work
from driftmill.study.safe_paths import results_of
from driftmill.study.site import used_site
from driftmill.study.slurm import send_to_slurm
from driftmill.study.trust import trust_of
from driftmill.study.unrecorded import drop_outdated, find_outdated


@dataclass(frozen=True)
class Entered:
    """A study that passed its checks.

    Parameters
    ----------
    file
        The study file.
    plan
        What it will make.
    needs
        What its jobs ask of the machines they run on.
    """

    file: Path
    plan: Plan
    needs: Needs


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

            site = used_site()
            plan = expand(examine(file, trust=trust, results=results), results)
            return Entered(file, plan, Needs(plan, True, *(site.limits if site else ())))
        plan = expand(load_study(file, trust), results)
        return Entered(file, plan, Needs(plan, main=False))
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
        from snakemake.exceptions import LockException

        plugin = named["executor_plugin"]
        if not plugin.common_settings.touch_exec:
            _prepare(entered, plugin.name, plugin.common_settings)
        if plugin.name == "slurm":
            send_to_slurm(workflow, named["executor_settings"], entered.plan.study.study)
        try:
            return execute(*args, **named)
        except LockException:
            sys.stderr.write(f"driftmill: {who_is_at_work()}\n")
            raise

    workflow.execute = prepared


def _prepare(entered: Entered, executor: str, settings: Any) -> None:
    made = artifacts(entered.plan)
    name, version = entered.plan.study.study, study_hash(entered.plan.study)
    for change in rebatched(entered.plan):
        sys.stderr.write(f"driftmill: {change}\n")
    if settings.dryrun_exec:
        for damage in [*find_damaged(made, name), *find_outdated(Path(), version)]:
            sys.stderr.write(f"driftmill: would be made again: {damage}\n")
        return
    try:
        place = _place(executor, settings)
        clear_stale_lock(place=place, version=version, artifacts=list(made))
        claim(entered.plan.paths.root)
    except (StillAtWork, StoreError) as error:
        sys.stderr.write(f"driftmill: {error}\n")
        raise SystemExit(1) from None
    for damage in [*drop_damaged(made, name), *drop_outdated(Path(), version)]:
        sys.stderr.write(f"driftmill: made again: {damage}\n")


def _place(executor: str, settings: Any) -> Place:
    if settings.local_exec:
        return "local"
    return "slurm" if executor == "slurm" else "elsewhere"

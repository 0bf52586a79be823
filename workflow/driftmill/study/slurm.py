"""What a run on SLURM needs beyond the options of its profile."""

from __future__ import annotations

import functools
import os
import shlex
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from driftmill.store.atomic import write_text
from driftmill.study.processes import TOKEN
from driftmill.study.queue import name_prefix
from driftmill.study.site import Site, used_site

#: Where the lines that every job begins with are kept, in the folder of the run.
_LINES = Path(".snakemake") / "driftmill-before-job.sh"
# The shell of a job, sh, knows no module command where sh is not bash.
_BASH = """\
if [ -n "$SLURM_JOB_ID" ] && [ -z "$BASH_VERSION" ] && command -v bash >/dev/null; then
    exec bash "$0"
fi
if [ -n "$BASH_VERSION" ] && ! type module >/dev/null 2>&1; then
    for file in /etc/profile.d/modules.sh /etc/profile.d/*lmod*.sh; do
        [ ! -r "$file" ] || . "$file"
    done
fi
"""


def send_to_slurm(workflow: Any, settings: Any, study: str) -> None:
    """Have jobs bear their run's name, begin with the site's lines, and never be lost sight of.

    Parameters
    ----------
    workflow, settings
        Snakemake's workflow and the settings of its executor, before it executes.
    study
        The study's name.
    """
    own = settings.jobname_prefix or study
    settings.jobname_prefix = name_prefix(own, os.environ[TOKEN])
    site = used_site() or Site()
    if site.gpu_type:
        name_gpus(workflow.rules, site.gpu_type)
    if site.before_each_job:
        write_text(_LINES, lines_before(site))
        first = f". {shlex.quote(str(_LINES.absolute()))}"
        then = workflow.remote_execution_settings.precommand
        workflow.remote_execution_settings.precommand = f"{first} && {then}" if then else first
    from snakemake_executor_plugin_slurm import Executor

    keep_sight(Executor)


def name_gpus(rules: Iterable[Any], kind: str) -> None:
    """Have the jobs that ask for a GPU ask for one of a type.

    Parameters
    ----------
    rules
        Snakemake's rules.
    kind
        What the cluster calls the type.
    """

    def named(gpu: Any) -> Callable[[Any, int], str | None]:
        def gpu_model(wildcards: Any, attempt: int) -> str | None:
            return kind if gpu.evaluate(wildcards, attempt=attempt).value else None

        return gpu_model

    for rule in rules:
        if "gpu" in rule.resources:
            rule.resources["gpu_model"] = named(rule.resources["gpu"])


def lines_before(site: Site) -> str:
    """Return the site's lines as a piece of shell that ends the job where a line fails."""
    told = {
        line: shlex.quote(f"driftmill: failed before the job: {line}")
        for line in site.before_each_job
    }
    return _BASH + "".join(
        f"{line} || {{ echo {said} >&2; exit 1; }}\n" for line, said in told.items()
    )


def keep_sight(executor: Any) -> None:
    """Have the executor ask again for jobs of which SLURM told nothing.

    Version 2.8 of the plugin forgets all jobs when SLURM does not answer as often as it asks, as
    while slurmctld is started anew, and then waits for them for ever.

    Parameters
    ----------
    executor
        The class of the executor.
    """
    check = executor.check_active_jobs
    if hasattr(check, "__wrapped__"):
        return

    @functools.wraps(check)
    async def checked(self: Any, active_jobs: Sequence[Any]) -> AsyncIterator[Any]:
        # The executor asks before it has set itself up, when there are no jobs yet.
        answers = self._status_query_calls if active_jobs else 0
        async for job in check(self, active_jobs):
            yield job
        if active_jobs and self._status_query_calls == answers:
            for job in active_jobs:
                yield job

    executor.check_active_jobs = checked

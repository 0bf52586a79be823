"""Jobs that are not lost sight of, and lines before them."""

import asyncio
import subprocess
from types import SimpleNamespace

from snakemake.resources import Resources

from driftmill.study.site import Site
from driftmill.study.slurm import keep_sight, lines_before, name_gpus


class Executor:
    """As version 2.8 of the plugin: without an answer of SLURM it yields no job."""

    def __init__(self, answering):
        self.answering = answering
        self._status_query_calls = 0

    async def check_active_jobs(self, active_jobs):
        if self.answering:
            self._status_query_calls += 1
            for job in active_jobs[1:]:
                yield job


def active_after_check(executor):
    async def collect():
        return [job async for job in executor.check_active_jobs(["a", "b", "c"])]

    return asyncio.run(collect())


def test_jobs_are_asked_for_again_when_the_scheduler_did_not_answer():
    assert active_after_check(Executor(answering=False)) == []
    keep_sight(Executor)
    keep_sight(Executor)
    assert active_after_check(Executor(answering=False)) == ["a", "b", "c"]
    assert active_after_check(Executor(answering=True)) == ["b", "c"]


def test_a_check_before_the_executor_is_set_up_finds_no_jobs():
    keep_sight(Executor)
    early = object.__new__(Executor)
    early.answering = False

    async def collect():
        return [job async for job in early.check_active_jobs([])]

    assert asyncio.run(collect()) == []


def test_the_plugin_still_is_as_it_was_when_this_was_written():
    import inspect

    from snakemake_executor_plugin_slurm import Executor as Real

    source = inspect.getsource(getattr(Real.check_active_jobs, "__wrapped__", None) or Real)
    assert "self._status_query_calls += 1" in source
    assert "if status_of_jobs is not None:" in source


def test_jobs_that_ask_for_a_gpu_ask_for_its_type():
    asked = {"gpu": lambda wildcards: 1 if wildcards == "on" else None}
    rules = [SimpleNamespace(resources=Resources.from_mapping(r)) for r in (asked, {"gpu": 0}, {})]
    name_gpus(rules, "a100")
    model = rules[0].resources["gpu_model"]
    assert [model.evaluate(w, attempt=1).value for w in ("on", "off")] == ["a100", None]
    assert rules[1].resources["gpu_model"].evaluate("on", attempt=1).value is None
    assert "gpu_model" not in rules[2].resources


def run_lines(*lines):
    text = lines_before(Site(before_each_job=lines)) + "echo the job\n"
    return subprocess.run(["sh"], input=text, capture_output=True, text=True)


def test_lines_come_before_the_job():
    done = run_lines("export A=1", 'echo "$A"')
    assert done.stdout == "1\nthe job\n"


def test_a_line_that_fails_ends_the_job_and_is_named():
    done = run_lines("true", "no_such_command 'x'")
    assert done.returncode == 1
    assert "the job" not in done.stdout
    assert "driftmill: failed before the job: no_such_command 'x'" in done.stderr

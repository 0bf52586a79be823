"""The workflow asks nothing of SLURM: jobs go through any command that submits a script."""

import re

import pytest

from tests.workflow.runs import Run, make_run

pytest.importorskip("snakemake_executor_plugin_cluster_generic")
#: What stands for a scheduler's command: starts the script apart, says what it was asked for.
SUBMIT = """\
#!/bin/sh
printf '%s\\n' "$*" >> asked
shift 6
setsid sh "$1" </dev/null >/dev/null 2>&1 &
echo $!
"""


def generic(run: Run) -> tuple[str, ...]:
    """Return the options by which a run goes through the script."""
    submit = run.folder / "submit.sh"
    submit.write_text(SUBMIT)
    submit.chmod(0o755)
    asked = f"{submit} -n {{threads}} -m {{resources.mem_mb}}"
    return (
        *("--executor", "cluster-generic", "--jobs", "2"),
        *("--default-resources", "mem_mb=2000", "runtime=60", "gpu=0"),
        *("--cluster-generic-submit-cmd", f"{asked} -W {{resources.runtime}}"),
        *("--latency-wait", "20", "--seconds-between-status-checks", "1"),
    )


def test_jobs_go_through_any_command_that_submits_a_script(tmp_path):
    run = make_run(tmp_path)
    run(*generic(run), "--until", "simulate")
    assert len(list(run.results.glob("data/made/trials-*.parquet"))) == 2
    asked = (tmp_path / "asked").read_text().splitlines()
    assert len(asked) == 2
    assert all(re.match(r"-n 1 -m 2\d{3} -W 30 /", line) for line in asked)

"""``driftmill status`` as a user calls it."""

import os
import subprocess
import sys

import pytest
import yaml

from driftmill.commands.status import _watch
from driftmill.study.expand import expand
from driftmill.study.load import load_study
from driftmill.study.progress import Observer
from tests.commands.calling import refused, run

STUDY = {
    "data": [
        {
            "name": "c",
            "model": "ddm",
            "truth": {"v": 0.5, "a": 1.2, "z": 0.5, "t": 0.3},
            "trials": 20,
            "datasets": 6,
        }
    ],
    "fits": [{"name": "full", "model": "ddm"}, {"name": "half", "model": "ddm"}],
    "batch_size": 2,
}


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(STUDY))
    return path


def rows(output):
    """Return the rows of the tables by their first two words."""
    cells = [[w.strip() for w in line.strip("|").split("|")] for line in output.splitlines()]
    return {tuple(words[:2]): words[2:] for words in cells if len(words) > 3}


def test_a_study_that_never_ran(study, tmp_path):
    result = run("status", study)
    assert result.exit_code == 0, result.output
    found = rows(result.output)
    assert found["c", "full"][:3] == ["3", "3", ""]
    assert found["c", "half"][:3] == ["3", "3", ""]
    assert found["simulate", "3"][:2] == ["3", ""]
    assert "0 of 27 jobs done (0%)" in result.output
    assert "no snakemake is running on this machine" in result.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.yaml"]
    result.output.encode("ascii")


def test_failed_jobs_are_told_with_reason_and_log(study, tmp_path):
    log = tmp_path / "results" / "mine" / "logs" / "fit" / "c" / "half" / "0001.log"
    log.parent.mkdir(parents=True)
    heading = "== 2026-01-02 03:04:05 attempt {} of fit: x; host h, process 1\n"
    log.write_text(f"{heading.format(1)}failed: a\n{heading.format(2)}failed: no such column [x]\n")
    result = run("status", study)
    assert rows(result.output)["c", "half"][:6] == ["3", "2", "", "", "", "1"]
    assert "fit c/half/0001: failed (attempt 2): no such column [x]" in result.output
    assert "results/mine/logs/fit/c/half/0001.log" in result.output


def test_jobs_that_a_killed_run_left_on_the_cluster_are_named(study, tmp_path):
    squeue = tmp_path / "bin" / "squeue"
    squeue.parent.mkdir()
    line = f"57|RUNNING|None|n1|{tmp_path.resolve()}|mine-0a_1|rule_fit_wildcards_c_half_0001"
    squeue.write_text(f"#!/bin/sh\necho '{line}'\n")
    squeue.chmod(0o755)
    told = " ".join(run("status", study).output.split())
    assert "1 jobs that were sent from this folder are on the cluster: 57" in told
    assert "scancel 57" in told


def test_a_bad_study_and_a_missing_file_are_told(study):
    assert "no such study" in refused(run("status", "nothing"))
    raw = STUDY | {"data": [{"name": "o", "path": "none.csv", "dataset_by": "s"}]}
    study.write_text(yaml.safe_dump(raw))
    assert "there is no file" in refused(run("status", study))


def test_status_imports_nothing_heavy(study):
    code = (
        "import sys; from driftmill.cli import app\n"
        "try: app(['status', sys.argv[1]])\n"
        "except SystemExit: print([m for m in ('jax', 'pandas', 'pymc', 'xarray', 'scipy') "
        "if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(study)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.rstrip().endswith("[]")


def test_watching_looks_again_until_the_user_has_seen_enough(study, monkeypatch, capsys):
    looks = []

    def wait(seconds):
        looks.append(seconds)
        if len(looks) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("driftmill.commands.status.time.sleep", wait)
    planned = expand(load_study(study))
    _watch(planned, Observer(planned), 2.0)
    assert looks == [2.0] * 3
    assert "jobs done" in capsys.readouterr().out

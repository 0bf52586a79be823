"""What squeue tells, from a recorded answer and from a command that stands in for it."""

import os

import pytest

from driftmill.study.scheduler import FORMAT, cluster_jobs, parse_squeue

TOLD = """\
61|PENDING|Resources||/home/ada/studies|rule_fit_wildcards_made_free_0001
60|PENDING|Dependency||/home/ada/studies|(null)
59|RUNNING|None|node[1-2]|/home/ada/studies|rule_fit_wildcards_made_free_0000
58|COMPLETING|None|node1|/home/ada/other|rule_compare|odd comment

half a line|RUNN
"""


def test_a_recorded_queue_is_read():
    jobs = parse_squeue(TOLD)
    assert list(jobs) == ["61", "60", "59", "58"]
    assert [job.waits for job in jobs.values()] == [True, True, False, False]
    assert [job.of_snakemake for job in jobs.values()] == [True, False, True, True]
    assert (jobs["61"].reason, jobs["61"].nodes) == ("Resources", "")
    assert jobs["59"].nodes == "node[1-2]"
    assert jobs["58"].comment == "rule_compare|odd comment"
    assert jobs["59"].folder == "/home/ada/studies"


@pytest.fixture
def squeue(tmp_path, monkeypatch):
    """Return a function that puts a command called squeue first on the path."""

    def install(script):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "squeue").write_text(f"#!/bin/sh\n{script}\n")
        (folder / "squeue").chmod(0o755)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    return install


def test_the_queue_is_asked_for_our_jobs_alone(squeue, tmp_path):
    squeue(f'echo "$@" > {tmp_path}/asked; echo "5|RUNNING|None|n|/here|rule_fit"')
    found = cluster_jobs()
    assert list(found) == ["5"]
    assert (tmp_path / "asked").read_text() == f"--me --noheader --format={FORMAT}\n"


@pytest.mark.parametrize("script", ["echo slurm_load_jobs error >&2; exit 1", "sleep 5"])
def test_a_cluster_that_does_not_answer_is_no_cluster(squeue, script):
    squeue(script)
    assert cluster_jobs(patience=0.2) is None


def test_without_squeue_there_is_no_cluster(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cluster_jobs() is None

"""Reading SLURM's queue, from a recorded answer and from a command that stands in for squeue."""

import os

import pytest

from driftmill.study.queue import (
    FORMAT,
    QueueError,
    jobs_of,
    name_prefix,
    parse_squeue,
    queued_jobs,
)

TOKENS = ["0123456789abcdef", "fedcba9876543210"]
TOLD = """\
61|PENDING|Resources||/home/ada/studies|s-0123456789ab_7|rule_fit_wildcards_made_free_0001
60|PENDING|Dependency||/home/ada/studies|wrap|(null)
59|RUNNING|None|node[1-2]|/home/ada/studies|s-0123456789ab_7|rule_fit_wildcards_made_free_0000
58|COMPLETING|None|node1|/home/ada/other|s-999999999999_7|rule_compare|odd comment
9|RUNNING|None|node1|/home/ada/studies|s-fedcba987654_7|rule_report

half a line|RUNN
"""


def test_a_recorded_queue_is_read():
    jobs = parse_squeue(TOLD)
    assert list(jobs) == ["61", "60", "59", "58", "9"]
    assert [job.waits for job in jobs.values()] == [True, True, False, False, False]
    assert [job.of_snakemake for job in jobs.values()] == [True, False, True, True, True]
    assert (jobs["61"].reason, jobs["61"].nodes) == ("Resources", "")
    assert jobs["59"].nodes == "node[1-2]"
    assert jobs["58"].comment == "rule_compare|odd comment"
    assert jobs["59"].folder == "/home/ada/studies"


@pytest.fixture
def squeue(tmp_path, monkeypatch):
    """Return a function that puts a command called squeue first on the path."""

    def make(script):
        file = tmp_path / "squeue"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return make


def test_the_queue_is_asked_for_our_jobs_alone(squeue, tmp_path):
    squeue(f'echo "$@" > {tmp_path}/asked; echo "5|RUNNING|None|n|/here|name|rule_fit"')
    assert list(queued_jobs()) == ["5"]
    assert (tmp_path / "asked").read_text() == f"--me --noheader --format={FORMAT}\n"


def test_jobs_are_known_by_their_runs_names(squeue):
    squeue(f"cat <<'END'\n{TOLD}END")
    assert [str(job) for job in jobs_of(TOKENS)] == [
        "9  RUNNING    report",
        "59  RUNNING    fit made_free_0000",
        "61  PENDING    fit made_free_0001",
    ]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("echo 'Unable to contact slurm controller' >&2; exit 1", "Unable to contact"),
        ("sleep 5", "squeue took more than 0.2 s"),
    ],
)
def test_a_scheduler_that_does_not_answer_is_told(squeue, script, told):
    squeue(script)
    with pytest.raises(QueueError, match=told):
        queued_jobs(patience=0.2)


def test_a_machine_without_slurm_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(QueueError, match="no squeue"):
        jobs_of(TOKENS)


def test_names_are_what_the_executor_takes():
    prefix = name_prefix("a" * 60, TOKENS[0])
    assert len(prefix) == 50
    assert prefix.endswith("-0123456789ab")

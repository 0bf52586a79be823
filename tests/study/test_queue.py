"""Reading SLURM's queue, by a squeue that prints what it is told to."""

import os

import pytest

from driftmill.study.queue import QueueError, jobs_of, name_prefix

TOKENS = ["0123456789abcdef", "fedcba9876543210"]


@pytest.fixture
def squeue(tmp_path, monkeypatch):
    """Return a function that makes squeue print something."""

    def make(script):
        file = tmp_path / "squeue"
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    return make


def test_jobs_are_known_by_their_runs_names(squeue):
    squeue(
        "cat <<'END'\n"
        "12|RUNNING|demo-0123456789ab_77aa|rule_fit_wildcards_ddm_full_0001\n"
        "9|PENDING|demo-0123456789ab_77aa|rule_report\n"
        "10|RUNNING|another-999999999999_77aa|rule_fit_wildcards_ddm_full_0001\n"
        "END"
    )
    assert [str(job) for job in jobs_of(TOKENS)] == [
        "9  PENDING    report",
        "12  RUNNING    fit ddm_full_0001",
    ]


def test_a_scheduler_that_does_not_answer_is_told(squeue):
    squeue("echo 'Unable to contact slurm controller' >&2; exit 1")
    with pytest.raises(QueueError, match="Unable to contact"):
        jobs_of(TOKENS)


def test_a_machine_without_slurm_is_told(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(QueueError, match="no squeue"):
        jobs_of(TOKENS)


def test_names_are_what_the_executor_takes():
    prefix = name_prefix("a" * 60, TOKENS[0])
    assert len(prefix) == 50
    assert prefix.endswith("-0123456789ab")

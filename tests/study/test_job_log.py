"""The log of a job over its attempts: ended, failed, killed."""

import os
import socket
import sys
from types import SimpleNamespace

import pytest

from driftmill.store.errors import StoreError
from driftmill.study import job_log
from driftmill.study.job import Job
from driftmill.study.job_log import open_log, read_attempts


@pytest.fixture(autouse=True)
def _no_slurm(monkeypatch):
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)


@pytest.fixture
def attempt(tmp_path):
    """Return a function that writes an attempt with some lines and returns the log."""

    def write(*lines):
        with open_log(tmp_path / "logs" / "fit" / "c.log", "fit of cell c") as log:
            log.writelines(f"{line}\n" for line in lines)
        return tmp_path / "logs" / "fit" / "c.log"

    return write


def test_the_heading_says_what_when_and_where(attempt):
    (found,) = read_attempts(attempt("posterior 1 of 9", "done"))
    assert (found.number, found.host, found.process) == (1, socket.gethostname(), os.getpid())
    assert (found.slurm, found.slurm_log) == ("", "")
    assert found.lines == ("posterior 1 of 9", "done")
    assert found.done
    assert found.ended
    assert found.failure is None


def test_attempts_before_are_kept_until_one_is_done(attempt):
    attempt("failed: no luck", "")
    attempt("posterior 1 of 9")
    found = read_attempts(attempt("done"))
    assert [a.number for a in found] == [1, 2, 3]
    assert [a.failure for a in found] == ["no luck", None, None]
    assert [a.ended for a in found] == [True, False, True]
    assert [a.number for a in read_attempts(attempt("done"))] == [1]


def test_a_line_that_was_cut_off_does_not_swallow_the_next_heading(attempt):
    path = attempt("posterior 1 of 9")
    path.write_text(path.read_text().rstrip("\n") + "\nposterior 2 o")
    found = read_attempts(attempt("done"))
    assert [a.number for a in found] == [1, 2]
    assert found[0].lines[-1] == "posterior 2 o"


def test_a_log_does_not_grow_for_ever(attempt, monkeypatch):
    monkeypatch.setattr(job_log, "LARGEST", 2000)
    for _ in range(40):
        path = attempt(*("x" * 50 for _ in range(10)), "failed: again")
    assert path.stat().st_size < 2000 + 1000
    found = read_attempts(path)
    assert found[-1].number == 40
    assert found[-2].failure == "again"
    assert path.read_text().startswith("(earlier lines are left out)")


def test_the_time_left_is_the_last_that_was_told(attempt):
    lines = ("posterior 1 of 9, 3.0 s; about 24 s left", "posterior 2 of 9; about 12 min left")
    (found,) = read_attempts(attempt(*lines, "note"))
    assert found.left == "12 min left"


def test_logs_that_are_not_there_or_not_ours_tell_of_no_attempt(tmp_path):
    assert read_attempts(tmp_path / "none.log") == []
    (tmp_path / "old.log").write_bytes(b"2026-01-01 00:00:00 fit {}\n\xff\xfe done\n")
    assert read_attempts(tmp_path / "old.log") == []


def test_slurm_s_own_log_is_named(attempt, tmp_path, monkeypatch):
    scontrol = tmp_path / "bin" / "scontrol"
    scontrol.parent.mkdir()
    scontrol.write_text('#!/bin/sh\necho "JobId=$3 JobName=x"\necho "   StdOut=/logs/$3.log"\n')
    scontrol.chmod(0o755)
    monkeypatch.setenv("PATH", f"{scontrol.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("SLURM_JOB_ID", "57")
    (found,) = read_attempts(attempt())
    assert (found.slurm, found.slurm_log) == ("57", "/logs/57.log")
    scontrol.write_text("#!/bin/sh\nexit 1\n")
    last = read_attempts(attempt())[-1]
    assert (last.slurm, last.slurm_log) == ("57", "")


def snakemake(study, log, **wildcards):
    """Return what Snakemake gives a script."""
    return SimpleNamespace(
        params=SimpleNamespace(study_file=str(study)),
        config={},
        wildcards=wildcards,
        input=[],
        output=[],
        resources={},
        threads=1,
        rule="fit",
        log=[str(log)],
    )


def test_a_job_tells_what_it_works_on_and_why_it_failed(raw, write, tmp_path, capsys):
    given = snakemake(
        write(raw | {"batch_size": 3}), tmp_path / "l", cell="c", fit="f", batch="0001"
    )

    def fail():
        with Job(given):
            print("at work")
            raise StoreError("the disk is full")

    with pytest.raises(SystemExit):
        fail()
    assert capsys.readouterr().err == "driftmill fit: the disk is full\n"
    with Job(given):
        print("again")
    first, second = read_attempts(tmp_path / "l")
    heading = (tmp_path / "l").read_text().splitlines()[0]
    assert "attempt 1 of fit: cell c, fit f, batch 0001, datasets 3 to 3; host" in heading
    assert first.lines == ("at work", "failed: the disk is full")
    assert second.lines == ("again", "done")
    assert sys.stdout is not None

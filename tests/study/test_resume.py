"""Taking over from a killed run, with real processes and with a real Snakemake."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from driftmill.study.resume import TOKEN, clear_stale_lock

PATIENCE = 120


def until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"waited in vain for {what}"
        time.sleep(0.02)


def alive(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


RUN = """
import subprocess, sys, time
from driftmill.study.resume import clear_stale_lock
clear_stale_lock(sys.argv[1], cluster=sys.argv[2] == "cluster")
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def start(tmp_path):
    """Start a run with one job; end both after the test."""
    pids = []

    def run(kind="local"):
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(tmp_path), kind], stdout=subprocess.PIPE, text=True
        )
        job = int(process.stdout.readline())
        pids.extend([process.pid, job])
        return process, job

    yield run
    for pid in pids:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)


@pytest.fixture
def take_over(tmp_path):
    """Return a function that clears the lock in a process of its own."""
    code = "import sys; from driftmill.study.resume import clear_stale_lock as c; c(sys.argv[1])"

    def run():
        done = subprocess.run(
            [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
        )
        return done.stderr

    return run


@pytest.fixture
def lock(tmp_path):
    path = tmp_path / ".snakemake" / "locks" / "0.output.lock"
    path.parent.mkdir(parents=True)
    path.write_text("results/a\n")
    return path


def test_the_lock_of_a_live_run_stays(start, take_over, lock):
    _, job = start()
    lock.parent.mkdir(exist_ok=True)
    lock.write_text("results/a\n")
    assert take_over() == ""
    assert lock.exists()
    assert alive(job)


def test_a_killed_run_is_cleaned_up_after(start, take_over, lock):
    process, job = start()
    lock.write_text("results/a\n")
    process.kill()
    process.wait()
    assert alive(job)
    said = take_over()
    assert "removed the lock of a run that was killed" in said
    assert "ended 1 process that a killed run had left" in said
    assert not lock.exists()
    assert not alive(job)
    assert take_over() == ""


def test_a_second_live_run_survives_the_first_ones_death(start, take_over, lock):
    first, _ = start()
    start()
    lock.write_text("results/a\n")
    first.kill()
    first.wait()
    assert take_over() == ""
    assert lock.exists()


def test_jobs_on_a_cluster_are_left_alone(start, take_over, lock):
    process, job = start("cluster")
    lock.write_text("results/a\n")
    process.kill()
    process.wait()
    said = take_over()
    assert "snakemake --unlock" in said
    assert lock.exists()
    assert alive(job)


def test_a_run_marks_its_jobs(tmp_path, monkeypatch):
    monkeypatch.delenv(TOKEN, raising=False)
    assert clear_stale_lock(tmp_path) == []
    written = (tmp_path / ".snakemake" / "driftmill.lock").read_text().split()
    assert written == [os.environ[TOKEN], "local"]


SNAKEFILE = """
from driftmill.study.resume import clear_stale_lock

if workflow.is_main_process:
    clear_stale_lock(".")


rule all:
    input:
        "second.txt",


rule first:
    output:
        "first.txt",
    shell:
        "echo first > {output}"


rule second:
    input:
        "first.txt",
    output:
        "second.txt",
        "folder/early.txt",
    script:
        "job.py"
"""
JOB = """
import os, pathlib, time
pathlib.Path(snakemake.output[1]).write_text("half")
pathlib.Path("pid").write_text(str(os.getpid()))
while pathlib.Path("wait").exists():
    time.sleep(0.05)
pathlib.Path(snakemake.output[1]).write_text("whole")
pathlib.Path(snakemake.output[0]).write_text("second")
"""


def test_snakemake_resumes_after_kill_minus_nine(tmp_path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    (tmp_path / "job.py").write_text(textwrap.dedent(JOB))
    (tmp_path / "wait").touch()
    command = [sys.executable, "-m", "snakemake", "--cores", "1"]
    first = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL)
    until((tmp_path / "pid").exists, "the job")
    until(lambda: (tmp_path / "pid").read_text(), "the job's number")
    orphan = int((tmp_path / "pid").read_text())
    first.kill()
    first.wait()
    assert alive(orphan)
    made = (tmp_path / "first.txt").stat().st_mtime_ns

    second = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    until(lambda: not alive(orphan), "the end of the job that was left")
    (tmp_path / "wait").unlink()
    said = second.communicate(timeout=PATIENCE)[1]

    assert second.returncode == 0, said
    assert "removed the lock of a run that was killed" in said
    assert "removed what was being written when it was killed: folder/early.txt" in said
    assert (tmp_path / "second.txt").read_text() == "second"
    assert (tmp_path / "folder" / "early.txt").read_text() == "whole"
    assert (tmp_path / "first.txt").stat().st_mtime_ns == made

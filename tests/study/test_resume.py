"""Taking over from a killed run, with real processes and with a real Snakemake."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from driftmill.study.processes import TOKEN
from driftmill.study.resume import StillAtWork, clear_stale_lock, who_is_at_work
from driftmill.study.unrecorded import drop_outdated, find_outdated

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
clear_stale_lock(sys.argv[1], place=sys.argv[2], version="v1")
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


def test_jobs_on_another_cluster_are_left_alone(start, take_over, lock):
    process, job = start("elsewhere")
    lock.write_text("results/a\n")
    process.kill()
    process.wait()
    said = take_over()
    assert "snakemake --unlock" in said
    assert lock.exists()
    assert alive(job)


@pytest.fixture
def squeue(tmp_path, monkeypatch):
    """Return a function that makes squeue do something."""

    def make(script):
        file = tmp_path / "bin" / "squeue"
        file.parent.mkdir(exist_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        monkeypatch.setenv("PATH", f"{file.parent}{os.pathsep}{os.environ['PATH']}")

    return make


@pytest.fixture
def killed(tmp_path, start, lock):
    """Leave the lock of a killed run on SLURM; return the folder and the run's token."""
    process, _ = start("slurm")
    lock.write_text("results/a\n")
    process.kill()
    process.wait()
    token = (tmp_path / ".snakemake" / "driftmill.lock").read_text().split()[0]
    return tmp_path, token


def test_jobs_in_the_queue_are_named_and_nothing_is_touched(killed, squeue, lock):
    folder, token = killed
    squeue(f"echo '7|RUNNING|None|n1|/d|small-{token[:12]}_u|rule_fit_wildcards_c_f_0000'")
    with pytest.raises(
        StillAtWork, match=r"1 of them:\n    7  RUNNING    fit c_f_0000\n"
    ) as caught:
        clear_stale_lock(folder, place="slurm")
    assert "scancel 7\n" in str(caught.value)
    assert lock.exists()


def test_a_queue_that_does_not_answer_is_waited_for(killed, squeue, lock):
    squeue("echo down >&2; exit 1")
    with pytest.raises(StillAtWork, match=r"SLURM does not answer \(down\)"):
        clear_stale_lock(killed[0], place="slurm")
    assert lock.exists()


def test_an_empty_queue_lets_the_next_run_go_on(killed, squeue, take_over, lock):
    squeue("exit 0")
    assert "removed the lock of a run that was killed" in take_over()
    assert not lock.exists()


def test_a_run_on_another_machine_keeps_its_lock(killed, squeue, take_over, lock):
    squeue("exit 0")
    noted = killed[0] / ".snakemake" / "driftmill.lock"
    text = noted.read_text().split()
    noted.write_text(" ".join([*text[:2], "login7", "123", "v1"]) + "\n")
    assert "process 123 on login7, was killed or is alive" in take_over()
    assert lock.exists()
    lock.unlink()
    noted.write_text(" ".join([*text[:2], "login7", "123", "v1"]) + "\n")
    assert take_over() == ""


def test_a_file_system_without_locks_clears_nothing(tmp_path, monkeypatch, lock):
    def refuse(*_):
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr("driftmill.study.resume.fcntl.flock", refuse)
    assert clear_stale_lock(tmp_path) == []
    assert lock.exists()


def test_a_run_marks_its_jobs_and_is_named_to_others(tmp_path, monkeypatch):
    monkeypatch.delenv(TOKEN, raising=False)
    assert clear_stale_lock(tmp_path, version="v1") == []
    written = (tmp_path / ".snakemake" / "driftmill.lock").read_text().split()
    assert written[:2] == [os.environ[TOKEN], "local"]
    assert written[3:] == [str(os.getpid()), "v1"]
    assert "no run of this folder" in who_is_at_work(tmp_path)
    monkeypatch.setenv(TOKEN, "another")
    assert f"(process {os.getpid()} on " in who_is_at_work(tmp_path)


def test_what_was_finished_after_the_kill_counts_for_its_study_alone(killed, squeue):
    folder, _ = killed
    squeue("exit 0")
    outputs = {name: folder / name for name in ("recorded.nc", "finished.nc")}
    for path in outputs.values():
        path.write_text("whole")
    record = folder / ".snakemake" / "metadata" / urlsafe_b64encode(b"recorded.nc").decode()
    record.parent.mkdir()
    record.write_text("{}")
    clear_stale_lock(folder, artifacts=[*outputs, "missing.nc"])
    assert find_outdated(folder, "v1") == []
    (damage,) = find_outdated(folder, "v2")
    assert damage.path == "finished.nc"
    assert drop_outdated(folder, "v2") == [damage]
    assert [name for name, path in outputs.items() if path.exists()] == ["recorded.nc"]
    outputs["finished.nc"].write_text("made again")
    assert find_outdated(folder, "v3") == []


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

"""How far a study is, told from files as runs leave them: finished, alive, killed, never begun."""

import base64
import json
import os
import socket
import subprocess
import sys
import time

import pytest

from driftmill.study import progress
from driftmill.study.expand import expand
from driftmill.study.load import load_study
from driftmill.study.processes import TOKEN, holders
from driftmill.study.progress import Observer, longest_left
from driftmill.study.queue import parse_squeue


class Folder:
    """A folder in which Snakemake might have run, with hands to make what it leaves."""

    def __init__(self, path, plan):
        self.path, self.plan = path, plan

    def make(self, *names):
        for name in names:
            (self.path / name).parent.mkdir(parents=True, exist_ok=True)
            (self.path / name).write_text("made")

    def log(self, name, text, process=None, host=None, slurm=""):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        number = file.read_text().count("== ") + 1 if file.exists() else 1
        heading = f"== 2026-01-02 03:04:05 attempt {number} of fit: x; "
        heading += f"host {host or socket.gethostname()}, process {process or os.getpid()}{slurm}"
        with file.open("a") as log:
            log.write(f"{heading}\n{text}")
        return file

    def mark(self, output, job=None):
        name = base64.urlsafe_b64encode(output.encode()).decode()
        folder = self.path / ".snakemake" / "incomplete"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(json.dumps({"external_jobid": job}))

    def look(self):
        return Observer(self.plan, self.path).look()

    def fit(self, batch):
        """Return the status of the fit on a batch."""
        (found,) = [
            s for s in self.look().jobs if s.job.parts == ("c", "f", batch) and s.job.step == "fit"
        ]
        return found


FIT = "results/s/fits/c/f/posterior-{}.nc"
LOG = "results/s/logs/fit/c/f/{}.log"


@pytest.fixture
def queue(monkeypatch):
    """Return a function that says what the cluster has; before it is called there is none."""
    monkeypatch.setattr(progress, "_queue", lambda: None)

    def say(*lines):
        jobs = parse_squeue("\n".join(lines))
        monkeypatch.setattr(progress, "_queue", lambda: jobs)

    return say


@pytest.fixture
def folder(raw, write, tmp_path, queue):
    return Folder(tmp_path, expand(load_study(write(raw | {"batch_size": 1}))))


@pytest.fixture
def dead():
    """Return the number of a process that has ended."""
    return subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_of_a_study_that_never_ran_all_is_planned(folder):
    found = folder.look()
    assert found.count("planned") == len(found.jobs) > 10
    assert (found.runs, found.locked, found.orphans, found.strays) == ((), False, (), ())
    assert found.left is None
    assert not (folder.path / ".snakemake").exists()


def test_files_and_logs_tell_what_is_done_and_how_often_it_was_tried(folder, dead):
    folder.make(FIT.format("0000"), FIT.format("0001"))
    folder.log(LOG.format("0001"), "failed: no\n", process=dead)
    folder.log(LOG.format("0001"), "done\n", process=dead)
    assert (folder.fit("0000").state, folder.fit("0000").attempts) == ("done", 0)
    assert (folder.fit("0001").state, folder.fit("0001").attempts) == ("done", 2)
    folder.mark(FIT.format("0000"))
    assert folder.fit("0000").state == "lost"


def test_a_job_that_works_here_is_running_and_says_how_long(folder):
    folder.log(LOG.format("0000"), "posterior 1 of 3; about 12 min left\n")
    folder.log(LOG.format("0001"), "posterior 1 of 3; about 2.5 h left\nposterior 2")
    found = [folder.fit("0000"), folder.fit("0001")]
    assert [s.state for s in found] == ["running", "running"]
    assert [s.left for s in found] == ["12 min left", "2.5 h left"]
    assert longest_left(found) == "2.5 h left"


def test_failed_and_killed_jobs_have_their_reasons_and_logs(folder, dead):
    folder.log(LOG.format("0000"), "Traceback\nfailed: the disk is full\n", process=dead)
    folder.log(LOG.format("0001"), "posterior 1 of 9\n", process=dead)
    failed, lost = folder.fit("0000"), folder.fit("0001")
    assert (failed.state, failed.reason) == ("failed", "the disk is full")
    assert lost.state == "lost"
    assert lost.reason.startswith(f"process {dead}")
    assert lost.logs == (LOG.format("0001"),)


def test_the_queue_tells_of_jobs_on_the_cluster(folder, queue):
    for number, batch in ((57, "0000"), (58, "0001"), (59, "0002")):
        folder.mark(FIT.format(batch), str(number))
    slurm = ", SLURM job 59 (log: results/logs/slurm/rule_fit/c_f_0002/59.log)"
    folder.log(LOG.format("0002"), "posterior 1 of 3\n", host="node1", slurm=slurm)
    here = str(folder.path.resolve())
    queue(
        f"57|PENDING|Resources||{here}|s-0a_1|rule_fit_wildcards_c_f_0000",
        f"58|RUNNING|None|node1|{here}|s-0a_1|rule_fit_wildcards_c_f_0001",
        f"59|RUNNING|None|node1|{here}|s-0a_1|rule_fit_wildcards_c_f_0002",
        f"60|RUNNING|None|node1|{here}|s-0a_1|(null)",
        "61|RUNNING|None|node1|/elsewhere|s-0a_1|rule_fit",
    )
    assert [folder.fit(b).state for b in ("0000", "0001", "0002")] == [
        "queued",
        "running",
        "running",
    ]
    assert (folder.fit("0000").reason, folder.fit("0000").number) == ("Resources", "57")
    assert [job.number for job in folder.look().strays] == ["57", "58", "59"]


def test_a_job_that_the_cluster_killed_is_told_with_slurm_s_own_words(folder, queue):
    queue()
    own = folder.path / "results/logs/slurm/rule_fit/c_f_0002/59.log"
    killed = "slurmstepd: error: Detected 1 oom_kill event in StepId=59.0.\n"
    folder.make("results/logs/slurm/rule_fit/c_f_0002/59.log")
    own.write_text(f"{killed}srun: error: node1: task 0: Out Of Memory\n")
    slurm = f", SLURM job 59 (log: {own})"
    folder.log(LOG.format("0002"), "posterior 1 of 3\n", host="node1", slurm=slurm)
    found = folder.fit("0002")
    assert found.state == "lost"
    assert "SLURM job 59" in found.reason
    assert "oom_kill" in found.reason
    assert found.logs == (LOG.format("0002"), str(own))
    # One that never got as far as its own log.
    folder.make("results/logs/slurm/rule_fit/c_f_0001/58.log")
    (folder.path / "results/logs/slurm/rule_fit/c_f_0001/58.log").write_text(
        f"log: {LOG.format('0001')}\n"
        "slurmstepd: error: *** JOB 58 CANCELLED AT x DUE TO TIME LIMIT ***\n"
    )
    found = folder.fit("0001")
    assert (found.state, "TIME LIMIT" in found.reason) == ("lost", True)


def test_a_job_on_another_machine_is_judged_by_its_log(folder):
    file = folder.log(LOG.format("0000"), "posterior 1 of 3\n", host="elsewhere")
    assert folder.fit("0000").state == "running"
    long_ago = time.time() - 7200
    os.utime(file, (long_ago, long_ago))
    assert folder.fit("0000").state == "lost"


def test_what_is_half_written_is_no_error(folder):
    folder.make(FIT.format("0000"), "results/s/benchmarks/fit/c/f/0000.tsv")
    (folder.path / "results/s/benchmarks/fit/c/f/0001.tsv").write_text("s\th:m:s\n1")
    (folder.path / "results/s/benchmarks/fit/c/f/0002.tsv").write_text("s\th:m:s\n12.5\t0:00:12\n")
    folder.mark(FIT.format("0001"))
    (folder.path / ".snakemake" / "incomplete" / "not base 64!").write_text("")
    (next((folder.path / ".snakemake" / "incomplete").glob("cmV*"))).write_text('{"exter')
    folder.make(LOG.format("0002"))
    found = folder.look()
    assert found.codes[("c", "f")] == {}
    assert found.left == pytest.approx(3 * (1 + 12.5) / 2)


RUN = """
import sys, time
from driftmill.study.resume import clear_stale_lock
import subprocess
clear_stale_lock(sys.argv[1])
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, flush=True)
time.sleep(600)
"""


def test_live_runs_and_what_dead_ones_left_are_seen_without_a_touch(folder, monkeypatch):
    monkeypatch.delenv(TOKEN, raising=False)
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder.path)], stdout=subprocess.PIPE, text=True
    )
    child = int(run.stdout.readline())
    try:
        lock = folder.path / ".snakemake" / "driftmill.lock"
        before = lock.read_text()
        assert folder.look().runs == (run.pid,)
        assert holders(lock) == [run.pid]
        assert folder.look().orphans == ()
        run.kill()
        run.wait()
        found = folder.look()
        assert (found.runs, found.orphans) == ((), (child,))
        assert lock.read_text() == before
        # Those of a run on the cluster may be its jobs, on a node that is this machine.
        lock.write_text(before.replace("local", "cluster"))
        assert folder.look().orphans == ()
    finally:
        run.kill()
        os.kill(child, 9)

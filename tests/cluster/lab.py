"""The cluster of the tests, what is done to it, and runs on it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.workflow.runs import ROOT, Run

HERE = Path(__file__).parent
#: Longer than any step of a small study takes on a busy machine.
PATIENCE = 600.0

LEAST = """\
study: small
seed: 5
data:
  - name: made
    model: ddm
    truth:
      v: {name: Normal, mu: 0.8, sigma: 0.3}
      a: 1.0
      z: 0.5
      t: 0.3
    trials: 40
    datasets: 2
fits:
  - name: free
    model: ddm
    fixed: {t: 0.3}
batch_size: 1
sampling:
  chains: 2
  draws: 100
  warmup: 100
  gates: {r_hat: 1.2, ess_bulk: 20, ess_tail: 20, mcse_ratio: 0.3}
  ladder: []
compare: {enabled: false}
recover: {enabled: false}
report:
  explore: 0
  predictive: {data: none, prior: false}
"""
#: What the workflow is told of it: less memory than a third attempt would ask for.
SITE = "partitions: {cpu: {max_runtime: 1440, max_threads: 1, max_mem_mb: 7500}}\n"
#: The name of its file: a relative path, so that a copied folder is as good as the first.
STUDY_FILE = "small.yaml"
FITS = ("--until", "fit")


def until(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """Wait until a condition is met and return what it returned."""
    end = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < end, f"waited in vain for {what}"
        time.sleep(0.2)
    return found


@dataclass(frozen=True)
class Lab:
    """A SLURM with two virtual nodes of one core each.

    Parameters
    ----------
    folder
        Where its daemons keep what they write.
    port
        The first of its ports.
    """

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        """Variables by which scripts and clients find it."""
        return {
            "SLURM_LAB": str(self.folder),
            "SLURM_LAB_CPUS": "1",
            "SLURM_LAB_PORT": str(self.port),
            "SLURM_CONF": str(self.folder / "etc" / "slurm.conf"),
        }

    def start(self) -> None:
        """Start its daemons; wait until jobs run."""
        self._script("start_slurm.sh")
        self.srun.parent.mkdir()
        said = f"export SLURM_CONF={self.environment['SLURM_CONF']}"
        self.srun.write_text(f'#!/bin/sh\n{said}\nexec {shutil.which("srun")} "$@"\n')
        self.srun.chmod(0o755)
        self.site.write_text(SITE)

    def start_scheduler(self) -> None:
        """Start slurmctld anew, beside jobs that fill the nodes; wait until it answers."""
        (self.folder / "run" / "slurmctld.pid").unlink()
        self.ask("slurmctld", "-f", self.environment["SLURM_CONF"])
        until(lambda: "is UP" in self.ask("scontrol", "ping", check=False), "slurmctld")

    @property
    def srun(self) -> Path:
        """An srun that finds this cluster: jobs of the executor have lost SLURM_CONF."""
        return self.folder / "bin" / "srun"

    @property
    def site(self) -> Path:
        """What there is of it, for the workflow."""
        return self.folder / "cluster.yaml"

    def stop(self) -> None:
        """End all daemons and remove what they wrote."""
        self._script("stop_slurm.sh", "--purge")

    def ask(self, *command: str, check: bool = True) -> str:
        """Run a command of SLURM and return what it printed."""
        done = subprocess.run(
            command,
            env=os.environ | self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert not check or done.returncode == 0, f"{command}: {done.stdout}"
        return done.stdout.strip()

    def running(self, rule: str) -> list[str]:
        """Return the numbers of a rule's jobs that run."""
        rows = self.ask("squeue", "-h", "-t", "RUNNING", "-o", "%i|%k", check=False).splitlines()
        return [r.split("|")[0] for r in rows if f"|rule_{rule}_" in r]

    def queued(self) -> list[str]:
        """Return the numbers of all jobs that wait or run."""
        return self.ask("squeue", "-h", "-o", "%i").split()

    def first_running(self, rule: str) -> str:
        """Wait until a job of a rule runs and return its number."""
        return str(until(lambda: self.running(rule), f"a job of {rule}")[0])

    def hold(self, job: str) -> None:
        """Stop the processes of a job in the midst of its script, so that it stays there."""
        until(lambda: self._scripts(job), f"the script of job {job}")
        self.signal(job, "STOP")

    def signal(self, job: str, name: str) -> None:
        """Send a signal to the processes of a job's script, as the node's operator might."""
        for pid in self._scripts(job):
            os.kill(pid, getattr(signal, f"SIG{name}"))

    def end_left_over(self, run: Run) -> None:
        """End what still works in the folder of a run: a node that failed cannot end its jobs."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (folder / "cwd").readlink() == run.folder:
                    os.kill(int(folder.name), signal.SIGKILL)

    def daemon(self, name: str) -> int:
        """Return the process number of a daemon."""
        return int((self.folder / "run" / f"{name}.pid").read_text())

    def accounts(self, run: Run, rule: str) -> list[dict[str, str]]:
        """Return the lines of SLURM's accounting of a rule's jobs of one run."""
        fields = "JobID,State,ReqMem,Timelimit,Account,NodeList,WorkDir,Comment"
        told = self.ask("sacct", "-X", "-P", "-o", fields, "--starttime=now-1hour")
        head, *rows = (line.split("|") for line in told.splitlines())
        found = [dict(zip(head, row, strict=True)) for row in rows]
        here = [row for row in found if row["WorkDir"] == str(run.folder)]
        return [row for row in here if row["Comment"].startswith(f"rule_{rule}")]

    def _scripts(self, job: str) -> list[int]:
        """Return the processes of a job that execute a script of the workflow."""
        mark, found = f"SLURM_JOB_ID={job}".encode(), []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                words = (folder / "cmdline").read_bytes().split(b"\0")
                environment = (folder / "environ").read_bytes().split(b"\0")
            except OSError:
                continue  # gone by now
            if mark in environment and any(b".snakemake/scripts/" in word for word in words):
                found.append(int(folder.name))
        return found

    def _script(self, name: str, *options: str) -> None:
        done = subprocess.run(
            [str(HERE / name), *options],
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"


def free_port() -> int:
    """Return the first of a row of ports that nobody listens on."""
    for first in range(17000, 30000, 100):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            for port in range(first, first + 14):
                stack.enter_context(socket.create_server(("", port)))
            return first
    raise AssertionError("no free ports")


def on_slurm(lab: Lab, folder: Path, *options: str) -> Run:
    """Return what runs the study of a folder on the cluster, up to its fits."""
    profile = ("--profile", str(ROOT / "slurm"), "--latency-wait", "10")
    often = ("--slurm-init-seconds-before-status-checks", "2")
    return Run(folder, Path(STUDY_FILE), extra=(*profile, *often, *FITS, *options))


def start(run: Run, *options: str) -> subprocess.Popen[str]:
    """Start a run, to be disturbed; what it prints goes to ``told.txt`` beside its results."""
    run.share_programs()
    with (run.folder / "told.txt").open("a") as told:
        return subprocess.Popen(
            run.command(*options), env=run.environment(), stdout=told, stderr=told, text=True
        )


def finish(process: subprocess.Popen[str], run: Run) -> str:
    """Wait for the end of a run and return what it printed."""
    process.wait(timeout=2 * PATIENCE)
    return (run.folder / "told.txt").read_text()


def stamps(run: Run) -> dict[str, int]:
    """Return when each finished output was written, by its path."""
    made = [*run.results.rglob("*.parquet"), *run.results.rglob("*.nc")]
    return {str(path): path.stat().st_mtime_ns for path in made}


def assert_kept(before: dict[str, int]) -> None:
    """Check that what was finished then is the same file now."""
    assert before
    again = [path for path, stamp in before.items() if Path(path).stat().st_mtime_ns != stamp]
    assert again == []

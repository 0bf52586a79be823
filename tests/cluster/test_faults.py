"""Jobs, nodes, schedulers, disks and people that fail, on a real SLURM."""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cluster.lab import STUDY_FILE, assert_kept, finish, stamps, start, until
from tests.workflow.runs import ROOT, Run, assert_same_bits


def test_a_job_that_is_cancelled_is_sent_again(lab, run, undisturbed):
    process = start(run)
    job = lab.first_running("fit")
    lab.hold(job)
    lab.ask("scancel", job)
    told = finish(process, run)
    assert process.returncode == 0, told
    assert f"'{job}' failed, SLURM status is: 'CANCELLED'" in told
    assert_same_bits(undisturbed.results, run.results)
    ended = {row["JobID"]: row["State"] for row in lab.accounts(run, "fit")}
    assert ended.pop(job).startswith("CANCELLED")
    assert list(ended.values()) == ["COMPLETED", "COMPLETED"]


@pytest.mark.cluster
def test_a_whole_study_gives_the_results_of_one_machine(lab, simulated, tmp_path):
    here, there = (tmp_path / name for name in ("here", "there"))
    for folder in (here, there):
        shutil.copytree(simulated, folder, symlinks=True)
    Run(here, Path(STUDY_FILE))()
    profile = ("--profile", str(ROOT / "slurm"), "--latency-wait", "10")
    run = Run(there, Path(STUDY_FILE), extra=profile)
    run()
    assert (run.results / "report.html").is_file()
    assert_same_bits(here / "results" / "small", run.results)
    assert "Nothing to be done" in run()


@pytest.mark.cluster
def test_a_job_without_enough_memory_is_sent_again_with_more(lab, run, undisturbed):
    run("--set-resources", "fit:mem_mb=150 if attempt == 1 else 2000")
    ended = [(row["ReqMem"], row["State"]) for row in lab.accounts(run, "fit")]
    # A SLURM without cgroups says FAILED where others say OUT_OF_MEMORY.
    assert ended[2:] == [("2000M", "COMPLETED")] * 2
    assert {state for asked, state in ended[:2] if asked == "150M"} <= {"FAILED", "OUT_OF_MEMORY"}
    logs = [log.read_text() for log in run.folder.glob("results/logs/slurm/rule_fit/*/*.log")]
    assert sum("Exceeded job memory limit" in log for log in logs) == 2
    assert_same_bits(undisturbed.results, run.results)


@pytest.mark.cluster
def test_a_job_that_reaches_its_time_limit_is_sent_again_with_twice_the_time(lab, run, undisturbed):
    process = start(run)
    job = lab.first_running("fit")
    lab.hold(job)
    lab.ask("scontrol", "update", f"JobId={job}", "TimeLimit=1")
    told = finish(process, run)
    assert process.returncode == 0, told
    assert f"'{job}' failed, SLURM status is: 'TIMEOUT'" in told
    assert_same_bits(undisturbed.results, run.results)
    rows = lab.accounts(run, "fit")
    assert [row["State"] for row in rows if row["JobID"] == job] == ["TIMEOUT"]
    assert (rows[-1]["State"], rows[-1]["Timelimit"]) == ("COMPLETED", "01:00:00")


@pytest.mark.cluster
def test_jobs_of_a_node_that_fails_go_to_another(lab, run, undisturbed):
    process = start(run)
    job = lab.first_running("fit")
    lab.hold(job)
    node = lab.ask("squeue", "-h", "-j", job, "-o", "%N")
    lab.ask("scontrol", "update", f"NodeName={node}", "State=DOWN", "Reason=test")
    try:
        told = finish(process, run)
    finally:
        # It comes back by itself, as a node that was out of reach does.
        lab.ask("scontrol", "update", f"NodeName={node}", "State=RESUME", check=False)
    assert process.returncode == 0, told
    assert_same_bits(undisturbed.results, run.results)


@pytest.mark.cluster
def test_a_scheduler_that_is_killed_and_started_again_loses_nothing(lab, run, undisturbed):
    process = start(run)
    job = lab.first_running("fit")
    lab.hold(job)
    os.kill(lab.daemon("slurmctld"), signal.SIGKILL)
    # Longer than the executor asks in vain.
    time.sleep(45)
    assert process.poll() is None
    lab.start_scheduler()
    lab.signal(job, "CONT")
    told = finish(process, run)
    assert process.returncode == 0, told
    assert_same_bits(undisturbed.results, run.results)


@pytest.mark.cluster
@pytest.mark.parametrize("way", ["wait", "scancel"])
def test_a_killed_snakemake_is_taken_over_from(lab, run, undisturbed, way):
    process = start(run)
    job = lab.first_running("fit")
    lab.hold(job)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    kept = stamps(run)

    refused = run(check=False)
    assert "its jobs go on without it" in refused
    assert f"{job}  RUNNING    fit made_free_" in refused
    assert re.search(rf"scancel .*\b{job}\b", refused)
    assert "Traceback" not in refused
    assert lab.running("fit")

    if way == "wait":
        lab.signal(job, "CONT")
    else:
        lab.ask("scancel", *lab.queued())
    until(lambda: not lab.queued(), "an empty queue")
    if way == "wait":
        kept = stamps(run)
        assert [path for path in kept if "posterior" in path]
        file = run.folder / STUDY_FILE
        text = file.read_text(encoding="utf-8")
    told = run()
    assert "removed the lock of a run that was killed" in told
    assert_kept(kept)
    assert_same_bits(undisturbed.results, run.results)
    if way == "wait":
        file.write_text(text.replace("t: 0.3}", "t: 0.31}"), encoding="utf-8")
        told = run("-n")
        assert "it was finished after its run was killed, and the study has changed" in told


@pytest.mark.cluster
def test_a_full_disk_is_told_and_mended(lab, run, undisturbed):
    results, aside = run.folder / "results", run.folder / "aside"
    results.rename(aside)
    results.mkdir()
    disk = ["mount", "-t", "tmpfs", "-o", "size=200k", "none", str(results)]
    if subprocess.run(disk, check=False, capture_output=True).returncode != 0:
        pytest.skip("cannot mount a small disk")
    try:
        shutil.copytree(aside, results, symlinks=True, dirs_exist_ok=True)
        told = run(check=False)
        assert "the disk is full: free some space and run again" in told
        # There is room for one posterior, of whichever job was the first.
        assert len(list(run.results.rglob("posterior-*.nc"))) < 2
        kept = stamps(run)
        disk[4] = "remount,size=50m"
        subprocess.run(disk, check=True)
        run()
        assert_kept(kept)
        assert_same_bits(undisturbed.results, run.results)
    finally:
        subprocess.run(["umount", str(results)], check=True)


@pytest.mark.cluster
def test_a_second_run_is_refused_while_the_first_is_at_work(lab, run, undisturbed):
    process = start(run)
    job = lab.first_running("fit")
    lab.hold(job)
    second = run(check=False)
    assert f"another run is at work on this study (process {process.pid} on" in second
    assert "do not unlock while it lives" in second
    assert lab.queued()
    lab.signal(job, "CONT")
    told = finish(process, run)
    assert process.returncode == 0, told
    assert_same_bits(undisturbed.results, run.results)

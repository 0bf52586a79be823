"""Kills, damaged files, bad studies and bad disks."""

import os
import signal
import subprocess
import time
from pathlib import Path

from tests.workflow.runs import STUDY, Run, assert_same_bits, make_run

#: Longer than any machine needs to reach the first posterior.
PATIENCE = 600.0


def wait_for(pattern: str, run: Run, process: subprocess.Popen[bytes]) -> None:
    """Wait until a file of the results matches, while snakemake is still at work."""
    end = time.monotonic() + PATIENCE
    while not list(run.results.glob(pattern)):
        assert process.poll() is None, "snakemake ended before it could be killed"
        assert time.monotonic() < end, f"{pattern} did not appear"
        time.sleep(0.05)


def test_killed_run_resumes_to_the_same_bits(finished, new_run):
    run = new_run()
    process = subprocess.Popen(
        run.command(), env=run.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    # Its scoring began, so Snakemake had taken note of this posterior; others may be in flight.
    wait_for("logs/loo/made/*/*.log", run, process)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (log, *_) = run.results.glob("logs/loo/made/*/*.log")
    kept = run.results / "fits" / "made" / log.parent.name / f"posterior-{log.stem}.nc"
    stamp = kept.stat().st_mtime_ns
    told = run()
    assert "killed" in told
    assert kept.stat().st_mtime_ns == stamp, f"{kept} was made twice"
    assert_same_bits(finished.results, run.results)


def test_truncated_and_foreign_files_are_named_and_made_again(finished):
    truncated = finished.results / "comparison" / "made" / "pairs.parquet"
    foreign = finished.results / "comparison" / "inversion.parquet"
    before = truncated.read_bytes()
    truncated.write_bytes(before[: len(before) // 2])
    foreign.write_bytes(b"not ours")
    told = finished("-n")
    assert "would be made again" in told
    assert truncated.exists()
    told = finished()
    assert "results/small/comparison/made/pairs.parquet" in told
    assert "results/small/comparison/inversion.parquet" in told
    assert truncated.read_bytes() == before
    assert "Nothing to be done" in finished()


def test_a_bad_study_ends_before_any_job_with_all_its_errors(tmp_path):
    run = make_run(tmp_path, study=STUDY.replace("model: ddm", "model: dmm", 1))
    text = run.study.read_text(encoding="utf-8").replace("trials: 40", "trails: 40")
    run.study.write_text(text, encoding="utf-8")
    told = run(check=False)
    assert "data[0].model" in told
    assert "did you mean 'ddm'" in told
    assert "did you mean 'trials'" in told
    assert "Traceback" not in told
    assert not run.results.exists()


def test_a_truth_that_cannot_be_simulated_is_named(tmp_path):
    slow = STUDY.replace("a: 1.0", "a: 4.0").replace("mu: 0.8, sigma: 0.3", "mu: 0, sigma: 0.01")
    run = make_run(tmp_path, study=slow)
    told = run(check=False)
    assert "reached no bound within 20 s" in told
    assert not list(run.results.rglob("trials-*.parquet"))


def test_results_that_cannot_be_written_are_told_before_any_job(tmp_path):
    run = make_run(tmp_path)
    (tmp_path / "results").write_text("a file where the folder should be", encoding="utf-8")
    told = run(check=False)
    assert "cannot write" in told
    assert "is a file, not a folder" in told
    assert "Traceback" not in told


def test_slurm_profile_loads_and_plans(finished):
    profile = Path(__file__).resolve().parents[2] / "slurm"
    assert profile.is_symlink()
    told = Run(finished.folder, finished.study, extra=("--profile", str(profile)))(
        "-n", "--forceall"
    )
    assert "fit" in told
    assert "dry-run" in told

"""A long fit that is killed in its middle goes on where it was, to the same bits."""

import os
import signal
import subprocess
import time

import pytest
import xarray as xr

from tests.workflow.runs import STUDY, make_run

PATIENCE = 600.0
#: More datasets leave the first ones as they are, and time to kill the job.
LONG = STUDY.replace("datasets: 3", "datasets: 6")
TARGET = "results/small/fits/made/free/posterior-0000.nc"


@pytest.fixture(scope="module")
def killed(tmp_path_factory):
    """Return a run that was killed with its jobs after its first posterior."""
    run = make_run(tmp_path_factory.mktemp("killed"), batch_size=6, study=LONG)
    run.share_programs()
    process = subprocess.Popen(
        [*run.command(TARGET), "checkpoint_minutes=0"],
        env=run.environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    folder = run.results / "checkpoints" / "fit.made.free.0000"
    kept, underway = folder / "finished-0000.npz", folder / "underway.npz"
    end = time.monotonic() + PATIENCE
    while not (kept.exists() and underway.stat().st_mtime_ns > kept.stat().st_mtime_ns):
        assert process.poll() is None, "snakemake ended before it could be killed"
        assert time.monotonic() < end, "there was no checkpoint"
        time.sleep(0.005)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not (run.folder / TARGET).exists()
    return run


def test_a_killed_fit_goes_on_to_the_same_bits(killed, finished):
    killed(TARGET)
    log = (killed.results / "logs" / "fit" / "made" / "free" / "0000.log").read_text()
    assert "goes on from the checkpoint in results/small/checkpoints/fit.made.free.0000: " in log
    assert "dataset 0, ok" in log.split("kept by an earlier run of this job")[0]
    assert not (killed.results / "checkpoints").exists()
    whole = finished.results / "fits" / "made" / "free"
    with xr.open_datatree(killed.folder / TARGET) as resumed:
        for group in ("posterior", "sample_stats", "diagnostics", "result"):
            batches = [
                xr.load_dataset(whole / f"posterior-{label}.nc", group=group)
                for label in ("0000", "0001")
            ]
            first = resumed[group].to_dataset().sel(dataset=[0, 1, 2]).load()
            xr.testing.assert_identical(xr.concat(batches, "dataset"), first)

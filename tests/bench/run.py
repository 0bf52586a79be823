"""Speed of driftmill beside HSSM on the 500-trial DDM: see README.md in this folder."""

import argparse
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from arviz_stats.base import array_stats
from rich.console import Console
from rich.table import Table

from driftmill.models import get_model
from driftmill.simulation.design import Design
from driftmill.simulation.simulate import simulate_datasets

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "bench"
HSSM_PYTHON = HERE.parents[1] / "build" / "hssm-venv" / "bin" / "python"
TRUTH = {"v": 0.5, "a": 1.5, "z": 0.5, "t": 0.5}
TRIALS = 500


@dataclass(frozen=True)
class Run:
    """What fits cost and gave: whole processes, and each posterior's smallest bulk ESS."""

    fits: int
    cpu: float
    wall: float
    ess: tuple[float, ...]

    @property
    def per_minute(self) -> float:
        return 60 * self.fits / self.wall

    @property
    def ess_per_cpu_second(self) -> float:
        return float(np.mean(self.ess)) * self.fits / self.cpu


def measured(command: Sequence[object], log: Path) -> tuple[float, float]:
    """Run a command; return the CPU and wall seconds of it and all its children."""
    began = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen([str(part) for part in command], stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{command[1]} failed; its output is in {log}")
    return usage.ru_utime + usage.ru_stime, time.monotonic() - began


def smallest_ess(path: Path) -> tuple[float, ...]:
    """Return the smallest bulk ESS over the parameters of each posterior in a file."""
    with xr.open_dataset(path, engine="h5netcdf") as posterior:
        dims = ("dataset", "chain", "draw") if "dataset" in posterior.dims else ("chain", "draw")
        draws = np.array([posterior[name].transpose(*dims) for name in TRUTH])
    ess = array_stats.ess(draws, chain_axis=-2, draw_axis=-1, method="bulk")
    return tuple(np.atleast_1d(ess.min(axis=0)))


def run_driftmill(trials: pd.DataFrame, fits: int) -> Run:
    """Fit the first datasets in one process that starts without any compiled program."""
    table, posterior, cache = (BUILD / f"driftmill-{fits}{end}" for end in (".parquet", ".nc", ""))
    shutil.rmtree(cache, ignore_errors=True)
    trials[trials["dataset"] < fits].to_parquet(table)
    command = [sys.executable, HERE / "fit_driftmill.py", table, posterior, cache]
    cpu, wall = measured(command, BUILD / f"driftmill-{fits}.log")
    return Run(fits, cpu, wall, smallest_ess(posterior))


def run_hssm(trials: pd.DataFrame, fits: int) -> Run:
    """Fit the first datasets in a process each."""
    costs, ess = [], []
    for dataset in range(fits):
        table, posterior, log = (BUILD / f"hssm-{dataset}{end}" for end in (".csv", ".nc", ".log"))
        chosen = trials[trials["dataset"] == dataset]
        chosen[["rt", "response"]].to_csv(table, index=False)
        costs.append(measured([HSSM_PYTHON, HERE / "fit_hssm.py", table, posterior], log))
        ess.extend(smallest_ess(posterior))
    return Run(fits, sum(c for c, _ in costs), sum(w for _, w in costs), tuple(ess))


def show(runs: Sequence[Run], rival: Run) -> Table:
    """Lay the numbers out; HSSM's cost is a cost a fit, the same for any number of fits."""
    table = Table(title=f"DDM, {TRIALS} trials, 4 chains x 1,000 draws, whole processes")
    for heading in ("", "datasets", "CPU s", "posteriors a minute", "smallest bulk ESS",
                    "ESS a CPU s", "times HSSM"):  # fmt: skip
        table.add_column(heading, justify="right")
    for run, name in [*((run, "driftmill") for run in runs), (rival, "HSSM 0.5.0")]:
        table.add_row(
            name,
            str(run.fits),
            f"{run.cpu:.0f}",
            f"{run.per_minute:.1f}",
            f"{np.median(run.ess):,.0f} (least {min(run.ess):,.0f})",
            f"{run.ess_per_cpu_second:,.0f}",
            f"{run.ess_per_cpu_second / rival.ess_per_cpu_second:,.0f}",
        )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--hssm-fits", type=int, default=4, help="a fit takes about a minute")
    options = parser.parse_args()
    BUILD.mkdir(parents=True, exist_ok=True)
    count = max(*options.datasets, options.hssm_fits)
    design = Design(
        cell="bench",
        model=get_model("ddm"),
        truth=TRUTH,
        participants=1,
        trials=TRIALS,
        datasets=count,
        lapse=0.0,
        seed=1,
    )
    trials, _ = simulate_datasets(design, range(count))
    runs = [run_driftmill(trials, fits) for fits in options.datasets]
    table = show(runs, run_hssm(trials, options.hssm_fits))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()

"""What whole processes cost, and the effective sample size of the posteriors that they left."""

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
from numpy.typing import NDArray
from scenarios import Scenario

HERE = Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build" / "bench"
#: By name: what they are called, and the lock's name, which is that of the environment.
RIVALS = {"hssm": "HSSM 0.5.0", "pyhgf": "pyhgf 0.3.2"}


@dataclass(frozen=True)
class Run:
    """What fits cost and gave: whole processes, and each posterior's smallest bulk ESS.

    ``first`` is the first dataset's posterior, of those variables that count.
    """

    who: str
    fits: int
    cpu: float
    wall: float
    ess: tuple[float, ...]
    first: xr.Dataset

    @property
    def ess_per_second(self) -> float:
        return sum(self.ess) / self.wall

    @property
    def ess_per_cpu_second(self) -> float:
        return sum(self.ess) / self.cpu


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


def read_posteriors(path: Path) -> xr.Dataset:
    """Read a file's posteriors without the multiples of sds that deviations may be sampled as."""
    posterior = xr.load_dataset(path, engine="h5netcdf")
    if "dataset" not in posterior.dims:
        posterior = posterior.expand_dims("dataset")
    return posterior.drop_vars([name for name in posterior if str(name).endswith("_offset")])


def draws_of(posterior: xr.Dataset, names: Sequence[str]) -> NDArray[np.float64]:
    """Return the draws of all elements of the variables, (dataset, chain, draw, element)."""
    parts = [posterior[name].transpose("dataset", "chain", "draw", ...) for name in names]
    return np.concatenate([part.to_numpy().reshape(*part.shape[:3], -1) for part in parts], axis=3)


def run_of(who: str, posteriors: Sequence[xr.Dataset], costs: Sequence[tuple[float, float]]) -> Run:
    """Put posteriors and the CPU and wall seconds of processes together."""
    ess: list[float] = []
    for posterior in posteriors:
        draws = draws_of(posterior, sorted(map(str, posterior)))
        every = array_stats.ess(draws, chain_axis=1, draw_axis=2, method="bulk")
        ess += every.min(axis=-1).tolist()
    cpu, wall = (sum(part) for part in zip(*costs, strict=True))
    return Run(who, len(ess), cpu, wall, tuple(ess), posteriors[0].isel(dataset=[0]))


def furthest(one: Run, other: Run) -> float:
    """Return how far the first dataset's posterior means differ at most, in posterior sds."""
    ours, theirs = one.first, other.first
    if set(ours) != set(theirs):
        sys.exit(f"not the same variables: {sorted(map(str, set(ours) ^ set(theirs)))}")
    names = sorted(map(str, ours))
    # HSSM has other names for the dims of deviations; their elements are in the same order.
    a, b = (draws_of(first, names)[0] for first in (ours, theirs))
    return float(np.max(np.abs(a.mean(axis=(0, 1)) - b.mean(axis=(0, 1))) / b.std(axis=(0, 1))))


def run_driftmill(scenario: Scenario, trials: pd.DataFrame, fits: int) -> Run:
    """Fit the first datasets in one process that starts without any compiled program."""
    stem = BUILD / f"{scenario.name}-driftmill-{fits}"
    table, posterior, log, cache = (Path(f"{stem}{e}") for e in (".parquet", ".nc", ".log", ""))
    shutil.rmtree(cache, ignore_errors=True)
    trials[trials["dataset"] < fits].to_parquet(table)
    script = HERE / "fit_driftmill.py"
    cost = measured([sys.executable, script, scenario.name, table, posterior, cache], log)
    return run_of("driftmill", [read_posteriors(posterior)], [cost])


def run_rival(scenario: Scenario, trials: pd.DataFrame, fits: int) -> Run:
    """Fit the first datasets by the scenario's rival, in a process each."""
    rival = scenario.rival
    python = HERE.parents[1] / "build" / f"{rival}-venv" / "bin" / "python"
    costs, posteriors = [], []
    for dataset in range(fits):
        stem = BUILD / f"{scenario.name}-{rival}-{dataset}"
        table, posterior, log = (Path(f"{stem}{end}") for end in (".csv", ".nc", ".log"))
        trials[trials["dataset"] == dataset].to_csv(table, index=False)
        script = HERE / f"fit_{rival}.py"
        costs.append(measured([python, script, scenario.name, table, posterior], log))
        posteriors.append(read_posteriors(posterior))
    return run_of(RIVALS[rival], posteriors, costs)

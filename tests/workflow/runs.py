"""Running the real workflow on the smallest study, each time into a folder of its own."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd
import pytest
import xarray as xr

from tests.conftest import PROGRAMS

ROOT = Path(__file__).resolve().parents[2]
SNAKEMAKE = Path(sys.executable).with_name("snakemake")

#: Runs a command in a network of its own, which leads nowhere.
CUT = ("unshare", "--map-root-user", "--net")

STUDY = """\
# Braces are text, whatever Snakemake takes them for: {cell} {x} {wildcards.fit} <results>
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
    datasets: 3
fits:
  - name: free
    model: ddm
    fixed: {t: 0.3}
  - name: unbiased
    model: ddm
    fixed: {z: 0.5, t: 0.3}
batch_size: BATCH
sampling:
  chains: 2
  draws: 100
  warmup: 100
  gates: {r_hat: 1.2, ess_bulk: 20, ess_tail: 20, mcse_ratio: 0.3}
  ladder: []
report:
  datasets: [0]
  predictive: {data: all, draws: 20, pit: false}
  published:
    - {label: drift, fit: free, dataset: 2, of: v, published: 0.8}
    - {label: lead, fit: free, minus_fit: unbiased, statistic: elpd_diff, published: 0}
"""


@dataclass(frozen=True)
class Run:
    """A folder in which snakemake runs one study."""

    folder: Path
    study: Path
    name: str = "small"
    cores: int = 2
    extra: tuple[str, ...] = field(default=())
    config: tuple[str, ...] = field(default=())
    cut: bool = False

    @property
    def results(self) -> Path:
        """The study's artifacts."""
        return self.folder / "results" / self.name

    def command(self, *more: str) -> list[str]:
        """Return the command line of snakemake."""
        head = [*(CUT if self.cut else ()), str(SNAKEMAKE)]
        head += ["--snakefile", str(ROOT / "Snakefile"), "-d", str(self.folder)]
        config = ["--config", f"study={self.study}", *self.config]
        return [*head, "--cores", str(self.cores), *self.extra, *more, *config]

    def share_programs(self) -> None:
        """Let all runs of a test session use one folder of compiled programs."""
        shared, results = os.environ.get(PROGRAMS), self.folder / "results"
        if shared and not results.exists():
            results.mkdir()
            (results / ".compiled").symlink_to(shared, target_is_directory=True)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment: this interpreter's scripts first on the path."""
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return os.environ | {"PATH": path} | more

    def __call__(self, *more: str, check: bool = True, **env: str) -> str:
        """Run snakemake and return all that it printed."""
        self.share_programs()
        done = subprocess.run(
            self.command(*more),
            env=self.environment(**env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if check and done.returncode != 0:
            logs = [f"{p}:\n{p.read_text()}" for p in sorted(self.folder.rglob("logs/**/*.log"))]
            pytest.fail(done.stdout + "\n".join(logs))
        return done.stdout


def make_run(folder: Path, batch_size: int = 2, study: str = STUDY) -> Run:
    """Write a study file into a folder and return what runs it there."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "small.yaml"
    file.write_text(study.replace("BATCH", str(batch_size)), encoding="utf-8")
    return Run(folder, file)


def can_be_cut() -> bool:
    """Tell whether this machine lets a command have a network of its own."""
    if shutil.which(CUT[0]) is None:
        return False
    return subprocess.run([*CUT, "true"], capture_output=True).returncode == 0


def tables(results: Path) -> dict[str, pd.DataFrame]:
    """Return every table of a study, batches joined."""
    found: dict[str, list[pd.DataFrame]] = {}
    for file in sorted(results.rglob("*.parquet")):
        name = f"{file.relative_to(results).parent}/{file.stem.rstrip('0123456789')}"
        found.setdefault(name, []).append(pd.read_parquet(file))
    return {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}


def posteriors(results: Path) -> dict[str, list[xr.DataTree]]:
    """Return every posterior file by its fit, batches in order."""
    found: dict[str, list[xr.DataTree]] = {}
    for file in sorted(results.rglob("*.nc")):
        with xr.open_datatree(file, engine="h5netcdf") as tree:
            found.setdefault(str(file.relative_to(results).parent), []).append(tree.load())
    return found


def written(folder: Path, text: str, name: str, batch: int, cores: int) -> Run:
    """Write a study with batches of so many datasets into a new folder, ready to run."""
    folder.mkdir()
    study = folder / f"{name}.yaml"
    study.write_text(text.replace("BATCH", str(batch)))
    return Run(folder, study, name=name, cores=cores)


def assert_same_bits(first: Path, second: Path) -> None:
    """Compare all tables and posteriors of two runs of a study, whatever their batches."""
    one, two = tables(first), tables(second)
    assert one.keys() == two.keys()
    assert one
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, two[name], check_exact=True, obj=name)
    mine, yours = posteriors(first), posteriors(second)
    assert mine.keys() == yours.keys()
    assert mine
    for name, trees in mine.items():
        for group in ("posterior", "sample_stats", "diagnostics", "result"):
            left = xr.concat([t[group].to_dataset() for t in trees], "dataset")
            right = xr.concat([t[group].to_dataset() for t in yours[name]], "dataset")
            xr.testing.assert_identical(left, right)

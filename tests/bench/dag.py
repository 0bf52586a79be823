"""Time and memory of a dry run of large studies: see README.md in this folder."""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import yaml
from measure import BUILD
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[2]
MODELS = ("ddm", "angle", "ddm_sdv", "angle_sdv")
TRUTH = {
    "v": {"name": "Normal", "mu": 0.8, "sigma": 0.5},
    "a": {"name": "Uniform", "lower": 0.8, "upper": 1.6},
    "z": 0.5,
    "t": 0.3,
}


def study_of(datasets: int, cells: int, batch_size: int | None) -> dict[str, object]:
    """Return a study of so many datasets over all cells, each under four fits."""
    cell = {"model": "ddm", "truth": TRUTH, "trials": 300, "datasets": datasets // cells}
    said = {
        "study": "wide",
        "data": [{"name": f"cell{k}", **cell, "trials": 300 + k} for k in range(cells)],
        "fits": [{"name": model, "model": model} for model in MODELS],
    }
    return said if batch_size is None else said | {"batch_size": batch_size}


def dry_run(folder: Path, study: Path) -> tuple[str, float, float, float]:
    """Return what a dry run prints, its seconds, those of the processor, its most GiB."""
    snakemake = Path(sys.executable).with_name("snakemake")
    command = [str(snakemake), "-s", str(ROOT / "Snakefile"), "-d", str(folder), "-n"]
    command += ["--quiet", "rules", "--cores", "1", "--config", f"study={study}"]
    log = folder / "dry_run.log"
    began = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
        _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"the dry run failed; its output is in {log}")
    seconds = time.monotonic() - began
    processor = usage.ru_utime + usage.ru_stime
    return log.read_text(), seconds, processor, usage.ru_maxrss / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--cells", type=int, default=4, help="that the datasets are split into")
    parser.add_argument("--batch-size", type=int, help="instead of auto")
    parser.add_argument("--folder", type=Path, default=BUILD / "dag")
    options = parser.parse_args()
    folder = options.folder.resolve()
    if folder.exists() and not (folder / "wide.yaml").exists():
        sys.exit(f"{folder} holds something else: give a new folder, or remove it")
    print(f"load over the last minute: {os.getloadavg()[0]:.1f}", flush=True)
    headings = ("datasets", "jobs", "of fit", "wall s", "CPU s", "most memory, GiB")
    table = Table(*headings, title="dry runs")
    for datasets in options.datasets:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        study = folder / "wide.yaml"
        said = study_of(datasets, options.cells, options.batch_size)
        study.write_text(yaml.safe_dump(said, sort_keys=False))
        told, seconds, processor, memory = dry_run(folder, study)
        jobs = dict(re.findall(r"^(\w+) +(\d+)$", told, flags=re.MULTILINE))
        print(", ".join(f"{rule} {number}" for rule, number in jobs.items()), flush=True)
        costs = (f"{seconds:.1f}", f"{processor:.1f}", f"{memory:.2f}")
        table.add_row(f"{datasets:,}", jobs["total"], jobs["fit"], *costs)
    Console(width=100).print(table)


if __name__ == "__main__":
    main()

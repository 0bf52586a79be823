"""Time and memory of all tables and the page of a large study: see README.md in this folder."""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import psutil
import yaml
from made_up import study_of, write_all
from measure import BUILD
from playwright.sync_api import sync_playwright
from rich.console import Console
from rich.table import Table

from driftmill.study.artifacts import RECOVERY_TABLES, SIZE_TABLES, artifacts
from driftmill.study.types import Study

ROOT = Path(__file__).resolve().parents[2]
#: What is made stage after stage: kinds of artifacts; none: the page and all that is left.
STAGES = {
    "tables": (
        *("estimates", "gates", "correlations", "ranks", *RECOVERY_TABLES, *SIZE_TABLES),
        *("comparison", "pairs", "selection", "confusion", "inversion", "sketches"),
    ),
    "fits in words": ("model_graph", "model_summary"),
    "page": (),
}


@dataclass(frozen=True)
class Cost:
    """Seconds of the wall clock, and the most memory of all processes at a time, in bytes."""

    seconds: float
    memory: int


def measured(command: list[str], log: Path) -> Cost:
    """Run a command and watch the memory of it and all its children."""
    began, most = time.monotonic(), 0
    with log.open("w") as out:
        process = psutil.Popen(command, stdout=out, stderr=out)
        while process.poll() is None:
            most = max(most, memory_of(process))
            time.sleep(0.05)
    if process.returncode:
        sys.exit(f"{' '.join(command[:2])} failed; its output is in {log}")
    return Cost(time.monotonic() - began, most)


def memory_of(process: psutil.Process) -> int:
    """Return the bytes that a process and its children hold in memory."""
    total = 0
    for each in (process, *process.children(recursive=True)):
        try:
            total += each.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


def stages(folder: Path, study: Path, made: Mapping[str, str], cores: int) -> dict[str, Cost]:
    """Run the workflow from finished fits to the page, stage by stage."""
    snakemake = Path(sys.executable).with_name("snakemake")
    head = [str(snakemake), "-s", str(ROOT / "Snakefile"), "-d", str(folder)]
    head += ["--cores", str(cores), "--scheduler", "greedy", "--rerun-triggers", "mtime"]
    head += ["--config", f"study={study}", "--"]
    found = {}
    for stage, kinds in STAGES.items():
        targets = [path for path, kind in made.items() if kind in kinds]
        found[stage] = measured([*head, *targets], folder / f"{stage}.log")
        print(f"{stage}: {found[stage].seconds:.0f} s", flush=True)
    return found


def rules_of(benchmarks: Path) -> pd.DataFrame:
    """Return jobs, seconds of all jobs and the most memory of one of them, by rule."""
    files = sorted(benchmarks.rglob("*.tsv"))
    jobs = pd.concat([pd.read_csv(file, sep="\t", na_values="-") for file in files])
    jobs["rule"] = [file.relative_to(benchmarks).parts[0].removesuffix(".tsv") for file in files]
    return jobs.groupby("rule", sort=False).agg(
        jobs=("s", "size"), seconds=("s", "sum"), longest=("s", "max"), megabytes=("max_rss", "max")
    )


def opened(page: Path) -> float:
    """Return the seconds until a browser has loaded the page."""
    with sync_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
        browser = playwright.chromium.launch(executable_path=chromium)
        tab = browser.new_page(viewport={"width": 1280, "height": 900})
        began = time.monotonic()
        tab.goto(page.as_uri(), wait_until="load")
        tab.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", type=int, default=2000, help="over all cells")
    parser.add_argument("--chains", type=int, default=2)
    parser.add_argument("--draws", type=int, default=500, help="of every chain")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=BUILD / "scale")
    options = parser.parse_args()
    print(f"load over the last minute: {os.getloadavg()[0]:.1f}", flush=True)
    folder = options.folder.resolve()
    if folder.exists() and not (folder / "scale.yaml").exists():
        sys.exit(f"{folder} holds something else: give a new folder, or remove it")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    said = study_of(options.datasets, options.chains, options.draws)
    file = folder / "scale.yaml"
    file.write_text(yaml.safe_dump(said, sort_keys=False))
    began = time.monotonic()
    os.chdir(folder)
    plan = write_all(Study.model_validate(said), "results", options.cores)
    print(f"made up in {time.monotonic() - began:.0f} s", flush=True)
    costs = stages(folder, file, artifacts(plan), options.cores)
    console = Console(width=100)
    table = Table("stage", "wall s", "most memory, GiB", title=f"{options.datasets} datasets")
    for stage, cost in costs.items():
        table.add_row(stage, f"{cost.seconds:.0f}", f"{cost.memory / 2**30:.2f}")
    console.print(table)
    table = Table("rule", "jobs", "s of all", "s of the longest", "most MB of one")
    for rule, row in rules_of(Path(plan.paths.benchmarks)).iterrows():
        numbers = (f"{row[name]:,.0f}" for name in ("jobs", "seconds", "longest", "megabytes"))
        table.add_row(str(rule), *numbers)
    console.print(table)
    page = Path(plan.paths.report)
    size = page.stat().st_size / 1e6
    console.print(f"the page: {size:.1f} MB, opened in {opened(page.resolve()):.1f} s")


if __name__ == "__main__":
    main()

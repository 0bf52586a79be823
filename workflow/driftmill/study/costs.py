"""What a study cost and on what machine: from the benchmark files that Snakemake keeps."""

from __future__ import annotations

import csv
import os
import platform
from pathlib import Path
from typing import Any


def costs(folder: Path | str) -> dict[str, dict[str, float]]:
    """Sum the benchmark files of a study by step.

    Parameters
    ----------
    folder
        Holds one folder, or one file, a step; below it one TSV file a job.

    Returns
    -------
    dict
        By step: ``jobs``, ``wall_s`` (summed over jobs), ``cpu_s`` and ``max_rss_mb`` (of
        the largest job). A value that Snakemake could not measure counts as 0.
    """
    steps: dict[str, dict[str, float]] = {}
    root = Path(folder)
    for file in sorted(root.rglob("*.tsv")):
        step = file.relative_to(root).parts[0].removesuffix(".tsv")
        sums = steps.setdefault(step, {"jobs": 0, "wall_s": 0.0, "cpu_s": 0.0, "max_rss_mb": 0.0})
        with file.open(newline="", encoding="utf-8") as rows:
            for row in csv.DictReader(rows, delimiter="\t"):
                sums["jobs"] += 1
                sums["wall_s"] += _number(row["s"])
                sums["cpu_s"] += _number(row["cpu_time"])
                sums["max_rss_mb"] = max(sums["max_rss_mb"], _number(row["max_rss"]))
    return steps


def _number(text: str) -> float:
    """Read a number; Snakemake writes NA, or -, for a job too short to be measured."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def hardware() -> dict[str, Any]:
    """Return processor, cores, memory in GiB and operating system of this machine."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
        processor = names[0] if names else processor
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": processor,
        "cores": os.cpu_count(),
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.release()}",
    }

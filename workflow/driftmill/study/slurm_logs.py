"""What SLURM itself wrote of a job: where Snakemake's executor has it put that, and the reason."""

from __future__ import annotations

import re
from pathlib import Path

from driftmill.study.jobs import PlannedJob

#: Folders of SLURM's logs below the folder in which Snakemake runs: of our profile, and by default.
FOLDERS = ("results/logs/slurm", ".snakemake/slurm_logs")
_TELLING = re.compile("oom|CANCELLED|TIME LIMIT|NODE FAIL", re.IGNORECASE)
_TOLD = re.compile(r"(?:slurmstepd|srun|slurmd): error: (.*)")


def slurm_log_of(workdir: Path, job: PlannedJob) -> Path | None:
    """Return SLURM's newest log of a job; of jobs that went well the executor removes it.

    Studies share the folders: a log is the job's if it names the job's own log.
    """
    found = [
        path
        for folder in FOLDERS
        for path in (workdir / folder / f"rule_{job.step}" / "_".join(job.parts)).glob("*.log")
    ]
    numbered = [path for path in found if path.stem.isdigit()]
    for path in sorted(numbered, key=lambda path: int(path.stem), reverse=True):
        if job.log in _text(path):
            return path
    return None


def reason_of(log: Path) -> str:
    """Return why SLURM ended a job, as its log tells; empty where it does not."""
    found = [str(line) for line in _TOLD.findall(_text(log))]
    # What was killed comes first, that its steps ended with it after.
    telling = [line for line in found if _TELLING.search(line)]
    return (telling or found or [""])[-1].strip(" *")


def _text(log: Path) -> str:
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""

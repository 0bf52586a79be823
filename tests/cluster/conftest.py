"""A real SLURM for the tests of this folder, and one undisturbed run to compare with."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cluster.lab import FITS, LEAST, STUDY_FILE, Lab, free_port, on_slurm
from tests.workflow.runs import Run

HERE = Path(__file__).parent
NEEDED = ("munged", "slurmctld", "slurmd", "sbatch", "slurmdbd", "mariadbd")
PACKAGES = "slurmctld slurmd slurm-client munge slurmdbd mariadb-server"


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Start a cluster of two virtual nodes for the session; skip where SLURM is not installed."""
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing or os.geteuid() != 0:
        why = f"lacks {', '.join(missing)}" if missing else "is not run as root"
        pytest.skip(f"{why}: apt-get install --no-install-recommends {PACKAGES}")
    # Sockets of Unix have short names.
    folder = Path(tmp_path_factory.mktemp("lab", numbered=True))
    cluster = Lab(folder, free_port())
    patch = pytest.MonkeyPatch()
    try:
        cluster.start()
        patch.setenv("SLURM_CONF", cluster.environment["SLURM_CONF"])
        patch.setenv("DRIFTMILL_CLUSTER", str(cluster.site))
        patch.setenv("PATH", f"{cluster.srun.parent}{os.pathsep}{os.environ['PATH']}")
        yield cluster
    finally:
        patch.undo()
        cluster.stop()


@pytest.fixture(scope="session")
def simulated(tmp_path_factory) -> Path:
    """Return a folder with the least study and its data, made on this machine."""
    folder = tmp_path_factory.mktemp("simulated")
    (folder / STUDY_FILE).write_text(LEAST, encoding="utf-8")
    Run(folder, Path(STUDY_FILE), extra=("--until", "simulate"))()
    return folder


@pytest.fixture(scope="session")
def undisturbed(simulated, tmp_path_factory) -> Run:
    """Return a run of the least study's fits on this machine that was left in peace to its end."""
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    run = Run(shutil.copytree(simulated, folder, symlinks=True), Path(STUDY_FILE), extra=FITS)
    run()
    return run


@pytest.fixture
def run(lab, simulated, tmp_path) -> Iterator[Run]:
    """Yield what fits the least study's data on the cluster, in a folder of its own."""
    made = on_slurm(lab, shutil.copytree(simulated, tmp_path / "run", symlinks=True))
    yield made
    lab.end_left_over(made)

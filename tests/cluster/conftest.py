"""A real SLURM for the tests of this folder, and one undisturbed run to compare with."""

import os
import shutil
from pathlib import Path

import pytest

from tests.cluster.lab import LEAST, Lab, on_slurm
from tests.workflow.runs import PROGRAMS, Run, make_run

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
    cluster = Lab(folder)
    cluster.start()
    yield cluster
    cluster.stop()


@pytest.fixture(scope="session", autouse=True)
def _programs(tmp_path_factory):
    """Compile a program once for all runs of the session."""
    folder = tmp_path_factory.getbasetemp() / "programs"
    folder.mkdir(exist_ok=True)
    os.environ[PROGRAMS] = str(folder)


@pytest.fixture(scope="session")
def undisturbed(tmp_path_factory):
    """Return a run of the least study on this machine that was left in peace to its end."""
    run = make_run(tmp_path_factory.mktemp("undisturbed"), study=LEAST)
    run()
    return run


@pytest.fixture
def run(lab, tmp_path) -> Run:
    """Return what runs the least study on the cluster, in a folder of its own."""
    return on_slurm(lab, tmp_path)

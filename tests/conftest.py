"""What every test shares: one thread a process, bytecode for subprocesses, optional data."""

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

# Before JAX is imported: two test processes on two cores must not spin up eight threads each.
for variable in ("PJRT_NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("JAX_PLATFORMS", "cpu")
# A Snakemake that may not write bytecode starts three times slower.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

ROOT = Path(__file__).resolve().parents[1]
#: Where all processes of a test session find what one of them has compiled.
PROGRAMS = "JAX_COMPILATION_CACHE_DIR"


def pytest_configure(config: pytest.Config) -> None:
    """Compile a program once for all tests of the session, in both processes."""
    if PROGRAMS in os.environ:
        return
    folder = os.environ[PROGRAMS] = tempfile.mkdtemp(prefix="driftmill-programs-")
    os.environ["JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS"] = "0"
    os.environ["JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES"] = "0"
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let all models take the whole protocol, and all faults happen, also the slow ones."""
    parser.addoption("--every-model", action="store_true", help="the whole protocol of every model")
    parser.addoption("--cluster", action="store_true", help="all faults on a real SLURM")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin with whole runs, which are the longest; leave others to makes of their own.

    A file's tests go to one process, and those of all files that look at the one finished run.
    The marks come first: pytest-xdist reads them in the same hook.
    """
    items.sort(key=lambda item: "workflow" not in item.path.parts)
    lookers = {item.path for item in items if "finished" in getattr(item, "fixturenames", ())}
    for item in items:
        group = "finished" if item.path in lookers else str(item.path.relative_to(ROOT))
        item.add_marker(pytest.mark.xdist_group(group))
    for marker, option, make in (
        ("long", "--every-model", "validate"),
        ("cluster", "--cluster", "test-cluster"),
    ):
        if not config.getoption(option):
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(pytest.mark.skip(f"takes long: make {make} has it"))


@pytest.fixture(scope="session")
def project_root() -> Path:
    """Return the folder that holds the Snakefile."""
    return ROOT


@pytest.fixture(scope="session")
def shared_file() -> Callable[[str], Path]:
    """Return a function from a name in the shared data folder to its path.

    The folder is ``../shared`` beside the project, or ``DRIFTMILL_SHARED``. Without the file the
    test is skipped; where the continuous integration has the folder, the file must be in it.
    """
    folder = Path(os.environ.get("DRIFTMILL_SHARED", ROOT.parent / "shared"))

    def locate(name: str) -> Path:
        path = folder / name
        if not path.is_file():
            reason = f"needs {name} in {folder}; set DRIFTMILL_SHARED to a folder that has it"
            if folder.is_dir() and os.environ.get("CI") == "true":
                pytest.fail(reason)
            pytest.skip(reason)
        return path

    return locate

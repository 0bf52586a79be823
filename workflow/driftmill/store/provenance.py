"""Where a result comes from: the study, the seed, the versions, the commit."""

from __future__ import annotations

import json
import platform
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from driftmill import __version__

#: Packages that results depend on.
STACK = (
    "jax",
    "jaxlib",
    "optax",
    "numpyro",
    "pymc",
    "pytensor",
    "bambi",
    "arviz",
    "arviz-stats",
    "ssm-simulators",
    "numpy",
    "scipy",
    "pandas",
    "pyarrow",
    "xarray",
    "snakemake",
)
#: The key of an artifact's metadata under which its provenance stands, as JSON.
KEY = "driftmill"
Provenance = dict[str, Any]


@cache
def git_commit() -> str | None:
    """Return the commit of the code, with ``-dirty`` when it was edited; None outside git."""
    folder = Path(__file__).parent
    command = ["git", "describe", "--always", "--dirty", "--abbrev=40", "--exclude", "*"]
    try:
        # The package must be tracked there: an installed copy may lie within a stranger's repo.
        subprocess.run(
            ["git", "ls-files", "--error-unmatch", Path(__file__).name],
            cwd=folder,
            check=True,
            capture_output=True,
            timeout=20,
        )
        found = subprocess.run(
            command, cwd=folder, check=True, capture_output=True, text=True, timeout=20
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None


@cache
def versions() -> dict[str, str | None]:
    """Return the versions of driftmill, Python and the packages of the stack."""
    found: dict[str, str | None] = {"driftmill": __version__, "python": platform.python_version()}
    for package in STACK:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = None
    return found


def provenance(
    study: str,
    study_hash: str,
    kind: str,
    *,
    cell: str | None = None,
    fit: str | None = None,
    batch: str | None = None,
    seed: int | None = None,
) -> Provenance:
    """Return what an artifact says about its origin.

    It holds no time and no host, so that equal results are equal files.
    """
    return {
        "kind": kind,
        "study": study,
        "study_hash": study_hash,
        "cell": cell,
        "fit": fit,
        "batch": batch,
        "seed": seed,
        "versions": versions(),
        "platform": f"{platform.system()} {platform.machine()}",
        "git_commit": git_commit(),
    }


def encode(origin: Provenance) -> str:
    """Return a provenance as it stands in an artifact."""
    return json.dumps(origin, sort_keys=True)


def decode(text: str | bytes | None) -> Provenance | None:
    """Return the provenance that an artifact holds, or None when it holds none."""
    try:
        found = json.loads(text) if text is not None else None
    except ValueError:
        return None
    return found if isinstance(found, dict) and "kind" in found else None

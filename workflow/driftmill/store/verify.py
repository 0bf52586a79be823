"""Finding artifacts that are damaged or foreign, so that they are made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from driftmill.store.errors import DamagedArtifact
from driftmill.store.headers import table_provenance, tree_provenance


@dataclass(frozen=True)
class Damage:
    """A file that is not the artifact that should lie there.

    Parameters
    ----------
    path
        The file.
    reason
        What is wrong with it.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        """Return the damage as a sentence."""
        return f"{self.path}: {self.reason}"


def find_damaged(artifacts: Mapping[str, str], study: str | None = None) -> list[Damage]:
    """Open every artifact that exists and return those that are not what they should be.

    Only footers and headers are read: about a millisecond a file.

    Parameters
    ----------
    artifacts
        Kind by path, as ``study.expand.artifacts`` gives them; others than Parquet and NetCDF
        files are not opened.
    study
        The name of the study that they should be of; None does not check it.
    """
    damaged = []
    for path, kind in artifacts.items():
        if not Path(path).is_file():
            continue
        try:
            found = _origin(path, kind)
        except DamagedArtifact as error:
            damaged.append(Damage(path, error.reason))
            continue
        if study is not None and found is not None and found != study:
            damaged.append(Damage(path, f"it is of the study {found!r}"))
    return damaged


def drop_damaged(artifacts: Mapping[str, str], study: str | None = None) -> list[Damage]:
    """Remove every damaged or foreign artifact and return what was removed.

    Snakemake then sees it missing and makes it again. The caller tells the user.
    """
    damaged = find_damaged(artifacts, study)
    for damage in damaged:
        Path(damage.path).unlink()
    return damaged


def _origin(path: str, kind: str) -> str | None:
    """Return the study that an artifact says it is of; None when files of its kind do not."""
    if path.endswith(".parquet"):
        return str(table_provenance(path, kind).get("study"))
    if path.endswith(".nc"):
        return str(tree_provenance(path, kind).get("study"))
    return None

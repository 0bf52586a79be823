"""Outputs that were finished after their run was killed, of which Snakemake has no record.

Snakemake makes an output again when what it was made from changes, as it noted when the job ended.
A job that outlives its run ends unnoted, and would count as made from whatever is said later. So
the next run notes for which version of the study these outputs were made.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from pathlib import Path

from driftmill.store.atomic import write_text
from driftmill.store.verify import Damage

_NOTES = "driftmill.unrecorded.json"


def note_unrecorded(workdir: Path, artifacts: Iterable[str], versions: Iterable[str]) -> None:
    """Note which artifacts exist without a record, and the version of the study they are of.

    Parameters
    ----------
    workdir
        The folder in which Snakemake runs.
    artifacts
        Paths of the study's artifacts.
    versions
        Hashes of the study as the killed runs knew it; of several nobody knows which.
    """
    known = list(dict.fromkeys(versions))
    version = known[0] if len(known) == 1 else ""
    made = [path for path in artifacts if (workdir / path).is_file()]
    fresh = dict.fromkeys(_unrecorded(workdir, made), version)
    if fresh:
        notes = _notes(workdir)
        kept = {path: notes[path] for path in _unrecorded(workdir, notes)}
        _write(workdir, fresh | kept)


def find_outdated(workdir: Path, version: str) -> list[Damage]:
    """Return the noted artifacts that are of another version of the study.

    Parameters
    ----------
    workdir
        The folder in which Snakemake runs.
    version
        The hash of the study.
    """
    notes = _notes(workdir)
    others = [path for path, told in notes.items() if told != version]
    if not others:
        return []
    reason = "it was finished after its run was killed, and the study has changed since"
    outdated = _unrecorded(workdir, others)
    return [Damage(path, reason) for path in outdated if (workdir / path).is_file()]


def drop_outdated(workdir: Path, version: str) -> list[Damage]:
    """Remove the noted artifacts of another version of the study, and return what was removed."""
    outdated = find_outdated(workdir, version)
    for damage in outdated:
        (workdir / damage.path).unlink()
    if outdated:
        gone = {damage.path for damage in outdated}
        _write(workdir, {p: told for p, told in _notes(workdir).items() if p not in gone})
    return outdated


def _unrecorded(workdir: Path, paths: Iterable[str]) -> list[str]:
    """Return those paths of which there is no record."""
    folder = workdir / ".snakemake" / "metadata"
    records = {
        # Long names are cut into folders that begin with @.
        "".join(part.removeprefix("@") for part in file.relative_to(folder).parts)
        for file in folder.rglob("*")
        if file.is_file()
    }
    return [path for path in paths if urlsafe_b64encode(path.encode()).decode() not in records]


def _notes(workdir: Path) -> dict[str, str]:
    file = workdir / ".snakemake" / _NOTES
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}


def _write(workdir: Path, notes: Mapping[str, str]) -> None:
    write_text(workdir / ".snakemake" / _NOTES, json.dumps(notes, indent=1) + "\n")

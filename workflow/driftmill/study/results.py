"""What a study's results folder holds, read without the study file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd


class NoResultsError(Exception):
    """A folder does not hold the results of a study; the message says what to do."""


@dataclass(frozen=True)
class Results:
    """The results of one study.

    Parameters
    ----------
    folder
        Where they lie.
    provenance
        What ``provenance.json`` says.
    """

    folder: Path
    provenance: dict[str, Any]

    def tables(self, pattern: str, *columns: str) -> pd.DataFrame:
        """Return all tables whose path fits a pattern, one below the other; empty without any.

        Parameters
        ----------
        pattern
            Of paths below the folder.
        columns
            Columns that they must have.

        Raises
        ------
        NoResultsError
            When a file cannot be read, or lacks a column.
        """
        found = []
        for file in sorted(self.folder.glob(pattern)):
            try:
                found.append(pd.read_parquet(file))
            except (OSError, ValueError) as error:
                reason = str(error).splitlines()[0]
                raise NoResultsError(f"{file} cannot be read: {reason}; run its study again") from (
                    error
                )
            lacking = [name for name in columns if name not in found[-1]]
            if lacking:
                raise NoResultsError(
                    f"{file} has no column {lacking[0]!r}: it was made by another version of "
                    "driftmill; run its study again"
                )
        filled = [table for table in found if not table.empty]
        return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()

    def texts(self, pattern: str) -> dict[str, str]:
        """Return the texts whose path fits a pattern, by their path below the folder."""
        files = sorted(self.folder.glob(pattern))
        return {str(f.relative_to(self.folder)): f.read_text(encoding="utf-8") for f in files}


def open_results(name: str, results: Path | str = "results") -> Results:
    """Return the results in a folder, or of a study of that name.

    Parameters
    ----------
    name
        A folder, or a study whose folder lies under ``results``.
    results
        Folder of all studies.

    Raises
    ------
    NoResultsError
        When there is no such folder, or no finished study in it.
    """
    tried = [Path(name), Path(results) / name]
    folder = next((path for path in tried if path.is_dir()), None)
    if folder is None:
        places = " nor ".join(map(str, dict.fromkeys(tried)))
        known = sorted(path.parent.name for path in Path(results).glob("*/provenance.json"))
        there = f"; under {results} there are {', '.join(known)}" if known else ""
        raise NoResultsError(
            f"there is no folder {places}: give the results folder of a study{there}"
        )
    file = folder / "provenance.json"
    if not file.is_file():
        raise NoResultsError(
            f"{folder} holds no provenance.json, so no finished study: give the folder of one "
            f"study, such as {results}/demo, or run it to its end with snakemake"
        )
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NoResultsError(f"{file} cannot be read: {error}; run its study again") from error
    return Results(folder, said)

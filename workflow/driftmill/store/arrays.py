"""Arrays by name in one file, whole or not at all."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftmill.store.atomic import replacing
from driftmill.store.errors import DamagedArtifact

#: What NumPy raises of a file that is truncated, or that is none of its own.
UNREADABLE = (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile)


def write_arrays(path: Path | str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays.

    Raises
    ------
    StoreError
        When the file cannot be written.
    """
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_arrays(path: Path | str) -> dict[str, NDArray[Any]]:
    """Read arrays.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    DamagedArtifact
        When it is not a whole file of arrays.
    """
    try:
        with np.load(path, allow_pickle=False) as opened:
            return {name: opened[name] for name in opened.files}
    except FileNotFoundError:
        raise
    except UNREADABLE as error:
        raise DamagedArtifact(path, "it is not a whole file of arrays") from error

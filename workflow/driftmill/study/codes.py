"""What became of the posteriors of finished files, read without the rest of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path


class CodeCounter:
    """Counts the result codes of files of posteriors; a file is read once as long as it stays."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[int, Counter[str]]] = {}

    def count(self, paths: Iterable[Path | str]) -> Counter[str]:
        """Return how many posteriors of some files have which code.

        Files that are not there, or are not what they should be, count nothing.
        """
        total: Counter[str] = Counter()
        for path in paths:
            try:
                changed = Path(path).stat().st_mtime_ns
            except OSError:
                continue
            known = self._known.get(str(path))
            if known is None or known[0] != changed:
                known = self._known[str(path)] = (changed, _codes(path))
            total += known[1]
        return total


def _codes(path: Path | str) -> Counter[str]:
    import h5py  # type: ignore[import-untyped]

    try:
        # Unlocked: a run may be about to replace the file.
        with h5py.File(path, "r", locking=False) as file:
            return Counter(code.decode() for code in file["result/code"][:].tolist())
    except (OSError, KeyError):
        return Counter()

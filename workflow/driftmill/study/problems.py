"""What is wrong with a study file, told so that a person can mend it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong.

    Parameters
    ----------
    file
        The study file.
    field
        Where in the file, e.g. ``data[0].truth.v``; empty for the file as a whole.
    value
        The value found there, as text; empty when there is none to show.
    message
        What is wrong.
    remedy
        What would be right.
    """

    file: str
    field: str
    value: str
    message: str
    remedy: str

    def __str__(self) -> str:
        """Return the problem as a paragraph."""
        lines = [f"{self.file}: {self.field}" if self.field else self.file]
        if self.value:
            lines.append(f"    value:  {self.value}")
        lines += [f"    wrong:  {self.message}", f"    remedy: {self.remedy}"]
        return "\n".join(lines)


class StudyErrors(Exception):  # noqa: N818 - it carries many
    """Everything that is wrong with one study file, or with another file of this ``kind``."""

    def __init__(self, problems: Iterable[Problem], kind: str = "study") -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        heading = f"The {kind} has {count} problem{'s' if count != 1 else ''}:"
        super().__init__("\n\n".join([heading, *map(str, self.problems)]))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that ``word`` most likely stands for, or None."""
    by_lower = {name.lower(): name for name in known}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return by_lower[found[0]] if found else None


def suggest(word: str, known: Iterable[str], kind: str = "") -> str:
    """Return a remedy that names the nearest known word and all the others."""
    names = list(known)
    hit = nearest(word, names)
    listing = f"known{f' {kind}' if kind else ''}: {', '.join(names) or 'none'}"
    return f"did you mean {hit!r}? ({listing})" if hit else listing


def show(value: Any, limit: int = 200) -> str:
    """Return a value as it stands in a study file, cut to ``limit`` characters."""
    text = "null" if value is None else str(value).lower() if isinstance(value, bool) else None
    text = text if text is not None else (repr(value) if isinstance(value, str) else str(value))
    return text if len(text) <= limit else text[: limit - 3] + "..."

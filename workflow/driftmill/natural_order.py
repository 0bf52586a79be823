"""The order in which a reader looks for names: with numbers as numbers, ``s2`` before ``s10``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_DIGITS = re.compile(r"(\d+)")
_NUMBER = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?")

#: Compares names: numbers first, by value; then text, its digits by value.
Key = tuple[bool, float, tuple[tuple[bool, int, str], ...], str]


def natural_key(name: object) -> Key:
    """Return what names are sorted by.

    Parameters
    ----------
    name
        Anything; its text counts.
    """
    text = str(name).strip()
    if _NUMBER.fullmatch(text):
        return (False, float(text), (), text)
    parts = [part for part in _DIGITS.split(text) if part]
    runs = tuple((False, int(p), "") if p.isdecimal() else (True, 0, p) for p in parts)
    return (True, 0.0, runs, text)


def natural_order(names: Iterable[str]) -> list[str]:
    """Return names without repeats in natural order."""
    return sorted(dict.fromkeys(names), key=natural_key)


def natural_ranks(names: Sequence[object]) -> list[int]:
    """Return each name's place in natural order; equal names share one."""
    place = {text: rank for rank, text in enumerate(natural_order(map(str, names)))}
    return [place[str(name)] for name in names]

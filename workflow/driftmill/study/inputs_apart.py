"""In what the inputs of two finished studies differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from driftmill.study.results import Results

ABSENT = "-"
#: What of a provenance is an input; the study as it was understood follows under ``file``.
SAID = ("study", "study_hash", "seed", "git_commit", "platform", "versions")
#: What only one of two texts of a fit says is listed up to this many lines.
MOST_LINES = 8


@dataclass(frozen=True)
class Input:
    """One input and what it was in either study, ``-`` where it was nothing."""

    what: str
    a: str
    b: str


def inputs_apart(a: Results, b: Results) -> list[Input]:
    """Return every input that differs.

    The study file as it was understood, defaults filled in, field by field (cells and fits by
    their names); seed, versions, commit and platform; and the lines of the fits' descriptions,
    which hold the default priors.
    """
    found = [
        Input(what, *values)
        for key in SAID
        for what, *values in _apart(key, a.provenance.get(key), b.provenance.get(key))
    ]
    one, two = a.provenance.get("file"), b.provenance.get("file")
    if one is None or two is None:
        lacking = " and ".join(str(each.folder) for each in (a, b) if "file" not in each.provenance)
        found.append(Input("study file", f"not kept in {lacking}", "made by an older driftmill"))
    else:
        found += [Input(what, *values) for what, *values in _apart("", one, two) if what != "study"]
    return found + list(_described(a, b))


def _apart(place: str, one: Any, two: Any) -> Iterator[tuple[str, str, str]]:
    """Yield the places where two nested values differ, with both values in words."""
    if one == two:
        return
    first, second = _named(one), _named(two)
    if first is None or second is None or not (first and second):
        yield place, _words(one), _words(two)
        return
    for key in dict.fromkeys([*first, *second]):
        below = f"{place}.{key}" if place else str(key)
        yield from _apart(below, first.get(key), second.get(key))


def _named(value: Any) -> Mapping[str, Any] | None:
    """Return a mapping, or a list of named things as one."""
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and all(isinstance(v, dict) and "name" in v for v in value):
        return {str(v["name"]): {k: x for k, x in v.items() if k != "name"} for v in value}
    return None


def _words(value: Any) -> str:
    if value is None:
        return ABSENT
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if each not in (None, [], {})}
        name = kept.pop("name", "")
        arguments = kept.pop("args", None) if name else None
        inner = arguments if isinstance(arguments, dict) else kept
        inside = ", ".join(f"{key}: {_words(each)}" for key, each in inner.items())
        return f"{name}({inside})" if name else f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_words, value))}]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _described(a: Results, b: Results) -> Iterator[Input]:
    one, two = (each.texts("fits/*/*/model.txt") for each in (a, b))
    for path in dict.fromkeys([*one, *two]):
        if one.get(path) == two.get(path):
            continue
        place = path.removesuffix("/model.txt").replace("/", ".")
        if path not in one or path not in two:
            yield Input(place, *("there" if path in texts else ABSENT for texts in (one, two)))
            continue
        first, second = (_lines(texts[path]) for texts in (one, two))
        alone = [line for line in first if line not in second]
        other = [line for line in second if line not in first]
        rows = list(zip_longest(alone, other, fillvalue=""))
        for left, right in rows[:MOST_LINES]:
            yield Input(place, left, right)
        if len(rows) > MOST_LINES:
            yield Input(place, f"and {len(rows) - MOST_LINES} more lines", "")


def _lines(text: str) -> list[str]:
    """Return the lines of a description, each indented one after what it is indented under."""
    found, head = [], ""
    for line in text.splitlines():
        indented = line.startswith(" ")
        head = head if indented else line.partition(":")[0].strip()
        found.append(f"{head}: {line.strip()}" if indented else line.strip())
    return found

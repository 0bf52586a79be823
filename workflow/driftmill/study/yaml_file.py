"""Reading a study file's YAML: safe, bounded, no key given twice, line numbers in errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from driftmill.study.problems import Problem, StudyErrors

#: Most bytes of a file, and most values that its aliases may stand for all together.
MOST_BYTES, MOST_VALUES = 10_000_000, 1_000_000
_STUDY = "begin with `study:`, `data:` and `fits:` (see config/README.md)"


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader that notes keys given twice, and reads 1e-3 as the number it is."""

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self.duplicates: list[tuple[str, int, int]] = []

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: dict[Any, int] = {}
        for key_node, _ in node.value:
            if key_node.tag == "tag:yaml.org,2002:merge" or not isinstance(
                key_node, yaml.ScalarNode
            ):
                continue
            key, line = self.construct_object(key_node), key_node.start_mark.line + 1
            if key in seen:
                self.duplicates.append((str(key), seen[key], line))
            seen.setdefault(key, line)
        return super().construct_mapping(node, deep)

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            # What PyYAML lets through: 2024-13-45, !!bool maybe, a whole number of 5,000 digits.
            told = f"cannot be taken for a {node.tag.rpartition(':')[2]}"
            raise yaml.constructor.ConstructorError(None, None, told, node.start_mark) from error


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


def _values(node: yaml.Node, known: dict[int, int], inside: tuple[int, ...] = ()) -> int:
    """Return how many values a part of a file holds once its aliases are written out.

    Aliases of aliases, ten of them on each of ten lines, would be ten thousand million.
    """
    if id(node) in inside:
        raise yaml.constructor.ConstructorError(
            None, None, "an alias stands within what it stands for", node.start_mark
        )
    if id(node) not in known:
        parts = node.value if isinstance(node, yaml.CollectionNode) else []
        if isinstance(node, yaml.MappingNode):
            parts = [part for pair in parts for part in pair]
        within = (*inside, id(node))
        known[id(node)] = 1 + sum(_values(part, known, within) for part in parts)
    if known[id(node)] > MOST_VALUES:
        told = f"its aliases stand for more than {MOST_VALUES:,} values"
        raise yaml.constructor.ConstructorError(None, None, told, node.start_mark)
    return known[id(node)]


def _syntax_problem(file: str, error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    where = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
    what = getattr(error, "problem", None) or str(error)
    return Problem(
        file,
        "",
        "",
        f"is not YAML{where}: {what}",
        "look at that line and the one before it: indentation by spaces, a colon and a space "
        "after each key, quotes around text that holds a colon",
    )


def _text(path: Path) -> str:
    """Return what stands in a file."""
    reason = f"it has more than {MOST_BYTES:,} bytes"
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) <= MOST_BYTES:
            return content.decode("utf-8-sig")
    except OSError as error:
        reason = str(error.strerror)
    except UnicodeDecodeError:
        reason = "it is not UTF-8 text"
    problem = Problem(str(path), "", "", f"cannot be read: {reason}", "give a readable YAML file")
    raise StudyErrors([problem])


def read_yaml(path: Path, beginning: str = _STUDY) -> dict[str, Any]:
    """Read a study file, or another one, as a mapping.

    Parameters
    ----------
    path
        The file.
    beginning
        The remedy for a file without keys.

    Raises
    ------
    StudyErrors
        When the file cannot be read, is not YAML, gives a key twice, or is not a mapping.
    """
    file, text = str(path), _text(path)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        if node is not None:
            _values(node, {})
        raw = None if node is None else loader.construct_document(node)
    except (yaml.YAMLError, RecursionError) as error:
        syntax = error if isinstance(error, yaml.YAMLError) else yaml.YAMLError("nested too deeply")
        raise StudyErrors([_syntax_problem(file, syntax)]) from error
    if loader.duplicates:
        raise StudyErrors(
            Problem(
                file,
                key,
                "",
                f"the key {key!r} is given twice, at lines {first} and {second}",
                "keep one of the two",
            )
            for key, first, second in loader.duplicates
        )
    if not isinstance(raw, dict):
        found = "is empty" if raw is None else f"holds a {type(raw).__name__}, not keys"
        raise StudyErrors([Problem(file, "", "", found, beginning)])
    return raw

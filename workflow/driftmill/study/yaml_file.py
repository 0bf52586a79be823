"""Reading a study file's YAML: safe, without duplicate keys, with line numbers in errors."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from driftmill.study.problems import Problem, StudyErrors


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


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?[0-9]+(?:\.[0-9]*)?[eE][-+]?[0-9]+$"),
    list("-+0123456789"),
)


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


_STUDY = "begin with `study:`, `data:` and `fits:` (see config/README.md)"


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
    file = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        problem = Problem(file, "", "", f"cannot be read: {reason}", "give a readable YAML file")
        raise StudyErrors([problem]) from error
    try:
        loader = _Loader(text)
        raw = loader.get_single_data()
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

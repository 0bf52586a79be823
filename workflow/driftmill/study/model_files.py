"""The files in which users register models of their own: what is in them, and when they run.

A study names them, and the user trusts them. They run when a model is looked up for the first
time, not when the study is read: most jobs read it many times and need no model.
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from driftmill.study.problems import Problem, StudyErrors
from driftmill.study.trust import Trust, refusals

if TYPE_CHECKING:
    from driftmill.models.registry import Item

#: What the study is called, its files with what was in them, and whether they may run.
_Announced = tuple[str, tuple[tuple[str, str], ...], Trust]

_announced: _Announced = ("", (), False)
_loaded: _Announced = ("", (), False)
_items: dict[str, list[Item]] = {}
_generation = 0


def digest(file: str) -> str:
    """Return the SHA-256 of a file's content; empty where it cannot be read."""
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return ""


def announce(study_file: str, files: Sequence[str], trust: Trust = False) -> None:
    """Say which files the study that is worked on names; they run when a model is needed.

    Parameters
    ----------
    study_file
        The study, or what else names them.
    files
        Their paths.
    trust
        Whether the user has said that they may run.
    """
    global _announced
    _announced = (study_file, tuple((file, digest(file)) for file in files), trust)


def load_announced() -> int:
    """Run the announced files, unless they have run as they are; return how often any did.

    Raises
    ------
    StudyErrors
        With a problem for each file that the user does not trust (none runs then), that is not
        there, fails, or registers nothing.
    """
    global _loaded, _generation
    if _announced[1:] == _loaded[1:]:
        return _generation
    from driftmill.models.registry import forget

    for items in _items.values():
        forget(items)
    _items.clear()
    _loaded = ("", (), False)
    _generation += 1
    study_file, files, trust = _announced
    problems = refusals(study_file, tuple(file for file, _ in files), trust)
    if problems:
        raise StudyErrors(problems)
    for k, (file, _) in enumerate(files):
        field = f"models[{k}]"
        if file in _items:
            remedy = "name each file once"
            problems.append(Problem(study_file, field, file, "is named already", remedy))
            continue
        found = _run(Path(file))
        if isinstance(found, list):
            _items[file] = found
        else:
            problems.append(Problem(study_file, field, file, *found))
    if problems:
        raise StudyErrors(problems)
    _loaded = _announced
    return _generation


def registered() -> dict[str, list[Item]]:
    """Return what each announced file registered; run those first that have not."""
    load_announced()
    return {file: list(items) for file, items in _items.items()}


def _run(path: Path) -> list[Item] | tuple[str, str]:
    """Run one file and return what it registered, or what is wrong and the remedy."""
    from driftmill.models.registry import RegistrationError, registrations

    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        remedy = "give the path of a Python file; a relative one starts where snakemake runs"
        return f"cannot be read: {reason} ({path.absolute()})", remedy
    name = f"driftmill_models_{hashlib.sha256(str(path).encode()).hexdigest()[:8]}"
    module = ModuleType(name)
    module.__file__ = str(path)
    # Data classes look their module up.
    sys.modules[name] = module
    try:
        with registrations() as made:
            exec(compile(source, str(path), "exec"), module.__dict__)
    except RegistrationError as error:
        return f"{path}, line {_line(error, path)}: {error}", "change what is registered there"
    except SyntaxError as error:
        where = f"{path}, line {error.lineno}" if error.filename == str(path) else str(path)
        return f"{where}: is not Python: {error.msg}", "mend that line"
    except (Exception, SystemExit) as error:
        told = str(error).splitlines()[0] if str(error) else ""
        what = f"{path}, line {_line(error, path)}: {type(error).__name__}: {told}"
        if isinstance(error, ModuleNotFoundError):
            return what, "a file stands alone: it may import packages, not other files beside it"
        return what, f"mend it; `python {path}` shows the whole error"
    if not made:
        remedy = "call register(...) on a model, a process or a coupling"
        return "registers nothing", f"{remedy} (from driftmill.models.extend import register)"
    return made


def _line(error: BaseException, path: Path) -> int:
    """Return the last line of a file that an error passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno or 0 for frame in frames if frame.filename == str(path)]
    return lines[-1] if lines else 1

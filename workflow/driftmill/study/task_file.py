"""A task in a file of its own, for what is simulated from the command line."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from driftmill.study.explain import explain
from driftmill.study.learning import TaskSpec
from driftmill.study.problems import Problem, StudyErrors
from driftmill.study.task import SUPPLIED
from driftmill.study.yaml_file import read_yaml

#: Where the task of a study's first cell stands, by which mistakes are explained.
_PREFIX: tuple[int | str, ...] = ("data", 0, "simulated", "task")
_EXAMPLE = "bandit: {means: [0.8, 0.2]}, or inputs: {schedule: [[0.8, 40], [0.2, 40]]}"


def read_task(path: Path) -> TaskSpec:
    """Read a task: ``bandit`` or ``inputs`` as in a study, by themselves or under ``task``.

    Raises
    ------
    StudyErrors
        Naming file, key, value and remedy.
    """
    try:
        raw = read_yaml(path)
    except StudyErrors as error:
        raise StudyErrors(error.problems, "task") from error
    inner = raw.get("task")
    said = inner if isinstance(inner, dict) and len(raw) == 1 else raw
    try:
        task = TaskSpec.model_validate(said)
    except ValidationError as error:
        problems = [problem for _, problem in explain(str(path), error, _PREFIX)]
        raise StudyErrors(
            (replace(p, field=p.field.removeprefix("data[0].")) for p in problems), "task"
        ) from error
    given = [kind for kind in SUPPLIED if getattr(task, kind) is not None]
    if len(given) != 1:
        message = "gives both a bandit and inputs" if given else "says neither bandit nor inputs"
        problem = Problem(str(path), "task", "", message, f"give one, e.g. {_EXAMPLE}")
        raise StudyErrors([problem], "task")
    return task

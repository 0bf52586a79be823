"""``driftmill simulate``: trials of a model under given parameters."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftmill.commands.console import UserError, user_errors
from driftmill.commands.models import FilesOption, find, load_files

if TYPE_CHECKING:
    from driftmill.models.declaration import Model


def simulate(
    model: Annotated[
        str,
        typer.Argument(
            help="A model; `driftmill models` lists them. PROCESS+DECISION: a learning process "
            "before a decision model."
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write: CSV, TSV or Parquet.")
    ],
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param", "-p", metavar="NAME=VALUE", help="A parameter, e.g. v=.5; one option each."
        ),
    ] = None,
    trials: Annotated[
        int, typer.Option(min=1, help="How many trials; of a learning model, of each participant.")
    ] = 200,
    task: Annotated[
        Path | None,
        typer.Option(
            help="YAML file with the task of a learning model: `bandit` or `inputs`, as under "
            "`task` in a study."
        ),
    ] = None,
    participants: Annotated[
        int, typer.Option(min=1, help="How many participants learn; each for itself.")
    ] = 1,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same trials.")] = 1,
    lapse: Annotated[
        float, typer.Option(min=0.0, max=0.999, help="Share of trials that are lapses.")
    ] = 0.0,
    deadline: Annotated[
        float | None,
        typer.Option(
            help="Seconds after which no response counts; then rt and response are empty."
        ),
    ] = None,
    silent: Annotated[
        int | None,
        typer.Option(help="The response that is never seen, as in go/no-go tasks."),
    ] = None,
    file: FilesOption = None,
) -> None:
    """Simulate trials and write them with their parameters, ready for `driftmill loglik`.

    A learning model learns from the task's outcomes, trial by trial; these are written too, and
    cue and block where there are several (then: `driftmill loglik --cue cue --block block`).
    """
    with user_errors():
        import numpy as np
        import pandas as pd

        from driftmill.commands.files import check_ending, write
        from driftmill.commands.learners import simulate_participants
        from driftmill.models.declaration import DEADLINE
        from driftmill.simulation.parameters import SimulationError
        from driftmill.simulation.simulate import simulate_trials
        from driftmill.study.problems import suggest

        check_ending(output)
        load_files(file)
        found = find(model)
        values = _parse(param or [])
        if strange := [name for name in values if name not in found.parameter_names]:
            known = suggest(strange[0], found.parameter_names, f"parameters of {model}")
            raise UserError(f"{model} has no parameter {strange[0]!r}: {known}")
        needed = [p.name for p in found.parameters if p.held is None]
        if missing := [name for name in needed if name not in values]:
            example = " ".join(f"--param {name}=..." for name in missing)
            raise UserError(f"{model} needs values of {', '.join(missing)} too: {example}")
        _check_deadline(found, deadline, silent)
        if found.learning is not None:
            frame = simulate_participants(found, values, task, participants, trials, seed, lapse)
        elif task is not None or participants > 1:
            option = "--task" if task is not None else "--participants"
            raise UserError(f"{option}: {model} learns nothing, so that all its trials are alike")
        else:
            held = {p.name: p.held for p in found.parameters if p.held is not None}
            values = held | values
            arrays = {name: np.full(trials, values[name]) for name in found.parameter_names}
            try:
                until = None if deadline is None else np.full(trials, deadline)
                source = np.random.SeedSequence(seed)
                columns = simulate_trials(found, arrays, source, lapse, until, silent)
            except SimulationError as error:
                raise UserError(str(error)) from error
            if until is not None:
                columns = {**columns, DEADLINE: until}
            frame = pd.DataFrame({"trial_id": np.arange(trials), **columns, **arrays})
            frame = frame if until is None else frame.astype({"response": "Int64"})
        write(output, frame)
    typer.echo(f"wrote {len(frame):,} trials to {output}")


def _check_deadline(model: Model, deadline: float | None, silent: int | None) -> None:
    """Refuse a deadline, or a silent response, that the model cannot have."""
    if deadline is None:
        if silent is not None:
            raise UserError(f"--silent {silent}: give --deadline too, up to which nothing is seen")
        return
    if not deadline > 0:
        raise UserError(f"--deadline {deadline:g}: give seconds above 0")
    if not model.has_rt or model.learning is not None:
        why = "learns" if model.learning is not None else "makes no response times"
        raise UserError(f"--deadline: {model.name} {why}, so that it is not simulated up to one")
    if silent is not None and silent not in model.choices:
        choices = ", ".join(map(str, model.choices))
        raise UserError(f"--silent {silent}: {model.name} has the choices {choices}")


def _parse(options: list[str]) -> dict[str, float]:
    """Read ``NAME=VALUE`` options."""
    values: dict[str, float] = {}
    for option in options:
        name, equals, text = option.partition("=")
        name = name.strip()
        try:
            value = float(text)
        except ValueError:
            value = float("nan")
        if not equals or not name or value != value:
            raise UserError(f"--param {option}: write NAME=VALUE with a number, e.g. v=.5")
        if name in values:
            raise UserError(f"--param {option}: {name} is given twice")
        values[name] = value
    return values

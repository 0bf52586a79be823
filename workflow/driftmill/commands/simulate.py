"""``driftmill simulate``: trials of a model under given parameters."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from driftmill.commands.console import UserError, user_errors
from driftmill.commands.models import FilesOption, load_files


def simulate(
    model: Annotated[str, typer.Argument(help="A model; `driftmill models` lists them.")],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write: CSV, TSV or Parquet.")
    ],
    param: Annotated[
        list[str] | None,
        typer.Option(
            "--param", "-p", metavar="NAME=VALUE", help="A parameter, e.g. v=.5; one option each."
        ),
    ] = None,
    trials: Annotated[int, typer.Option(min=1, help="How many trials.")] = 200,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same trials.")] = 1,
    lapse: Annotated[
        float, typer.Option(min=0.0, max=0.999, help="Share of trials that are lapses.")
    ] = 0.0,
    file: FilesOption = None,
) -> None:
    """Simulate trials and write them with their parameters, ready for `driftmill loglik`."""
    with user_errors():
        import numpy as np
        import pandas as pd

        from driftmill.commands.files import check_ending, write
        from driftmill.models.registry import all_models
        from driftmill.simulation.parameters import SimulationError
        from driftmill.simulation.simulate import simulate_trials
        from driftmill.study.problems import suggest

        check_ending(output)
        load_files(file)
        if model not in all_models():
            raise UserError(f"unknown model {model!r}: {suggest(model, all_models(), 'models')}")
        found = all_models()[model]
        if found.learning is not None:
            raise UserError(
                f"{model} learns from trial to trial: write a study with a task "
                "(see config/README.md) and simulate it by snakemake"
            )
        values = _parse(param or [])
        if strange := [name for name in values if name not in found.parameter_names]:
            known = suggest(strange[0], found.parameter_names, f"parameters of {model}")
            raise UserError(f"{model} has no parameter {strange[0]!r}: {known}")
        if missing := [name for name in found.parameter_names if name not in values]:
            example = " ".join(f"--param {name}=..." for name in missing)
            raise UserError(f"{model} needs values of {', '.join(missing)} too: {example}")
        arrays = {name: np.full(trials, values[name]) for name in found.parameter_names}
        try:
            columns = simulate_trials(found, arrays, np.random.SeedSequence(seed), lapse)
        except SimulationError as error:
            raise UserError(str(error)) from error
        write(output, pd.DataFrame({"trial_id": np.arange(trials), **columns, **arrays}))
    typer.echo(f"wrote {trials:,} trials to {output}")


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

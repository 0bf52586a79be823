"""``driftmill loglik``: the log density of each row of a table."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftmill.commands.console import UserError, user_errors
from driftmill.commands.models import FilesOption, find, load_files

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from driftmill.models.learning import Learning


def loglik(
    model: Annotated[
        str,
        typer.Argument(
            help="A model; `driftmill models` lists them. PROCESS+DECISION: a learning process "
            "before a decision model."
        ),
    ],
    table: Annotated[
        Path,
        typer.Argument(
            help="CSV, TSV or Parquet: the response columns and one column a parameter.",
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="File to write: CSV, TSV or Parquet.")
    ],
    likelihood: Annotated[
        str | None, typer.Option(help="Kind of likelihood; without it, the model's first.")
    ] = None,
    cue: Annotated[
        str | None,
        typer.Option(help="Column of the cue of a learning model; values are kept for each."),
    ] = None,
    block: Annotated[
        str | None,
        typer.Option(help="Column whose every new value starts a learning model anew."),
    ] = None,
    file: FilesOption = None,
) -> None:
    """Add a column `loglik`, the log density of each row's response under its parameters.

    For the ddm, for instance, the table has the columns rt, response, v, a, z and t. Other
    columns are kept. A learning model needs what it learns from too (feedback), and learns from
    the trials of each participant_id in the order of trial_id, or of the rows.
    """
    with user_errors():
        import numpy as np

        from driftmill.commands.files import check_ending, numbers, read, refuse, write
        from driftmill.regression.evaluate import log_density
        from driftmill.study.problems import suggest

        check_ending(output)
        load_files(file)
        found = find(model)
        if cue is not None or block is not None:
            if found.learning is None:
                raise UserError(f"--{'block' if cue is None else 'cue'}: {model} learns nothing")
            learner = replace(
                found.learning,
                cue=cue or found.learning.cue,
                block=block or found.learning.block,
            )
            found = replace(found, learning=learner)
        frame = read(table)
        kind = likelihood or next(iter(found.likelihoods))
        if kind not in found.likelihoods:
            known = suggest(kind, found.likelihoods, "kinds")
            raise UserError(f"{model} has no likelihood of the kind {kind!r}: {known}")
        given = [p for p in found.parameters if p.held is None or p.name in frame]
        learning = found.learning
        inputs, labels = _learned_from(learning)
        wanted = (*found.response_columns, *inputs, *(p.name for p in given), *labels)
        if missing := [name for name in wanted if name not in frame.columns]:
            columns = ", ".join(map(str, frame.columns))
            raise UserError(f"{table} lacks the columns {', '.join(missing)}; it has {columns}")
        values = {n: numbers(table, frame, n) for n in wanted if n not in labels}
        choices = ", ".join(map(str, found.choices))
        alien = ~np.isin(values["response"], found.choices)
        refuse(table, frame, "response", alien, f"is not one of the choices {choices} of {model}")
        for p in given:
            outside = ~((values[p.name] > p.lower) & (values[p.name] < p.upper))
            outside &= values[p.name] != p.held
            refuse(table, frame, p.name, outside, f"lies outside the support {p.support}")
        trials: dict[str, NDArray[np.generic]] = {**values}
        if learning is not None:
            # Whose trials they are, in which order; without it one participant's, as they stand.
            trials |= {name: np.asarray(frame[name], dtype=str) for name in labels}
            people = np.asarray(frame.get("participant_id", "0"), dtype=str)
            trials["participant_id"] = np.broadcast_to(people, len(frame))
            ordered = "trial_id" in frame
            trials["trial_id"] = (
                numbers(table, frame, "trial_id") if ordered else np.arange(len(frame))
            )
        frame["loglik"] = log_density(found, trials, kind) if len(frame) else np.empty(0)
        write(output, frame)
    typer.echo(f"wrote {len(frame):,} rows to {output}")


def _learned_from(learning: Learning | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns of numbers, and of labels, that a learning process needs."""
    if learning is None:
        return (), ()
    elapsed = () if learning.elapsed is None else (learning.elapsed,)
    labels = tuple(name for name in (learning.cue, learning.block) if name is not None)
    return (*learning.input_columns, *elapsed), labels

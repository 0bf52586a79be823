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

    from driftmill.models.declaration import Model
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
    silent: Annotated[
        int | None,
        typer.Option(help="The response that is inferred from silence until the deadline."),
    ] = None,
    file: FilesOption = None,
) -> None:
    """Add a column `loglik`, the log density of each row's response under its parameters.

    With a column deadline, rows that have neither rt nor response get the log probability of none
    before it.

    For the ddm, for instance, the table has the columns rt, response, v, a, z and t. Other
    columns are kept. A learning model needs what it learns from too (feedback), and learns from
    the trials of each participant_id in the order of trial_id, or of the rows.
    """
    with user_errors():
        import numpy as np

        from driftmill.commands.files import check_ending, numbers, read, refuse, write
        from driftmill.models.declaration import DEADLINE
        from driftmill.regression.evaluate import log_density
        from driftmill.regression.omissions import are_omitted
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
        timed = found.has_rt and DEADLINE in frame
        gaps = (*found.response_columns, DEADLINE) if timed else ()
        needed = (*wanted, *((DEADLINE,) if timed else ()))
        values = {n: numbers(table, frame, n, gaps=n in gaps) for n in needed if n not in labels}
        omitted = are_omitted(values)
        _check_omissions(found, omitted, silent)
        for name in found.response_columns:
            lacking = np.isnan(values[name]) & ~omitted
            refuse(table, frame, name, lacking, "is missing, where rt, response or deadline is not")
        choices = ", ".join(map(str, found.choices))
        alien = ~np.isin(values["response"], found.choices) & ~omitted
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
        frame["loglik"] = log_density(found, trials, kind, silent) if len(frame) else np.empty(0)
        write(output, frame)
    typer.echo(f"wrote {len(frame):,} rows to {output}")


def _check_omissions(model: Model, omitted: NDArray[np.bool_], silent: int | None) -> None:
    """Refuse omissions of a model that does not know their probability."""
    if silent is not None and silent not in model.choices:
        choices = ", ".join(map(str, model.choices))
        raise UserError(f"--silent {silent}: {model.name} has the choices {choices}")
    known = model.log_survivor is not None and (silent is None or model.log_cumulative is not None)
    if omitted.any() and not known:
        raise UserError(
            f"{model.name} does not know the probability of the rows without rt and response; "
            "take them out"
        )


def _learned_from(learning: Learning | None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the columns of numbers, and of labels, that a learning process needs."""
    if learning is None:
        return (), ()
    elapsed = () if learning.elapsed is None else (learning.elapsed,)
    labels = tuple(name for name in (learning.cue, learning.block) if name is not None)
    return (*learning.input_columns, *elapsed), labels

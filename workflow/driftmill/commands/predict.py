"""``driftmill predict``: data sets that a fit predicts, from its posterior or its priors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from driftmill.commands.check import StudyArgument, TrustOption
from driftmill.commands.console import UserError, program_root, project_root, user_errors

if TYPE_CHECKING:
    import pandas as pd


def predict(
    study: StudyArgument,
    output: Annotated[Path, typer.Option("--output", "-o", help="Parquet file to write.")],
    cell: Annotated[str | None, typer.Option(help="The cell; may be left out if only one.")] = None,
    fit: Annotated[str | None, typer.Option(help="The fit; may be left out if only one.")] = None,
    dataset: Annotated[int, typer.Option(min=0, help="Number of the dataset in the cell.")] = 0,
    data: Annotated[
        Path | None,
        typer.Option(
            help="Predict the trials of this CSV, TSV or Parquet file instead of the dataset's "
            "own: it has the covariates, and participant_id where the fit varies over "
            "participants. Participants whom the fit has not seen are drawn from the group."
        ),
    ] = None,
    task: Annotated[
        Path | None,
        typer.Option(
            help="YAML file with a task, as under `task` in a study, which participants meet from "
            "its start: a learner decides and learns on it, trial by trial. Those of the dataset, "
            "of --data, or new ones."
        ),
    ] = None,
    participants: Annotated[
        int | None,
        typer.Option(min=1, help="With --task: so many new participants, drawn from the group."),
    ] = None,
    trials: Annotated[
        int | None, typer.Option(min=1, help="With --task: trials of each participant, at most.")
    ] = None,
    prior: Annotated[
        bool, typer.Option("--prior", help="Predict from the priors; needs no posterior.")
    ] = False,
    draws: Annotated[
        int | None, typer.Option(min=1, help="How many draws; without it, as many as the report.")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Another seed than the study's.")] = None,
    results: Annotated[str, typer.Option(help="Folder of all studies' results.")] = "results",
    trust: TrustOption = False,
) -> None:
    """Simulate one data set from each of some draws of a fit and write them as one table.

    The table has a row a draw and trial: draw, row (of the trials, from 0), participant_id,
    trial_id, rt and response. Trials that cannot be simulated have neither rt nor response;
    it is told how many there are.

    A learning model predicts one step ahead: every trial from the responses and outcomes before
    it, which a file of new trials must hold too. With --task it is let loose instead, and the
    table also has what the task showed and paid (feedback or u, cue, block).
    """
    with user_errors():
        from driftmill.commands.forecast import Request, forecast, pick
        from driftmill.prediction.datasets import predictive_datasets
        from driftmill.prediction.learners import learned_datasets
        from driftmill.regression.recoding import told_by_data
        from driftmill.store.parts import write_parts
        from driftmill.store.provenance import provenance
        from driftmill.study.examine import examine
        from driftmill.study.expand import expand
        from driftmill.study.hash import study_hash
        from driftmill.study.load import find_study
        from driftmill.study.trust import trust_given

        if output.suffix.lower() not in (".parquet", ".pq"):
            raise UserError(f"{output}: predictions are a Parquet file; let it end in .parquet")
        trusted = trust_given(trust, program_root())
        checked = examine(find_study(study, project_root()), trust=trusted)
        plan = expand(checked, results)
        places = plan.cells_of(fit) if fit in plan.fits else plan.cells
        if cell in plan.cells and cell not in places:
            raise UserError(f"fit {fit} is applied to {', '.join(places)}, not to cell {cell}")
        where = pick(cell, places, "cell")
        request = Request(
            plan=plan,
            study_file=study,
            cell=where,
            fit=pick(fit, plan.fits_of(where), "fit"),
            dataset=dataset,
            new=data,
            prior=prior,
            draws=checked.report.predictive.draws if draws is None else draws,
            seed=checked.seed if seed is None else seed,
            task=task,
            participants=participants,
            trials=trials,
        )
        if trials is not None and task is None:
            raise UserError("--trials goes with --task; the trials of the data are predicted whole")
        found = forecast(request)
        source = found.draws, found.numbers
        chunks = (
            predictive_datasets(*source, found.trials, found.seed, silent=found.silent)
            if found.meeting is None
            else learned_datasets(*source, found.meeting, found.seed)
        )
        counts = {"outside": 0, "unfinished": 0}

        def parts() -> Iterator[pd.DataFrame]:
            for chunk in chunks:
                counts["outside"] += chunk.n_outside
                counts["unfinished"] += chunk.n_unfinished
                yield told_by_data(chunk.frame, found.recode)

        origin = provenance(
            checked.study,
            study_hash(checked),
            "predictions",
            cell=request.cell,
            fit=request.fit,
            seed=request.seed,
        )
        rows = write_parts(output, parts(), "predictions", origin)
    for note in found.notes:
        typer.secho(f"note: {note}", err=True, fg=typer.colors.YELLOW)
    told = {
        "outside": "a parameter outside its support or beyond the simulator's reach",
        "unfinished": "reached no bound within 20 s"
        if task is None
        else "of a participant who could not decide on all of them",
    }
    for kind, why in told.items():
        if counts[kind]:
            share = f"{counts[kind]:,} of {rows:,} trials"
            typer.secho(f"note: {share} have no prediction: {why}", err=True, fg="yellow")
    typer.echo(f"wrote {len(found.numbers):,} data sets, {rows:,} rows, to {output}")

"""How well the fits predict new participants, by refits without them."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import Block, Column, Group, Note, Prose, table_block
from driftmill.report.data import ReportData, select
from driftmill.report.formatting import count
from driftmill.report.sections.other_units import in_numbers, two_by_two

_STANDS = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("datasets", "datasets", "count"),
    Column("loo", "left out one by one", "number", "elpd by importance sampling, all datasets"),
    Column("bad", "bad k", "count", "participants with a k above the limit"),
    Column("bad_integrals", "bad integrals", "count", "participants"),
    Column("folds", "by folds", "number", "elpd by refits, all datasets"),
    Column("stands", "stands", "text"),
)
_TRUST = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("datasets", "datasets", "count"),
    Column("participants", "participants", "count"),
    Column("refits", "refits", "count"),
    Column("failed", "failed", "count", "refits that did not pass their gates"),
    Column("bad_integrals", "bad integrals", "count", "participants"),
    Column("mcse", "largest error", "number", "Monte-Carlo error of a dataset's elpd"),
)
_PARTICIPANTS = (
    Column("cell", "cell", "text"),
    Column("label", "dataset", "text"),
    Column("fit", "fit", "text"),
    Column("participant_id", "participant", "text"),
    Column("fold", "fold", "count"),
    Column("n_trials", "trials", "count"),
    Column("elpd", "elpd", "number", "of all trials together"),
    Column("mcse", "error", "number", "Monte-Carlo error of the elpd"),
    Column("ess", "draws", "number", "effective draws of integrals; 95 % of the mean is of more"),
    Column("code", "result", "code", "of the refit's gates"),
)


def folds(data: ReportData, columns: tuple[Column, ...]) -> list[Block]:
    """Show the comparison by new participants with refits without them.

    Parameters
    ----------
    data
        Of the study.
    columns
        Columns of the table of all fits on all datasets.
    """
    if not data.has("fold_elpd"):
        return []
    blocks: list[Block] = [Prose(_unit(data))]
    if data.has("fold_pairs"):
        caption = Markup(
            "Every two fits by K-fold over participants, summed over the datasets of a cell. "
            "Standard errors are √J times the sd over J participants."
        )
        title = "Two by two, new participants by K-fold"
        blocks.append(two_by_two(data, "fold_pairs", title, caption))
    if data.has("participant_elpd"):
        blocks.append(_stands(data))
    if data.has("fold_comparison"):
        caption = Markup("All fits on all datasets by K-fold over participants, the best first.")
        title = "New participants by K-fold in numbers"
        blocks.append(in_numbers(data, "fold_comparison", columns, title, caption, ""))
    blocks += _trust(data)
    return [Group("new-participants-by-folds", "A new participant, by K-fold", tuple(blocks))]


def _unit(data: ReportData) -> Markup:
    """Say what is predicted, from what."""
    said = data.study.folds
    text = Markup(
        "The unit of prediction is <strong>a new participant</strong>: all trials of someone of "
        "whom nothing was seen, the likelihood being integrated over what that participant would "
        "have of their own. "
    )
    if isinstance(said, int):
        return text + Markup(
            "Participants were split at random into {0} folds, the same for all fits; each fit was "
            "refitted {0} times, without one fold in turn, whose participants are predicted one by "
            "one. A refit knows {1} % of the participants, so the elpd is on the whole a little "
            "lower than if only one was left out."
        ).format(said, f"{100 * (1 - 1 / said):.0f}")
    return text + Markup(
        "Each fit was refitted without each participant in turn, which is leave-one-participant-"
        "out without an approximation."
    )


def _stands(data: ReportData) -> Block:
    """Say of every cell which elpd of new participants is to be believed."""
    rows, exact = [], not isinstance(data.study.folds, int)
    for cell in data.study.cells:
        ours = select(data.table("fold_elpd"), cell=cell.name)
        theirs = select(data.table("participant_elpd"), cell=cell.name)
        poor = int(theirs[["n_bad_k", "n_bad_integrals"]].sum().sum()) if len(theirs) else 0
        for fit in data.study.fits_of(cell.name):
            one, other = select(ours, fit=fit.name), select(theirs, fit=fit.name)
            if one.empty or other.empty:
                continue
            rows.append(
                {
                    "cell": cell.name,
                    "fit": fit.name,
                    "datasets": len(one),
                    "loo": other["elpd"].sum(min_count=1),
                    "bad": other["n_bad_k"].sum(),
                    "bad_integrals": other["n_bad_integrals"].sum(),
                    "folds": one["elpd"].sum(min_count=1),
                    "stands": "by folds" if poor or exact else "left out one by one",
                }
            )
    caption = Markup(
        "The same question asked twice. Where a Pareto k of any fit on a cell is above its limit, "
        "leaving participants out by importance sampling cannot be trusted there, and the elpd by "
        "folds stands, for all fits of the cell, since fits must be compared by one measure. Where "
        "none is, that of participants left out one by one stands, as it is of all others' data; "
        "with one fold for each participant the refits stand everywhere."
    )
    title = "Which elpd of new participants stands"
    return table_block(pd.DataFrame(rows), _STANDS, title=title, caption=caption, table="fold_elpd")


def _trust(data: ReportData) -> list[Block]:
    every = data.table("fold_elpd")
    summary = (
        every.groupby(["cell", "fit"], sort=False)
        .agg(
            datasets=("dataset", "nunique"),
            participants=("n_participants", "sum"),
            refits=("n_folds", "sum"),
            failed=("n_failed", "sum"),
            bad_integrals=("n_bad_integrals", "sum"),
            mcse=("mcse", "max"),
        )
        .reset_index()
    )
    refits, failed = int(summary["refits"].sum()), int(summary["failed"].sum())
    lost, poor = int(every["elpd"].isna().sum()), int(summary["bad_integrals"].sum())
    text = Markup("Of {} refits, {} did not pass their gates").format(count(refits), count(failed))
    if failed:
        text += Markup(
            ": their participants are predicted by what draws there are, and marked below. Where a "
            "refit has no draws, the fit has no elpd on the dataset ({})"
        ).format(count(lost))
    text += Markup(". Participants with integrals of too few effective draws: {}.").format(
        count(poor)
    )
    caption = Markup("Whether the elpd of new participants by K-fold can be trusted.")
    title = "Trust in K-fold"
    blocks: list[Block] = [
        Note(text, "warning") if failed or poor else Prose(text),
        table_block(summary, _TRUST, title=title, caption=caption, table="fold_elpd"),
    ]
    rows = data.with_labels(data.table("folds"))
    caption = Markup("Every participant under every fit, by a refit without the fold.")
    title = "Participants by fold"
    blocks.append(table_block(rows, _PARTICIPANTS, title=title, caption=caption, table="folds"))
    return blocks

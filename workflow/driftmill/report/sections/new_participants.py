"""How well the fits predict participants of whom nothing was seen."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import Block, Column, Group, Note, Prose, table_block
from driftmill.report.data import ReportData, select
from driftmill.report.formatting import count
from driftmill.report.separation import oriented, tally

UNITS = Markup(
    "<strong>A new trial</strong> of a known participant is predicted by what that participant's "
    "other trials say of them: of two fits, the one ahead describes these participants better. "
    "<strong>A new participant</strong> is predicted by what the other participants say of how "
    "people differ, all trials of one together, the likelihood being integrated over what that "
    "participant would have of their own (Merkle et al. 2019): the fit ahead describes people of "
    "this kind better."
)
_PAIRS = (
    Column("cell", "cell", "text"),
    Column("fit_1", "first", "text"),
    Column("fit_2", "second", "text"),
    Column("n", "datasets", "count"),
    Column("trial", "new trial: difference", "number", "a plus speaks for the first"),
    Column("trial_dse", "± dse", "number"),
    Column("participant", "new participant: difference", "number", "a plus speaks for the first"),
    Column("participant_dse", "± dse", "number", "from participants, not from trials"),
    Column("first", "first better", "count", "datasets on which it leads clearly, new participant"),
    Column("undecided", "undecided", "count", "new participant"),
    Column("second", "second better", "count", "new participant"),
)
_TRUST = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("datasets", "datasets", "count"),
    Column("participants", "participants", "count"),
    Column("refitted", "by refits", "count", "participants left out by a refit"),
    Column("bad", "bad k", "count", "participants with a k above the limit, not refitted"),
    Column("k_max", "largest k", "number"),
    Column("k_limit", "limit", "number", "min(1 − 1/log10(draws), 0.7)"),
    Column("bad_integrals", "bad integrals", "count", "participants"),
    Column("mcse", "largest error", "number", "Monte-Carlo error of a dataset's elpd"),
)
_PARTICIPANTS = (
    Column("cell", "cell", "text"),
    Column("label", "dataset", "text"),
    Column("fit", "fit", "text"),
    Column("participant_id", "participant", "text"),
    Column("n_trials", "trials", "count"),
    Column("elpd", "elpd", "number", "of all trials together"),
    Column("pareto_k", "Pareto k", "number"),
    Column("mcse", "error", "number", "Monte-Carlo error of the elpd"),
    Column("ess", "draws", "number", "effective draws of an integral, 95 % have more"),
    Column("method", "left out by", "text", "psis: importance sampling"),
)


def new_participants(data: ReportData, columns: tuple[Column, ...]) -> list[Block]:
    """Show the comparison by new participants beside that by new trials.

    Parameters
    ----------
    data
        Of the study.
    columns
        Columns of the table of all fits on all datasets.
    """
    if not data.has("participant_elpd"):
        return []
    blocks: list[Block] = [Prose(UNITS)]
    if data.has("participant_pairs"):
        blocks.append(_pairs(data))
        caption = Markup(
            "All fits on all datasets by new participants, the best first. Standard errors are "
            "√J times the sd over J participants, so a few participants decide little."
        )
        rows = data.with_labels(data.table("participant_comparison"))
        bad = "participants with a Pareto k above the limit"
        kept = [replace(c, help=bad) if c.key == "n_bad_k" else c for c in columns]
        table, title = "participant_comparison", "New participants in numbers"
        blocks.append(table_block(rows, kept, title=title, caption=caption, table=table))
    blocks += _trust(data)
    return [Group("new-participants", "A new participant", tuple(blocks))]


def off(data: ReportData) -> list[Block]:
    """Say how learners are compared by new participants, where the study could and does not."""
    learners = [fit.name for fit in data.study.fits if fit.learns and fit.varies]
    asked = data.study.participants or data.study.folds or data.study.future
    if asked or not learners or not data.study.compare:
        return []
    text = Markup(
        "How well {} a participant of whom nothing was seen is not shown here. Since a learner's "
        "trials depend on each other, that is the better question: "
        "<code>compare: {{participants: true}}</code> in the study file adds it, and "
        "<code>compare: {{future: {{first: N}}}}</code> how well later trials are predicted from "
        "the first N alone."
    )
    names = ", ".join(learners)
    return [Note(text.format(f"{names} predict{'s' * (len(learners) == 1)}"))]


def _pairs(data: ReportData) -> Block:
    rows = []
    limits = data.study.thresholds
    for cell in data.study.cells:
        here = select(data.table("participant_pairs"), cell=cell.name)
        trials = select(data.table("pairs"), cell=cell.name)
        if here.empty:
            continue
        for first, second in here[["fit_1", "fit_2"]].drop_duplicates().to_numpy().tolist():
            counts = tally(oriented(here, first, second), limits)
            beside = tally(oriented(trials, first, second), limits)
            rows.append(
                {
                    "cell": cell.name,
                    "fit_1": first,
                    "fit_2": second,
                    "trial": beside["elpd_diff"],
                    "trial_dse": beside["dse"],
                    "participant": counts["elpd_diff"],
                    "participant_dse": counts["dse"],
                    **{key: counts[key] for key in ("n", "first", "undecided", "second")},
                }
            )
    caption = Markup(
        "Every two fits, by new trials and by new participants, summed over the datasets of a "
        "cell. Cells of one participant a dataset have no new participants."
    )
    title, table = "A new trial, a new participant", "participant_pairs"
    return table_block(pd.DataFrame(rows), _PAIRS, title=title, caption=caption, table=table)


def _trust(data: ReportData) -> list[Block]:
    known = data.table("participant_elpd").dropna(subset=["elpd"])
    if known.empty:
        return [Note(Markup("No posterior has an elpd of new participants."), "warning")]
    summary = (
        known.groupby(["cell", "fit"], sort=False)
        .agg(
            datasets=("dataset", "nunique"),
            participants=("n_participants", "sum"),
            refitted=("n_refitted", "sum"),
            bad=("n_bad_k", "sum"),
            k_max=("pareto_k_max", "max"),
            k_limit=("k_limit", "min"),
            bad_integrals=("n_bad_integrals", "sum"),
            mcse=("mcse", "max"),
        )
        .reset_index()
    )
    bad, poor = int(summary["bad"].sum()), int(summary["bad_integrals"].sum())
    text = Markup(
        "Of {} participants left out, {} have a Pareto k above the limit, {} have integrals of "
        "too few effective draws"
    ).format(count(int(summary["participants"].sum())), count(bad), count(poor))
    if refitted := int(summary["refitted"].sum()):
        start = Markup("{} had a Pareto k above the limit and {} left out by refits. ")
        who = f"{count(refitted)} participants" if refitted > 1 else "1 participant"
        text = start.format(who, "were" if refitted > 1 else "was") + text + Markup(" still")
    if bad or poor:
        text += Markup(
            ": their elpd is not reliable. A participant unlike all others has a large k; more "
            "draws help where it is just above. "
        )
        text += Markup(
            'Refits without folds of participants stand <a href="#new-participants-by-folds">in '
            "their place</a>."
            if data.has("fold_elpd")
            else "They were too many to be refitted (<code>compare.refits</code>), or refits or "
            "the posterior failed their gates; <code>compare: {folds: 5}</code> in the study file "
            "predicts all participants by refits."
        )
    else:
        text += Markup(": every elpd can be trusted.")
    caption = Markup(
        "Whether the elpd of new participants can be trusted. Pareto k: whether the posterior of "
        "all participants says what that without one would be. Integrals: whether enough of the "
        "deviations that were drawn for a participant lie where the participant's do."
    )
    title, table = "Trust in new participants", "participant_elpd"
    blocks: list[Block] = [
        Note(text, "warning") if bad or poor else Prose(text),
        table_block(summary, _TRUST, title=title, caption=caption, table=table),
    ]
    caption = Markup("Every participant left out, under every fit.")
    rows = data.with_labels(data.table("participants"))
    title, table = "Participants left out", "participants"
    blocks.append(table_block(rows, _PARTICIPANTS, title=title, caption=caption, table=table))
    return blocks

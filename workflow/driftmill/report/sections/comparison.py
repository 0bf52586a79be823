"""Which fit predicts better, on every dataset."""

from __future__ import annotations

from functools import partial

import pandas as pd
from markupsafe import Markup

from driftmill.report.approximate import on_elpd
from driftmill.report.blocks import (
    Block,
    Column,
    FigureBlock,
    Group,
    Note,
    Prose,
    Section,
    capped,
    table_block,
)
from driftmill.report.data import ReportData, select
from driftmill.report.figures import comparison as draw
from driftmill.report.formatting import count
from driftmill.report.mending import mending
from driftmill.report.sections.folds import folds
from driftmill.report.sections.later_trials import later_trials
from driftmill.report.sections.new_participants import new_participants, off
from driftmill.report.sections.selection import random_effects
from driftmill.report.sections.verdict_models import alone
from driftmill.report.separation import oriented, tally

TITLE = "Comparison by LOO"
COMPARISON = (
    Column("cell", "cell", "text"),
    Column("label", "dataset", "text"),
    Column("fit", "fit", "text"),
    Column("rank", "rank", "count", "0 is the best"),
    Column("elpd", "elpd", "number", "expected log predictive density, by PSIS-LOO"),
    Column("se", "± se", "number"),
    Column("p_loo", "p_loo", "number", "effective number of parameters"),
    Column("elpd_diff", "behind the best", "number"),
    Column("dse", "± dse", "number", "standard error of the difference"),
    Column("weight_stacking", "stacking", "number", "weight"),
    Column("weight_bma", "pseudo-BMA+", "number", "weight"),
    Column("n_bad_k", "bad k", "count", "trials with a Pareto k above the limit in the end"),
    Column("code", "result", "code", "of the posterior's gates"),
    Column("verdict", "verdict", "text"),
)


def comparison(data: ReportData) -> Section:
    """Show elpd differences, weights and the reliability of LOO."""
    blocks: list[Block] = [Prose(_unit(data))]
    if learners := [fit.name for fit in data.study.fits if fit.learns]:
        blocks.append(Prose(_learning(learners)))
        blocks += off(data)
    if data.study.sampling.approximate:
        blocks.append(Note(on_elpd(data.study), "warning"))
    if data.has("pairs"):
        blocks.append(_summary(data))
        blocks += _cells(data)
        blocks.append(_table(data))
    else:
        blocks.append(Note(_missing(data)))
    if data.has("elpd"):
        blocks.append(Group("pareto-k", "Can LOO be trusted? Pareto k", _pareto(data)))
    elif not data.has("pairs"):
        return Section("comparison", TITLE, (Note(_missing(data)),))
    blocks += new_participants(data, COMPARISON)
    blocks += folds(data, COMPARISON)
    blocks += later_trials(data, COMPARISON)
    blocks += random_effects(data)
    return Section("comparison", TITLE, tuple(blocks))


def _unit(data: ReportData) -> Markup:
    """Say what is predicted."""
    text = Markup(
        "The unit of prediction is a trial: elpd says how well each fit would predict a new trial "
        "of a participant whose other trials it has seen. It does not say how well it would "
        "predict a new participant"
    )
    others = [
        Markup('<a href="#{}">{}</a>').format(anchor, what)
        for table, anchor, what in (
            ("participant_elpd", "new-participants", "a new participant"),
            ("fold_elpd", "new-participants-by-folds", "a new participant by refits"),
            ("future_elpd", "later-trials", "later trials"),
        )
        if data.has(table)
    ]
    if not others:
        return text + Markup(".")
    return text + Markup(". Other units of prediction follow below: {}.").format(
        Markup(", ").join(others)
    )


def _learning(fits: list[str]) -> Markup:
    """Say what is left out when one trial of a learner is."""
    return Markup(
        "Of {} ({}), a trial is left out as a response to be predicted, not as an experience: its "
        "choice and outcome still teach what the trials after it are predicted from. The elpd of "
        "a learner is that of one step ahead, given all other trials' responses, earlier and later "
        "ones alike."
    ).format("the fits that learn" if len(fits) > 1 else "the fit that learns", ", ".join(fits))


def _missing(data: ReportData) -> Markup:
    if not data.study.rivals:
        return alone(data)
    if not data.study.compare:
        return Markup("The study switches comparison off (<code>compare: enabled: false</code>).")
    return Markup("No posterior has an elpd.")


def _fit_pairs(data: ReportData, cell: str) -> list[tuple[str, str]]:
    names = [fit.name for fit in data.study.fits_of(cell)]
    return [(a, b) for position, a in enumerate(names) for b in names[position + 1 :]]


def _summary(data: ReportData) -> Block:
    rows = []
    for cell in data.study.cells:
        here = select(data.table("pairs"), cell=cell.name)
        if here.empty:
            continue
        for first, second in _fit_pairs(data, cell.name):
            counts = tally(oriented(here, first, second), data.study.thresholds)
            rows.append({"cell": cell.name, "fit_1": first, "fit_2": second, **counts})
    columns = (
        Column("cell", "cell", "text"),
        Column("fit_1", "first", "text"),
        Column("fit_2", "second", "text"),
        Column("n", "datasets", "count"),
        Column("first", "first better", "count", "datasets on which it leads clearly"),
        Column("undecided", "undecided", "count"),
        Column("second", "second better", "count"),
        Column("elpd_diff", "sum of differences", "number", "a plus speaks for the first"),
        Column("dse", "± dse", "number", "datasets are independent"),
    )
    limits = data.study.thresholds
    caption = Markup(
        "Every two fits, over the datasets of a cell. A fit is better on a dataset when it leads "
        "by at least {} and by {} standard errors of the difference."
    ).format(f"{limits.min_elpd_diff:g}", f"{limits.min_dse_ratio:g}")
    frame = pd.DataFrame(rows)
    return table_block(frame, columns, title="Two by two", caption=caption, table="pairs")


def _cells(data: ReportData) -> list[Block]:
    groups: list[Block] = []
    for cell in data.study.cells[: data.figure_limit]:
        drawn = _forests(data, cell.name)
        here = select(data.table("comparison"), cell=cell.name)
        rivals = len(data.study.fits_of(cell.name)) > 1
        if rivals and not here.empty and here["weight_stacking"].notna().any():
            drawn.append(_weights(data, cell.name, here))
        if drawn:
            groups.append(Group(f"comparison.{cell.name}", f"Cell {cell.name}", capped(drawn, 12)))
    left = len(data.study.cells) - data.figure_limit
    if left > 0:
        text = Markup("{} more cells are not drawn; the tables have their numbers.")
        groups.append(Note(text.format(count(left))))
    return groups


def _forests(data: ReportData, cell: str) -> list[FigureBlock]:
    drawn = []
    for first, second in _fit_pairs(data, cell):
        rows = oriented(select(data.table("pairs"), cell=cell), first, second)
        rows = rows.dropna(subset=["elpd_diff", "dse"])
        if rows.empty:
            continue
        labels = [data.dataset_value(cell, int(dataset)) for dataset in rows["dataset"]]
        caption = Markup(
            "Difference in elpd with ± 2 standard errors, a row a dataset, ordered by size. To the "
            "right {} predicts better, to the left {}. Differences inside the grey band are too "
            "small to count; grey diamonds are undecided. Good: bars that stay on one side of the "
            "band. Bad: most diamonds; more trials would tell the fits apart."
        ).format(first, second)
        counts = tally(rows, data.study.thresholds)
        alt = (
            f"{first} clearly better on {counts['first']}, {second} on {counts['second']}, "
            f"undecided on {counts['undecided']} of {counts['n']} datasets"
        )
        drawn.append(
            FigureBlock(
                f"elpd.{cell}.{first}.{second}",
                f"{first} against {second}: {cell}",
                caption,
                alt,
                partial(
                    draw.elpd_forest, rows, labels, data.study.thresholds, data.dataset_axis(cell)
                ),
                "pairs",
            )
        )
    return drawn


def _weights(data: ReportData, cell: str, here: pd.DataFrame) -> FigureBlock:
    fits = [fit.name for fit in data.study.fits_of(cell)]
    datasets = data.datasets_in_order(cell, here["dataset"])
    labels = {dataset: data.dataset_value(cell, dataset) for dataset in datasets}
    caption = Markup(
        "How much each fit contributes to the best joint prediction of each dataset. Stacking "
        "seeks the mixture that predicts best, pseudo-BMA+ weighs by elpd with a bootstrap of its "
        "uncertainty. Good: columns of one colour, datasets with one clearly better fit. Bad: "
        "columns of many, where no single fit can be named."
    )
    means = here.groupby("fit")["weight_stacking"].mean()
    alt = "Mean stacking weights: " + ", ".join(f"{fit} {means.get(fit, 0):.2f}" for fit in fits)
    drawing = partial(draw.weights, here, fits, labels, data.dataset_axis(cell))
    title = f"Weights: {cell}"
    return FigureBlock(f"weights.{cell}", title, caption, alt, drawing, "comparison")


def _table(data: ReportData) -> Block:
    caption = Markup("All fits on all datasets, the best first.")
    title = "Comparison in numbers"
    return table_block(
        data.with_labels(data.table("comparison")),
        COMPARISON,
        title=title,
        caption=caption,
        table="comparison",
    )


def _pareto(data: ReportData) -> tuple[Block, ...]:
    elpd, pointwise = data.table("elpd"), data.table("pointwise")
    known = elpd.dropna(subset=["elpd"])
    if known.empty:
        return (Note(Markup("No posterior has an elpd."), "warning"),)
    groups = known.groupby(["cell", "fit"], sort=False)
    summary = groups.agg(
        datasets=("dataset", "nunique"),
        trials=("n_trials", "sum"),
        constant=("n_constant", "sum"),
        matched=("n_matched", "sum"),
        refitted=("n_refitted", "sum"),
        bad=("n_bad_k", "sum"),
        touched=("n_bad_k", lambda bad: int((bad > 0).sum())),
        k_max=("pareto_k_max", "max"),
        k_limit=("k_limit", "min"),
    ).reset_index()
    columns = (
        Column("cell", "cell", "text"),
        Column("fit", "fit", "text"),
        Column("datasets", "datasets", "count"),
        Column("touched", "with bad k", "count", "datasets with at least one bad k in the end"),
        Column("trials", "trials", "count"),
        Column("constant", "constant", "count", "trials left out: no parameter changes them"),
        Column("matched", "moment matching", "count", "trials that it mended"),
        Column("refitted", "refits", "count", "trials that were scored by a refit without them"),
        Column("bad", "bad k", "count", "trials with a k above the limit in the end"),
        Column("k_max", "largest k", "number"),
        Column("k_limit", "limit", "number", "min(1 − 1/log10(draws), 0.7)"),
    )
    bad = int(summary["bad"].sum())
    caption = Markup(
        "How many trials LOO cannot be trusted on, and how many it could not until something was "
        "done about them."
    )
    if summary["constant"].sum() > 0:
        caption += Markup(
            " Constant trials have the same likelihood under every draw, as a learner's first "
            "trial has before anything is learned: they say nothing of the parameters, and elpd "
            "leaves them out."
        )
    shown = [c for c in columns if c.key != "constant" or summary["constant"].sum() > 0]
    table = table_block(
        summary,
        shown,
        title="Pareto k in numbers",
        caption=caption,
        table="elpd",
    )
    text = mending(known)
    opening = Prose(text) if bad == 0 else Note(text, "warning")
    if pointwise.empty or pointwise["pareto_k"].isna().all():
        return (opening, table)
    limit = float(known["k_limit"].min())
    caption = Markup(
        "Pareto k of all trials (bar heights are logarithmic, so that single trials are seen); "
        "on the right, how many lie above the limit. Good: all left of the dashed line. A trial "
        "beyond it changes the posterior so much that leaving it out cannot be approximated. Of "
        "trials that moment matching mended it is the k of the moved draws; refits have none."
    )
    alt = f"Pareto k of {len(pointwise)} trials; {bad} above the limit {limit:.2f}"
    drawing = partial(draw.pareto_k, pointwise, limit)
    figure = FigureBlock("pareto_k", "Pareto k", caption, alt, drawing, "elpd")
    return (opening, figure, table)

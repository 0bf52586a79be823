"""Estimates from observed data, whose truth is unknown."""

from __future__ import annotations

from functools import partial

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import (
    Block,
    Column,
    FigureBlock,
    Note,
    Section,
    capped,
    table_block,
)
from driftmill.report.data import ReportData, select
from driftmill.report.figures.estimates import MOST_ROWS, estimates_forest
from driftmill.report.formatting import MISSING
from driftmill.report.levels import in_layers, shared
from driftmill.report.sections.participants import participants
from driftmill.report.sections.products import product_notes

COLUMNS = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("label", "dataset", "text"),
    Column("parameter", "parameter", "text"),
    Column("layer", "level", "text"),
    Column("participant", "participant", "text"),
    Column("mean", "mean", "number"),
    Column("sd", "sd", "number"),
    Column("lower_90", "5 %", "number", "lower end of the central 90 % interval"),
    Column("median", "median", "number"),
    Column("upper_90", "95 %", "number", "upper end of the central 90 % interval"),
    Column("contraction", "contraction", "number", "1 − posterior variance / prior variance"),
    Column("r_hat", "r_hat", "r_hat"),
    Column("ess_bulk", "bulk ESS", "count"),
    Column("code", "result", "code"),
)
TITLE = "Estimates on observed data"
#: Datasets of a cell whose participants are drawn.
SHOWN = 4


def estimates(data: ReportData) -> Section:
    """Show every dataset's posterior means and intervals."""
    if not data.observed:
        note = Note(Markup("The study has no observed data."))
        return Section("estimates", TITLE, (note,))
    blocks: list[FigureBlock] = []
    people: list[FigureBlock] = []
    frames = []
    for cell in data.study.cells:
        rows = select(data.table("estimates"), cell=cell.name)
        if cell.observed and not rows.empty and rows["mean"].notna().any():
            order = data.datasets_in_order(cell.name, rows["dataset"])
            place = rows["dataset"].map({dataset: k for k, dataset in enumerate(order)})
            frames.append(data.with_labels(rows.loc[place.sort_values(kind="stable").index]))
            blocks.append(_forest(data, cell.name, shared(rows).dropna(subset=["mean"]), order))
            for dataset in order[:SHOWN]:
                people += participants(data, cell.name, dataset)
    if not frames:
        note = Note(Markup("No posterior of observed data has draws."), "warning")
        return Section("estimates", TITLE, (note,))
    drawn = (*capped(blocks, data.figure_limit), *capped(people, data.figure_limit))
    table = _table(in_layers(pd.concat(frames)))
    return Section("estimates", TITLE, (*product_notes(data), *drawn, table))


def _forest(data: ReportData, cell: str, rows: pd.DataFrame, order: list[int]) -> FigureBlock:
    known = set(rows["dataset"])
    labels = {number: data.dataset_value(cell, number) for number in order if number in known}
    more = rows["dataset"].nunique() - MOST_ROWS
    beyond = f" The first {MOST_ROWS} are drawn, {more} are in the table." if more > 0 else ""
    caption = Markup(
        "Posterior means with 50 % (thick) and 90 % (thin) intervals, a row a dataset. Good: "
        "fits that agree. Bad: fits that disagree about a parameter that both have, whose meaning "
        "then depends on the model.{}"
    ).format(beyond)
    alt = f"Estimates of {rows['parameter'].nunique()} parameters for {len(labels)} datasets"
    drawing = partial(estimates_forest, rows, labels, data.dataset_axis(cell))
    return FigureBlock(
        f"estimates.{cell}", f"Estimates: {cell}", caption, alt, drawing, "estimates"
    )


def _table(rows: pd.DataFrame) -> Block:
    if (rows["level"] == "participant").any():
        own = rows["participant_id"].where(rows["level"] == "participant")
        rows = rows.assign(participant=own.fillna(MISSING))
    caption = Markup("Posterior summaries, with the central 90 % interval.")
    title = "Estimates in numbers"
    return table_block(rows, COLUMNS, title=title, caption=caption, table="estimates")

"""How close posterior means come to the truth."""

from __future__ import annotations

from functools import partial

import pandas as pd
from markupsafe import Markup

from driftmill.recovery.subsets import KEYS
from driftmill.report.blocks import (
    Block,
    Column,
    FigureBlock,
    Note,
    Prose,
    Section,
    table_block,
)
from driftmill.report.data import ReportData, select
from driftmill.report.figures.point import crowded, recovery_scatter
from driftmill.report.formatting import number
from driftmill.report.levels import PARTICIPANTS, Layer, in_layers, layered
from driftmill.report.sections.layers import by_layer, figure_name
from driftmill.report.sections.verdict import missing_truth

COLUMNS = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("parameter", "parameter", "text"),
    Column("layer", "level", "text"),
    Column("subset", "posteriors", "text", "all, or those that passed their gates"),
    Column("n", "n", "count"),
    Column("r", "r", "number", "Pearson correlation of truth and posterior mean"),
    Column("r2", "R²", "number", "about the identity: 1 − squared errors / variance of the truth"),
    Column("spearman", "Spearman", "number"),
    Column("bias", "bias", "number", "mean of posterior mean − truth"),
    Column("bias_mcse", "± se", "number", "standard error of the bias"),
    Column("rmse", "RMSE", "number"),
    Column("mae", "MAE", "number"),
    Column("rmse_over_prior_sd", "RMSE / prior sd", "number"),
    Column("slope", "slope", "number", "of posterior mean on truth: below 1 is shrinkage"),
    Column("slope_se", "± se", "number", "standard error of the slope"),
)
#: What a dot of a figure of participants is.
POOLED = " A dot is a participant of a dataset."
#: What is drawn where there are many.
DENSE = (
    " Where there are many, shades say how many lie where, and dots with bars are the means of "
    "eighths of them, by true value, with their mean intervals."
)


def point(data: ReportData) -> Section:
    """Show truth against posterior mean for each cell and the fit of its model."""
    title = "Point recovery"
    estimates = data.table("estimates")
    drawn: dict[Layer, list[FigureBlock]] = {}
    for cell, fit in data.matched:
        rows = select(estimates, cell=cell.name, fit=fit.name)
        rows = rows if rows.empty else rows.dropna(subset=["truth", "mean"])
        for layer, part in layered(rows):
            figure = _scatter(data, cell.name, fit.name, layer, part)
            drawn.setdefault(layer, []).append(figure)
    if not drawn:
        return Section("point", title, (Note(missing_truth(data)),))
    blocks: list[Block] = [
        Prose(
            Markup(
                "Each dataset's posterior mean against the value it was simulated from. A "
                "correlation alone hides bias and shrinkage, so R² is about the identity line, and "
                "bias, error and slope stand beside it."
            )
        ),
        *by_layer("point", drawn, data.figure_limit, explain=True),
    ]
    if data.has("point"):
        blocks.append(_table(data))
    return Section("point", title, tuple(blocks))


def headline(data: ReportData, table: pd.DataFrame) -> pd.DataFrame:
    """Return what the page shows of a table of recovery.

    Rows of fits of the generating model; both subsets, one below the other, when posteriors
    failed, else the one.
    """
    own = data.matched_rows(table)
    if own.empty or not data.failed:
        return select(own, subset="all")
    order = own.groupby(KEYS, sort=False).ngroup()
    return own.loc[order.sort_values(kind="stable").index]


def _scatter(
    data: ReportData, cell: str, fit: str, layer: Layer, rows: pd.DataFrame
) -> FigureBlock:
    caption = Markup(
        "Truth against posterior mean with 90 % intervals; the dashed line is the identity. Good: "
        "points along the line over its whole length. A flatter band is shrinkage to the prior, a "
        "band beside the line is bias, intervals that rarely reach the line are too narrow.{}{}"
    ).format(POOLED if layer is PARTICIPANTS else "", DENSE if crowded(rows) else "")
    numbers = select(data.table("point"), cell=cell, fit=fit, subset="all")
    numbers = numbers[numbers["parameter"].isin(rows["parameter"])] if len(numbers) else numbers
    correlation = (
        {} if numbers.empty else dict(zip(numbers["parameter"], numbers["r"], strict=True))
    )
    said = ", ".join(f"{name} {number(r, 2)}" for name, r in correlation.items())
    stem, name = figure_name(cell, fit, layer)
    return FigureBlock(
        f"recovery.{stem}",
        f"Truth and estimate: {name}",
        caption,
        f"Scatter of truth against posterior mean for each parameter; correlations: {said}",
        partial(recovery_scatter, rows, correlation),
        "estimates",
    )


def _table(data: ReportData) -> Block:
    table = headline(data, data.table("point"))
    caption = Markup(
        "Good: bias within two of its standard errors of zero or small beside the RMSE, slope near "
        "1, RMSE well below the prior's sd. r and R² are empty where all truths are equal. Fits "
        "of other models than the generator are in the CSV file alone."
    )
    return table_block(
        in_layers(table), COLUMNS, title="Point recovery in numbers", caption=caption, table="point"
    )

"""What the fits expect of the data before they have seen them."""

from __future__ import annotations

from functools import partial

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import Block, Column, FigureBlock, Group, Prose, capped, table_block
from driftmill.report.data import ReportData, select
from driftmill.report.figures import prediction as draw

COLUMNS = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("parameter", "parameter", "text"),
    Column("share_outside", "outside its support", "percent", "of draws and trials"),
)


def prior_prediction(data: ReportData) -> list[Block]:
    """Return the group on prior predictive checks, where the study makes them."""
    table = data.table("prior_quantiles")
    if table.empty:
        return []
    drawn = []
    for cell, fit in data.pairs:
        rows = select(table, cell=cell.name, fit=fit.name)
        rows = rows if rows.empty else rows.dropna(subset=["response", "predicted"])
        if not rows.empty:
            drawn.append(_figure(cell.name, fit.name, rows))
    intro = Markup(
        "Datasets of the size of each cell's first one, simulated from draws of the priors alone. "
        "Good: the data lie within what the priors expect, and the priors expect little that "
        "nobody would believe."
    )
    blocks = (Prose(intro), *capped(drawn, data.figure_limit), *_outside(table))
    return [Group("prior-prediction", "Before the data: prior predictive checks", blocks)]


def _figure(cell: str, fit: str, rows: pd.DataFrame) -> FigureBlock:
    caption = Markup(
        "Quantiles and response shares of datasets under the priors (bars: 90 %) and in the data "
        "(rings; triangles outside). Good: rings inside bars of a plausible length. Bad: "
        "triangles, the priors rule out what was seen; bars over times that no response has, or "
        "shares from 0 to 1 alone, the priors say little."
    )
    inside = ((rows["observed"] >= rows["lower"]) & (rows["observed"] <= rows["upper"])).mean()
    return FigureBlock(
        f"prior.{cell}.{fit}",
        f"Prior prediction: {cell}, fit {fit}",
        caption,
        f"{100 * inside:.0f} % of the data's quantiles and shares lie within the 90 % intervals "
        "under the priors",
        partial(draw.prior_panels, rows.astype({"response": int})),
        "prior_quantiles",
    )


def _outside(table: pd.DataFrame) -> list[Block]:
    rows = table[table["quantity"] == "share_outside"]
    if rows.empty:
        return []
    caption = Markup(
        "How many trials of datasets under the priors have a parameter outside its support, or a "
        "non-decision time beyond the slowest response. Good: none or few percent; otherwise "
        "choose another link, or priors nearer to zero for the slopes."
    )
    title = "Share of the priors outside the support"
    return [table_block(rows, COLUMNS, title=title, caption=caption, table="prior_quantiles")]

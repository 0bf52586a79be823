"""Whether the fits predict data like those they were given."""

from __future__ import annotations

from functools import partial

import pandas as pd
from markupsafe import Markup

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
from driftmill.report.figures import prediction as draw
from driftmill.report.formatting import percent
from driftmill.report.sections.covariates import covariates
from driftmill.report.sections.curves import curves, curves_table
from driftmill.report.sections.pit import pit_blocks, pit_figures
from driftmill.report.sections.prior_prediction import prior_prediction

TITLE = "Predictive checks"
#: Datasets whose quantiles are drawn one by one.
SHOWN = 4
#: Covariates of a fit that are drawn.
MOST_COVARIATES = 6
#: Cells and fits of which conditions and participants are drawn; the tables have all.
MOST_GROUPED = 4


def prediction(data: ReportData) -> Section:
    """Show observed RT quantiles and response shares against predicted intervals."""
    table = data.table("quantiles")
    before = prior_prediction(data)
    if table.empty or table["predicted"].isna().all():
        return Section("prediction", TITLE, (Note(_missing(data)), *before))
    groups: list[Block] = []
    for cell, fit in data.pairs:
        rows = select(table, cell=cell.name, fit=fit.name)
        rows = rows if rows.empty else rows.dropna(subset=["predicted"])
        if not rows.empty:
            name = f"{cell.name}.{fit.name}"
            title = f"Cell {cell.name}, fit {fit.name}"
            figures = _figures(data, cell.name, fit.name, rows)
            grouped = len(groups) < MOST_GROUPED
            figures += tuple(curves(data, cell.name, fit.name, grouped))
            figures += tuple(pit_figures(data, cell.name, fit.name, grouped))
            figures += capped(covariates(data, cell.name, fit.name), MOST_COVARIATES)
            groups.append(Group(f"prediction.{name}", title, figures))
    intro = Prose(
        Markup(
            "From draws of each posterior new data of the same size are simulated; the interval "
            "holds 90 % of their quantiles. A fit that wins a comparison can still predict badly: "
            "the comparison is relative, this check is not."
        )
    )
    limit = data.figure_limit
    tables = (_table(table), *curves_table(data.table("curves")), *pit_blocks(data))
    blocks: tuple[Block, ...] = (intro, *tables, *groups[:limit])
    if len(groups) > limit:
        text = "{} more cells and fits are not drawn; the table has their numbers."
        blocks = (*blocks, Note(Markup(text).format(len(groups) - limit)))
    return Section("prediction", TITLE, (*blocks, *before))


def _missing(data: ReportData) -> Markup:
    if data.study.predictive == "none":
        return Markup(
            "The study switches predictive checks off (<code>report: predictive: data: "
            "none</code>)."
        )
    if data.study.predictive == "observed" and not data.observed:
        return Markup(
            "Predictive checks are made for observed data alone, and the study has none "
            "(<code>report: predictive: data: all</code> checks simulated data too)."
        )
    return Markup("No posterior has draws to predict from.")


def _figures(data: ReportData, cell: str, fit: str, rows: pd.DataFrame) -> tuple[Block, ...]:
    inside = _inside(rows)
    caption = Markup(
        "Observed against predicted values with 90 % predictive intervals, a dot a dataset (and "
        "quantile, by colour), or shades where there are many. Good: about nine in ten intervals "
        "reach the dashed identity; here {} do. A colour that bends away from the line is a part "
        "of the distribution that the fit misses."
    ).format(percent(inside.mean()))
    drawn = [
        FigureBlock(
            f"predictive.{cell}.{fit}",
            f"Observed and predicted: {cell}, fit {fit}",
            caption,
            f"{percent(inside.mean())} of observed values lie in their 90 % predictive interval",
            partial(draw.predicted_against_observed, rows),
            "quantiles",
        )
    ]
    times = rows[rows["quantity"] == "rt_quantile"].dropna(subset=["observed"])
    datasets = data.datasets_in_order(cell, times["dataset"])[:SHOWN]
    if datasets:
        labels = {dataset: f"dataset {data.dataset_label(cell, dataset)}" for dataset in datasets}
        drawn.append(
            FigureBlock(
                f"quantiles.{cell}.{fit}",
                f"RT quantiles of the first datasets: {cell}, fit {fit}",
                Markup(
                    "Observed RT quantiles (rings) and 90 % predictive intervals (bars), a column "
                    "a dataset. Good: rings inside bars. Bad: triangles, which "
                    "are observed outside, at more than one in ten."
                ),
                f"RT quantiles of {', '.join(labels.values())}",
                partial(draw.quantile_panels, times[times["dataset"].isin(datasets)], labels),
                "quantiles",
                folded=not data.study.cell(cell).observed,
            )
        )
    return capped(drawn, 12)


def _inside(rows: pd.DataFrame) -> pd.Series[bool]:
    known = rows.dropna(subset=["observed", "lower", "upper"])
    return (known["observed"] >= known["lower"]) & (known["observed"] <= known["upper"])


def _table(table: pd.DataFrame) -> Block:
    known = table.dropna(subset=["observed", "lower", "upper"])
    known = known.assign(inside=_inside(known), error=known["predicted"] - known["observed"])
    named = known["response"].astype(str)
    known["response"] = named.where(known["quantity"] != "omission_share", "none")
    keys = ["cell", "fit", "quantity", "response", "probability"]
    summary = (
        known.groupby(keys, sort=False, dropna=False)
        .agg(n=("inside", "size"), inside=("inside", "mean"), error=("error", "mean"))
        .reset_index()
    )
    columns = (
        Column("cell", "cell", "text"),
        Column("fit", "fit", "text"),
        Column("quantity", "quantity", "text"),
        Column("response", "response", "text"),
        Column("probability", "quantile", "number"),
        Column("n", "datasets", "count"),
        Column("inside", "inside the 90 % interval", "percent"),
        Column("error", "predicted − observed", "number", "mean over datasets; seconds for rt"),
    )
    caption = Markup("Good: about 90 % inside, and differences near zero.")
    title = "Predictive checks in numbers"
    return table_block(summary, columns, title=title, caption=caption, table="quantiles")

"""Whether the posteriors are as wide as their errors are large."""

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
from driftmill.report.figures import uncertainty as draw
from driftmill.report.formatting import percent, percent_interval
from driftmill.report.levels import PARAMETERS, PARTICIPANTS, Layer, in_layers, layered
from driftmill.report.sections.layers import by_layer, figure_name
from driftmill.report.sections.point import headline
from driftmill.report.sections.trade_offs import trade_offs
from driftmill.report.sections.verdict import missing_truth

COLUMNS = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("parameter", "parameter", "text"),
    Column("layer", "level", "text"),
    Column("subset", "posteriors", "text", "all, or those that passed their gates"),
    Column("n", "n", "count"),
    Column("mean_z", "mean z", "number", "0 without bias"),
    Column("sd_z", "sd z", "number", "1 when intervals have the right width"),
    Column("mean_contraction", "contraction", "number", "1 − posterior variance / prior variance"),
    Column("sd_posterior", "posterior sd", "number", "mean"),
    Column("interval_score_90", "interval score", "number", "of the 90 % interval; less is better"),
    Column(
        "rmse_over_sd", "RMSE / sd", "number", "1 when errors are as large as the posterior says"
    ),
)


def uncertainty(data: ReportData) -> Section:
    """Show coverage, z-score against contraction, and trade-offs between parameters."""
    title = "Uncertainty recovery"
    if not data.has("coverage") or data.table("coverage")["coverage"].isna().all():
        return Section("uncertainty", title, (Note(missing_truth(data)), *trade_offs(data)))
    estimates, coverage = data.table("estimates"), data.table("coverage")
    curves: dict[Layer, list[FigureBlock]] = {}
    planes: list[FigureBlock] = []
    for cell, fit in data.matched:
        rows = select(estimates, cell=cell.name, fit=fit.name)
        shares = select(coverage, cell=cell.name, fit=fit.name, subset="all")
        for layer, levels in layered(shares):
            own = rows[rows["parameter"].isin(levels["parameter"])]
            name = figure_name(cell.name, fit.name, layer)
            if levels["coverage"].notna().any():
                curves.setdefault(layer, []).append(_curve(*name, levels, own))
        placed = rows.dropna(subset=["z_score", "contraction"]) if len(rows) else rows
        for layer, part in _together(placed):
            planes.append(_plane(*figure_name(cell.name, fit.name, layer), part))
    limit = data.figure_limit
    blocks: list[Block] = [
        Prose(
            Markup(
                "A posterior that is right on average can still be too sure or too timid. With n "
                "datasets a coverage is known to about ±√(p(1−p)/n): the bars say how far it may "
                "be off by chance."
            )
        ),
        Group(
            "coverage", "Coverage", (*by_layer("coverage", curves, limit), _coverage_table(data))
        ),
    ]
    if planes:
        figures = capped(planes, limit)
        blocks.append(Group("contraction", "z-score and contraction", figures))
    blocks += trade_offs(data)
    if data.has("uncertainty"):
        caption = Markup(
            "Good: mean z near 0, sd of z and RMSE / sd near 1, contraction near 1. The interval "
            "score rewards narrow intervals and punishes misses (Gneiting and Raftery 2007)."
        )
        table = headline(data, data.table("uncertainty"))
        heading = "Uncertainty in numbers"
        blocks.append(
            table_block(
                in_layers(table), COLUMNS, title=heading, caption=caption, table="uncertainty"
            )
        )
    return Section("uncertainty", title, tuple(blocks))


def _together(rows: pd.DataFrame) -> list[tuple[Layer, pd.DataFrame]]:
    """Part rows into those of the dataset as a whole, layer after layer, and participants'."""
    if rows.empty:
        return []
    parts = layered(rows)
    whole = [part for layer, part in parts if layer is not PARTICIPANTS]
    own = [(layer, part) for layer, part in parts if layer is PARTICIPANTS]
    return [(PARAMETERS, pd.concat(whole)), *own] if whole else own


def _curve(stem: str, name: str, levels: pd.DataFrame, rows: pd.DataFrame) -> FigureBlock:
    caption = Markup(
        "How often central intervals of each level hold the truth: the line over all levels, dots "
        "with Jeffreys 95 % bars at 50, 80, 90, 94 and 95 %. Good: bars that cross the dashed "
        "diagonal. Below it intervals are too narrow, above it too wide."
    )
    at_90 = levels[levels["interval"].round(3) == 0.9]
    said = ", ".join(
        f"{name} {percent(value)}"
        for name, value in zip(at_90["parameter"], at_90["coverage"], strict=True)
    )
    return FigureBlock(
        f"coverage.{stem}",
        f"Coverage: {name}",
        caption,
        f"Observed against nominal coverage; 90 % intervals hold the truth: {said}",
        partial(draw.coverage_curve, levels, rows),
        "coverage",
    )


def _plane(stem: str, name: str, rows: pd.DataFrame) -> FigureBlock:
    caption = Markup(
        "Each dot is one parameter of one dataset. Right: the data say much more than the prior; "
        "left: nearly nothing, the parameter is not identified. Good: dots to the right and "
        "within the grey band (|z| ≤ 2). To the right but outside the band the posterior is sure "
        "and wrong. Values beyond the axes are drawn at their ends."
    )
    means = rows.groupby("parameter", sort=False)["contraction"].mean()
    said = ", ".join(f"{name} {percent(value)}" for name, value in means.items())
    return FigureBlock(
        f"contraction.{stem}",
        f"z-score and contraction: {name}",
        caption,
        f"Posterior z-score against contraction; mean contraction: {said}",
        partial(draw.contraction_plane, rows),
        "estimates",
    )


def _coverage_table(data: ReportData) -> Block:
    table = in_layers(headline(data, data.table("coverage")))
    said = [
        f"{percent(row.coverage)} {percent_interval(row.lower, row.upper)}"
        for row in table.itertuples()
    ]
    keys = [name for name in ("cell", "fit", "parameter", "layer", "subset", "n") if name in table]
    wide = (
        table.assign(said=said, interval=[f"{100 * p:g} %" for p in table["interval"]])
        .pivot_table(index=keys, columns="interval", values="said", aggfunc="first", sort=False)
        .reset_index()
    )
    intervals = [column for column in wide if column not in keys]
    columns = (
        Column("cell", "cell", "text"),
        Column("fit", "fit", "text"),
        Column("parameter", "parameter", "text"),
        Column("layer", "level", "text"),
        Column("subset", "posteriors", "text"),
        Column("n", "n", "count"),
        *(Column(str(interval), f"{interval} interval", "text") for interval in intervals),
    )
    caption = Markup("Share of truths inside the central interval, with Jeffreys 95 % intervals.")
    return table_block(
        wide, columns, title="Coverage in numbers", caption=caption, table="coverage"
    )

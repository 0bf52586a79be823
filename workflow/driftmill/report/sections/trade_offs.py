"""Which parameters trade off against each other."""

from __future__ import annotations

from functools import partial

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import Block, FigureBlock, Group, capped
from driftmill.report.data import ReportData, select
from driftmill.report.figures import uncertainty as draw
from driftmill.report.sections.products import product_ridge
from driftmill.report.sections.ridges import ridge_notes

#: Parameters that a map shows at most; beyond, those with the strongest correlations.
MOST_NAMES = 16


def trade_offs(data: ReportData) -> list[Block]:
    """Return the group on posterior correlations, where there are any.

    Of simulated data it is about the fits of the generating model, of observed data about all.
    """
    maps: list[FigureBlock] = []
    notes: list[Block] = []
    for cell, fit in data.pairs:
        if not cell.observed and cell.model != fit.model:
            continue
        trade = select(data.table("correlations"), cell=cell.name, fit=fit.name)
        if trade.empty or trade["r"].isna().all():
            continue
        maps.append(_map(cell.name, fit.name, trade))
        notes += [product_ridge(cell.name, fit, trade)] if fit.products else []
        notes += ridge_notes(cell.name, fit, trade)
    if not maps:
        return []
    limit = data.figure_limit
    blocks = (*notes[:limit], *capped(maps, limit))
    return [Group("trade-offs", "Trade-offs between parameters", blocks)]


def _map(cell: str, fit: str, trade: pd.DataFrame) -> FigureBlock:
    means = trade.groupby(["parameter_1", "parameter_2"], sort=False)["r"].mean().reset_index()
    order = means["r"].abs().sort_values(ascending=False, kind="stable").index
    names = list(dict.fromkeys([*trade["parameter_1"], *trade["parameter_2"]]))
    beyond = len(names) - MOST_NAMES
    if beyond > 0:
        ranked = means.loc[order, ["parameter_1", "parameter_2"]].to_numpy().ravel()
        kept = set(list(dict.fromkeys(ranked))[:MOST_NAMES])
        trade = trade[trade["parameter_1"].isin(kept) & trade["parameter_2"].isin(kept)]
    caption = Markup(
        "Posterior correlation of every two parameters: mean over datasets, ± its standard "
        "deviation. Blue is negative, orange positive, the stronger the fuller. Good: pale "
        "cells. Bad: beyond ±0.9 the data tell a combination of the two rather than each: fix one, "
        "or add trials.{}"
    )
    cut = f" The {MOST_NAMES} with the strongest are drawn; the table has {beyond} more."
    strongest = means.loc[order[0]]
    pair = f"{strongest['parameter_1']} and {strongest['parameter_2']}"
    return FigureBlock(
        f"correlations.{cell}.{fit}",
        f"Posterior correlations: {cell}, fit {fit}",
        caption.format(cut if beyond > 0 else ""),
        f"Strongest mean posterior correlation: {pair}, {strongest['r']:.2f}",
        partial(draw.correlation_map, trade),
        "correlations",
    )

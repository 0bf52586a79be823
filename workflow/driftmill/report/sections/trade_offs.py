"""Which parameters trade off against each other, and what is identified only as a product."""

from __future__ import annotations

from functools import partial

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import Block, FigureBlock, Group, Note, capped
from driftmill.report.data import FitSummary, ReportData, select
from driftmill.report.figures import uncertainty as draw
from driftmill.report.formatting import fixed, listed

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
        if fit.products:
            notes.append(_ridge(cell.name, fit, trade))
    if not maps:
        return []
    limit = data.figure_limit
    blocks = (*notes[:limit], *capped(maps, limit))
    return [Group("trade-offs", "Trade-offs between parameters", blocks)]


def product_words(fit: FitSummary) -> str:
    """Name the products that alone are identified: ``the product beta × logit1``."""
    names = [" × ".join(product) for product in fit.products]
    return f"the product{'s' if len(names) > 1 else ''} {listed(names)}"


def product_notes(data: ReportData) -> list[Block]:
    """Say of which fits parameters cannot be told alone."""
    text = Markup(
        "Of fit {} only {} {} identified by the data. What is said of {} alone rests on the "
        'priors; see <a href="#trade-offs">trade-offs</a>.'
    )
    return [
        Note(
            text.format(
                fit.name,
                product_words(fit),
                "is" if len(fit.products) == 1 else "are",
                listed(factors(fit)),
            ),
            "warning",
        )
        for fit in data.study.fits
        if fit.products
    ]


def factors(fit: FitSummary) -> list[str]:
    """Return the parameters that are part of a product."""
    return list(dict.fromkeys(name for product in fit.products for name in product))


def stands_for(parameter: str, names: list[str]) -> str | None:
    """Return which of some names tells of a parameter: its own, its intercept, its first slope."""
    slopes = [name for name in names if name.startswith(f"{parameter}_") and "|" not in name]
    wanted = [name for name in (parameter, f"{parameter}_Intercept") if name in names]
    return next(iter([*wanted, *slopes]), None)


def _ridge(cell: str, fit: FitSummary, trade: pd.DataFrame) -> Note:
    names = list(dict.fromkeys([*trade["parameter_1"], *trade["parameter_2"]]))
    told = []
    for product in fit.products:
        first, second = (stands_for(parameter, names) for parameter in product[:2])
        pair = trade[
            trade["parameter_1"].isin((first, second)) & trade["parameter_2"].isin((first, second))
        ]
        r = pair["r"].dropna()
        if r.empty:
            continue
        spread = f" (from {fixed(r.min(), 2)} to {fixed(r.max(), 2)})" if len(r) > 1 else ""
        told.append(f"of {first} and {second} it is {fixed(r.mean(), 2)}{spread}")
    correlation = Markup(" The posterior correlation shows it: {}.").format(listed(told))
    text = Markup(
        "Cell {}, fit {}: only {} {} identified. Multiply one factor, divide the other by as much, "
        "and every response is as probable as before, so the posterior lies along a ridge on which "
        "the priors alone decide.{} Read the product, or hold one factor at a number "
        "(<code>fixed</code>)."
    )
    verb = "is" if len(fit.products) == 1 else "are"
    words = product_words(fit)
    return Note(text.format(cell, fit.name, words, verb, correlation if told else ""), "warning")


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

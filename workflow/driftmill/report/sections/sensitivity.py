"""What stronger or weaker priors would do to the posteriors."""

from __future__ import annotations

from functools import partial

import pandas as pd
from markupsafe import Markup

from driftmill.recovery.power_scaling import CONFLICT, STRONG, THRESHOLD
from driftmill.report.blocks import (
    Block,
    Column,
    FigureBlock,
    Note,
    Prose,
    Section,
    capped,
    table_block,
)
from driftmill.report.data import ReportData, select
from driftmill.report.figures.sensitivity import MOST, sensitivity_plane
from driftmill.report.formatting import listed, percent
from driftmill.sampling.settings import FAILED

TITLE = "Prior sensitivity"
KEYS = ["cell", "fit", "level", "parameter"]
COLUMNS = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("parameter", "parameter", "text"),
    Column("level", "level", "text"),
    Column("n", "posteriors", "count", "of participants each one's; failed ones left out"),
    Column("prior", "to the prior", "number", "median sensitivity"),
    Column("likelihood", "to the likelihood", "number", "median sensitivity"),
    Column("conflict", "prior-data conflict", "percent", "of the posteriors"),
    Column("strong", "strong prior or weak likelihood", "percent", "of the posteriors"),
)


def sensitivity(data: ReportData) -> Section:
    """Show how posteriors respond to powers of their prior and of their likelihood."""
    table = data.table("sensitivity")
    if table.empty:
        return Section("sensitivity", TITLE, ())
    known = table[~table["code"].isin(FAILED)].dropna(subset=["prior", "likelihood"])
    if known.empty:
        return Section("sensitivity", TITLE, (Note(Markup("No posterior that passed has draws.")),))
    drawn = [
        _figure(cell.name, fit.name, rows)
        for cell, fit in data.pairs
        if not (rows := select(known, cell=cell.name, fit=fit.name)).empty
    ]
    numbers = _numbers(known)
    blocks: tuple[Block, ...] = (
        _prose(),
        Prose(_outcome(numbers)),
        _table(numbers),
        *capped(drawn, data.figure_limit),
    )
    return Section("sensitivity", TITLE, blocks)


def _prose() -> Prose:
    return Prose(
        Markup(
            "Prior and likelihood are each raised to powers near 1 by weighting the draws "
            "(Kallioinen et al. 2024); a sensitivity is the distance by which a parameter's "
            "posterior moves, per doubling of the power. Of hierarchies the priors of means and "
            "sds are scaled. Below {} the prior hardly matters: good. <strong>Both above</strong>: "
            "the prior pulls one way and the data another (prior-data conflict); an informative "
            "prior that is meant can do so too. <strong>Prior above, likelihood below</strong>: "
            "the data say little and the posterior is the prior's (strong prior or weak "
            "likelihood)."
        ).format(f"{THRESHOLD:g}")
    )


def _numbers(known: pd.DataFrame) -> pd.DataFrame:
    """Return one row a parameter of a cell and fit."""
    judged = known.assign(
        conflict=known["diagnosis"] == CONFLICT, strong=known["diagnosis"] == STRONG
    )
    groups = judged.groupby(KEYS, sort=False)
    return groups.agg(
        n=("prior", "size"),
        prior=("prior", "median"),
        likelihood=("likelihood", "median"),
        conflict=("conflict", "mean"),
        strong=("strong", "mean"),
    ).reset_index()


def _outcome(numbers: pd.DataFrame) -> Markup:
    """Say in a sentence which parameters' priors matter in most of their posteriors."""
    told = []
    for column, words in (("conflict", CONFLICT), ("strong", STRONG)):
        rows = numbers[numbers[column] > 0.5]
        names = [f"{r['parameter']} ({r['cell']}, {r['fit']})" for r in rows.to_dict("records")]
        if names:
            more = f" and {len(names) - 8} more" if len(names) > 8 else ""
            said = listed(names) if not more else ", ".join(names[:8])
            start = words[0].upper() + words[1:]
            told.append(Markup("{} in most posteriors of {}{}.").format(start, said, more))
    return Markup(" ").join(told) or Markup("No prior matters in most posteriors.")


def _figure(cell: str, fit: str, rows: pd.DataFrame) -> FigureBlock:
    above = (rows["prior"] >= THRESHOLD).mean()
    caption = Markup(
        "A dot a posterior and parameter, {} of a parameter at most, sensitivities below 0.001 at "
        "the edge. Good: below the horizontal line, where the prior hardly matters; right of the "
        "vertical one, where the data do. Bad: above the line; to the right a conflict of prior "
        "and data, to the left a posterior that is mostly prior. Here {} lie above."
    ).format(MOST, percent(above))
    return FigureBlock(
        f"sensitivity.{cell}.{fit}",
        f"Prior sensitivity: {cell}, fit {fit}",
        caption,
        f"Sensitivity to the prior against that to the likelihood; {percent(above)} of the "
        f"posteriors' parameters lie above {THRESHOLD:g}",
        partial(sensitivity_plane, rows),
        "sensitivity",
    )


def _table(numbers: pd.DataFrame) -> Block:
    caption = Markup(
        "Good: sensitivities to the prior below {}, to the likelihood above it. Where neither is "
        "above it, nothing moves the posterior: see whether it is wide."
    ).format(f"{THRESHOLD:g}")
    title = "Sensitivity to prior and likelihood"
    return table_block(numbers, COLUMNS, title=title, caption=caption, table="sensitivity")

"""Simulation-based calibration: whether posteriors are what they say they are."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
from markupsafe import Markup

from driftmill.recovery.ranks import HIGHEST
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
from driftmill.report.data import CellSummary, ReportData, select
from driftmill.report.figures.calibration import ecdf_differences
from driftmill.report.formatting import count, listed, number, plural
from driftmill.sampling.settings import APPROXIMATE, PASSED

TITLE = "Simulation-based calibration"
#: What the joint log likelihood is called on the page.
NAMES = {"log_likelihood": "log likelihood"}
#: Datasets that are usual; below the first a look at whether anything is badly wrong.
SMOKE, USUAL = 100, 250
COLUMNS = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("quantity", "quantity", "text"),
    Column("ranked", "ranked", "count", "datasets with a posterior that passed its gates"),
    Column("failed", "failed", "count", "datasets whose posterior did not pass"),
    Column("not_simulated", "not simulated", "count", "datasets whose truth cannot be simulated"),
    Column("p_value", "p", "number", "of the ranks by themselves"),
    Column("adjusted", "p adjusted", "number", "for all tests of the fit (Bonferroni)"),
    Column("extremes", "p at the extremes", "text", "whatever the ranks of the others were"),
    Column("p_prior", "p of truths", "number", "of their ranks among draws of the fit's prior"),
    Column("p_with_failed", "p with failed", "number", "with the ranks of failed posteriors"),
    Column("mean_z", "mean", "number", "of the ranks, in standard errors from the middle"),
    Column("spread_z", "spread", "number", "of the ranks, in standard errors from uniform"),
    Column("shape", "posteriors are", "text", "where the adjusted p is below 0.05"),
)


def calibration(data: ReportData) -> Section:
    """Show ranks of truths that were drawn from the priors of a fit."""
    if not data.study.recover or not data.simulated:
        return Section("calibration", TITLE, ())
    table = data.table("calibration")
    blocks: list[Block] = []
    if not table.empty:
        drawn = [
            _figure(data, cell, str(cell.prior_of), rows)
            for cell in data.study.cells
            if not (rows := select(table, cell=cell.name, fit=cell.prior_of)).empty
        ]
        blocks = [_prose(), *_unknown(data, table), *capped(drawn, data.figure_limit)]
        blocks.append(_table(table))
    others = [cell for cell in data.study.cells if not cell.observed and cell.prior_of is None]
    if others:
        blocks.append(_not_calibration(others))
    return Section("calibration", TITLE, tuple(blocks))


def _prose() -> Block:
    return Prose(
        Markup(
            "Each dataset was simulated from truths drawn from the priors of the fit. If model, "
            "priors, likelihood and sampler are all right, a truth is then as likely to have any "
            "rank among independent draws of its posterior (Talts et al. 2018). Draws are thinned "
            "to {}, or to half the effective sample size where that is less; of what participants "
            "have of their own one participant a dataset is ranked. The log likelihood of all "
            "trials together sees faults that single parameters hide (Modrák et al. 2023). {} "
            "datasets show what is badly wrong, {} are usual, 1,000 are for print. Where data say "
            "much, posteriors hardly depend on their priors; so truths are ranked among draws of "
            "the fit's priors too, which shows whether they came from these."
        ).format(HIGHEST, SMOKE, USUAL)
    )


def _unknown(data: ReportData, table: pd.DataFrame) -> list[Block]:
    """Say how many ranks are not known, and what is done about that."""
    told = []
    for (cell, fit), rows in table.groupby(["cell", "fit"], sort=False):
        first = rows.iloc[0]
        parts = []
        if first["failed"]:
            parts.append(f"{plural(int(first['failed']), 'posterior')} did not pass the gates")
        if first["not_simulated"]:
            parts.append(f"{plural(int(first['not_simulated']), 'dataset')} could not be simulated")
        if parts:
            told.append(f"of {count(first['n'])} datasets of {cell} (fit {fit}) {listed(parts)}")
    if not told:
        return []
    text = Markup(
        "{}. Nothing is drawn anew, since the truths would then have another prior: their ranks "
        "could be anywhere, and the p-values at the extremes say what that could mean. Where "
        "truths cannot be simulated, narrower priors of the fit help, or a <code>deadline</code> "
        "where decisions take too long."
    )
    said = "; ".join(told)
    return [Note(text.format(said[0].upper() + said[1:]), "warning")]


def _figure(data: ReportData, cell: CellSummary, fit: str, tests: pd.DataFrame) -> FigureBlock:
    rows = select(data.table("ranks"), cell=cell.name, fit=fit)
    trusted = rows[rows["rank"].notna() & rows["code"].isin([*PASSED, APPROXIMATE])]
    found, priors, notes = {}, {}, {}
    for row in tests.to_dict("records"):
        name = NAMES.get(row["parameter"], row["parameter"])
        found[name] = select(trusted, parameter=row["parameter"])["rank"]
        priors[name] = select(rows, parameter=row["parameter"])["prior_rank"].dropna()
        notes[name] = f"p = {_p(row)}"
    caption = Markup(
        "The share of truths below each rank, less what uniform ranks have. Good: the line stays "
        "inside the grey band, which holds all of it with probability 95 % for one quantity "
        "(dark), or for all {} together (light; Säilynoja et al. 2022). Bad: a line that leaves "
        "the light band. A hill: truths lie below the draws, posteriors are too high; a valley: "
        "too low. A hill, then a valley: truths lie at both ends of the draws, posteriors are too "
        "narrow; a valley, then a hill: too wide. Dotted: the truths' ranks among draws of the "
        "fit's prior; outside the band they came from another prior."
    ).format(len(tests))
    if any(len(ranks) < int(tests["n"].iloc[0]) for ranks in found.values()):
        caption += Markup(
            " Dashed: where the line would be if all unknown ranks were lowest, or highest."
        )
    said = ", ".join(f"{name} {note}" for name, note in notes.items())
    return FigureBlock(
        f"sbc.{cell.name}.{fit}",
        f"Ranks of truths: {cell.name}, fit {fit}",
        caption,
        f"Differences of the ranks' ECDF from the uniform one; p-values of uniformity: {said}",
        partial(ecdf_differences, found, priors, HIGHEST, int(tests["n"].iloc[0]), notes),
        "ranks",
    )


def _p(row: Mapping[Any, Any]) -> str:
    return number(row["p_value"], 2) if row["ranked"] == row["n"] else _extremes(row)


def _extremes(row: Mapping[Any, Any]) -> str:
    return f"{number(row['p_lowest'], 2)} to {number(row['p_highest'], 2)}"


def _table(table: pd.DataFrame) -> Block:
    records = table.to_dict("records")
    rows = table.assign(
        quantity=[NAMES.get(row["parameter"], row["parameter"]) for row in records],
        adjusted=(table["p_value"] * table["tests"]).clip(upper=1.0),
        extremes=[_extremes(row) if row["ranked"] < row["n"] else "" for row in records],
    )
    lacking = [
        *([] if table["failed"].any() else ["failed", "p_with_failed"]),
        *([] if table["not_simulated"].any() else ["not_simulated"]),
        *([] if (table["n"] > table["ranked"]).any() else ["extremes"]),
    ]
    caption = Markup(
        "p: twice the smaller p-value of two exact tests, of the bands that the line just leaves "
        "and of the ranks' distance from the middle; small where ranks are not uniform. An "
        "adjusted p below 0.05 says that the posteriors of this quantity are not what they claim; "
        "of fits that are right one in twenty has any such quantity. Mean and spread: within ±2 "
        "by chance."
    )
    return table_block(
        rows.drop(columns=lacking),
        COLUMNS,
        title="Are the ranks uniform?",
        caption=caption,
        table="calibration",
        open_up_to=40,
    )


def _not_calibration(cells: list[CellSummary]) -> Block:
    text = Markup(
        "Not SBC: the truths of {} were chosen by the study (numbers, grids or distributions of "
        "its own), not drawn from the priors of a fit. Ranks among posterior draws need not be "
        "uniform there, and coverage is that of these truths. <code>truth: prior</code> in a cell "
        "of the study file asks for calibration."
    )
    return Note(text.format(listed([cell.name for cell in cells])))

"""Whether LOO names the model that generated the data."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from markupsafe import Markup

from driftmill.comparison.compare import FAILED, UNDECIDED
from driftmill.report.blocks import (
    Block,
    Column,
    FigureBlock,
    Group,
    Note,
    Prose,
    Section,
    table_block,
)
from driftmill.report.data import ReportData, select
from driftmill.report.figures.model_recovery import matrix
from driftmill.report.formatting import MISSING, percent, percent_interval
from driftmill.report.sections.verdict_models import alone

TITLE = "Model recovery"


def model_recovery(data: ReportData) -> Section:
    """Show the confusion and inversion matrices, and the truths that they depend on."""
    reason = _missing(data)
    if reason is not None:
        return Section("models", TITLE, (Note(reason),))
    limits = data.study.thresholds
    blocks: list[Block] = [
        Prose(
            Markup(
                "On each dataset the fit with the best elpd wins, unless it leads by less than {} "
                "or by less than {} standard errors of the difference: then the verdict is "
                "<em>undecided</em>. A flexible model that contains a simpler one predicts the "
                "simpler one's data nearly as well, so data from a simple model often stay "
                "undecided; that is not an error."
            ).format(f"{limits.min_elpd_diff:g}", f"{limits.min_dse_ratio:g}")
        ),
        _truths(data),
        Group("confusion", "Confusion matrix", (_confusion(data), _confusion_table(data))),
    ]
    if data.has("inversion"):
        blocks.append(Group("inversion", "Inversion matrix", (_inversion(data),)))
    margins = _margins(data)
    if not margins.empty:
        blocks.append(_margin_table(margins))
    return Section("models", TITLE, tuple(blocks))


def _missing(data: ReportData) -> Markup | None:
    if not data.simulated:
        return Markup("The data were observed: which model generated them is unknown.")
    if not data.study.rivals:
        return alone(data)
    if not data.study.compare:
        return Markup("The study switches comparison off (<code>compare: enabled: false</code>).")
    if not any(len(data.study.fits_of(c.name)) > 1 for c in data.study.cells if not c.observed):
        return Markup(
            "Every simulated cell has one fit alone: there is no other to confuse it with."
        )
    if not data.has("confusion"):
        return Markup("No dataset has an elpd of every fit, so no model could be named.")
    return None


def _truths(data: ReportData) -> Block:
    rows = [
        {
            "cell": cell.name,
            "generator": cell.model,
            "truth": "\n".join(f"{name}: {words}" for name, words in cell.truth.items()),
            "trials": cell.trials,
        }
        for cell in data.study.cells
        if not cell.observed
    ]
    columns = (
        Column("cell", "cell", "text"),
        Column("generator", "generator", "text"),
        Column("truth", "true values", "text"),
        Column("trials", "trials", "count"),
    )
    caption = Markup(
        "Model recovery holds for these true values and numbers of trials only: parameters that "
        "make two models alike make them hard to tell apart."
    )
    frame = pd.DataFrame(rows)
    return table_block(frame, columns, title="What was simulated", caption=caption, table=None)


def _cells(data: ReportData, table: pd.DataFrame) -> list[str]:
    return [cell.name for cell in data.study.cells if cell.name in set(table["cell"])]


def _verdicts(data: ReportData, table: pd.DataFrame) -> list[str]:
    found = set(table["verdict"])
    names = [fit.name for fit in data.study.fits if fit.name in found]
    return [*names, *([FAILED] if FAILED in found else []), UNDECIDED]


def _right(data: ReportData, cells: list[str], verdicts: list[str]) -> list[tuple[int, int]]:
    models = {fit.name: fit.model for fit in data.study.fits}
    return [
        (row, column)
        for row, cell in enumerate(cells)
        for column, verdict in enumerate(verdicts)
        if models.get(verdict) == data.study.cell(cell).model
    ]


def _generator(data: ReportData, cell: str) -> str:
    model = data.study.cell(cell).model
    return cell if cell == model else f"{cell} ({model})"


def _confusion(data: ReportData) -> FigureBlock:
    table = select(data.table("confusion"), subset="all")
    cells, verdicts = _cells(data, table), _verdicts(data, table)
    entries = {(row["cell"], row["verdict"]): row for row in table.to_dict("records")}
    shape = (len(cells), len(verdicts))
    values, notes = np.full(shape, np.nan), [[MISSING] * shape[1] for _ in cells]
    for row, cell in enumerate(cells):
        for column, verdict in enumerate(verdicts):
            if (entry := entries.get((cell, verdict))) is None:
                continue
            values[row, column] = entry["proportion"]
            notes[row][column] = (
                f"{entry['n']} of {entry['total']}\n"
                f"{percent_interval(entry['lower'], entry['upper'])}"
            )
    right = _right(data, cells, verdicts)
    caption = Markup(
        "Rows: where the data come from. Columns: the fit that LOO names. Each row adds to 100 %; "
        "below each share stand the count and its Jeffreys 95 % interval. Good: the framed green "
        "cells are near 100 %. Shares in the other fits' columns are wrong answers, those under "
        "<em>undecided</em> are answers withheld."
    )
    said = ", ".join(
        f"{cells[row]} named {verdicts[column]} in {percent(values[row, column])}"
        for row, column in right
    )
    drawing = partial(
        matrix,
        values,
        [_generator(data, cell) for cell in cells],
        verdicts,
        notes=notes,
        right=right,
        row_label="generator",
        column_label="best fit",
        aside=sum(verdict in (FAILED, UNDECIDED) for verdict in verdicts),
    )
    alt = f"Confusion matrix: {said}"
    title = "P(best fit | generator)"
    return FigureBlock("confusion", title, caption, alt, drawing, "confusion")


def _inversion(data: ReportData) -> FigureBlock:
    table = select(data.table("inversion"), subset="all")
    cells, verdicts = _cells(data, table), _verdicts(data, table)
    entries = {(row["cell"], row["verdict"]): row for row in table.to_dict("records")}
    shape = (len(verdicts), len(cells))
    values, notes = np.full(shape, np.nan), [[MISSING] * shape[1] for _ in verdicts]
    for row, verdict in enumerate(verdicts):
        for column, cell in enumerate(cells):
            if (entry := entries.get((cell, verdict))) is not None:
                values[row, column] = entry["probability"]
                notes[row][column] = f"n = {entry['n']}"
    right = [(row, column) for column, row in _right(data, cells, verdicts)]
    caption = Markup(
        "Read when LOO has named a fit: how probable is each generator, if all were equally "
        "probable before? Rows: the verdict; each row adds to 100 %. Good: framed green cells near "
        "100 %. A row without datasets is empty."
    )
    said = ", ".join(
        f"{verdicts[row]} means {cells[column]} with {percent(values[row, column])}"
        for row, column in right
    )
    drawing = partial(
        matrix,
        values,
        verdicts,
        [_generator(data, cell) for cell in cells],
        notes=notes,
        right=right,
        row_label="best fit",
        column_label="generator",
    )
    title = "P(generator | best fit), generators equally probable"
    return FigureBlock(
        "inversion", title, caption, f"Inversion matrix: {said}", drawing, "inversion"
    )


def _confusion_table(data: ReportData) -> Block:
    table = data.table("confusion")
    if not data.failed:
        table = select(table, subset="all")
    columns = (
        Column("cell", "cell", "text"),
        Column("generator", "generator", "text"),
        Column("verdict", "best fit", "text"),
        Column("subset", "datasets", "text", "all, or those on which every fit passed"),
        Column("n", "n", "count"),
        Column("total", "of", "count"),
        Column("proportion", "share", "percent"),
        Column("lower", "lower", "percent", "Jeffreys 95 % interval"),
        Column("upper", "upper", "percent", "Jeffreys 95 % interval"),
    )
    caption = Markup("The counts behind the confusion matrix.")
    title = "Confusion in numbers"
    return table_block(table, columns, title=title, caption=caption, table="confusion")


def _margins(data: ReportData) -> pd.DataFrame:
    """Mean lead of the generating model over its best rival, and its mean weight."""
    comparison = data.table("comparison")
    rows = []
    for cell, fit in data.matched:
        here = select(comparison, cell=cell.name)
        if here.empty:
            continue
        own = here[here["fit"] == fit.name].set_index("dataset")
        fits = data.study.fits_of(cell.name)
        rivals = {rival.name for rival in fits if rival.model != cell.model}
        best = here[here["fit"].isin(rivals)].groupby("dataset")["elpd"].max()
        lead = (own["elpd"] - best).dropna()
        if len(lead):
            rows.append(
                {
                    "cell": cell.name,
                    "fit": fit.name,
                    "n": len(lead),
                    "lead": lead.mean(),
                    "lead_se": lead.std() / np.sqrt(len(lead)) if len(lead) > 1 else np.nan,
                    "weight_stacking": own["weight_stacking"].mean(),
                    "weight_bma": own["weight_bma"].mean(),
                }
            )
    return pd.DataFrame(rows)


def _margin_table(margins: pd.DataFrame) -> Block:
    columns = (
        Column("cell", "cell", "text"),
        Column("fit", "generating model's fit", "text"),
        Column("n", "datasets", "count"),
        Column("lead", "mean lead", "number", "elpd ahead of the best rival"),
        Column("lead_se", "± se", "number", "over datasets"),
        Column("weight_stacking", "stacking weight", "number", "mean over datasets"),
        Column("weight_bma", "pseudo-BMA+ weight", "number", "mean over datasets"),
    )
    caption = Markup("How far the generating model is ahead of its best rival, over datasets.")
    title = "Lead and weight of the generating model"
    return table_block(margins, columns, title=title, caption=caption, table="comparison")

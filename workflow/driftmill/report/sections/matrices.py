"""Confusion and inversion matrices, by every criterion that names a best fit."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from markupsafe import Markup

from driftmill.comparison.compare import FAILED, UNDECIDED
from driftmill.comparison.criteria import CRITERIA, ELPD_DIFF, PARTICIPANTS, STACKING
from driftmill.report.blocks import Block, Column, FigureBlock, table_block
from driftmill.report.data import ReportData, select
from driftmill.report.figures.model_recovery import matrix
from driftmill.report.formatting import MISSING, percent, percent_interval

#: What names the best fit, in words.
BY = {
    ELPD_DIFF: "lead in elpd",
    STACKING: "stacking weight",
    PARTICIPANTS: "random effects over participants",
}


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


def generator_label(data: ReportData, cell: str) -> str:
    """Return a cell's name, and that of the model which made its data where it is another."""
    model = data.study.cell(cell).model
    return cell if cell == model else f"{cell} ({model})"


def confusions(data: ReportData) -> tuple[FigureBlock, ...]:
    """Draw the confusion matrix of every criterion, that by the lead in elpd first."""
    table = data.table("confusion")
    return tuple(_confusion(data, by) for by in CRITERIA if by in set(table["criterion"]))


def inversions(data: ReportData) -> tuple[FigureBlock, ...]:
    """Draw the inversion matrix of every criterion."""
    table = data.table("inversion")
    return tuple(_inversion(data, by) for by in CRITERIA if by in set(table["criterion"]))


def _stem(kind: str, criterion: str) -> str:
    return kind if criterion == ELPD_DIFF else f"{kind}.{criterion}"


def _confusion(data: ReportData, criterion: str) -> FigureBlock:
    table = select(data.table("confusion"), subset="all", criterion=criterion)
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
        "Best by {}. Rows: where the data come from. Columns: the fit that is named. Each row adds "
        "to 100 %; below each share stand the count and its Jeffreys 95 % interval. Good: the "
        "framed green cells are near 100 %. Shares in the other fits' columns are wrong answers, "
        "those under <em>undecided</em> are answers withheld."
    ).format(BY[criterion])
    said = ", ".join(
        f"{cells[row]} named {verdicts[column]} in {percent(values[row, column])}"
        for row, column in right
    )
    drawing = partial(
        matrix,
        values,
        [generator_label(data, cell) for cell in cells],
        verdicts,
        notes=notes,
        right=right,
        row_label="generator",
        column_label="best fit",
        aside=sum(verdict in (FAILED, UNDECIDED) for verdict in verdicts),
    )
    alt = f"Confusion matrix by {BY[criterion]}: {said}"
    title = f"P(best fit | generator), by {BY[criterion]}"
    stem, folded = _stem("confusion", criterion), criterion != ELPD_DIFF
    return FigureBlock(stem, title, caption, alt, drawing, "confusion", folded)


def _inversion(data: ReportData, criterion: str) -> FigureBlock:
    table = select(data.table("inversion"), subset="all", criterion=criterion)
    cells, verdicts = _cells(data, table), _verdicts(data, table)
    entries = {(row["cell"], row["verdict"]): row for row in table.to_dict("records")}
    shape = (len(verdicts), len(cells))
    values, notes = np.full(shape, np.nan), [[MISSING] * shape[1] for _ in verdicts]
    for row, verdict in enumerate(verdicts):
        for column, cell in enumerate(cells):
            if (entry := entries.get((cell, verdict))) is not None:
                values[row, column] = entry["probability"]
                interval = percent_interval(entry["lower"], entry["upper"])
                known = not np.isnan(entry["probability"])
                notes[row][column] = f"n = {entry['n']}" + (f"\n{interval}" if known else "")
    right = [(row, column) for column, row in _right(data, cells, verdicts)]
    caption = Markup(
        "Read when a fit has been named, here by {}: how probable is each generator, if all were "
        "equally probable before? Rows: the verdict; each row adds to 100 %. Below stand the "
        "datasets with that verdict and a 95 % interval, which tells how far few datasets can be "
        "trusted. Good: framed green cells near 100 %. A row without datasets is empty."
    ).format(BY[criterion])
    said = ", ".join(
        f"{verdicts[row]} means {cells[column]} with {percent(values[row, column])}"
        for row, column in right
    )
    drawing = partial(
        matrix,
        values,
        verdicts,
        [generator_label(data, cell) for cell in cells],
        notes=notes,
        right=right,
        row_label="best fit",
        column_label="generator",
    )
    title = f"P(generator | best fit), generators equally probable, by {BY[criterion]}"
    alt = f"Inversion matrix by {BY[criterion]}: {said}"
    stem, folded = _stem("inversion", criterion), criterion != ELPD_DIFF
    return FigureBlock(stem, title, caption, alt, drawing, "inversion", folded)


def confusion_table(data: ReportData) -> Block:
    """Return the counts behind the matrices."""
    table = data.table("confusion")
    if not data.failed:
        table = select(table, subset="all")
    table = table.assign(criterion=table["criterion"].map(BY))
    columns = (
        Column("cell", "cell", "text"),
        Column("generator", "generator", "text"),
        Column("criterion", "by", "text", "what names the best fit"),
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

"""Confusion and inversion matrices, by every criterion that names a best fit."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from functools import partial
from typing import Any, NamedTuple

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


class Kind(NamedTuple):
    """One way of reading which fit is named on whose data.

    Parameters
    ----------
    table
        Its table, which is also what its figures are called.
    value
        The column of probabilities.
    title, caption
        Of its figures; both hold a place for the criterion.
    said
        What a right cell says, with places for the generator, the fit and its share.
    by_verdict
        Whether rows are verdicts and columns generators, not the other way round.
    """

    table: str
    value: str
    title: str
    caption: Markup
    said: str
    by_verdict: bool


CONFUSION = Kind(
    "confusion",
    "proportion",
    "P(best fit | generator), by {}",
    Markup(
        "Best by {}. Rows: where the data come from. Columns: the fit that is named. Each row adds "
        "to 100 %; below each share stand the count and its Jeffreys 95 % interval. Good: the "
        "framed green cells are near 100 %. Shares in the other fits' columns are wrong answers, "
        "those under <em>undecided</em> are answers withheld."
    ),
    "{generator} named {fit} in {share}",
    by_verdict=False,
)
INVERSION = Kind(
    "inversion",
    "probability",
    "P(generator | best fit), generators equally probable, by {}",
    Markup(
        "Read when a fit has been named, here by {}: how probable is each generator, if all were "
        "equally probable before? Rows: the verdict; each row adds to 100 %. Below stand the "
        "datasets with that verdict and a 95 % interval, which tells how far few datasets can be "
        "trusted. Good: framed green cells near 100 %. A row without datasets is empty."
    ),
    "{fit} means {generator} with {share}",
    by_verdict=True,
)


def matrices(data: ReportData, kind: Kind) -> tuple[FigureBlock, ...]:
    """Draw the matrix of every criterion, that by the lead in elpd first."""
    found = set(data.table(kind.table)["criterion"])
    return tuple(_matrix(data, kind, by) for by in CRITERIA if by in found)


def _matrix(data: ReportData, kind: Kind, criterion: str) -> FigureBlock:
    table = select(data.table(kind.table), subset="all", criterion=criterion)
    cells, verdicts = _cells(data, table), _verdicts(data, table)
    # By cell and verdict; turned at the end where the rows are verdicts.
    values = np.full((len(cells), len(verdicts)), np.nan)
    notes = np.full(values.shape, MISSING, dtype=object)
    for entry in table.to_dict("records"):
        place = cells.index(entry["cell"]), verdicts.index(entry["verdict"])
        values[place], notes[place] = entry[kind.value], _note(entry, kind)
    # A fit that was not applied to a cell cannot be named there.
    right = [place for place in _right(data, cells, verdicts) if notes[place] != MISSING]
    said = ", ".join(
        kind.said.format(generator=cells[c], fit=verdicts[v], share=percent(values[c, v]))
        for c, v in right
    )
    sides = [("generator", [generator_label(data, cell) for cell in cells]), ("best fit", verdicts)]
    aside = sum(verdict in (FAILED, UNDECIDED) for verdict in verdicts)
    if kind.by_verdict:
        values, notes, right = values.T, notes.T, [(v, c) for c, v in right]
        sides, aside = sides[::-1], 0
    (row_label, rows), (column_label, columns) = sides
    drawing = partial(
        matrix,
        values,
        rows,
        columns,
        notes=notes.tolist(),
        right=right,
        row_label=row_label,
        column_label=column_label,
        aside=aside,
    )
    return FigureBlock(
        kind.table if criterion == ELPD_DIFF else f"{kind.table}.{criterion}",
        kind.title.format(BY[criterion]),
        kind.caption.format(BY[criterion]),
        f"{kind.table.capitalize()} matrix by {BY[criterion]}: {said}",
        drawing,
        kind.table,
        folded=criterion != ELPD_DIFF,
    )


def _note(entry: Mapping[Hashable, Any], kind: Kind) -> str:
    """Say how many datasets stand behind a share, and its interval."""
    interval = percent_interval(entry["lower"], entry["upper"])
    if not kind.by_verdict:
        return f"{entry['n']} of {entry['total']}\n{interval}"
    return f"n = {entry['n']}" + ("" if np.isnan(entry[kind.value]) else f"\n{interval}")


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

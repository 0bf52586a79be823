"""The verdict on models: which can be told apart, and which fit predicts observed data better."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import (
    Block,
    Column,
    Note,
    Prose,
    TableBlock,
    number_cell,
    text_cell,
    word_cell,
)
from driftmill.report.data import ReportData, select
from driftmill.report.formatting import count, number, percent, percent_interval, plural
from driftmill.report.separation import TARGET, oriented, separation, tally

#: A table of more rows is folded.
MOST_ROWS = 24


def told_apart(data: ReportData) -> tuple[Block, ...]:
    """Answer for every cell and rival, or say why there is no answer."""
    study = data.study
    if not study.rivals:
        return (Note(alone(data)),)
    if not study.compare:
        off = Markup("The study switches comparison off (<code>compare: enabled: false</code>).")
        return (Note(off),)
    pairs = data.table("pairs")
    if pairs.empty:
        return (Note(Markup("No two fits have an elpd that could be compared.")),)
    blocks: list[Block] = []
    apart = separation(pairs, study.cells, study.fits, study.thresholds)
    if not apart.empty:
        blocks.append(_apart(apart))
    answered = set() if apart.empty else set(apart["cell"])
    for cell in study.cells:
        if cell.name not in answered:
            blocks += _preferred(data, cell.name)
    return tuple(blocks)


def alone(data: ReportData) -> Markup:
    """Say why no fits can be compared."""
    if len(data.study.fits) < 2:
        return Markup("One fit alone: there is nothing to compare it with.")
    return Markup("Every cell has one fit alone: there is nothing to compare it with.")


def _apart(apart: pd.DataFrame) -> TableBlock:
    caption = Markup(
        "When the data come from the generator, on how many datasets does its own fit predict "
        "clearly better than the rival? ✓ when more than {} of datasets, ✕ when fewer, with 95 % "
        "confidence. Data of a model that the rival contains often stay undecided. Numbers: "
        '<a href="#models">model recovery</a>, '
        '<a href="#comparison">comparison</a>.'
    ).format(percent(TARGET))
    columns = (
        Column("cell", "cell", "text"),
        Column("generator", "generator", "text"),
        Column("rival", "rival fit", "text"),
        Column("apart", "told apart", "word"),
        Column("right", "right", "count"),
        Column("undecided", "undecided", "count"),
        Column("wrong", "wrong", "count"),
    )
    rows = []
    for row in apart.to_dict("records"):
        interval = f"{percent(row['share'])} {percent_interval(row['lower'], row['upper'])}"
        rows.append(
            (
                text_cell(str(row["cell"])),
                text_cell(str(row["generator"])),
                text_cell(str(row["rival"])),
                word_cell(str(row["apart"]), f"right on {interval}"),
                *(number_cell(row[key], "count") for key in ("right", "undecided", "wrong")),
            )
        )
    title = "Can the models be told apart?"
    return TableBlock(
        title, caption, columns, tuple(rows), "pairs", len(rows), len(rows) > MOST_ROWS
    )


def _preferred(data: ReportData, cell: str) -> list[Block]:
    study = data.study
    found: list[Block] = []
    here = select(data.table("pairs"), cell=cell)
    names = [fit.name for fit in study.fits_of(cell)]
    for position, first in enumerate(names):
        for second in names[position + 1 :]:
            counts = tally(oriented(here, first, second), study.thresholds)
            if not counts["n"]:
                continue
            text = Markup(
                "<strong>{}</strong>, {} against {}: {} predicts clearly better on {}, {} on {}, "
                "and {} undecided. Over all, {} is ahead by {} ± {} elpd."
            )
            ahead = first if counts["elpd_diff"] >= 0 else second
            found.append(
                Prose(
                    text.format(
                        cell,
                        first,
                        second,
                        first,
                        plural(int(counts["first"]), "dataset"),
                        second,
                        count(counts["second"]),
                        _are(int(counts["undecided"])),
                        ahead,
                        number(abs(counts["elpd_diff"])),
                        number(counts["dse"], 2),
                    )
                )
            )
    return found


def _are(amount: int) -> str:
    return f"{count(amount)} {'is' if amount == 1 else 'are'}"

"""Numbers of the fits beside published ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import (
    Block,
    Bullets,
    Cell,
    Column,
    Note,
    Section,
    TableBlock,
    number_cell,
)
from driftmill.report.data import ReportData
from driftmill.report.formatting import count, listed, plural
from driftmill.sampling.settings import FAILED

TITLE = "Beside published numbers"
#: Words for what of a posterior stands beside a number; an elpd says itself what it is.
STATISTICS = {
    "mean": "mean of {}",
    "sd": "sd of {}",
    "p_positive": "P({} > 0)",
    "p_negative": "P({} < 0)",
    "elpd_diff": "{}",
}
NUMBERS = (
    Column("ours", "ours", "number"),
    Column("mcse", "± MC error", "number", "Monte-Carlo error of ours"),
    Column("sd", "sd", "number", "of our posterior; of elpd differences their standard error"),
    Column("published", "published", "number"),
    Column("published_sd", "sd", "number", "of the published posterior"),
    Column("difference", "difference", "number", "ours − published"),
)


def published(data: ReportData) -> Section:
    """Show what the study asks to be held beside published numbers; nothing when it asks none."""
    rows = data.table("published")
    if rows.empty:
        return Section("published", TITLE, ())
    return Section("published", TITLE, (*_warnings(rows), _table(data, rows), *_notes(rows)))


def _table(data: ReportData, rows: pd.DataFrame) -> TableBlock:
    used = [column for column in NUMBERS if rows[column.key].notna().any()]
    several = len(rows[["cell", "dataset"]].drop_duplicates()) > 1
    cells = []
    for row in rows.to_dict("records"):
        what = Cell(str(row["label"]), None, "text long", _ours(data, row, several))
        cells.append((what, *(number_cell(row[column.key], column.kind) for column in used)))
    sources = list(dict.fromkeys(source for source in rows["source"] if source))
    told = Markup(" Published: {}.").format(listed(sources)) if sources else ""
    caption = Markup(
        "What others published of the same data, and the same quantity of the fits of this study, "
        "named in small print. The Monte-Carlo error says how far ours would move in another run; "
        "the published number has its own, which is rarely told. Beyond both, differences come "
        "from priors and links.{}"
    ).format(told)
    columns = (Column("label", "what", "text"), *used)
    return TableBlock(TITLE, caption, columns, tuple(cells), "published", len(rows))


def _ours(data: ReportData, row: Mapping[Any, Any], several: bool) -> str:
    """Say which number of which fit ours is, and on what where that could be another."""
    quantity = str(row["quantity"])
    text = f"{row['fit']}: {STATISTICS[row['statistic']].format(quantity)}"
    if not several:
        return text
    label = data.dataset_label(str(row["cell"]), int(row["dataset"]))
    return f"{text}; cell {row['cell']}, dataset {label}"


def _notes(rows: pd.DataFrame) -> list[Block]:
    """Return what explains differences."""
    items = tuple(
        Markup("<b>{}</b>: {}").format(row["label"], row["note"])
        for row in rows[rows["note"] != ""].to_dict("records")
    )
    return [Bullets(items)] if items else []


def _warnings(rows: pd.DataFrame) -> list[Block]:
    """Warn of entries without a number, and of posteriors that did not pass their gates."""
    notes: list[Block] = [
        Note(Markup("{}: {}.").format(row["label"], row["message"]), "warning")
        for row in rows[rows["message"] != ""].to_dict("records")
    ]
    failed = int((rows["code"].isin(FAILED)).sum())
    if failed:
        text = Markup("{} of {} below are of posteriors that did not pass their gates.")
        notes.append(Note(text.format(count(failed), plural(len(rows), "number")), "warning"))
    return notes

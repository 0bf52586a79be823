"""Numbers of the fits beside published ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import Block, Column, Note, Section, table_block
from driftmill.report.data import ReportData
from driftmill.report.formatting import count, plural
from driftmill.sampling.settings import FAILED

TITLE = "Beside published numbers"
#: Words for what of a posterior stands beside a number.
STATISTICS = {
    "mean": "mean",
    "sd": "sd",
    "p_positive": "P(> 0)",
    "p_negative": "P(< 0)",
    "elpd_diff": "elpd difference",
}
COLUMNS = (
    Column("label", "what", "text"),
    Column("where", "fit", "text"),
    Column("quantity", "ours is", "text"),
    Column("statistic", "statistic", "text"),
    Column("ours", "ours", "number"),
    Column("mcse", "± MC error", "number", "Monte-Carlo error of ours"),
    Column("sd", "sd", "number", "of our posterior; of elpd differences their standard error"),
    Column("published", "published", "number"),
    Column("published_sd", "sd", "number", "of the published posterior"),
    Column("difference", "difference", "number", "ours − published"),
    Column("source", "source", "text"),
    Column("note", "note", "text"),
)


def published(data: ReportData) -> Section:
    """Show what the study asks to be held beside published numbers; nothing when it asks none."""
    rows = data.table("published")
    if rows.empty:
        return Section("published", TITLE, ())
    several = len(rows[["cell", "dataset"]].drop_duplicates()) > 1
    shown = rows.assign(
        where=[_where(data, row, several) for row in rows.to_dict("records")],
        statistic=[STATISTICS[name] for name in rows["statistic"]],
    )
    caption = Markup(
        "What others published of the same data, and the same quantity of the fits of this study. "
        "The Monte-Carlo error says how far ours would move in another run; the published one has "
        "its own, which is rarely told. Beyond both, differences come from priors and links."
    )
    used = [column for column in COLUMNS if _used(shown, column.key)]
    table = table_block(shown, used, title=TITLE, caption=caption, table="published")
    return Section("published", TITLE, (*_notes(data, rows), table))


def _where(data: ReportData, row: Mapping[Any, Any], several: bool) -> str:
    """Name the fit, and what it is on where that could be another."""
    if not several:
        return str(row["fit"])
    label = data.dataset_label(str(row["cell"]), int(row["dataset"]))
    return f"{row['fit']} on {row['cell']}, dataset {label}"


def _used(rows: pd.DataFrame, key: str) -> bool:
    """Tell whether a column says anything."""
    return bool((rows[key].notna() & (rows[key] != "")).any())


def _notes(data: ReportData, rows: pd.DataFrame) -> list[Block]:
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

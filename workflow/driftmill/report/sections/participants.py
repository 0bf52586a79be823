"""Participants' own values within one dataset."""

from __future__ import annotations

from functools import partial

from markupsafe import Markup

from driftmill.report.blocks import FigureBlock
from driftmill.report.data import ReportData, select
from driftmill.report.figures.estimates import MOST_ROWS, participants_forest


def participants(data: ReportData, cell: str, dataset: int) -> list[FigureBlock]:
    """Return the forest of a dataset's participants, if any fit has values of their own."""
    rows = select(data.table("estimates"), cell=cell, dataset=dataset, level="participant")
    if rows.empty or rows["mean"].isna().all():
        return []
    rows = rows.dropna(subset=["mean"])
    # A parameter of another model than the generator's has no truth of its own.
    rows = rows.assign(truth=rows["truth"].where(rows["matched"]))
    count, label = rows["participant_id"].nunique(), data.dataset_label(cell, dataset)
    beyond = f" The first {MOST_ROWS} of {count} are drawn." if count > MOST_ROWS else ""
    known = rows["truth"].notna().any()
    caption = Markup(
        "Each participant's own values with 50 % (thick) and 90 % (thin) intervals: parameters at "
        "covariates 0 on their natural scale, coefficients on the scale of the linear predictor."
        " Good: intervals shorter than the spread of the means, so that participants differ by "
        "more than their errors. Bad: all means in one place, which is shrinkage.{}{}"
    ).format(" The strokes are the true values." if known else "", beyond)
    return [
        FigureBlock(
            f"participants.{cell}.{dataset}",
            f"Participants: {cell}, dataset {label}",
            caption,
            f"Forest of the own values of {count} participants of dataset {label} of {cell}",
            partial(participants_forest, rows),
            "estimates",
        )
    ]

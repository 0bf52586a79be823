"""Predicted and observed responses against the covariates of the formulas."""

from __future__ import annotations

from functools import partial

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import FigureBlock
from driftmill.report.data import ReportData, select
from driftmill.report.figures.covariates import covariate_panels
from driftmill.report.formatting import percent

#: Datasets that are drawn side by side.
SHOWN = 3
MEDIANS = " Of response times the median is shown, which a few lapses of many seconds do not move."


def covariates(data: ReportData, cell: str, fit: str) -> list[FigureBlock]:
    """Return a figure for every covariate of a fit on a cell."""
    table = select(data.table("covariate"), cell=cell, fit=fit)
    if table.empty:
        return []
    known = table.dropna(subset=["predicted"])
    groups = known.groupby("covariate", sort=False)
    return [_figure(data, cell, fit, str(name), rows) for name, rows in groups]


def _figure(
    data: ReportData, cell: str, fit: str, covariate: str, rows: pd.DataFrame
) -> FigureBlock:
    timed = (rows["quantity"] == "median_rt").any()
    seen = rows.dropna(subset=["observed"])
    inside = ((seen["observed"] >= seen["lower"]) & (seen["observed"] <= seen["upper"])).mean()
    datasets = data.datasets_in_order(cell, rows["dataset"])[:SHOWN]
    rows = rows[rows["dataset"].isin(datasets)]
    labels = {dataset: f"dataset {data.dataset_label(cell, dataset)}" for dataset in datasets}
    caption = Markup(
        "Responses by {}: bins of equal counts, or its levels. Rings are observed with 95 % "
        "intervals, bands are 90 % predictive intervals of datasets of this size.{} Good: about "
        "nine in ten rings inside the band; here {} of the bins of all datasets. A band that "
        "misses the rings at one end has the wrong slope or the wrong shape."
    ).format(covariate, MEDIANS if timed else "", percent(inside))
    place = list(dict.fromkeys(select(data.table("covariate"), cell=cell, fit=fit)["covariate"]))
    return FigureBlock(
        f"covariate.{cell}.{fit}.{place.index(covariate)}",
        f"Responses against {covariate}: {cell}, fit {fit}",
        caption,
        f"Observed and predicted responses over {covariate}; {percent(inside)} of observed values "
        "lie in their 90 % predictive interval",
        partial(covariate_panels, rows, labels),
        "covariate",
    )

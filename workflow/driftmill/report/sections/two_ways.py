"""One model by a network and by its own likelihood: whether the posteriors are the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import Block, Column, Group, Prose, table_block
from driftmill.report.data import FitSummary, ReportData, select
from driftmill.report.formatting import count, number
from driftmill.report.levels import shared
from driftmill.sampling.settings import PASSED

#: What makes two fits one but for their likelihoods.
_SAME = ("model", "fixed", "fixed_columns", "priors", "formulas", "links", "p_outlier")


def two_ways(data: ReportData) -> list[Block]:
    """Hold posteriors by a network against those of the same fit with another likelihood."""
    found = [row for fit in data.study.fits if fit.network for row in _rows(data, fit)]
    if not found:
        return []
    rows = pd.DataFrame(found)
    worst = rows["errors"].abs()
    text = Markup(
        "Of {} differences between posterior means by a network and by the model's own likelihood, "
        "the largest is {} Monte-Carlo standard errors, {} posterior sds; {} are beyond 2 standard "
        "errors, of which chance alone puts one in twenty there."
    ).format(
        count(len(rows)),
        number(float(worst.max())),
        number(float(rows["shift"].abs().max())),
        count(int((worst > 2.0).sum())),
    )
    columns = (
        Column("cell", "cell", "text"),
        Column("dataset", "dataset", "count"),
        Column("parameter", "parameter", "text"),
        Column("network", "by the network", "text", "fit"),
        Column("mean", "mean", "number"),
        Column("sd", "sd", "number"),
        Column("own", "by its own", "text", "fit"),
        Column("own_mean", "mean", "number"),
        Column("own_sd", "sd", "number"),
        Column("shift", "difference / sd", "number"),
        Column("errors", "difference / MCSE", "number", "Monte-Carlo error of the difference"),
    )
    caption = Markup(
        "Posterior means and sds of fits that differ in their likelihood alone. Good: differences "
        "of a few Monte-Carlo standard errors at most, and small beside the sd."
    )
    title = "One fit by two likelihoods"
    table = table_block(rows, columns, title=title, caption=caption, table="estimates", limit=60)
    return [Group("networks-two-ways", "Beside the model's own likelihood", (Prose(text), table))]


def _rows(data: ReportData, fit: FitSummary) -> list[dict[str, object]]:
    """Return the differences of a fit by a network to those without that are the same else."""
    rows: list[dict[str, object]] = []
    for other in data.study.fits:
        if other.network or any(getattr(fit, n) != getattr(other, n) for n in _SAME):
            continue
        both = shared(data.table("estimates"))
        if both.empty:
            continue
        both = both[both["code"].isin(PASSED)]
        keys = ["cell", "dataset", "parameter"]
        ours, theirs = (select(both, fit=name) for name in (fit.name, other.name))
        joined = ours.merge(theirs, on=keys, suffixes=("", "_own"))
        for row in joined.to_dict("records"):
            apart = row["mean"] - row["mean_own"]
            error = np.hypot(row["sd"] * row["mcse_ratio"], row["sd_own"] * row["mcse_ratio_own"])
            told = {key: row[key] for key in keys}
            told |= {"network": fit.name, "own": other.name, "mean": row["mean"], "sd": row["sd"]}
            told |= {"own_mean": row["mean_own"], "own_sd": row["sd_own"]}
            rows.append(told | {"shift": apart / row["sd_own"], "errors": apart / error})
    return rows

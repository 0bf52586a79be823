"""Every trial among what all other trials predict for it: LOO-PIT."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from markupsafe import Markup

from driftmill.recovery.uniformity import band_p_values
from driftmill.report.blocks import Block, Column, FigureBlock, table_block
from driftmill.report.data import ReportData, select
from driftmill.report.figures import pit as draw

#: Datasets that are drawn side by side.
SHOWN = 3
#: Below this p a curve leaves its band.
LEVEL = 1.0 - draw.LEVEL
KEYS = ["cell", "fit", "dataset", "quantity", "scope", "factor", "group"]
#: What a mean above or below that of uniform values says, and a spread above or below.
WORDS = {
    "rt": ("slower than predicted", "faster than predicted"),
    "response": ("larger codes than predicted", "smaller codes than predicted"),
}
SPREAD = ("more extreme than predicted", "less extreme than predicted")
READING = Markup(
    "For every trial the probability that the fit gave a smaller value, from all other trials "
    "(LOO-PIT): draws are weighted as if the posterior had not seen the trial. If the fit is right "
    "these are uniform, and the curve stays in the band with a probability of 95 %. Good: a solid "
    "line about zero. Bad: a curve below zero, data slower (or of larger codes) than predicted, "
    "above zero faster; first above and then below zero, data more extreme than predicted; first "
    "below and then above, less extreme. Of a response, equal values are put in a random order, so "
    "that its curve says whether its probabilities are right and not how sharp they are."
)
COLUMNS = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("label", "dataset", "text"),
    Column("trials", "trials", "text"),
    Column("what", "of", "text"),
    Column("n", "number", "count", "evenly spaced trials, 1,000 of a dataset at most"),
    Column("p", "p", "number", "of the band that the curve just leaves"),
    Column("mean", "mean", "number", "0.5 if the fit is right"),
    Column("reading", "data are", "text", "where p is below 0.05"),
    Column("n_bad_k", "heavy tails", "count", "trials with a Pareto k above 0.7"),
)


def pit_figures(data: ReportData, cell: str, fit: str, grouped: bool) -> list[FigureBlock]:
    """Return the figures of a fit on a cell: whole datasets, then, if ``grouped``, their groups."""
    table = select(data.table("pit"), cell=cell, fit=fit)
    if table.empty:
        return []
    every = table[table["scope"] == "all"]
    datasets = data.datasets_in_order(cell, every["dataset"])
    labels = {d: f"dataset {data.dataset_label(cell, d)}" for d in datasets[:SHOWN]}
    learns = data.study.fit(fit).learns
    ahead = " A trial left out has still taught the learner what came after it." if learns else ""
    found = [_figure(cell, fit, "", every, "dataset", labels, READING + ahead)]
    groups = table[table["scope"] != "all"]
    if grouped and not groups.empty:
        first = data.datasets_in_order(cell, groups["dataset"])[0]
        some = named(groups[groups["dataset"] == first])
        # Of a response the table alone says it.
        some = some[some["quantity"] == ("rt" if (some["quantity"] == "rt").any() else "response")]
        caption = Markup(
            "As above, by condition and participant of dataset {}; of a condition that was cut "
            "from numbers, the ends stand in the title. Good: solid lines but for one panel in "
            "twenty. Bad: dashed lines above zero in some panels and below it in others, which the "
            "whole dataset hides."
        ).format(data.dataset_label(cell, first))
        own = {name: name for name in dict.fromkeys(some["trials"])}
        found.append(_figure(cell, fit, ".groups", some, "trials", own, caption))
    return found


def _figure(
    cell: str,
    fit: str,
    of: str,
    rows: pd.DataFrame,
    key: str,
    labels: dict[int, str] | dict[str, str],
    caption: Markup,
) -> FigureBlock:
    p = summary(rows)["p"]
    out = int((p < LEVEL).sum())
    told = Markup(" Here {} of {} curves leave it{}.").format(
        out, len(p), ", those not drawn among them" if key == "dataset" else ""
    )
    where = " by condition and participant" if of else ""
    return FigureBlock(
        f"pit.{cell}.{fit}{of}",
        f"LOO-PIT{where}: {cell}, fit {fit}",
        caption + told,
        f"{out} of {len(p)} ECDFs of LOO-PIT values leave their 95 % bands",
        partial(draw.pit_panels, rows, key, labels),
        "pit",
        folded=bool(of),
    )


def pit_blocks(data: ReportData) -> list[Block]:
    """Return the table of all curves, the least likely first."""
    table = data.table("pit")
    if table.empty:
        return []
    rows = named(data.with_labels(summary(table))).sort_values("p", kind="stable")
    rows = rows.assign(what=rows["quantity"].map(draw.QUANTITIES))
    caption = Markup(
        "The least likely curves first. Good: p-values of all sizes, about one in twenty below "
        "0.05. Trials with heavy tails are predicted by weights that cannot be relied on; a few do "
        "not bend a curve."
    )
    title = "LOO-PIT in numbers"
    return [table_block(rows, COLUMNS, title=title, caption=caption, table="pit", limit=100)]


def named(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with ``trials``: which group of them."""
    name = (rows["factor"] + " ").where(rows["scope"] == "condition", "") + rows["group"]
    return rows.assign(trials=name)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Say of every curve how likely it is and which way it goes.

    Parameters
    ----------
    table
        Rows of ``pit``.

    Returns
    -------
    DataFrame
        A row a curve: its keys, n, n_bad_k, p (of the simultaneous band, exact for independent
        values), mean, and ``reading`` in words where p is below 0.05.
    """
    found = []
    for key, rows in table.groupby(KEYS, sort=False):
        counts, total = rows.sort_values("place")["below"].to_numpy(), int(rows["n"].iloc[0])
        held = np.diff(np.concatenate([[0], counts, [total]]))
        centres = (np.arange(len(held)) + 0.5) / len(held)
        mean = float(held @ centres) / total
        # Of uniform values the squares about the middle have mean 1/12 and variance 1/180.
        mean_z = (mean - 0.5) * np.sqrt(12 * total)
        spread_z = (float(held @ (centres - 0.5) ** 2) / total - 1 / 12) * np.sqrt(180 * total)
        words = WORDS[str(key[3])] if abs(mean_z) > abs(spread_z) else SPREAD
        larger = (mean_z if abs(mean_z) > abs(spread_z) else spread_z) > 0
        said = {"n": total, "n_bad_k": int(rows["n_bad_k"].iloc[0]), "mean": mean, "counts": counts}
        word = words[0] if larger else words[1]
        found.append(dict(zip(KEYS, key, strict=True)) | said | {"reading": word})
    curves = pd.DataFrame(found)
    curves["p"] = np.nan
    for _, same in curves.groupby("n"):
        n = int(same["n"].iloc[0])
        curves.loc[same.index, "p"] = band_p_values(np.stack(list(same["counts"])), n)
    told = curves["reading"].where(curves["p"] < LEVEL, "")
    return curves.assign(reading=told).drop(columns="counts")

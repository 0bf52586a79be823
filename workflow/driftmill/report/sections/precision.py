"""How many trials or participants are enough."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from driftmill.recovery.sizes import Line, Size, lines
from driftmill.report.blocks import (
    Block,
    Column,
    FigureBlock,
    Group,
    Prose,
    Section,
    capped,
    table_block,
)
from driftmill.report.data import ReportData, select
from driftmill.report.figures import precision as draw
from driftmill.report.formatting import count, listed, number, percent
from driftmill.report.levels import Layer, in_layers, layered
from driftmill.report.sections.layers import figure_name

TITLE = "Precision against sample size"
#: What is asked of an estimate, in words.
ASKED = {
    "contraction": "contraction of at least {}",
    "rmse": "RMSE of at most {} prior sd",
    "width": "90 % interval of at most {} prior sd",
}
_WHOSE = (
    Column("sweep", "cells", "text"),
    Column("fit", "fit", "text"),
    Column("parameter", "parameter", "text"),
    Column("layer", "level", "text"),
    Column("subset", "posteriors", "text", "all, or those that passed their gates"),
)
_NEEDED = (
    *_WHOSE,
    Column("asked", "target", "text"),
    Column("of", "number of", "text"),
    Column("needed", "needed", "count", "smallest number that reaches the target"),
    Column("needed_lower", "lower", "count", "95 % interval, bootstrap over datasets"),
    Column("needed_upper", "upper", "count", "95 % interval; none: beyond ten times the largest"),
    Column("at_largest", "at the largest", "number", "what was reached with the largest number"),
    Column("words", "in words", "text"),
)
_PLANNING = (
    *_WHOSE,
    Column("trials", "trials", "count", "of a participant"),
    Column("participants", "participants", "count"),
    Column("n", "n", "count", "datasets, or participants of all datasets"),
    Column("width_90", "interval width", "number", "mean width of the 90 % interval"),
    Column("width_90_mcse", "± se", "number", "Monte-Carlo error"),
    Column("sd_posterior", "posterior sd", "number"),
    Column("sd_posterior_mcse", "± se", "number"),
    Column("contraction", "contraction", "number", "1 − posterior variance / prior variance"),
    Column("contraction_mcse", "± se", "number"),
    Column("rmse", "RMSE", "number"),
    Column("rmse_mcse", "± se", "number"),
    Column("coverage_90", "coverage", "percent", "of the 90 % interval"),
)


def precision(data: ReportData) -> Section:
    """Show precision where cells differ in trials or participants alone; else nothing."""
    if not data.has("precision"):
        return Section("precision", TITLE, ())
    table = data.table("precision")
    blocks: list[Block] = [_found(table)]
    if data.has("sample_sizes"):
        blocks.append(_needed(data))
    kinds: tuple[tuple[str, str, Callable[..., FigureBlock]], ...] = (
        ("size-errors", "Errors and widths", _errors),
        ("size-contraction", "Contraction", _contraction),
        ("size-coverage", "Coverage", _coverage),
    )
    for anchor, title, made in kinds:
        figures = [made(data, *found) for found in _curves(table)]
        blocks.append(Group(anchor, title, capped(figures, data.figure_limit)))
    blocks.append(_planning(data))
    return Section("precision", TITLE, tuple(blocks))


def in_words(row: Mapping[Any, Any]) -> str:
    """Say how many trials or participants are needed, and how well that is known."""
    axis, status = row["axis"], row["status"]
    largest, smallest = count(row["largest"]), count(row["smallest"])
    if status == "smallest":
        return f"{smallest} {axis} are enough, fewer were not studied"
    if status == "beyond":
        return f"not reached with {largest} {axis}"
    lower, upper = row["needed_lower"], row["needed_upper"]
    spread = ""
    if not np.isnan(lower):
        least = f"{smallest} or fewer" if lower <= row["smallest"] else count(np.floor(lower))
        most = "far more" if np.isnan(upper) else count(np.ceil(upper))
        spread = f" ({least} to {most})"
    about = f"about {count(np.ceil(row['needed']))} {axis}{spread}"
    if status == "extrapolated":
        return f"{about}, by the 1/√N law: {largest} were not enough"
    return about


def _found(table: pd.DataFrame) -> Block:
    said = []
    for sweep, rows in table.groupby("sweep", sort=False):
        cells = listed(list(dict.fromkeys(rows["cell"])))
        varied = [axis for axis in ("trials", "participants") if np.ptp(rows[axis]) > 0]
        said.append(f"{cells} ({sweep}) in {' and '.join(varied)}")
    return Prose(
        Markup(
            "Some cells are alike but for their size: {}. They show what more data buy. What is "
            "said holds for these true values and for fits of the generating model."
        ).format("; ".join(said))
    )


def _needed(data: ReportData) -> Block:
    table = data.table("sample_sizes")
    table = table if data.failed else select(table, subset="all")
    records = table.to_dict("records")
    table = table.assign(
        asked=[ASKED[row["criterion"]].format(f"{row['target']:g}") for row in records],
        of=[_of(str(row["axis"]), int(row["held"])) for row in records],
        words=[in_words(row) for row in records],
        needed_lower=table["needed_lower"].apply(np.floor),
        needed=table["needed"].apply(np.ceil),
        needed_upper=table["needed_upper"].apply(np.ceil),
    )
    caption = Markup(
        "The smallest number that reaches the target: between the sizes studied the curve is "
        "followed on straight lines (contraction as a logit, errors and widths as logarithms, "
        "over log N), beyond the largest by the 1/√N law, up to ten times as far, where that law "
        "holds. Not for means and sds of a group along trials: there the number of participants "
        "sets a limit. Change the targets under <code>report: {precision: ...}</code>."
    )
    return table_block(
        in_layers(table), _NEEDED, title="How many are enough?", caption=caption,
        table="sample_sizes",
    )  # fmt: skip


def _of(axis: str, held: int) -> str:
    if axis == "trials":
        return f"trials, {count(held)} participant{'s' * (held > 1)}"
    return f"participants, {count(held)} trials each"


def _planning(data: ReportData) -> Block:
    table = data.table("precision")
    table = table if data.failed else select(table, subset="all")
    order = ["sweep", "fit", "parameter", "level", "subset"]
    place = table.groupby(order, sort=False).ngroup()
    table = table.assign(place=place).sort_values(["place", "participants", "trials"])
    caption = Markup(
        "For planning: what to expect of a parameter at each size, each number with its "
        "Monte-Carlo error. Widths and errors are in the parameter's own unit."
    )
    title = "Planning table"
    return table_block(in_layers(table), _PLANNING, title=title, caption=caption, table="precision")


def _curves(table: pd.DataFrame) -> list[tuple[str, Line, Layer, pd.DataFrame]]:
    """Return every fit's rows along every axis, layer after layer."""
    found = []
    rows = select(table, subset="all").dropna(subset=["rmse"])
    for fit, own in rows.groupby("fit", sort=False):
        sizes = {
            str(row["cell"]): Size(row["sweep"], row["trials"], row["participants"])
            for row in own.to_dict("records")
        }
        for line in lines(sizes, list(sizes)):
            here = own[own["cell"].isin(line.cells)]
            found += [(str(fit), line, layer, part) for layer, part in layered(here)]
    return found


def _named(kind: str, fit: str, line: Line, layer: Layer) -> tuple[str, str]:
    stem, name = figure_name(line.sweep, fit, layer)
    return f"{kind}.{stem}.{line.axis}.{line.held}", f"{name}, {_of(line.axis, line.held)}"


def _at_largest(
    what: str, line: Line, rows: pd.DataFrame, written: Callable[[Mapping[Any, Any]], str]
) -> str:
    """Say a number of every parameter at the largest size."""
    last = rows[rows[line.axis] == line.sizes[-1]].to_dict("records")
    said = ", ".join(f"{row['parameter']} {written(row)}" for row in last)
    return f"{what} at {line.sizes[-1]} {line.axis}: {said}"


def _errors(
    data: ReportData, fit: str, line: Line, layer: Layer, rows: pd.DataFrame
) -> FigureBlock:
    stem, name = _named("precision", fit, line, layer)
    caption = Markup(
        "RMSE of the posterior mean, mean posterior sd and mean width of the 90 % interval, with "
        "± 2 Monte-Carlo errors, on logarithmic axes. Good: curves that fall along the dashed "
        "1/√N lines, RMSE at the posterior sd. A curve that stays flat is set by the prior: more "
        "data of this kind do not help. One that falls faster leaves the prior behind."
    )
    alt = _at_largest("RMSE", line, rows, lambda row: number(row["rmse"], 2))
    drawing = partial(draw.errors, rows, line.axis)
    return FigureBlock(stem, f"Errors and widths: {name}", caption, alt, drawing, "precision")


def _contraction(
    data: ReportData, fit: str, line: Line, layer: Layer, rows: pd.DataFrame
) -> FigureBlock:
    stem, name = _named("contraction_sizes", fit, line, layer)
    where = {"sweep": line.sweep, "fit": fit, "axis": line.axis, "held": line.held}
    needed = select(data.table("sample_sizes"), subset="all", criterion="contraction", **where)
    needed = needed if len(needed) else pd.DataFrame(columns=["parameter"])
    caption = Markup(
        "Mean contraction with ± 2 Monte-Carlo errors. Dashed: the target; green: the smallest "
        "number that reaches it with its 95 % interval. Good: above the target well before the "
        "end of the axis."
    )
    alt = _at_largest("Contraction", line, rows, lambda row: percent(row["contraction"]))
    drawing = partial(draw.contraction, rows, line.axis, needed)
    return FigureBlock(stem, f"Contraction: {name}", caption, alt, drawing, "precision")


def _coverage(
    data: ReportData, fit: str, line: Line, layer: Layer, rows: pd.DataFrame
) -> FigureBlock:
    stem, name = _named("coverage_sizes", fit, line, layer)
    caption = Markup(
        "How often 90 % intervals hold the truth, with Jeffreys 95 % bars. Good: bars that cross "
        "the dashed line at every size. Below it at small sizes alone: intervals that are too "
        "narrow where data are few."
    )
    said = ", ".join(
        f"{parameter} {percent(own['coverage_90'].min())}"
        for parameter, own in rows.groupby("parameter", sort=False)
    )
    alt = f"Smallest coverage of 90 % intervals: {said}"
    drawing = partial(draw.coverage, rows, line.axis)
    return FigureBlock(stem, f"Coverage: {name}", caption, alt, drawing, "precision", folded=True)

"""Which posteriors can be relied on, before any of their numbers is shown."""

from __future__ import annotations

from functools import partial

import pandas as pd
from markupsafe import Markup

from driftmill.report.approximate import statement
from driftmill.report.blocks import (
    Block,
    Column,
    FigureBlock,
    Group,
    Note,
    Prose,
    Section,
    capped,
    table_block,
)
from driftmill.report.data import CellSummary, ReportData, select
from driftmill.report.figures import gates as draw
from driftmill.report.formatting import count, fixed, plural
from driftmill.report.levels import in_layers, shared
from driftmill.report.rhat import expected_largest_r_hat, largest_r_hat_by_chance
from driftmill.report.sections.point import headline
from driftmill.sampling.settings import FAILED

DETAILS = (
    Column("cell", "cell", "text"),
    Column("fit", "fit", "text"),
    Column("label", "dataset", "text"),
    Column("code", "result", "code"),
    Column("rung", "retries", "count", "rungs of the ladder that were climbed"),
    Column("r_hat", "r_hat", "r_hat", "largest"),
    Column("ess_bulk", "bulk ESS", "count", "smallest"),
    Column("ess_tail", "tail ESS", "count", "smallest"),
    Column("divergences", "divergences", "count"),
    Column("saturated", "saturated", "count", "trees that reached the greatest depth"),
    Column("e_bfmi", "E-BFMI", "number", "smallest of any chain"),
    Column("mcse_ratio", "MCSE / sd", "number", "largest"),
    Column("message", "message", "text"),
)


def gates(data: ReportData) -> Section:
    """Count result codes, hold r_hat against chance, and show where failures sit."""
    table = data.table("gates")
    if table.empty:
        return Section("gates", "Gates", (Note(Markup("No posterior was sampled."), "warning"),))
    if data.study.sampling.approximate:
        blocks: list[Block] = [
            Note(statement(data.study), "warning"),
            _counts(table),
            _approximations(data.with_labels(table)),
        ]
    else:
        retries = Markup(
            "A posterior that misses a gate is sampled again with a longer warm-up and a higher "
            "target acceptance (<code>retried_ok</code> when that helps). One that never passes is "
            "kept, labelled and counted; none is dropped."
        )
        blocks = [Prose(retries), _counts(table), *_r_hat(data, table)]
    failed = table[table["code"].isin(FAILED)]
    if failed.empty:
        none = "No posterior failed, so there is nothing to compare with and without failures."
        blocks.append(Prose(Markup(none)))
    else:
        blocks.append(_failed(data.with_labels(failed)))
        blocks.append(Group("gates-where", "Where the failures sit", _maps(data, failed)))
        blocks.append(Group("gates-headline", "With and without the failures", _headline(data)))
    return Section("gates", "Gates", tuple(blocks))


def _counts(table: pd.DataFrame) -> FigureBlock:
    caption = Markup(
        "Posteriors by result, for each cell and fit. Good is a bar of <code>ok</code>; many "
        "<code>retried_ok</code> ask for a longer first warm-up; hatched parts did not pass."
    )
    totals = table["code"].value_counts()
    alt = "Posteriors by result: " + ", ".join(f"{n} {code}" for code, n in totals.items())
    drawing = partial(draw.code_counts, table)
    return FigureBlock("gates.counts", "Results of the gates", caption, alt, drawing, "gates")


def _approximations(table: pd.DataFrame) -> Block:
    keys = ("cell", "fit", "label", "code", "message")
    caption = Markup(
        "What is known of each. The Pareto k of the ratios of posterior to approximation says how "
        "far the two are apart: below 0.5 they are close, above 0.7 the approximation is far off "
        '(Yao et al. 2018, <a href="https://arxiv.org/abs/1802.02538">arXiv:1802.02538</a>). A '
        "small k does not prove that nothing was missed."
    )
    columns = tuple(column for column in DETAILS if column.key in keys)
    title = "Approximate posteriors"
    return table_block(table, columns, title=title, caption=caption, table="gates", open_up_to=12)


def _r_hat(data: ReportData, table: pd.DataFrame) -> list[Block]:
    known = table["r_hat"].dropna()
    if known.empty:
        return []
    settings = data.study.sampling
    estimates = data.table("estimates")
    if estimates.empty or "ess_bulk" not in estimates or estimates["ess_bulk"].isna().all():
        values, ess = len(known), float(table["ess_bulk"].median())
    else:
        # Participants' own values are computed from what the gates saw, not seen by them.
        rows = estimates[estimates["level"] != "participant"].dropna(subset=["ess_bulk"])
        values, ess = len(rows), float(rows["ess_bulk"].median())
    expected = expected_largest_r_hat(values, settings.chains, settings.draws, ess)
    largest = float(known.max())
    bound = largest_r_hat_by_chance(values, settings.chains, settings.draws, ess)
    judgement = "no more than chance makes it" if largest <= bound else "more than chance makes it"
    text = Markup(
        "The largest r_hat of any posterior is {}. Among {} with a typical bulk ESS of {}, all "
        "converged, chance alone makes the largest {} on average and keeps it below {} in 19 of 20 "
        "studies: it is {}. The gate is {}."
    )
    sentence = Prose(
        text.format(
            fixed(largest, 4),
            plural(values, "r_hat value"),
            count(ess),
            fixed(expected, 4),
            fixed(bound, 4),
            judgement,
            f"{settings.gates.r_hat:g}",
        )
    )
    caption = Markup(
        "The share of posteriors whose largest r_hat is up to each value (the distance from 1, on "
        "a logarithmic scale). Good is a curve that reaches the top left of the dashed line. "
        "Beyond the dotted line r_hat is larger than the number of posteriors explains."
    )
    alt = f"Distribution of the largest r_hat of {len(known)} posteriors; maximum {largest:.4f}"
    drawing = partial(draw.largest_r_hat, table, settings.gates.r_hat, expected)
    figure = FigureBlock("gates.r_hat", "Largest r_hat", caption, alt, drawing, "gates")
    return [sentence, figure]


def _failed(failed: pd.DataFrame) -> Block:
    caption = Markup("The posteriors that did not pass, and what they missed.")
    return table_block(
        failed, DETAILS, title="Failed posteriors", caption=caption, table="gates", open_up_to=12
    )


def _maps(data: ReportData, failed: pd.DataFrame) -> tuple[Block, ...]:
    drawn, untrue = [], []
    for cell in data.study.cells:
        codes = select(failed, cell=cell.name)
        if codes.empty:
            continue
        truth = _truths(data, cell)
        if truth.empty or not set(codes["dataset"]) <= set(truth.index):
            untrue.append(cell.name)
            continue
        caption = Markup(
            "True values of all datasets of cell {} (grey; the darker the more), with those marked "
            "on which a fit failed. Good: few marks, scattered. Bad: marks in one corner, which "
            "say which values the fit cannot handle."
        ).format(cell.name)
        alt = f"{codes['dataset'].nunique()} of {len(truth)} datasets of {cell.name} failed"
        drawing = partial(draw.failure_map, truth, codes)
        title = f"Failures in parameter space: {cell.name}"
        stem = f"gates.map.{cell.name}"
        drawn.append(FigureBlock(stem, title, caption, alt, drawing, "gates"))
    blocks = list(capped(drawn, data.figure_limit))
    if untrue:
        text = "No true values are known for {}, so its failures cannot be placed."
        blocks.append(Note(Markup(text).format(", ".join(untrue))))
    return tuple(blocks)


def _truths(data: ReportData, cell: CellSummary) -> pd.DataFrame:
    """Return one row a dataset and one column a parameter, of truths all participants share."""
    table = shared(select(data.table("estimates"), cell=cell.name))
    if table.empty or table["truth"].isna().all():
        return pd.DataFrame()
    return table.dropna(subset=["truth"]).pivot_table(
        index="dataset", columns="parameter", values="truth", aggfunc="mean", sort=False
    )


def _headline(data: ReportData) -> tuple[Block, ...]:
    point, coverage = headline(data, data.table("point")), data.table("coverage")
    if point.empty:
        return (Note(Markup("There are no recovery numbers to compare.")),)
    keys = ["cell", "fit", "parameter"]
    rows = in_layers(point)
    rows = rows[[c for c in (*keys, "layer", "subset", "n", "r", "bias", "rmse") if c in rows]]
    if not coverage.empty:
        at_90 = coverage[coverage["interval"].round(3) == 0.9]
        rows = rows.merge(at_90[[*keys, "subset", "coverage"]], on=[*keys, "subset"], how="left")
    columns = (
        Column("cell", "cell", "text"),
        Column("fit", "fit", "text"),
        Column("parameter", "parameter", "text"),
        Column("layer", "level", "text"),
        Column("subset", "posteriors", "text"),
        Column("n", "n", "count"),
        Column("r", "r", "number"),
        Column("bias", "bias", "number"),
        Column("rmse", "RMSE", "number"),
        Column("coverage", "90 % coverage", "percent"),
    )
    caption = Markup(
        "The headline numbers over <code>all</code> posteriors and over those that "
        "<code>passed</code>. Large differences mean that the failures are not harmless."
    )
    title = "Recovery with and without failed posteriors"
    return (table_block(rows, columns, title=title, caption=caption, table="point"),)

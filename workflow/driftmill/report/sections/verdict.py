"""The verdict strip: what can be recovered, and which models can be told apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import (
    Block,
    Column,
    Group,
    Note,
    Prose,
    Section,
    TableBlock,
    table_block,
    text_cell,
    word_cell,
)
from driftmill.report.data import ReportData, select
from driftmill.report.formatting import count, listed, number, percent, percent_interval, plural
from driftmill.report.levels import in_layers, layered
from driftmill.report.sections.products import product_notes
from driftmill.report.sections.verdict_models import told_apart

QUESTIONS = ("calibrated", "identified", "unbiased", "precise")
#: A strip of more rows is folded below an overview.
MOST_ROWS = 24
#: What the strip of a layer asks about, where the layer's own words would mislead.
TOLD = {"participants": "participants' own values"}
HELP = {
    "calibrated": "ranks of truths drawn from the fit's priors are uniform; for other truths: the "
    "90 % interval holds the truth as often as it says",
    "identified": "the data narrow the prior",
    "unbiased": "the mean error is small",
    "precise": "the error is small beside the prior",
}


def verdict(data: ReportData) -> Section:
    """Say what the study found, in words, before any number."""
    blocks: list[Block] = [_counts(data)]
    blocks.append(Group("verdict-parameters", "Parameters", _parameters(data)))
    blocks.append(Group("verdict-models", "Models", told_apart(data)))
    return Section("verdict", "Verdict", tuple(blocks))


def _counts(data: ReportData) -> Block:
    gates = data.table("gates")
    if gates.empty:
        return Note(Markup("No posterior was sampled."), "warning")
    total, failed = len(gates), data.failed
    link = Markup('<a href="#gates">gates</a>')
    if data.study.sampling.approximate and failed < total:
        text = Markup("{} of {} are approximations, of which no {} was asked{}.")
        rest = f"; {count(failed)} could not be made at all" if failed else ""
        made = count(total - failed) if failed else "All"
        gate = Markup('<a href="#gates">gate</a>')
        return Note(text.format(made, plural(total, "posterior"), gate, rest), "warning")
    if failed == total:
        text = Markup("None of the {} passed its {}. Nothing below can be relied on.")
        return Note(text.format(plural(total, "posterior"), link), "warning")
    if failed:
        text = Markup(
            "{} of {} passed their {}; {} did not, and the numbers are given with and without them."
        )
        return Prose(
            text.format(count(total - failed), plural(total, "posterior"), link, count(failed))
        )
    return Prose(Markup("All {} passed their {}.").format(plural(total, "posterior"), link))


def _parameters(data: ReportData) -> tuple[Block, ...]:
    table = data.table("verdict")
    if table.empty:
        return (*product_notes(data), Note(missing_truth(data)))
    own = data.matched_rows(table)
    others = table.drop(own.index)
    blocks: list[Block] = []
    if own.empty:
        blocks.append(Note(missing_truth(data)))
    else:
        ranks = Markup(', <a href="#calibration">ranks</a>') if data.has("calibration") else ""
        caption = Markup(
            "Every word is a test: ✓ yes, ✕ no, ? unclear, which more datasets would settle. {} "
            'Numbers: <a href="#point">point recovery</a>, '
            '<a href="#uncertainty">uncertainty</a>{}.'
        ).format(_targets(data), ranks)
        many = len(own) > MOST_ROWS
        blocks += _joint(data)
        blocks += [_overview(own)] if many else []
        for layer, part in layered(own):
            title = f"Can the {TOLD.get(layer.key, layer.many)} be recovered?"
            blocks.append(_strip(part, title, caption, folded=many))
            caption = Markup("As above.")
    if not others.empty:
        caption = Markup(
            "The same questions where the data came from another model than the fit's, so that a "
            "parameter of the same name need not mean the same."
        )
        blocks.append(_strip(others, "Parameters of fits of another model", caption, folded=True))
    blocks.append(_sentences(pd.concat([own, others])))
    return (*product_notes(data), *blocks)


def _strip(table: pd.DataFrame, title: str, caption: Markup, *, folded: bool) -> TableBlock:
    """Answer the four questions, a row a parameter, the evidence in small print."""
    columns = tuple(
        Column(key, key, "word", HELP.get(key, ""))
        for key in ("cell", "fit", "parameter", *QUESTIONS)
    )
    rows = tuple(
        (
            text_cell(str(row["cell"])),
            text_cell(str(row["fit"])),
            text_cell(str(row["parameter"])),
            *(word_cell(str(row[question]), _evidence(question, row)) for question in QUESTIONS),
        )
        for row in table.head(200).to_dict("records")
    )
    return TableBlock(title, caption, columns, rows, "verdict", len(table), folded)


def _sentences(table: pd.DataFrame) -> TableBlock:
    columns = (
        Column("cell", "cell", "text"),
        Column("fit", "fit", "text"),
        Column("parameter", "parameter", "text"),
        Column("sentence", "verdict", "text"),
    )
    caption = Markup("The same verdicts as sentences that can be quoted.")
    return table_block(
        table, columns, title="In words", caption=caption, table="verdict", open_up_to=0
    )


def _overview(table: pd.DataFrame) -> TableBlock:
    """Count the answers over cells, one row a fit and parameter."""
    rows = []
    for (fit, parameter), group in in_layers(table).groupby(["fit", "parameter"], sort=False):
        answers = [group[question].value_counts() for question in QUESTIONS]
        rows.append(
            (
                text_cell(str(fit)),
                text_cell(str(parameter)),
                *(
                    word_cell(
                        str(answer.index[0]) if len(answer) == 1 else "mixed",
                        listed([f"{word} in {n}" for word, n in answer.items()]),
                    )
                    for answer in answers
                ),
            )
        )
    columns = tuple(
        Column(key, key, "word", HELP.get(key, "")) for key in ("fit", "parameter", *QUESTIONS)
    )
    caption = Markup("Over all cells: how many answer yes, no or unclear.")
    return TableBlock("Overview", caption, columns, tuple(rows), "verdict", len(rows))


def _evidence(question: str, row: Mapping[Any, Any]) -> str:
    """Write the number behind an answer; nothing where no posterior gave one."""
    if not row["n"]:
        return ""
    if question == "calibrated" and not pd.isna(row["sbc_p"]):
        return f"ranks: adjusted {_p_value(row)}"
    if question == "calibrated":
        interval = percent_interval(row["coverage_90_lower"], row["coverage_90_upper"])
        return f"90 % interval holds {percent(row['coverage_90'])} {interval}"
    if question == "identified" and pd.isna(row["contraction"]):
        return "no prior sd to compare with"
    if question == "identified":
        return f"contraction {number(row['contraction'], 2)}"
    if question == "unbiased":
        return f"bias {number(row['bias'], 2)} ± {number(row['bias_mcse'], 2)}"
    if pd.isna(row["rmse_over_prior_sd"]):
        return "no prior sd to compare with"
    return f"RMSE {number(row['rmse_over_prior_sd'], 2)} prior sd"


def _p_value(row: Mapping[Any, Any]) -> str:
    """Write the adjusted p-value of a parameter's ranks, with its extremes where they differ."""
    lowest, highest = number(row["sbc_p_lowest"], 2), number(row["sbc_p_highest"], 2)
    said = f"p = {number(row['sbc_p'], 2)}"
    return said if lowest == highest else f"{said} ({lowest} to {highest})"


def _joint(data: ReportData) -> list[Block]:
    """Warn of fits whose joint log likelihood is not calibrated."""
    tests = select(data.table("calibration"), level="joint")
    if tests.empty:
        return []
    off = tests[tests["p_highest"] * tests["tests"] < data.study.sbc_level]
    text = Markup(
        'The joint log likelihood of fit {} on cell {} is not calibrated (<a href="#calibration">'
        "ranks</a>): its posterior is not that of the model that made the data, whatever is said "
        "of single parameters."
    )
    return [Note(text.format(row["fit"], row["cell"]), "warning") for row in off.to_dict("records")]


def _targets(data: ReportData) -> str:
    targets = [f"{name} {wording}" for name, wording in data.study.targets.items()]
    return f"Targets: {listed(targets)}." if targets else ""


def missing_truth(data: ReportData) -> Markup:
    """Say why nothing can be held against a truth."""
    if not data.simulated:
        return Markup(
            "The data were observed: their true parameters are unknown, so recovery cannot be "
            "shown. Simulate a cell like them to learn what these fits could recover."
        )
    if not data.study.recover:
        return Markup("The study switches recovery off (<code>recover: enabled: false</code>).")
    if not data.matched:
        return Markup("No fit has the model that generated the data.")
    return Markup("No posterior could be held against its truth.")

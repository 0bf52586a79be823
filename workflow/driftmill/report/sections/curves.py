"""Whole curves of the data beside those predicted, by dataset, condition and participant."""

from __future__ import annotations

from functools import partial

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import Block, Column, FigureBlock, table_block
from driftmill.report.data import ReportData, select
from driftmill.report.figures import curves as draw
from driftmill.report.formatting import percent

#: Datasets that are drawn side by side, and covariates whose conditions are drawn.
SHOWN, FACTORS = 3, 2
NAMES = {
    "quantile_probability": "Quantile-probability plot",
    "defective_cdf": "Defective CDFs",
    "conditional_accuracy": "Conditional accuracy",
    "course": "Over the session",
}
READING = {
    "quantile_probability": (
        "The .1, .3, .5, .7 and .9 quantiles of rt of each response against how probable it is{}. "
        "Rings stand at observed probabilities, bars hold 90 % of predicted datasets at predicted "
        "ones, lines join their medians. Good: rings on bars. Bad: rings beside bars, the wrong "
        "share of a response; rings above or below the highest ones, another tail; the responses "
        "of small probability off and the others not, errors of another speed."
    ),
    "defective_cdf": (
        "The share of all trials that had given a response by a time; a curve rises to the share "
        "of its response. Good: rings in the band of their response. Bad: triangles left of a band "
        "(faster than predicted) or right of it, and a curve that levels off beside its band (too "
        "many or too few of that response)."
    ),
    "conditional_accuracy": (
        "Trials sorted by time into five bins of equal counts; in each the share of a response (of "
        "two the larger code alone). Good: rings in the band. Bad: a first ring outside, fast "
        "errors, which a bias or a start that varies would make; or a last one, slow errors, which "
        "a drift that varies or bounds that collapse would."
    ),
    "course": (
        "Every participant's trials in their order, in eight bins. Good: rings that stay in the "
        "band. Bad: rings that cross it from the first trials to the last: practice, fatigue or "
        "learning that the fit does not have, or has at another pace."
    ),
}
AHEAD = (
    " What is learned is predicted one step ahead, from the trials that were: a wrong pace of "
    "learning shows less than in data that a fit makes by itself."
)
BETTER = (
    " The better option is that which paid more, on average, in the participant's own trials of a "
    "cue; participants who tried one option alone do not count."
)
EVERYWHERE = (
    " Bands hold 90 % of predicted datasets at each place by itself; of a curve's neighbours, "
    "which go together, several may leave at once."
)


def curves(data: ReportData, cell: str, fit: str, grouped: bool) -> list[FigureBlock]:
    """Return the figures of a fit on a cell: whole datasets, then, if ``grouped``, their groups."""
    table = select(data.table("curves"), cell=cell, fit=fit)
    table = table if table.empty else table.dropna(subset=["predicted"])
    if table.empty:
        return []
    groups = _groups(data, cell, fit, table) if grouped else []
    return [*_whole(data, cell, fit, table), *groups]


def _whole(data: ReportData, cell: str, fit: str, table: pd.DataFrame) -> list[FigureBlock]:
    found = []
    every = table[table["scope"] == "all"]
    datasets = data.datasets_in_order(cell, every["dataset"])[:SHOWN]
    labels = {d: f"dataset {data.dataset_label(cell, d)}" for d in datasets}
    found += _quantile_probability(data, cell, fit, table, labels)
    for curve, name in NAMES.items():
        rows = every[every["curve"] == curve]
        strips = draw.strips_of(every[every["dataset"].isin(datasets)], curve)
        if rows.empty or not strips:
            continue
        inside = percent(draw.inside_share(rows))
        found.append(
            FigureBlock(
                f"{curve}.{cell}.{fit}",
                f"{name}: {cell}, fit {fit}",
                _caption(data, fit, curve, strips, inside),
                f"{name} observed and predicted; {inside} of observed values lie in their 90 % "
                "predictive interval",
                partial(draw.curve_columns, rows, strips, "dataset", labels),
                "curves",
                folded=not data.study.cell(cell).observed,
            )
        )
    return found


def _quantile_probability(
    data: ReportData, cell: str, fit: str, table: pd.DataFrame, labels: dict[int, str]
) -> list[FigureBlock]:
    """Return the quantile-probability plot, by the first covariate where there is one."""
    curve = "quantile_probability"
    rows = table[(table["curve"] == curve) & table["dataset"].isin(labels)]
    factors = [name for name in dict.fromkeys(rows["factor"]) if name not in ("", "participant_id")]
    factor = factors[0] if factors else ""
    rows = rows[(rows["factor"] == factor) & (rows["scope"] != "participant")]
    if rows.empty:
        return []
    inside = percent(draw.inside_share(rows))
    parts = {labels[d]: part for d in labels if not (part := rows[rows["dataset"] == d]).empty}
    by = f", by the levels of {factor}" if factor else ""
    caption = Markup("{} Here {} of the values of these datasets lie inside.")
    return [
        FigureBlock(
            f"{curve}.{cell}.{fit}",
            f"{NAMES[curve]}: {cell}, fit {fit}",
            caption.format(READING[curve].format(by), inside),
            f"RT quantiles against response probability{by}; {inside} of observed values lie in "
            "their 90 % predictive interval",
            partial(draw.quantile_probability, parts),
            "curves",
            folded=not data.study.cell(cell).observed,
        )
    ]


def _caption(
    data: ReportData, fit: str, curve: str, strips: list[draw.Strip], inside: str
) -> Markup:
    """Say how to read a curve, and how much of it lies inside."""
    learns = curve == "course" and data.study.fit(fit).learns
    more = BETTER if draw.BETTER in strips else ""
    text = READING[curve] + more + (AHEAD if learns else "") + EVERYWHERE
    return Markup("{} Here {} of the values of all datasets lie inside.").format(text, inside)


def _groups(data: ReportData, cell: str, fit: str, table: pd.DataFrame) -> list[FigureBlock]:
    """Return a figure a covariate, and one or two of participants, all of the first dataset."""
    some = table[table["scope"] != "all"]
    if some.empty:
        return []
    dataset = data.datasets_in_order(cell, some["dataset"])[0]
    some = some[some["dataset"] == dataset]
    of = f"dataset {data.dataset_label(cell, dataset)}"
    found = []
    conditions = some[some["scope"] == "condition"]
    for factor in list(dict.fromkeys(conditions["factor"]))[:FACTORS]:
        rows = conditions[conditions["factor"] == factor]
        strips = [strip for curve in NAMES for strip in draw.strips_of(rows, curve)]
        labels = {group: f"{factor} {group}" for group in dict.fromkeys(rows["group"])}
        found.append((f"by {factor}", rows, strips, labels))
    rows = some[some["scope"] == "participant"]
    for curve in ("defective_cdf", "course"):
        labels = {group: str(group) for group in dict.fromkeys(rows["group"])}
        found += [(f"{NAMES[curve]} by participant", rows, [strip], labels)
                  for strip in draw.strips_of(rows, curve)[:1]]  # fmt: skip
    figures = []
    for place, (title, rows, strips, labels) in enumerate(found):
        drawn = pd.concat([rows[rows["curve"] == strip.curve] for strip in strips])
        inside = percent(draw.inside_share(drawn))
        one = len(strips) == 1
        drawing = (
            partial(draw.curve_panels, rows, strips[0], "group", labels)
            if one
            else partial(draw.curve_columns, rows, strips, "group", labels)
        )
        caption = Markup(
            "{}, read as the figures of all trials: rings observed, bands hold 90 % of predicted "
            "datasets. Good: about nine in ten rings inside in every panel; here {} over all. Bad: "
            "one panel that is missed where others are not, which a fit that lets its parameters "
            "differ there would mend."
        ).format(of.capitalize(), inside)
        figures.append(
            FigureBlock(
                f"curves.{cell}.{fit}.{place}",
                f"{title[0].upper()}{title[1:]}: {cell}, fit {fit}",
                caption,
                f"Curves {title} of {of}; {inside} of observed values lie in their 90 % "
                "predictive interval",
                drawing,
                "curves",
                folded=True,
            )
        )
    return figures


def curves_table(table: pd.DataFrame) -> list[Block]:
    """Say of every group of trials how much of its curves lies inside the bands."""
    known = table if table.empty else table.dropna(subset=["observed", "lower", "upper"])
    if known.empty:
        return []
    held = (known["observed"] >= known["lower"]) & (known["observed"] <= known["upper"])
    keys = ["cell", "fit", "scope", "factor", "group"]
    share = known.assign(held=held).pivot_table("held", keys, "curve", sort=False)
    datasets = known.groupby(keys, sort=False)["dataset"].nunique().rename("datasets")
    rows = share.join(datasets).reset_index()
    rows["group"] = rows["group"].where(rows["factor"] == "", rows["factor"] + " " + rows["group"])
    columns = (
        Column("cell", "cell", "text"),
        Column("fit", "fit", "text"),
        Column("group", "trials", "text"),
        Column("datasets", "datasets", "count"),
        *(Column(curve, name.lower(), "percent") for curve, name in NAMES.items()),
    )
    caption = Markup(
        "How much of the observed curves lies in the 90 % predictive bands. Good: about 90 %; "
        "sorted by a column, those conditions and participants stand first that a fit misses."
    )
    title = "Curves inside their bands"
    return [table_block(rows, columns, title=title, caption=caption, table="curves")]

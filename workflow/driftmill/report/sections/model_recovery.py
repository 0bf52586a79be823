"""Whether LOO names the model that generated the data."""

from __future__ import annotations

import numpy as np
import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import (
    Block,
    Column,
    Group,
    Note,
    Prose,
    Section,
    table_block,
)
from driftmill.report.data import ReportData, select
from driftmill.report.sections.matrices import CONFUSION, INVERSION, confusion_table, matrices
from driftmill.report.sections.selection import generated_frequencies
from driftmill.report.sections.verdict_models import alone

TITLE = "Model recovery"


def model_recovery(data: ReportData) -> Section:
    """Show the confusion and inversion matrices, and the truths that they depend on."""
    reason = _missing(data)
    if reason is not None:
        return Section("models", TITLE, (Note(reason),))
    limits = data.study.thresholds
    blocks: list[Block] = [
        Prose(
            Markup(
                "On each dataset the fit with the best elpd wins, unless it leads by less than {} "
                "or by less than {} standard errors of the difference: then the verdict is "
                "<em>undecided</em>. By stacking, the fit with a weight of at least {} wins; by "
                "random-effects selection over a dataset's participants, the fit with a protected "
                "exceedance probability of at least {}. A flexible model that contains a simpler "
                "one predicts the simpler one's data nearly as well, so data from a simple model "
                "often stay undecided; that is not an error."
            ).format(
                f"{limits.min_elpd_diff:g}",
                f"{limits.min_dse_ratio:g}",
                f"{data.study.min_weight:g}",
                f"{data.study.min_exceedance:g}",
            )
        ),
        _truths(data),
        Group("confusion", "Confusion matrix", (*matrices(data, CONFUSION), confusion_table(data))),
    ]
    if data.has("inversion"):
        blocks.append(Group("inversion", "Inversion matrix", matrices(data, INVERSION)))
    blocks += generated_frequencies(data)
    margins = _margins(data)
    if not margins.empty:
        blocks.append(_margin_table(margins))
    return Section("models", TITLE, tuple(blocks))


def _missing(data: ReportData) -> Markup | None:
    if not data.simulated:
        return Markup("The data were observed: which model generated them is unknown.")
    if not data.study.rivals:
        return alone(data)
    if not data.study.compare:
        return Markup("The study switches comparison off (<code>compare: enabled: false</code>).")
    if not any(len(data.study.fits_of(c.name)) > 1 for c in data.study.cells if not c.observed):
        return Markup(
            "Every simulated cell has one fit alone: there is no other to confuse it with."
        )
    if not data.has("confusion"):
        return Markup("No dataset has an elpd of every fit, so no model could be named.")
    return None


def _truths(data: ReportData) -> Block:
    rows = [
        {
            "cell": cell.name,
            "generator": cell.model,
            "truth": "\n".join(f"{name}: {words}" for name, words in cell.truth.items()),
            "trials": cell.trials,
        }
        for cell in data.study.cells
        if not cell.observed
    ]
    columns = (
        Column("cell", "cell", "text"),
        Column("generator", "generator", "text"),
        Column("truth", "true values", "text"),
        Column("trials", "trials", "count"),
    )
    caption = Markup(
        "Model recovery holds for these true values and numbers of trials only: parameters that "
        "make two models alike make them hard to tell apart."
    )
    frame = pd.DataFrame(rows)
    return table_block(frame, columns, title="What was simulated", caption=caption, table=None)


def _margins(data: ReportData) -> pd.DataFrame:
    """Mean lead of the generating model over its best rival, and its mean weight."""
    comparison = data.table("comparison")
    rows = []
    for cell, fit in data.matched:
        here = select(comparison, cell=cell.name)
        if here.empty:
            continue
        own = here[here["fit"] == fit.name].set_index("dataset")
        fits = data.study.fits_of(cell.name)
        rivals = {rival.name for rival in fits if rival.model != cell.model}
        others = here[here["fit"].isin(rivals)].dropna(subset=["elpd"])
        others = others.sort_values("elpd", ascending=False, kind="stable")
        best = others.drop_duplicates("dataset").set_index("dataset")["elpd"]
        lead = (own["elpd"] - best).dropna()
        if len(lead):
            rows.append(
                {
                    "cell": cell.name,
                    "fit": fit.name,
                    "n": len(lead),
                    "lead": lead.mean(),
                    "dse": _errors(data, cell.name, fit.name, others).mean(),
                    "lead_se": lead.std() / np.sqrt(len(lead)) if len(lead) > 1 else np.nan,
                    "weight_stacking": own["weight_stacking"].mean(),
                    "weight_bma": own["weight_bma"].mean(),
                }
            )
    return pd.DataFrame(rows)


def _errors(data: ReportData, cell: str, fit: str, others: pd.DataFrame) -> pd.Series[float]:
    """Return the standard error of each dataset's difference from the best rival."""
    best = others.drop_duplicates("dataset")[["dataset", "fit"]]
    pairs = select(data.table("pairs"), cell=cell)
    if pairs.empty:
        return pd.Series(dtype=float)
    own = pairs[(pairs["fit_1"] == fit) | (pairs["fit_2"] == fit)]
    rival = own["fit_2"].where(own["fit_1"] == fit, own["fit_1"])
    return own.assign(fit=rival).merge(best, on=["dataset", "fit"])["dse"].dropna()


def _margin_table(margins: pd.DataFrame) -> Block:
    columns = (
        Column("cell", "cell", "text"),
        Column("fit", "generating model's fit", "text"),
        Column("n", "datasets", "count"),
        Column("lead", "mean lead", "number", "elpd ahead of the best rival"),
        Column("lead_se", "± se", "number", "over datasets"),
        Column("dse", "dse", "number", "standard error of one dataset's lead, mean"),
        Column("weight_stacking", "stacking weight", "number", "mean over datasets"),
        Column("weight_bma", "pseudo-BMA+ weight", "number", "mean over datasets"),
    )
    caption = Markup("How far the generating model is ahead of its best rival, over datasets.")
    title = "Lead and weight of the generating model"
    return table_block(margins, columns, title=title, caption=caption, table="comparison")

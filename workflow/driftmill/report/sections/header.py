"""What was run: the study, its cells and fits, seeds, settings, versions and costs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from markupsafe import Markup

from driftmill.report.account import gates_in_words
from driftmill.report.approximate import statement
from driftmill.report.blocks import (
    Block,
    Column,
    Definitions,
    Group,
    Listing,
    Note,
    Prose,
    Section,
    table_block,
)
from driftmill.report.data import CellSummary, FitSummary, ReportData, select
from driftmill.report.formatting import MISSING, duration, listed, plural
from driftmill.sampling.settings import (
    APPROXIMATE,
    FAILED,
    FIRST_TRY,
    PASSED,
    SamplingSettings,
)


def header(data: ReportData) -> Section:
    """Describe the study."""
    study = data.study
    intro = Prose(
        Markup("{} with {}. Every random number follows from the seed {}.").format(
            plural(len(study.cells), "cell"), plural(len(study.fits), "fit"), study.seed
        )
    )
    approximate = [Note(statement(study), "warning")] if study.sampling.approximate else []
    blocks: tuple[Block, ...] = (
        intro,
        *approximate,
        _cells(data),
        _fits(data),
        Definitions("Sampler", _sampler(data)),
        *_provenance(data),
        Listing("Study file", study.text),
    )
    return Section("study", "The study", blocks)


def _cells(data: ReportData) -> Block:
    rows = [{**_words(cell), **_progress(data, cell)} for cell in data.study.cells]
    ungated = Column(APPROXIMATE, APPROXIMATE, "count", "posteriors that no gate was asked of")
    approximate = [ungated] if data.study.sampling.approximate else []
    columns = (
        Column("cell", "cell", "text"),
        Column("data", "data", "text"),
        Column("participants", "participants", "count", "in each dataset"),
        Column("trials", "trials", "count", "of each participant"),
        Column("planned", "datasets", "count", "planned"),
        Column("run", "posteriors", "count", "run, over all fits"),
        Column("passed", "passed", "count", "posteriors that passed their gates"),
        *approximate,
        Column("failed", "failed", "count", "posteriors that did not"),
        Column("truth", "true values", "text"),
    )
    caption = Markup("Where each cell's data come from, and what became of its posteriors.")
    return table_block(
        pd.DataFrame(rows), columns, title="Cells", caption=caption, table="gates", limit=200
    )


def _words(cell: CellSummary) -> dict[str, object]:
    drawn = [f"drawn from the priors of fit {cell.prior_of}"] if cell.prior_of else []
    told = [
        *drawn,
        *cell.formulas.values(),
        *(f"{name}: {words}" for name, words in cell.truth.items()),
    ]
    truth = "\n".join(told)
    if cell.observed:
        source = f"observed: {cell.source}" if cell.source else "observed"
    else:
        lapse = f", {100 * cell.lapse:g} % lapses" if cell.lapse else ""
        source = f"simulated from {cell.model}{lapse}"
    return {
        "cell": cell.name,
        "data": source,
        "truth": truth or MISSING,
        "participants": cell.participants,
        "trials": cell.trials,
        "planned": cell.datasets,
    }


def _progress(data: ReportData, cell: CellSummary) -> dict[str, object]:
    gates = select(data.table("gates"), cell=cell.name)
    codes = {"passed": PASSED, APPROXIMATE: (APPROXIMATE,), "failed": FAILED}
    counts = {
        name: 0 if gates.empty else int(gates["code"].isin(held).sum())
        for name, held in codes.items()
    }
    return {"run": len(gates), **counts}


def _fixed(fit: FitSummary) -> str:
    held = {name: f"{value:g}" for name, value in fit.fixed.items()}
    held |= {name: f"column {column}" for name, column in fit.fixed_columns.items()}
    return ", ".join(f"{name} = {value}" for name, value in held.items()) or MISSING


def _fits(data: ReportData) -> Block:
    study = data.study
    rows = [
        {
            "fit": fit.name,
            "model": fit.model,
            "likelihood": f"network {fit.network}" if fit.network else fit.likelihood,
            "formulas": "\n".join(fit.formulas.values()) or MISSING,
            "priors": "\n".join(f"{name}: {prior}" for name, prior in fit.priors.items()),
            "fixed": _fixed(fit),
            "p_outlier": fit.p_outlier,
            "cells": listed([cell.name for cell in study.cells if fit.applies_to(cell.name)]),
        }
        for fit in study.fits
    ]
    everywhere = all(fit.applies_to(cell.name) for fit in study.fits for cell in study.cells)
    columns = (
        Column("fit", "fit", "text"),
        *([] if everywhere else [Column("cells", "applied to", "text", "cells")]),
        Column("model", "model", "text"),
        Column("likelihood", "likelihood", "text"),
        *([Column("formulas", "formulas", "text")] if any(f.formulas for f in study.fits) else []),
        Column("priors", "priors", "text"),
        Column("fixed", "fixed", "text"),
        Column("p_outlier", "p_outlier", "text", "share of lapses that the fit assumes"),
    )
    caption = Markup("Each fit is applied to every dataset of {}.").format(
        "every cell" if everywhere else "its cells"
    )
    return table_block(pd.DataFrame(rows), columns, title="Fits", caption=caption, table=None)


def _first_try(settings: SamplingSettings) -> str:
    told = {
        kind: f"{rung.warmup}, target acceptance {rung.target_accept:g}"
        for kind in FIRST_TRY
        for rung in (settings.first_try(kind),)
    }
    if len(set(told.values())) == 1:
        return told["plain"]
    return (
        f"{told['plain']}; with groups {told['groups']}; "
        f"where only a product is identified {told['products']}"
    )


def _sampler(data: ReportData) -> tuple[tuple[str, str], ...]:
    settings = data.study.sampling
    if settings.approximate:
        return (
            ("sampler", f"{settings.sampler}, {APPROXIMATE}"),
            ("chains × draws", f"{settings.chains} × {settings.draws}"),
            ("gates", "none"),
        )
    ladder = [
        f"warm-up {rung.warmup}, target {rung.target_accept:g}, start at the {rung.start}"
        for rung in settings.ladder
    ]
    return (
        ("sampler", settings.sampler),
        ("chains × draws", f"{settings.chains} × {settings.draws}"),
        ("warm-up", _first_try(settings)),
        ("retries", "; then ".join(ladder) or "none"),
        ("gates", gates_in_words(settings)),
    )


def _provenance(data: ReportData) -> list[Block]:
    run: list[tuple[str, str]] = [("study hash", data.study.hash), ("seed", str(data.study.seed))]
    parts: list[Block] = []
    # The study as understood is for machines that compare studies.
    told = {key: value for key, value in data.provenance.items() if key != "file"}
    for key, value in told.items():
        if key in ("study_hash", "seed", "study"):
            continue
        if not isinstance(value, Mapping):
            run.append((_title(key, capital=False), _said(key, value)))
        elif value and all(isinstance(item, Mapping) for item in value.values()):
            parts.append(_table(_title(key), value))
        elif value:
            items = tuple((str(name), _said(str(name), item)) for name, item in value.items())
            parts.append(Definitions(_title(key), items))
    return [Group("provenance", "Provenance", (Definitions("Run", tuple(run)), *parts))]


def _table(title: str, records: Mapping[str, Mapping[str, object]]) -> Block:
    """Show records of one shape, such as the costs of each step, as a table with its sums."""
    frame = pd.DataFrame.from_dict(dict(records), orient="index").reset_index(names="step")
    names = [str(name) for name in frame.columns[1:]]
    sums = {name: frame[name].sum() for name in names if not name.startswith("max")}
    frame = pd.concat([frame, pd.DataFrame([{"step": "all", **sums}])], ignore_index=True)
    for name in names:
        if name.endswith("_s"):
            frame[name] = [duration(value) for value in frame[name]]
    columns = [Column("step", "step", "text")]
    for name in names:
        label = _title(name, capital=False)
        columns.append(Column(name, label, "text" if name.endswith("_s") else "count"))
    caption = Markup("Wall clock and CPU time are summed over the jobs of a step.")
    return table_block(frame, columns, title=title, caption=caption, table=None)


def _said(key: str, value: object) -> str:
    if value is None:
        return MISSING
    if key.endswith("_s") and isinstance(value, int | float):
        return duration(value)
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {item}" for name, item in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(str(item) for item in value)
    return str(value)


def _title(key: str, *, capital: bool = True) -> str:
    words = key.removesuffix("_s").replace("_", " ")
    return words.capitalize() if capital else words

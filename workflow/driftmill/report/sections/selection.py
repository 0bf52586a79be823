"""Random-effects model selection: how frequent each fit's model is among participants."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from markupsafe import Markup

from driftmill.comparison.selection import CELL
from driftmill.report.blocks import Block, Column, FigureBlock, Group, Prose, capped, table_block
from driftmill.report.data import ReportData, select
from driftmill.report.figures.model_recovery import matrix
from driftmill.report.figures.selection import frequencies
from driftmill.report.formatting import MISSING, fixed, percent, percent_interval
from driftmill.report.sections.matrices import generator_label

WHOLE = "all datasets"
#: In the order in which they are preferred.
UNITS = {
    "fold_selection": "new participants, by folds",
    "participant_selection": "new participants",
    "selection": "new trials",
}
METHOD = Markup(
    "Participants may differ in the model that describes them: every participant has one of the "
    "fits' models, and the question is how frequent each is among people like these (Stephan et "
    "al. 2009). A participant's elpd stands for the log evidence. The exceedance probability is "
    "that of being the most frequent model; the protected one allows for the chance, the omnibus "
    "risk, that all are equally frequent and the data differ by luck (Rigoux et al. 2014). A fit "
    "is named from {} on. The posterior is a variational one: where single participants say little "
    "(elpd differences of about 1), its intervals are too narrow, and the protected probability "
    "is the one to read."
)
_COLUMNS = (
    Column("cell", "cell", "text"),
    Column("label", "dataset", "text"),
    Column("fit", "fit", "text"),
    Column("unit", "elpd of", "text"),
    Column("n", "participants", "count"),
    Column("n_left_out", "left out", "count", "participants without an elpd of every fit"),
    Column("frequency", "frequency", "number", "expected share of participants with this model"),
    Column("lower", "lower", "number", "95 % interval"),
    Column("upper", "upper", "number", "95 % interval"),
    Column("exceedance", "exceedance", "number", "probability of being the most frequent"),
    Column("protected_exceedance", "protected", "number", "protected exceedance probability"),
    Column("omnibus_risk", "omnibus risk", "number", "probability that all are equally frequent"),
    Column("verdict", "verdict", "text"),
)


def random_effects(data: ReportData) -> list[Block]:
    """Show the frequencies of the models in every population of participants."""
    rows = populations(data)
    if rows.empty:
        return []
    figures = []
    for cell in data.study.cells:
        here = select(rows, cell=cell.name)
        if not here.empty and here["frequency"].notna().any():
            figures.append(_figure(data, cell.name, here))
    caption = Markup(
        "Random-effects model selection, a population after the other: the participants of a "
        "dataset, or the datasets of a cell where each is of one participant."
    )
    table = next(kind for kind in UNITS if data.has(kind))
    blocks: list[Block] = [
        Prose(METHOD.format(f"{data.study.min_exceedance:g}")),
        *capped(figures, data.figure_limit),
        table_block(
            rows, _COLUMNS, title="Random effects in numbers", caption=caption, table=table
        ),
    ]
    return [Group("random-effects", "How frequent each model is", tuple(blocks))]


def generated_frequencies(data: ReportData) -> list[Block]:
    """Show how frequent each fit's model is said to be where all participants have one model."""
    rows = populations(data).dropna(subset=["frequency"])
    cells = [c for c in data.study.cells if not c.observed and c.name in set(rows["cell"])]
    if rows.empty or not cells:
        return []
    fits = [fit for fit in data.study.fits if fit.name in set(rows["fit"])]
    shape = (len(cells), len(fits))
    values, notes = np.full(shape, np.nan), [[MISSING] * shape[1] for _ in cells]
    right, said = [], []
    for row, cell in enumerate(cells):
        for column, fit in enumerate(fits):
            here = select(rows, cell=cell.name, fit=fit.name)
            if here.empty:
                continue
            values[row, column] = here["frequency"].mean()
            ends = [here[end].mean() for end in ("lower", "upper")]
            protected = fixed(here["protected_exceedance"].mean(), 2)
            notes[row][column] = f"{percent_interval(*ends)}\nprotected {protected}"
            if fit.model == cell.model:
                right.append((row, column))
                said.append(f"{cell.name}: {fit.name} {percent(values[row, column])}")
    caption = Markup(
        "Random-effects selection over participants: the share of participants whom each fit's "
        "model is said to describe, where all were simulated by one model. Means over datasets "
        "of several participants; where each dataset is of one, over all of them together. Below "
        "each share stand its 95 % interval and the protected exceedance probability. Good: "
        "framed green cells near 100 %, protected probabilities near 1."
    )
    drawing = partial(
        matrix,
        values,
        [generator_label(data, cell.name) for cell in cells],
        [fit.name for fit in fits],
        notes=notes,
        right=right,
        row_label="generator",
        column_label="fit",
    )
    alt = "Expected frequency of the generating model: " + (", ".join(said) or "none was fitted")
    title = "Expected frequency of each model among participants"
    return [FigureBlock("frequency_matrix", title, caption, alt, drawing, "selection")]


def populations(data: ReportData) -> pd.DataFrame:
    """Return the selections of all cells, by new participants where a cell has such."""
    found = []
    for cell in data.study.cells:
        tables = {kind: select(data.table(kind), cell=cell.name) for kind in UNITS}
        kind = next((name for name, rows in tables.items() if not rows.empty), None)
        if kind is not None:
            rows = tables[kind].assign(unit=UNITS[kind])
            rows["label"] = [
                WHOLE if scope == CELL else data.dataset_label(cell.name, int(dataset))
                for scope, dataset in zip(rows["scope"], rows["dataset"], strict=True)
            ]
            found.append(rows)
    empty = pd.DataFrame(columns=["cell", "fit", "frequency"])
    return pd.concat(found, ignore_index=True) if found else empty


def _figure(data: ReportData, cell: str, rows: pd.DataFrame) -> FigureBlock:
    fits = [fit.name for fit in data.study.fits_of(cell) if fit.name in set(rows["fit"])]
    labels = rows.loc[rows["fit"] == fits[0], "label"].tolist()
    caption = Markup(
        "Expected share of participants whom each fit's model describes best, with 95 % "
        "intervals; the dashed line is what equal shares would be. Good: intervals that keep "
        "apart, one model near 1 if it describes everyone. Bad: all of them hold the dashed line."
    )
    means = rows.groupby("fit")["frequency"].mean()
    alt = "Expected frequencies: " + ", ".join(f"{fit} {means[fit]:.2f}" for fit in fits)
    drawing = partial(frequencies, rows, fits, labels)
    table = next(kind for kind, unit in UNITS.items() if unit == rows["unit"].iloc[0])
    title = f"How frequent each model is: {cell}"
    return FigureBlock(f"frequencies.{cell}", title, caption, alt, drawing, table)

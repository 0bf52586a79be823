"""Tables that every comparison by something else than new trials has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import Block, Column, table_block
from driftmill.report.data import ReportData, select
from driftmill.report.separation import oriented, tally

_PAIRS = (
    Column("cell", "cell", "text"),
    Column("fit_1", "first", "text"),
    Column("fit_2", "second", "text"),
    Column("n", "datasets", "count"),
    Column("elpd_diff", "sum of differences", "number", "a plus speaks for the first"),
    Column("dse", "± dse", "number"),
    Column("first", "first better", "count", "datasets on which it leads clearly"),
    Column("undecided", "undecided", "count"),
    Column("second", "second better", "count"),
)


def two_by_two(data: ReportData, table: str, title: str, caption: Markup) -> Block:
    """Show every two fits, summed over the datasets of a cell.

    Parameters
    ----------
    data
        Of the study.
    table
        Of pairs: ``fold_pairs``, ``future_pairs``.
    title, caption
        Of what is shown.
    """
    rows = []
    for cell in data.study.cells:
        here = select(data.table(table), cell=cell.name)
        if here.empty:
            continue
        for first, second in here[["fit_1", "fit_2"]].drop_duplicates().to_numpy().tolist():
            counts = tally(oriented(here, first, second), data.study.thresholds)
            rows.append({"cell": cell.name, "fit_1": first, "fit_2": second, **counts})
    return table_block(pd.DataFrame(rows), _PAIRS, title=title, caption=caption, table=table)


def in_numbers(
    data: ReportData, table: str, columns: Sequence[Column], title: str, caption: Markup, bad: str
) -> Block:
    """Show all fits on all datasets, the best first.

    Parameters
    ----------
    data
        Of the study.
    table
        Of comparisons without p_loo: ``fold_comparison``, ``future_comparison``.
    columns
        Those of the comparison by new trials.
    title, caption
        Of what is shown.
    bad
        What has a Pareto k above the limit; empty where nothing has a k.
    """
    left_out = {"p_loo", *([] if bad else ["n_bad_k"])}
    helps = {"elpd": "log predictive density", "code": "the worst of the refits", "n_bad_k": bad}
    kept = [
        replace(column, help=helps.get(column.key, column.help))
        for column in columns
        if column.key not in left_out
    ]
    rows = data.with_labels(data.table(table))
    return table_block(rows, kept, title=title, caption=caption, table=table)

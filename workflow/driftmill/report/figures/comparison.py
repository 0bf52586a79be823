"""How much better one fit predicts than another, dataset by dataset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from driftmill.comparison.compare import Thresholds
from driftmill.report.separation import clear_leads
from driftmill.report.style import (
    BLUE,
    CYCLE,
    GREEN,
    INK,
    MUTED,
    VERMILLION,
    add_legend,
    stacked_rows,
)

#: Rows of a forest at most, as many as a page holds; beyond, every k-th dataset is drawn.
MOST_ROWS = 48
#: Columns of weights that have names.
MOST_COLUMNS = 80
#: Letters that fit side by side below the columns.
MOST_LETTERS = 90


def elpd_forest(
    pairs: pd.DataFrame, labels: list[str], thresholds: Thresholds, axis: str = "dataset"
) -> Figure:
    """Draw the elpd difference of two fits for every dataset, ordered by size.

    Parameters
    ----------
    pairs
        ``fit_1``, ``fit_2``, ``elpd_diff`` (positive: ``fit_1`` predicts better) and ``dse``;
        one pair of fits of one cell, a row a dataset.
    labels
        The datasets' names, in the order of the rows.
    thresholds
        When a difference counts.
    axis
        What the names are of.
    """
    order = np.argsort(pairs["elpd_diff"].to_numpy(float), kind="stable")
    order = order[:: max(1, -(-len(order) // MOST_ROWS))]
    difference = pairs["elpd_diff"].to_numpy(float)[order]
    error = pairs["dse"].to_numpy(float)[order]
    first, second = str(pairs["fit_1"].iloc[0]), str(pairs["fit_2"].iloc[0])
    clear = clear_leads(pairs, thresholds).to_numpy()[order]
    fig = stacked_rows(len(order), row=0.17)
    ax = fig.subplots()
    ax.axvspan(-thresholds.min_elpd_diff, thresholds.min_elpd_diff, color=MUTED, alpha=0.12, lw=0)
    ax.axvline(0, color=MUTED, lw=0.8)
    rows = np.arange(len(order))
    kinds = [
        (clear & (difference > 0), BLUE, "o", f"{first} better"),
        (clear & (difference < 0), VERMILLION, "s", f"{second} better"),
        (~clear, MUTED, "D", "undecided"),
    ]
    for where, color, marker, label in kinds:
        if not where.any():
            continue
        ax.errorbar(
            difference[where],
            rows[where],
            xerr=2 * error[where],
            fmt=marker,
            color=color,
            ms=4,
            elinewidth=1,
            label=label,
        )
    ax.set_yticks(rows, [labels[position] for position in order])
    ax.tick_params(axis="y", labelsize=6.5)
    ax.set_ylim(-0.8, len(order) - 0.2)
    ax.grid(False, axis="y")
    ax.set_ylabel(axis)
    ax.set_xlabel(f"elpd of {first} − elpd of {second}   (± 2 dse)")
    add_legend(fig, ax.get_legend_handles_labels()[0])
    return fig


def weights(
    comparison: pd.DataFrame, fits: list[str], labels: Mapping[int, str], axis: str = "dataset"
) -> Figure:
    """Draw the stacking and pseudo-BMA+ weights of each fit, a column a dataset.

    Parameters
    ----------
    comparison
        ``dataset``, ``fit``, ``weight_stacking``, ``weight_bma`` of one cell.
    fits
        Order of the fits, from the bottom of a bar to its top.
    labels
        The datasets' names by their numbers, in the order of the columns.
    axis
        What the names are of.
    """
    fig = Figure(figsize=(7.6, 2.6), layout="constrained")
    axes = fig.subplots(2, 1, sharex=True, sharey=True)
    for ax, column, title in zip(
        axes, ["weight_stacking", "weight_bma"], ["stacking", "pseudo-BMA+"], strict=True
    ):
        table = comparison.pivot_table(index="dataset", columns="fit", values=column)
        table = table.reindex(index=list(labels), columns=fits)
        if len(table) > MOST_COLUMNS:
            table = table.sort_values(fits[0])
        bottom = np.zeros(len(table))
        for position, fit in enumerate(fits):
            height = table[fit].fillna(0).to_numpy(float)
            look: dict[str, Any] = {
                "color": CYCLE[position % len(CYCLE)],
                "alpha": 0.7,
                "lw": 0,
                "hatch": "" if position < len(CYCLE) else "///",
                "label": fit,
            }
            if len(table) <= MOST_COLUMNS:
                ax.bar(np.arange(len(table)), height, bottom=bottom, width=0.86, **look)
            else:
                edges = np.arange(len(table) + 1) - 0.5
                ax.stairs(bottom + height, edges, baseline=bottom.copy(), fill=True, **look)
            bottom += height
        ax.set_title(title, weight="normal")
        ax.set(ylim=(0, 1), yticks=[0, 0.5, 1], xlim=(-0.6, len(table) - 0.4))
        ax.grid(False, axis="x")
    if len(labels) <= MOST_COLUMNS:
        names = list(labels.values())
        crowded = len(names) * (2 + max(map(len, names))) > MOST_LETTERS
        axes[1].set_xticks(range(len(names)), names, rotation=90 if crowded else 0)
    else:
        axes[1].set_xticks([])
    axes[1].set_xlabel(axis)
    add_legend(fig, axes[0].get_legend_handles_labels()[0])
    return fig


def pareto_k(pointwise: pd.DataFrame, limit: float) -> Figure:
    """Draw the distribution of Pareto k over trials, a row a cell and fit.

    Parameters
    ----------
    pointwise
        ``cell``, ``fit``, ``pareto_k``.
    limit
        The k beyond which a trial's elpd is not to be trusted.
    """
    groups = list(pointwise.groupby(["cell", "fit"], sort=False)["pareto_k"])
    fig = stacked_rows(len(groups), row=0.4, extra=0.7)
    ax = fig.subplots()
    top = max(1.05, float(pointwise["pareto_k"].replace(np.inf, np.nan).max()) + 0.05)
    edges = np.linspace(min(-0.4, float(pointwise["pareto_k"].min())), top, 56)
    for row, (_, values) in enumerate(groups):
        finite = values.dropna().clip(upper=top).to_numpy(float)
        counts, _ = np.histogram(finite, edges)
        # Bad trials are few: the height is logarithmic, so that one among thousands is seen.
        height = np.log10(1 + counts) / max(1.0, np.log10(1 + counts.max()))
        for bad, color in ((False, GREEN), (True, VERMILLION)):
            part = ((edges[1:] > limit) == bad) & (counts > 0)
            ax.bar(
                edges[:-1][part],
                -0.85 * height[part],
                width=np.diff(edges)[part],
                bottom=row + 0.42,
                align="edge",
                color=color,
                alpha=0.7,
                lw=0,
            )
        share = (finite > limit).sum()
        ax.text(top, row, f" {share} of {len(finite)}", va="center", fontsize=7.5)
    ax.axvline(limit, color=INK, ls="--", lw=0.9)
    ax.set_yticks(range(len(groups)), [f"{key[0]} · {key[1]}" for key, _ in groups])
    ax.set(ylim=(len(groups) - 0.45, -0.55), xlim=(edges[0], top), xlabel="Pareto k of a trial")
    ax.grid(False, axis="y")
    add_legend(fig, [Line2D([], [], color=INK, ls="--", label=f"limit {limit:.2f}")])
    return fig

"""Whether posteriors are as wide as their errors: coverage, contraction, trade-offs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from driftmill.report import formatting
from driftmill.report.figures.point import thinned
from driftmill.report.style import (
    BLUE,
    COLUMNS,
    CYCLE,
    ENTRY,
    LETTER,
    MARGIN,
    MARKERS,
    MUTED,
    VERMILLION,
    column_width,
    name_panel,
    panels,
)

#: Names of more letters are turned where they stand side by side.
LONG_NAME = 8
#: Inches of a cell of the map.
CELL = 0.66


def coverage_curve(coverage: pd.DataFrame, estimates: pd.DataFrame) -> Figure:
    """Draw nominal against observed coverage, a panel a parameter.

    Parameters
    ----------
    coverage
        ``parameter``, ``interval``, ``coverage``, ``lower``, ``upper`` of one cell, fit and
        subset.
    estimates
        The same posteriors' ``parameter`` and ``truth_quantile``, from which the whole curve
        follows: a central interval of level p covers the truth when |2 q - 1| <= p.
    """
    names = list(dict.fromkeys(coverage["parameter"]))
    fig, axes = panels(len(names))
    for ax, name in zip(axes, names, strict=True):
        quantiles = estimates.loc[estimates["parameter"] == name, "truth_quantile"].dropna()
        reached = np.sort(np.abs(2 * quantiles.to_numpy(float) - 1))
        ax.plot([0, 1], [0, 1], color=MUTED, ls="--", lw=0.9)
        if len(reached):
            share = np.arange(len(reached) + 1) / len(reached)
            ax.step([0, *reached, 1], [*share, 1], where="post", color=BLUE, lw=1, alpha=0.7)
        rows = coverage[coverage["parameter"] == name]
        bars = np.abs(rows[["lower", "upper"]].to_numpy(float).T - rows["coverage"].to_numpy(float))
        ax.errorbar(
            rows["interval"],
            rows["coverage"],
            yerr=bars,
            fmt="o",
            color=BLUE,
            ms=3.5,
            elinewidth=1.2,
        )
        name_panel(ax, name)
        ax.set(xlim=(0, 1.02), ylim=(0, 1.02), xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    axes[0].set_ylabel("share of truths inside")
    fig.supxlabel("level of the central interval", fontsize=8.5)
    return fig


def contraction_plane(estimates: pd.DataFrame) -> Figure:
    """Draw posterior z-score against posterior contraction, all parameters in one plane."""
    names = list(dict.fromkeys(estimates["parameter"]))
    beside = ENTRY + LETTER * max(map(len, names))
    fig, (ax,) = panels(1, columns=1, width=4.8 + beside, height=max(3.2, 0.19 * len(names)))
    ax.axhspan(-2, 2, color=MUTED, alpha=0.1, lw=0)
    ax.axhline(0, color=MUTED, lw=0.8)
    for position, name in enumerate(names):
        rows = thinned(estimates[estimates["parameter"] == name], 150)
        ax.plot(
            rows["contraction"].clip(lower=-0.5),
            rows["z_score"].clip(-6, 6),
            MARKERS[position % len(MARKERS)],
            color=CYCLE[position % len(CYCLE)],
            mec="none",
            ms=4,
            alpha=0.75,
            label=name,
        )
    low = min(0.0, float(estimates["contraction"].clip(lower=-0.5).min()))
    ax.set(xlim=(low - 0.03, 1.03), xlabel="contraction (0: the prior, 1: a point)")
    largest = max(3.0, float(estimates["z_score"].clip(-6, 6).abs().max()) * 1.1)
    ax.set(ylim=(-largest, largest), ylabel="z-score of the posterior mean")
    fig.legend(loc="outside right upper")
    return fig


def correlation_map(correlations: pd.DataFrame) -> Figure:
    """Draw the mean posterior correlation of every two parameters, over datasets.

    Below each mean stands its standard deviation over datasets.
    """
    names = list(dict.fromkeys([*correlations["parameter_1"], *correlations["parameter_2"]]))
    place = {name: position for position, name in enumerate(names)}
    left, under = (max(map(len, shown)) for shown in (names[1:], names[:-1]))
    long = under > LONG_NAME
    # Room for the names is known beforehand; a layout engine would take it from the cells.
    beside = LETTER * left + 0.15
    # A turned name ends under its column and begins further left.
    beside = max(beside, 0.82 * LETTER * len(names[0]) - 0.5 * CELL + 0.15) if long else beside
    room = COLUMNS[-1] - beside - MARGIN
    cells = min(CELL * (len(names) - 1), room)
    below = 0.62 * LETTER * under + 0.2 if long else 0.25
    width, height = column_width(cells + beside + MARGIN), cells + below + MARGIN
    fig = Figure(figsize=(width, height))
    ax = fig.add_axes((beside / width, below / height, cells / width, cells / height))
    for (first, second), r in correlations.groupby(["parameter_1", "parameter_2"])["r"]:
        x, y = sorted((place[str(first)], place[str(second)]))
        if x == y or r.isna().all():
            continue
        mean = float(r.mean())
        color = BLUE if mean < 0 else VERMILLION
        ax.add_patch(
            Rectangle((x - 0.48, y - 0.48), 0.96, 0.96, fc=color, ec="none", alpha=0.7 * abs(mean))
        )
        ax.text(x, y - 0.12, formatting.fixed(mean, 2), ha="center", va="center")
        if len(r) > 1:
            spread = f"± {formatting.fixed(r.std(), 2)}"
            ax.text(x, y + 0.24, spread, ha="center", va="center", fontsize=6)
    ax.set(xlim=(-0.5, len(names) - 1.5), ylim=(len(names) - 0.5, 0.5), aspect="equal")
    ax.set_xticks(range(len(names) - 1), names[:-1])
    if long:
        for label in ax.get_xticklabels():
            label.set(rotation=35, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(1, len(names)), names[1:])
    ax.grid(False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return fig

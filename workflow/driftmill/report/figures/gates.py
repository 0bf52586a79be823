"""Which posteriors passed their gates, and where in parameter space the others sit."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from driftmill.report.figures.density import MOST_POINTS, hexagons
from driftmill.report.style import (
    BLUE,
    GREEN,
    INK,
    MUTED,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    add_legend,
    panels,
    stacked_rows,
)
from driftmill.sampling.settings import FAILED

#: Result codes in the order of the bars: colour, hatch and marker.
CODES = {
    "ok": (GREEN, "", "."),
    "retried_ok": (SKY, "", "."),
    "approximate": (BLUE, "", "D"),
    "not_converged": (ORANGE, "///", "^"),
    "numeric_failure": (VERMILLION, "xxx", "X"),
    "timeout": (PURPLE, "...", "s"),
}
MAP_PARAMETERS = 5


def code_counts(gates: pd.DataFrame) -> Figure:
    """Draw a bar a cell and fit, divided by result code."""
    rows = list(dict.fromkeys(zip(gates["cell"], gates["fit"], strict=True)))
    counts = pd.crosstab([gates["cell"], gates["fit"]], gates["code"]).reindex(rows)
    fig = stacked_rows(len(counts), row=0.34)
    ax = fig.subplots()
    left = np.zeros(len(counts))
    shown = [code for code in CODES if code in counts]
    for code in shown:
        color, hatch, _ = CODES[code]
        width = counts[code].to_numpy(float)
        some = np.flatnonzero(width)
        ax.barh(some, width[some], 0.7, left[some], color=color, alpha=0.35, lw=0)
        ax.barh(some, width[some], 0.7, left[some], color="none", edgecolor=color, hatch=hatch)
        for row in map(int, some):
            where = left[row] + width[row] / 2
            ax.text(where, row, f"{width[row]:.0f}", ha="center", va="center")
        left += width
    ax.set_yticks(range(len(counts)), [f"{cell} · {fit}" for cell, fit in rows])
    ax.invert_yaxis()
    ax.set_xlim(0, left.max() * 1.001)
    ax.set_xlabel("posteriors")
    ax.grid(False, axis="y")
    handles = [
        Patch(facecolor="none", edgecolor=CODES[code][0], hatch=CODES[code][1], label=code)
        for code in shown
    ]
    add_legend(fig, handles)
    return fig


def failure_map(truth: pd.DataFrame, codes: pd.DataFrame) -> Figure:
    """Draw the truths of one cell against each other, and mark the datasets that failed.

    Parameters
    ----------
    truth
        One row a dataset (the index), one column a parameter.
    codes
        ``dataset``, ``fit`` and ``code``: one row a posterior.
    """
    varying = [str(name) for name in truth if truth[name].min() < truth[name].max()][
        :MAP_PARAMETERS
    ]
    failed = codes[codes["code"].isin(FAILED)]
    if len(varying) < 2:
        return _failure_strip(truth, failed, varying[0] if varying else str(truth.columns[0]))
    count = len(varying) - 1
    fig = Figure(figsize=(1.6 * count + 0.6, 1.45 * count + 0.5), layout="constrained")
    grid = fig.subplots(count, count, squeeze=False, sharex="col", sharey="row")
    for row, below in enumerate(varying[1:]):
        for column, across in enumerate(varying[:-1]):
            ax = grid[row, column]
            if column > row:
                ax.remove()
                continue
            if len(truth) > MOST_POINTS:
                hexagons(ax, truth[across], truth[below], MUTED, across=12)
            else:
                ax.plot(truth[across], truth[below], ".", color=MUTED, ms=3, alpha=0.6)
            for code, group in failed.groupby("code"):
                where = truth.loc[group["dataset"].unique()]
                color, _, marker = CODES[str(code)]
                ax.plot(where[across], where[below], marker, color=color, ms=5.5, mec=INK, mew=0.5)
            if row == count - 1:
                ax.set_xlabel(across)
            if column == 0:
                ax.set_ylabel(below)
    add_legend(fig, _failure_handles(failed))
    return fig


def _failure_strip(truth: pd.DataFrame, failed: pd.DataFrame, name: str) -> Figure:
    fig, (ax,) = panels(1, columns=1, width=5.5, height=1.6)
    ax.plot(truth[name], np.zeros(len(truth)), "|", color=MUTED, ms=9)
    for level, (code, group) in enumerate(failed.groupby("code"), start=1):
        color, _, marker = CODES[str(code)]
        values = truth.loc[group["dataset"].unique(), name]
        ax.plot(values, np.full(len(values), level), marker, color=color, ms=5.5, mec=INK, mew=0.5)
    ax.set_yticks([])
    ax.set_xlabel(name)
    add_legend(fig, _failure_handles(failed))
    return fig


def _failure_handles(failed: pd.DataFrame) -> list[Line2D]:
    handles = [Line2D([], [], ls="", marker=".", color=MUTED, label="all datasets")]
    for code in [code for code in CODES if code in set(failed["code"])]:
        color, _, marker = CODES[code]
        handles.append(
            Line2D([], [], ls="", marker=marker, color=color, mec=INK, mew=0.5, label=code)
        )
    return handles


def largest_r_hat(gates: pd.DataFrame, limit: float, expected: float) -> Figure:
    """Draw every posterior's largest r_hat, with the gate and the largest expected by chance."""
    fig, (ax,) = panels(1, columns=1, width=5.5, height=1.9)
    values = np.sort(gates["r_hat"].dropna().to_numpy(float))
    ax.plot(
        values - 1, (np.arange(len(values)) + 1) / len(values), drawstyle="steps-post", color=BLUE
    )
    ax.axvline(limit - 1, color=VERMILLION, ls="--", lw=1)
    ax.axvline(expected - 1, color=MUTED, ls=":", lw=1.2)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter("")
    ax.set_xlabel("largest r_hat of a posterior − 1")
    ax.set_ylabel("share of posteriors\nup to here")
    handles = [
        Line2D([], [], color=VERMILLION, ls="--", label=f"gate {limit:g}"),
        Line2D([], [], color=MUTED, ls=":", label="largest expected by chance"),
    ]
    add_legend(fig, handles)
    return fig

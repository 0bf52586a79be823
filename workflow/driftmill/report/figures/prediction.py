"""What the posterior predicts against what was observed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from driftmill.report.figures.density import MOST_POINTS, hexagons
from driftmill.report.formatting import percent
from driftmill.report.style import (
    BLUE,
    CYCLE,
    INK,
    MUTED,
    PAPER,
    VERMILLION,
    add_legend,
    panels,
    wrapped,
)

_SHARES = ("response_share", "omission_share")


def predicted_against_observed(quantiles: pd.DataFrame) -> Figure:
    """Draw observed against predicted RT quantiles and response shares over all datasets.

    Parameters
    ----------
    quantiles
        The table of one cell and fit: a panel a response for ``rt_quantile`` rows, and one for
        all ``response_share`` and ``omission_share`` rows.
    """
    times = quantiles[quantiles["quantity"] == "rt_quantile"]
    shares = quantiles[quantiles["quantity"].isin(_SHARES)]
    omissions = (shares["quantity"] == "omission_share").any()
    responses = sorted(times["response"].unique())
    count = len(responses) + (not shares.empty)
    fig, axes = panels(count, columns=3, width=2.6, height=2.4)
    for ax, response in zip(axes, responses, strict=False):
        _against(ax, times[times["response"] == response], "probability")
        ax.set_title(f"rt quantiles, response {response}")
    if not shares.empty:
        _against(axes[-1], shares, "quantity")
        axes[-1].set_title("response and omission shares" if omissions else "response shares")
    axes[0].set_ylabel("predicted")
    fig.supxlabel("observed", fontsize=8.5)
    levels = sorted(times["probability"].dropna().unique())
    handles = [
        Line2D([], [], ls="", marker="o", color=CYCLE[i % len(CYCLE)], label=f"{level:g}")
        for i, level in enumerate(levels)
    ]
    add_legend(fig, handles)
    return fig


def quantile_panels(quantiles: pd.DataFrame, labels: Mapping[int, str]) -> Figure:
    """Draw the RT quantiles of a few datasets, a row a response and a column a dataset.

    Parameters
    ----------
    quantiles
        Of one cell and fit.
    labels
        The datasets' names by their numbers, in the order of the columns.
    """
    times = quantiles[quantiles["quantity"] == "rt_quantile"]
    responses = sorted(times["response"].unique(), reverse=True)
    fig = Figure(
        figsize=(max(1.7 * len(labels) + 0.6, 3.4), 1.6 * len(responses) + 0.5),
        layout="constrained",
    )
    grid = fig.subplots(len(responses), len(labels), squeeze=False, sharex=True, sharey="row")
    for column, (dataset, label) in enumerate(labels.items()):
        for row, response in enumerate(responses):
            ax = grid[row, column]
            here = times[(times["dataset"] == dataset) & (times["response"] == response)]
            _ladder(ax, here)
            if row == 0:
                ax.set_title(wrapped(label, 16))
            if column == 0:
                ax.set_ylabel(f"rt (s), response {response}")
            if row == len(responses) - 1:
                ax.set_xlabel("quantile")
    handles = [
        Line2D([], [], color=BLUE, lw=5, alpha=0.3, label="predicted, 90 %"),
        Line2D([], [], ls="", marker="o", mfc=PAPER, color=INK, label="observed"),
    ]
    add_legend(fig, handles)
    return fig


def prior_panels(quantiles: pd.DataFrame) -> Figure:
    """Draw what a fit's priors expect of a dataset beside what it holds.

    Parameters
    ----------
    quantiles
        Of one cell and fit: a panel a response for ``rt_quantile`` rows, on a logarithmic axis,
        and one for all ``response_share`` rows.
    """
    times = quantiles[quantiles["quantity"] == "rt_quantile"]
    shares = quantiles[quantiles["quantity"].isin(_SHARES)]
    responses = sorted(times["response"].unique())
    fig, axes = panels(len(responses) + 1, columns=4, width=2.1, height=2.3)
    for ax, response in zip(axes, responses, strict=False):
        _ladder(ax, times[times["response"] == response])
        ax.set_yscale("log")
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter("")
        ax.set_title(f"rt (s), response {response}")
        ax.set_xlabel("quantile")
    # A share has no quantile: the ladder's rungs are the responses.
    _ladder(axes[-1], shares.assign(probability=np.arange(len(shares), dtype=float)))
    names = ["none" if q == "omission_share" else f"{r}" for q, r in _named(shares)]
    axes[-1].set_xticks(range(len(shares)), names)
    axes[-1].set(title="response shares", xlabel="response", ylim=(-0.03, 1.03))
    axes[-1].set_xlim(-0.6, len(shares) - 0.4)
    handles = [
        Line2D([], [], color=BLUE, lw=5, alpha=0.3, label="under the priors, 90 %"),
        Line2D([], [], ls="", marker="o", mfc=PAPER, color=INK, label="in the data"),
    ]
    add_legend(fig, handles)
    return fig


def _named(shares: pd.DataFrame) -> list[tuple[str, int]]:
    return list(zip(shares["quantity"], shares["response"], strict=True))


def _ladder(ax: Axes, rows: pd.DataFrame) -> None:
    if rows.empty:
        ax.text(0.5, 0.5, "no such responses", transform=ax.transAxes, ha="center", color=MUTED)
        return
    ax.vlines(rows["probability"], rows["lower"], rows["upper"], color=BLUE, lw=5, alpha=0.3)
    ax.plot(rows["probability"], rows["predicted"], "_", color=BLUE, ms=6, mew=1.2)
    outside = (rows["observed"] < rows["lower"]) | (rows["observed"] > rows["upper"])
    for where, color, marker in ((~outside, INK, "o"), (outside, VERMILLION, "^")):
        here = rows[where]
        ax.plot(here["probability"], here["observed"], marker, mfc=PAPER, color=color)
    ax.set_xticks(list(rows["probability"]), [f"{p:g}".lstrip("0") for p in rows["probability"]])


def _against(ax: Axes, rows: pd.DataFrame, color_by: str) -> None:
    ends = rows[["observed", "predicted"]].to_numpy(float)
    ends = ends[np.isfinite(ends)]
    for position, (_, group) in enumerate(rows.groupby(color_by)):
        color = CYCLE[position % len(CYCLE)]
        if len(group) > MOST_POINTS:
            square = (float(ends.min()), float(ends.max())) if np.ptp(ends) > 0 else None
            hexagons(ax, group["observed"], group["predicted"], color, square=square)
            continue
        predicted = group["predicted"].to_numpy(float)
        bars = np.abs(group[["lower", "upper"]].to_numpy(float).T - predicted)
        ax.errorbar(
            group["observed"], predicted, yerr=bars, fmt="none", ecolor=color, lw=0.7, alpha=0.5
        )
        ax.plot(group["observed"], predicted, "o", color=color, mec=PAPER, mew=0.3, ms=3.5)
    known = rows.dropna(subset=["observed", "lower", "upper"])
    if len(known) > MOST_POINTS:
        reached = known["observed"].between(known["lower"], known["upper"]).mean()
        words = f"{percent(reached)} inside"
        ax.text(0.97, 0.05, words, transform=ax.transAxes, ha="right", fontsize=7.5)
    if len(ends):
        ax.axline((ends.min(),) * 2, slope=1, color=MUTED, ls="--", lw=0.9, zorder=1)

"""Responses against a covariate, as they were and as a fit predicts them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from driftmill.report.style import BLUE, CYCLE, INK, PAPER, add_legend, wrapped


def covariate_panels(rows: pd.DataFrame, labels: Mapping[int, str]) -> Figure:
    """Draw choice probabilities and median rt over the bins of a covariate, a column a dataset.

    Parameters
    ----------
    rows
        Of one cell, fit and covariate: ``dataset``, ``bin``, ``label``, ``centre`` (NaN for
        levels), ``quantity``, ``response``, ``observed`` with ``observed_lower`` and
        ``observed_upper``, ``predicted``, ``lower``, ``upper``.
    labels
        The datasets' names by their numbers, in the order of the columns.
    """
    quantities = list(dict.fromkeys(rows["quantity"]))
    fig = Figure(
        figsize=(max(2.5 * len(labels) + 0.4, 3.6), 2.1 * len(quantities) + 0.6),
        layout="constrained",
    )
    grid = fig.subplots(len(quantities), len(labels), squeeze=False, sharex="col", sharey="row")
    responses = _shown(rows)
    for column, (dataset, label) in enumerate(labels.items()):
        here = rows[rows["dataset"] == dataset]
        for row, quantity in enumerate(quantities):
            ax = grid[row, column]
            part = here[here["quantity"] == quantity]
            if quantity == "median_rt":
                _line(ax, part, BLUE)
            else:
                for position, response in enumerate(responses):
                    color = CYCLE[position % len(CYCLE)]
                    _line(ax, part[part["response"] == response], color)
                ax.set_ylim(-0.03, 1.03)
            if column == 0:
                ax.set_ylabel("median rt (s)" if quantity == "median_rt" else "choice probability")
        grid[0, column].set_title(wrapped(label))
        grid[-1, column].set_xlabel(str(rows["covariate"].iloc[0]))
        _levels(grid[-1, column], here)
    handles = [
        *(
            Line2D([], [], color=CYCLE[i % len(CYCLE)], lw=5, alpha=0.35, label=f"response {r}")
            for i, r in enumerate(responses)
        ),
        Line2D([], [], color=INK, marker="o", mfc=PAPER, ls="", label="observed, 95 %"),
    ]
    add_legend(fig, handles)
    return fig


def _shown(rows: pd.DataFrame) -> list[int]:
    """Return the responses that are drawn: of two the larger alone, which says both."""
    found = sorted(rows["response"].dropna().astype(int).unique())
    return found[-1:] if len(found) == 2 else found


def _line(ax: Axes, rows: pd.DataFrame, color: str) -> None:
    """Draw what is predicted as a band and what was observed as rings with intervals."""
    levels = rows["centre"].isna().all()
    x = (rows["bin"] if levels else rows["centre"]).to_numpy(float)
    predicted, observed = rows["predicted"].to_numpy(float), rows["observed"].to_numpy(float)
    if levels:
        ax.vlines(x, rows["lower"], rows["upper"], color=color, lw=7, alpha=0.3)
        ax.plot(x, predicted, "_", color=color, ms=9, mew=1.2)
    else:
        band = rows[["lower", "upper"]].to_numpy(float).T
        ax.fill_between(x, *band, color=color, alpha=0.25, lw=0)
        ax.plot(x, predicted, color=color, lw=1.1)
    ends = rows[["observed_lower", "observed_upper"]].to_numpy(float).T
    bars = np.clip(np.abs(ends - observed), 0, None)
    ax.errorbar(x, observed, yerr=bars, fmt="o", color=INK, mfc=PAPER, ms=3.6, elinewidth=0.9)


def _levels(ax: Axes, rows: pd.DataFrame) -> None:
    """Name the bins where they are levels rather than places on an axis."""
    if rows["centre"].isna().all():
        bins = rows.drop_duplicates("bin").sort_values("bin")
        ax.set_xticks(bins["bin"].to_numpy(float), list(bins["label"]))
        ax.set_xlim(-0.6, len(bins) - 0.4)

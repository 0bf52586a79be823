"""Estimates of every dataset side by side, for data without a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from driftmill.report.style import CYCLE, MARKERS, PAPER

#: Datasets drawn at most.
MOST_ROWS = 60


def estimates_forest(estimates: pd.DataFrame, labels: dict[int, str]) -> Figure:
    """Draw posterior means with 50 and 90 % intervals, a panel a parameter, a row a dataset.

    Parameters
    ----------
    estimates
        The estimates of one cell, all fits.
    labels
        Names of the datasets by their numbers.
    """
    names = list(dict.fromkeys(estimates["parameter"]))
    fits = list(dict.fromkeys(estimates["fit"]))
    datasets = sorted(estimates["dataset"].unique())[:MOST_ROWS]
    columns = min(len(names), 5)
    rows = -(-len(names) // columns)
    height = 0.5 + len(datasets) * max(0.16, 0.09 * len(fits) + 0.05)
    fig = Figure(figsize=(max(1.75 * columns, 4), height * rows + 0.3), layout="constrained")
    grid = fig.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for ax in grid[len(names) :]:
        ax.remove()
    place = {dataset: position for position, dataset in enumerate(datasets)}
    for ax, name in zip(grid[: len(names)], names, strict=True):
        for position, fit in enumerate(fits):
            rows_here = estimates[
                (estimates["parameter"] == name)
                & (estimates["fit"] == fit)
                & estimates["dataset"].isin(datasets)
            ]
            shift = (position - (len(fits) - 1) / 2) * 0.7 / len(fits)
            y = rows_here["dataset"].map(place).to_numpy(float) + shift
            color = CYCLE[position % len(CYCLE)]
            ax.hlines(y, rows_here["lower_90"], rows_here["upper_90"], color=color, lw=0.8)
            ax.hlines(y, rows_here["lower_50"], rows_here["upper_50"], color=color, lw=2.2)
            marker = MARKERS[position % len(MARKERS)]
            ax.plot(rows_here["mean"], y, marker, color=color, mfc=PAPER, ms=3.5, mew=0.9)
        ax.set_title(name)
        ax.grid(False, axis="y")
    grid[0].set_yticks(np.arange(len(datasets)), [labels[int(d)] for d in datasets])
    grid[0].set_ylim(len(datasets) - 0.4, -0.6)
    handles = [
        Line2D([], [], color=CYCLE[i % len(CYCLE)], marker=MARKERS[i % len(MARKERS)], mfc=PAPER,
               label=fit)
        for i, fit in enumerate(fits)
    ]  # fmt: skip
    fig.legend(handles=handles, loc="outside upper left", ncols=6)
    return fig

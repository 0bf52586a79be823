"""Estimates side by side: of every dataset, or of every participant."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from driftmill.natural_order import natural_order
from driftmill.report.style import CYCLE, INK, MARKERS, PAPER, add_legend, name_panel

#: Datasets or participants drawn at most.
MOST_ROWS = 60


def estimates_forest(
    estimates: pd.DataFrame, labels: Mapping[int, str], axis: str = "dataset"
) -> Figure:
    """Draw posterior means with 50 and 90 % intervals, a panel a parameter, a row a dataset.

    Parameters
    ----------
    estimates
        The estimates of one cell, all fits.
    labels
        Names of the datasets by their numbers, in the order of the rows.
    axis
        What the names are of.
    """
    shown = list(labels)[:MOST_ROWS]
    place = {dataset: position for position, dataset in enumerate(shown)}
    rows = estimates.assign(row=estimates["dataset"].map(place))
    return _forest(rows, [labels[dataset] for dataset in shown], axis)


def participants_forest(estimates: pd.DataFrame) -> Figure:
    """Draw participants' own values of one dataset, a row a participant, with their truths.

    Parameters
    ----------
    estimates
        The rows of one cell and dataset, all fits, with ``participant_id`` and ``truth``.
    """
    people = natural_order(estimates["participant_id"])[:MOST_ROWS]
    place = {person: position for position, person in enumerate(people)}
    rows = estimates.assign(row=estimates["participant_id"].map(place))
    return _forest(rows, people, "participant")


def _forest(estimates: pd.DataFrame, labels: list[str], axis: str) -> Figure:
    """Draw rows that know their place in the column ``row``."""
    names = list(dict.fromkeys(estimates["parameter"]))
    fits = list(dict.fromkeys(estimates["fit"]))
    columns = min(len(names), 5)
    rows = -(-len(names) // columns)
    height = 0.5 + len(labels) * max(0.16, 0.09 * len(fits) + 0.05)
    fig = Figure(figsize=(max(1.75 * columns, 4), height * rows + 0.3), layout="constrained")
    grid = fig.subplots(rows, columns, squeeze=False, sharey=True).ravel()
    for ax in grid[len(names) :]:
        ax.remove()
    drawn = estimates.dropna(subset=["row"])
    for ax, name in zip(grid[: len(names)], names, strict=True):
        here = drawn[drawn["parameter"] == name]
        for position, fit in enumerate(fits):
            shift = (position - (len(fits) - 1) / 2) * 0.7 / len(fits)
            _intervals(ax, here[here["fit"] == fit], position, shift)
        truth = here.drop_duplicates("row").dropna(subset=["truth"])
        y = truth["row"].to_numpy(float)
        ax.vlines(truth["truth"], y - 0.4, y + 0.4, color=INK, lw=1)
        name_panel(ax, name)
        ax.grid(False, axis="y")
    grid[0].set_yticks(np.arange(len(labels)), labels)
    grid[0].set_ylabel(axis)
    grid[0].set_ylim(len(labels) - 0.4, -0.6)
    handles = [
        Line2D([], [], color=CYCLE[i % len(CYCLE)], marker=MARKERS[i % len(MARKERS)], mfc=PAPER,
               label=fit)
        for i, fit in enumerate(fits)
    ]  # fmt: skip
    add_legend(fig, handles)
    return fig


def _intervals(ax: Axes, rows: pd.DataFrame, position: int, shift: float) -> None:
    """Draw the intervals and means of one fit."""
    y = rows["row"].to_numpy(float) + shift
    color = CYCLE[position % len(CYCLE)]
    ax.hlines(y, rows["lower_90"], rows["upper_90"], color=color, lw=0.8)
    ax.hlines(y, rows["lower_50"], rows["upper_50"], color=color, lw=2.2)
    marker = MARKERS[position % len(MARKERS)]
    ax.plot(rows["mean"], y, marker, color=color, mfc=PAPER, ms=3.5, mew=0.9)

"""How frequent each fit's model is among participants."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from driftmill.report.style import CYCLE, MARKERS, MUTED, add_legend, stacked_rows

#: Populations of a figure at most; beyond, every k-th is drawn.
MOST_ROWS = 40


def frequencies(selection: pd.DataFrame, fits: Sequence[str], labels: Sequence[str]) -> Figure:
    """Draw the expected frequency of each fit's model with its 95 % interval.

    Parameters
    ----------
    selection
        ``fit``, ``frequency``, ``lower``, ``upper`` of one cell, population after population.
    fits
        Names of the fits.
    labels
        The populations' names, in the order of the rows.
    """
    kept = np.arange(len(labels))[:: max(1, -(-len(labels) // MOST_ROWS))]
    fig = stacked_rows(len(kept), row=0.12 + 0.11 * len(fits))
    ax = fig.subplots()
    handles = []
    for position, fit in enumerate(fits):
        rows = selection[selection["fit"] == fit].iloc[kept]
        mean = rows["frequency"].to_numpy(float)
        ends = np.abs(rows[["lower", "upper"]].to_numpy(float).T - mean)
        offset = 0.7 * ((position + 0.5) / len(fits) - 0.5)
        handles.append(
            ax.errorbar(
                mean,
                np.arange(len(kept)) + offset,
                xerr=ends,
                fmt=MARKERS[position % len(MARKERS)],
                color=CYCLE[position % len(CYCLE)],
                ms=4,
                elinewidth=1.2,
                label=fit,
            )
        )
    ax.axvline(1 / len(fits), color=MUTED, ls="--", lw=0.9)
    ax.set_yticks(range(len(kept)), [labels[row] for row in kept])
    ax.set(xlim=(0, 1), ylim=(len(kept) - 0.4, -0.6), xlabel="share of participants")
    ax.grid(False, axis="y")
    add_legend(fig, handles)  # type: ignore[arg-type]
    return fig

"""How sensitive posteriors are to their prior, against how sensitive to their likelihood."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from driftmill.recovery.power_scaling import THRESHOLD
from driftmill.report.style import CYCLE, MARKERS, MUTED, PAPER, VERMILLION, add_legend

#: Posteriors of a parameter that are drawn; smaller sensitivities are drawn at the edge.
MOST, SMALLEST = 120, 1e-3
#: Parameters that are told apart; the others share a look.
TOLD = 12


def sensitivity_plane(rows: pd.DataFrame) -> Figure:
    """Draw every posterior's sensitivity to the prior and to the likelihood.

    Parameters
    ----------
    rows
        Of one cell and fit: ``parameter``, ``prior``, ``likelihood``; NaN left out.
    """
    fig = Figure(figsize=(5.1, 3.6), layout="constrained")
    ax = fig.subplots()
    names = list(dict.fromkeys(rows["parameter"]))
    handles = []
    for place, name in enumerate(names):
        color = CYCLE[place % len(CYCLE)] if place < TOLD else MUTED
        marker = MARKERS[place % len(MARKERS)] if place < TOLD else "."
        found = rows.loc[rows["parameter"] == name, ["likelihood", "prior"]].to_numpy(float)
        shown = np.maximum(found[:: -(-len(found) // MOST)], SMALLEST)
        ax.plot(*shown.T, ls="", marker=marker, color=color, mec=PAPER, mew=0.4, ms=5, alpha=0.85)
        if place <= TOLD:
            label = name if place < TOLD else "other parameters"
            handles.append(Line2D([], [], ls="", marker=marker, color=color, label=label))
    ax.set(xscale="log", yscale="log", xlim=(SMALLEST / 1.3, None), ylim=(SMALLEST / 1.3, None))
    right, top = (max(end, 1.5) for end in (ax.get_xlim()[1], ax.get_ylim()[1]))
    ax.set(xlim=(SMALLEST / 1.3, right), ylim=(SMALLEST / 1.3, top))
    ax.axhline(THRESHOLD, color=VERMILLION, ls="--", lw=0.9)
    ax.axvline(THRESHOLD, color=MUTED, ls="--", lw=0.9)
    ax.xaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_major_formatter("{x:g}")
    for x, align, words in (
        (0.02, "left", "strong prior\nor weak likelihood"),
        (0.98, "right", "prior-data\nconflict"),
    ):
        ax.text(
            x, 0.98, words, transform=ax.transAxes, ha=align, va="top", fontsize=7.5, color=MUTED
        )
    ax.set(xlabel="sensitivity to the likelihood", ylabel="sensitivity to the prior")
    add_legend(fig, handles, columns=4)
    return fig

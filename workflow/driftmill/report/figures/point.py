"""True values against posterior means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from driftmill.report.style import (
    BLUE,
    MUTED,
    PAPER,
    PURPLE,
    VERMILLION,
    add_legend,
    name_panel,
    panels,
)
from driftmill.sampling.settings import APPROXIMATE, FAILED, PASSED, Code

#: Datasets drawn in a panel at most; beyond, every k-th is.
MOST_POINTS = 400


class Kind(NamedTuple):
    """How posteriors of some result codes are drawn."""

    codes: tuple[Code, ...]
    color: str
    marker: str
    face: str
    label: str


SAMPLED = Kind(PASSED, BLUE, "o", BLUE, "passed the gates")
QUICK_LOOK = Kind((APPROXIMATE,), PURPLE, "D", PURPLE, APPROXIMATE)
LOST = Kind(FAILED, VERMILLION, "^", PAPER, "failed")
KINDS = (SAMPLED, QUICK_LOOK, LOST)


def recovery_scatter(estimates: pd.DataFrame, correlation: Mapping[str, float]) -> Figure:
    """Draw truth against posterior mean with 90 % intervals, a panel a parameter.

    Parameters
    ----------
    estimates
        The estimates of one cell and fit, with truths.
    correlation
        Pearson's r by parameter, written above the panel where there is one.
    """
    names = list(dict.fromkeys(estimates["parameter"]))
    shown = [kind for kind in KINDS if estimates["code"].isin(kind.codes).any()]
    fig, axes = panels(len(names))
    for ax, name in zip(axes, names, strict=True):
        rows = thinned(estimates[estimates["parameter"] == name])
        _identity(ax, rows)
        for kind in shown:
            _points(ax, rows[rows["code"].isin(kind.codes)], kind)
        r = correlation.get(name, np.nan)
        name_panel(ax, name, "" if np.isnan(r) else f"r = {r:.2f}")
    axes[0].set_ylabel("posterior mean")
    fig.supxlabel("true value", fontsize=8.5)
    handles = [
        *(
            Line2D([], [], ls="", marker=k.marker, color=k.color, mfc=k.face, label=k.label)
            for k in shown
        ),
        Line2D([], [], color=MUTED, ls="--", label="identity"),
    ]
    add_legend(fig, handles)
    return fig


def thinned(rows: pd.DataFrame, most: int = MOST_POINTS) -> pd.DataFrame:
    """Return every k-th row such that at most ``most`` are left."""
    return rows.iloc[:: -(-len(rows) // most)] if len(rows) > most else rows


def _points(ax: Axes, rows: pd.DataFrame, kind: Kind) -> None:
    mean = rows["mean"].to_numpy(float)
    if not len(mean):
        return
    interval = np.abs(rows[["lower_90", "upper_90"]].to_numpy(float).T - mean)
    ax.errorbar(
        rows["truth"],
        mean,
        yerr=interval,
        fmt="none",
        ecolor=kind.color,
        elinewidth=0.7,
        alpha=0.45,
    )
    ax.plot(
        rows["truth"],
        mean,
        kind.marker,
        color=kind.color,
        mfc=kind.face,
        mec=PAPER if kind.face == kind.color else kind.color,
        mew=0.3 if kind.face == kind.color else 0.9,
        ms=4 if kind.face == kind.color else 5,
    )


def _identity(ax: Axes, rows: pd.DataFrame) -> None:
    ends = rows[["truth", "mean"]].to_numpy(float)
    ends = ends[np.isfinite(ends)]
    if len(ends):
        ax.axline((ends.min(),) * 2, slope=1, color=MUTED, ls="--", lw=0.9, zorder=1)
    if rows["truth"].min() == rows["truth"].max():
        # One true value alone would leave the axis a hair's breadth.
        ax.set_xlim(ends.min() - 0.1, ends.max() + 0.1)

"""True values against posterior means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from driftmill.report.figures.density import MOST_POINTS, density_key, hexagons
from driftmill.report.style import (
    BLUE,
    INK,
    MUTED,
    PAPER,
    PURPLE,
    VERMILLION,
    add_legend,
    name_panel,
    panels,
)
from driftmill.sampling.settings import APPROXIMATE, FAILED, PASSED, Code

#: Parts of the range of true values, with as many posteriors each, whose means stand on a density.
PARTS = 8


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
        rows = estimates[estimates["parameter"] == name]
        _identity(ax, rows)
        for kind in shown:
            own = rows[rows["code"].isin(kind.codes)]
            if len(own) > MOST_POINTS and kind is not LOST:
                _density(ax, own, kind)
            else:
                _points(ax, thinned(own), kind)
        r = correlation.get(name, np.nan)
        name_panel(ax, name, "" if np.isnan(r) else f"r = {r:.2f}")
    axes[0].set_ylabel("posterior mean")
    fig.supxlabel("true value", fontsize=8.5)
    handles: list[Artist] = [
        *(
            Line2D([], [], ls="", marker=k.marker, color=k.color, mfc=k.face, label=k.label)
            for k in shown
        ),
        Line2D([], [], color=MUTED, ls="--", label="identity"),
    ]
    if crowded(estimates):
        handles.append(density_key(BLUE, "many (darker: more)"))
    add_legend(fig, handles)
    return fig


def crowded(estimates: pd.DataFrame) -> bool:
    """Tell whether any panel of estimates has so many posteriors that a density is drawn."""
    known = estimates[~estimates["code"].isin(FAILED)]
    return bool(known["parameter"].value_counts().max() > MOST_POINTS)


def thinned(rows: pd.DataFrame, most: int = MOST_POINTS) -> pd.DataFrame:
    """Return every k-th row such that at most ``most`` are left."""
    return rows.iloc[:: -(-len(rows) // most)] if len(rows) > most else rows


def _density(ax: Axes, rows: pd.DataFrame, kind: Kind) -> None:
    """Draw a density, and on it the means of parts of the range with their mean intervals."""
    hexagons(ax, rows["truth"], rows["mean"], kind.color)
    columns = ["truth", "mean", "lower_90", "upper_90"]
    known = rows[columns].dropna().sort_values("truth", ignore_index=True)
    part = pd.Series(np.arange(len(known)) * PARTS // max(len(known), 1))
    means = known.groupby(part).mean()
    interval = np.abs(means[["lower_90", "upper_90"]].to_numpy(float).T - means["mean"].to_numpy())
    ax.errorbar(
        means["truth"],
        means["mean"],
        yerr=interval,
        fmt=kind.marker,
        color=INK,
        mfc=kind.face,
        ms=4,
        elinewidth=1,
    )


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

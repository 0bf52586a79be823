"""Errors, widths, contraction and coverage against the number of trials or participants."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter
from numpy.typing import NDArray

from driftmill.report.style import (
    BLUE,
    GREEN,
    MUTED,
    VERMILLION,
    add_legend,
    name_panel,
    panels,
)

FloatArray = NDArray[np.float64]
#: Without the powers of ten that a logarithmic axis writes as mathematics.
FORMAT = StrMethodFormatter("{x:g}")
#: Column, colour, marker and name of the curves.
CURVES = (
    ("rmse", BLUE, "o", "RMSE"),
    ("sd_posterior", VERMILLION, "s", "posterior sd"),
    ("width_90", GREEN, "^", "width of the 90 % interval"),
)


def errors(rows: pd.DataFrame, axis: str) -> Figure:
    """Draw RMSE, posterior sd and interval width against size, both logarithmic.

    Parameters
    ----------
    rows
        Rows of the table of precision along one axis, of one fit and subset.
    axis
        ``trials`` or ``participants``.
    """
    fig, drawn = _panels(rows, axis)
    for ax, here, n in drawn:
        for column, color, marker, _ in CURVES:
            value = here[column].to_numpy(float)
            bars = np.nan_to_num(2 * here[f"{column}_mcse"].to_numpy(float))
            # A bar that reaches 0 has no lower end on a logarithmic scale.
            ends = np.stack([np.minimum(bars, 0.95 * value), bars])
            ax.errorbar(n, value, yerr=ends, color=color, marker=marker, ms=3.5, lw=1)
            ax.plot(n, value[0] * np.sqrt(n[0] / n), color=MUTED, ls="--", lw=0.8, zorder=0)
        ax.set_yscale("log")
        ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        ax.yaxis.set_major_formatter(FORMAT)
        ax.yaxis.set_minor_formatter(NullFormatter())
    guide = Line2D([], [], color=MUTED, ls="--", lw=0.8, label="1/√N")
    marks = [Line2D([], [], color=c, marker=m, ms=3.5, label=label) for _, c, m, label in CURVES]
    add_legend(fig, [*marks, guide])
    return fig


def contraction(rows: pd.DataFrame, axis: str, needed: pd.DataFrame) -> Figure:
    """Draw contraction against size, with the target and the size that reaches it.

    Parameters
    ----------
    rows, axis
        As for :func:`errors`.
    needed
        Rows of the table of sample sizes that ask for contraction, of the same fit and axis.
    """
    fig, drawn = _panels(rows, axis, "contraction")
    for ax, here, n in drawn:
        bars = np.nan_to_num(2 * here["contraction_mcse"].to_numpy(float))
        ax.errorbar(n, here["contraction"], yerr=bars, color=BLUE, marker="o", ms=3.5, lw=1)
        for row in needed[needed["parameter"] == here["parameter"].iloc[0]].to_dict("records"):
            ax.axhline(row["target"], color=MUTED, ls="--", lw=0.9)
            ends = [
                n[-1] if np.isnan(end) else min(max(end, n[0]), n[-1])
                for end in (row["needed_lower"], row["needed_upper"])
            ]
            if row["needed"] <= n[-1]:
                if not np.isnan(row["needed_lower"]):
                    ax.axvspan(*ends, color=GREEN, alpha=0.15, lw=0)
                ax.axvline(row["needed"], color=GREEN, lw=1)
        low = float(np.nanmin(here["contraction"].to_numpy(float) - bars, initial=0.0))
        ax.set_ylim(max(low, -0.5) - 0.02, 1.02)
    return fig


def coverage(rows: pd.DataFrame, axis: str) -> Figure:
    """Draw the coverage of 90 % intervals against size, with Jeffreys 95 % bars.

    Parameters
    ----------
    rows, axis
        As for :func:`errors`.
    """
    fig, drawn = _panels(rows, axis, "share of truths inside")
    for ax, here, n in drawn:
        share = here["coverage_90"].to_numpy(float)
        bars = np.abs(here[["lower", "upper"]].to_numpy(float).T - share)
        ax.axhline(0.9, color=MUTED, ls="--", lw=0.9)
        ax.errorbar(n, share, yerr=bars, color=BLUE, marker="o", ms=3.5, lw=0.8, elinewidth=1.2)
        low = float(np.nanmin(here["lower"].to_numpy(float), initial=0.8))
        ax.set_ylim(min(0.6, low - 0.02), 1.02)
    return fig


def _panels(
    rows: pd.DataFrame, axis: str, label: str = ""
) -> tuple[Figure, list[tuple[Axes, pd.DataFrame, FloatArray]]]:
    """Lay out a panel a parameter, with the parameter's rows, smallest first, and their sizes."""
    names = list(dict.fromkeys(rows["parameter"]))
    fig, axes = panels(len(names))
    drawn = []
    for ax, name in zip(axes, names, strict=True):
        here = rows[rows["parameter"] == name].sort_values(axis)
        n = here[axis].to_numpy(float)
        _sizes(ax, n)
        name_panel(ax, name)
        drawn.append((ax, here, n))
    axes[0].set_ylabel(label)
    fig.supxlabel(axis, fontsize=8.5)
    return fig, drawn


def _sizes(ax: Axes, n: FloatArray) -> None:
    """Make the horizontal axis logarithmic, with the sizes there are as its ticks."""
    ax.set_xscale("log")
    ax.set_xticks(n[:: max(1, -(-len(n) // 5))])
    ax.xaxis.set_major_formatter(FORMAT)
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_xlim(n[0] / 1.15, n[-1] * 1.15)

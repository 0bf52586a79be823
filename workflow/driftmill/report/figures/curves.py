"""Curves of the data inside the bands that a fit predicts for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from driftmill.report.style import (
    BLUE,
    GREEN,
    INK,
    ORANGE,
    PAPER,
    PURPLE,
    SKY,
    VERMILLION,
    add_legend,
    panels,
    wrapped,
)

#: Of responses in their order; what lies outside a band has a colour of its own.
COLORS = (BLUE, GREEN, ORANGE, PURPLE, SKY)
#: Panels of one figure that stand side by side.
ACROSS = 4


class Strip(NamedTuple):
    """A curve as it is drawn: which rows, and what its axes say."""

    curve: str
    quantity: str
    x: str
    y: str


#: What is drawn of a curve; the last two are the course of choices, or of the better one.
CDF = Strip("defective_cdf", "probability", "rt (s)", "share of trials")
ACCURACY = Strip("conditional_accuracy", "probability", "mean rt of the bin (s)", "share")
CHOICE = Strip("course", "probability", "trial", "share")
BETTER = Strip("course", "better", "trial", "better option")
MEDIAN = Strip("course", "median_rt", "trial", "median rt (s)")


def strips_of(rows: pd.DataFrame, curve: str) -> list[Strip]:
    """Return what there is to draw of a curve; a learner's better choice stands for all others."""
    here = set(rows.loc[rows["curve"] == curve, "quantity"])
    if curve != "course":
        return [s for s in (CDF, ACCURACY) if s.curve == curve and s.quantity in here]
    told = rows.loc[rows["quantity"] == "better", "observed"].notna().any()
    found = [BETTER if told else CHOICE, MEDIAN]
    return [strip for strip in found if strip.quantity in here]


def curve_columns(
    rows: pd.DataFrame, strips: Sequence[Strip], key: str, labels: Mapping[Any, str]
) -> Figure:
    """Draw curves in a grid: a row a curve, a column a dataset or a group.

    Parameters
    ----------
    rows
        Of one cell and fit, with what `strips` and ``key`` ask for.
    strips
        The curves.
    key
        The column of ``rows`` that tells the columns of the grid apart.
    labels
        Their names, in order.
    """
    width = max(7.0 / max(len(labels), 3), 1.15)
    fig = Figure(
        figsize=(max(width * len(labels) + 0.4, 3.35), 1.75 * len(strips) + 0.5),
        layout="constrained",
    )
    grid = fig.subplots(len(strips), len(labels), squeeze=False, sharey="row", sharex="row")
    for row, strip in enumerate(strips):
        for column, (name, label) in enumerate(labels.items()):
            ax = grid[row, column]
            _curve(ax, rows[rows[key] == name], strip)
            if row == 0:
                ax.set_title(wrapped(label, 16), fontsize=8.5)
        grid[row, 0].set_ylabel(strip.y)
        for ax in grid[row]:
            ax.set_xlabel(strip.x)
    add_legend(fig, _handles(rows, strips))
    return fig


def curve_panels(rows: pd.DataFrame, strip: Strip, key: str, labels: Mapping[Any, str]) -> Figure:
    """Draw one curve of many groups, a panel a group; parameters as for `curve_columns`."""
    fig, axes = panels(len(labels), columns=ACROSS, width=1.75, height=1.55)
    for ax, (name, label) in zip(axes, labels.items(), strict=True):
        _curve(ax, rows[rows[key] == name], strip)
        ax.set_title(wrapped(label, 18), fontsize=8.5)
    for ax in axes[1:]:
        ax.sharey(axes[0])
    fig.supxlabel(strip.x, fontsize=8.5)
    fig.supylabel(strip.y, fontsize=8.5)
    add_legend(fig, _handles(rows, [strip]))
    return fig


def quantile_probability(parts: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw the RT quantiles of every response and group against how probable it is.

    Parameters
    ----------
    parts
        By the name of a panel, the rows of ``quantile_probability`` of its groups.
    """
    width = max(7.0 / max(len(parts), 3), 1.15)
    fig = Figure(figsize=(max(width * len(parts) + 0.4, 3.35), 2.9), layout="constrained")
    axes = fig.subplots(1, len(parts), squeeze=False, sharey=True)[0]
    for ax, (name, rows) in zip(axes, parts.items(), strict=True):
        keys = ["group", "response"]
        shares = rows[rows["quantity"] == "probability"].set_index(keys)["predicted"]
        times = rows[rows["quantity"] == "rt_quantile"].join(shares.rename("at"), on=keys)
        for _, quantile in times.sort_values("at").groupby("bin"):
            at = quantile["at"].to_numpy(float)
            ax.vlines(at, quantile["lower"], quantile["upper"], color=BLUE, lw=4, alpha=0.3)
            ax.plot(at, quantile["predicted"], color=BLUE, lw=0.8, marker="_", ms=5)
        out = (times["observed"] < times["lower"]) | (times["observed"] > times["upper"])
        for where, ink, marker in ((~out, INK, "o"), (out, VERMILLION, "^")):
            here = times[where]
            ax.plot(here["x"], here["observed"], marker, mfc=PAPER, color=ink, ms=3, mew=0.8)
        ax.set_title(wrapped(name, 18), fontsize=8.5)
        ax.set(xlim=(-0.03, 1.03), xlabel="probability of the response")
    axes[0].set_ylabel("rt quantiles (s)")
    add_legend(fig, [_patch(BLUE, "predicted, 90 %"), *_rings()])
    return fig


def _curve(ax: Axes, rows: pd.DataFrame, strip: Strip) -> None:
    """Draw what was observed as rings and what is predicted as bands."""
    mine = rows[(rows["curve"] == strip.curve) & (rows["quantity"] == strip.quantity)]
    responses = _responses(mine, strip)
    if not responses:
        _band(ax, mine, BLUE)
    for response, color in responses.items():
        _band(ax, mine[mine["response"] == response], color)
    if strip.quantity != "median_rt":
        ax.set_ylim(-0.03, 1.03)


def _band(ax: Axes, rows: pd.DataFrame, color: str) -> None:
    rows = rows.dropna(subset=["x"]).sort_values("x")
    x, observed, predicted, lower, upper = (
        rows[name].to_numpy(float) for name in ("x", "observed", "predicted", "lower", "upper")
    )
    ax.fill_between(x, lower, upper, color=color, alpha=0.28, lw=0)
    ax.plot(x, predicted, color=color, lw=1.0)
    outside = (observed < lower) | (observed > upper)
    for where, ink, marker in ((~outside, INK, "o"), (outside, VERMILLION, "^")):
        ax.plot(x[where], observed[where], marker, mfc=PAPER, color=ink, ms=2.8, mew=0.8)


def _responses(rows: pd.DataFrame, strip: Strip) -> dict[int, str]:
    """Return the responses that are drawn with their colours: of two shares the larger one's."""
    found = sorted(rows["response"].dropna().astype(int).unique())
    colored = {r: COLORS[k % len(COLORS)] for k, r in enumerate(found)}
    if strip.curve != CDF.curve and len(found) == 2:
        return {found[-1]: colored[found[-1]]}
    return colored


def _handles(rows: pd.DataFrame, strips: Sequence[Strip]) -> list[Line2D]:
    """Return the legend: the bands' colours, and what stands for the data."""
    drawn: dict[int, str] = {}
    plain = False
    for strip in strips:
        here = rows[(rows["curve"] == strip.curve) & (rows["quantity"] == strip.quantity)]
        found = _responses(here, strip)
        drawn |= found
        plain |= not found
    bands = [_patch(color, f"response {r}, 90 %") for r, color in drawn.items()]
    if plain and not bands:
        bands = [_patch(BLUE, "predicted, 90 %")]
    return [*bands, *_rings()]


def _patch(color: str, label: str) -> Line2D:
    return Line2D([], [], color=color, lw=5, alpha=0.35, label=label)


def _rings() -> list[Line2D]:
    """Return what stands for the data in a legend."""
    rings = (("o", INK, "observed"), ("^", VERMILLION, "outside"))
    return [
        Line2D([], [], ls="", marker=marker, mfc=PAPER, color=color, ms=4, label=label)
        for marker, color, label in rings
    ]


def inside_share(rows: pd.DataFrame) -> float:
    """Return the share of observed values that lie in their interval."""
    known = rows.dropna(subset=["observed", "lower", "upper"])
    held = (known["observed"] >= known["lower"]) & (known["observed"] <= known["upper"])
    return float(held.mean()) if len(known) else float(np.nan)

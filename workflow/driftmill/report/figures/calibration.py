"""Ranks of truths among posterior draws, as differences of their ECDF from the uniform one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from driftmill.recovery.uniformity import bands, below
from driftmill.report.style import BLUE, GREEN, MUTED, ORANGE, add_legend, name_panel, panels

#: Probability that uniform ranks stay inside the darker bands.
LEVEL = 0.95
_DARK, _LIGHT = 0.28, 0.13


def ecdf_differences(
    ranks: Mapping[str, pd.Series],
    priors: Mapping[str, pd.Series],
    highest: int,
    planned: int,
    notes: Mapping[str, str],
) -> Figure:
    """Draw, a panel a quantity, the ECDF of its ranks less that of uniform ranks.

    Säilynoja, Bürkner & Vehtari (2022, Stat. Comput. 32:32), figure 4.

    Parameters
    ----------
    ranks
        By quantity, the ranks of those posteriors that can be relied on.
    priors
        By quantity, the ranks among draws of the fit's prior; empty where it has none.
    highest
        The highest rank.
    planned
        How many datasets there should have been.
    notes
        What is written beside each panel's name.
    """
    fig, axes = panels(len(ranks))
    adjusted = 1.0 - (1.0 - LEVEL) / len(ranks)
    for ax, (name, found) in zip(axes, ranks.items(), strict=True):
        numbers = found.to_numpy(dtype=np.int64)
        _bands(ax, len(numbers), highest, adjusted, _LIGHT)
        _bands(ax, len(numbers), highest, LEVEL, _DARK)
        ax.axhline(0.0, color=MUTED, lw=0.8)
        among = priors[name].to_numpy(dtype=np.int64)
        if len(among):
            share = below(among, highest) / len(among)
            _steps(ax, share, highest, color=GREEN, lw=1.0, ls=":")
        counts = below(numbers, highest)
        if len(numbers):
            _steps(ax, counts / len(numbers), highest, color=BLUE, lw=1.3)
        if len(numbers) < planned:
            for unknown in (0, planned - len(numbers)):
                share = (counts + unknown) / planned
                _steps(ax, share, highest, color=ORANGE, lw=0.9, ls="--")
        name_panel(ax, name, notes.get(name, ""))
        ax.set(xlim=(0, 1), xticks=[0, 0.5, 1])
    axes[0].set_ylabel("ECDF − uniform")
    fig.supxlabel("rank of the truth among posterior draws, as a share", fontsize=8.5)
    add_legend(fig, _legend([len(found) < planned for found in ranks.values()], len(ranks)))
    return fig


def _bands(ax: Axes, n: int, highest: int, level: float, alpha: float) -> None:
    if not n:
        return
    shares = np.arange(1, highest + 1) / (highest + 1)
    lower, upper = (
        np.concatenate([[0.0], end / n - shares, [0.0]]) for end in bands(n, highest, level)
    )
    ax.fill_between(_places(highest), lower, upper, color=MUTED, alpha=alpha, lw=0)


def _steps(ax: Axes, shares: np.ndarray, highest: int, **look: object) -> None:
    expected = np.arange(1, highest + 1) / (highest + 1)
    ends = np.concatenate([[0.0], shares - expected, [0.0]])
    ax.plot(_places(highest), ends, **look)  # type: ignore[arg-type]


def _places(highest: int) -> np.ndarray:
    return np.arange(highest + 2) / (highest + 1)


def _legend(lacking: list[bool], quantities: int) -> list[Line2D | Patch]:
    handles: list[Line2D | Patch] = [
        Line2D([], [], color=BLUE, label="among posterior draws"),
        Line2D([], [], color=GREEN, ls=":", label="among prior draws"),
        Patch(color=MUTED, alpha=_DARK + _LIGHT, lw=0, label="95 % band"),
    ]
    if quantities > 1:
        label = f"95 % for all {quantities}"
        handles.append(Patch(color=MUTED, alpha=_LIGHT, lw=0, label=label))
    if any(lacking):
        label = "extremes of unknown ranks"
        handles.append(Line2D([], [], color=ORANGE, ls="--", label=label))
    return handles

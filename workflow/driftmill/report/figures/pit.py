"""Where trials fall among what is predicted for them, as differences of ECDFs from uniform."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from driftmill.recovery.uniformity import bands
from driftmill.report.style import BLUE, MUTED, VERMILLION, add_legend, panels, wrapped

#: Probability that uniform values stay inside the band all along.
LEVEL = 0.95
QUANTITIES = {"rt": "response time", "response": "response"}


def pit_panels(rows: pd.DataFrame, key: str, labels: Mapping[Any, str]) -> Figure:
    """Draw the ECDF of LOO-PIT values less that of uniform ones.

    After Säilynoja, Bürkner & Vehtari (2022, Stat. Comput. 32:32).

    Parameters
    ----------
    rows
        Of one cell and fit, quantity, place, below and n, and the column ``key``.
    key
        The column that tells panels apart; a response has a panel of its own beside that of the
        time.
    labels
        What they are called, in order.
    """
    quantities = [q for q in QUANTITIES if (rows["quantity"] == q).any()]
    drawn = [(name, q) for q in quantities for name in labels]
    across = min(len(labels), 4) if len(labels) > 1 else len(drawn)
    fig, axes = panels(len(drawn), columns=across, width=1.85, height=1.8)
    for ax, (name, quantity) in zip(axes, drawn, strict=True):
        _difference(ax, rows[(rows[key] == name) & (rows["quantity"] == quantity)])
        title = wrapped(labels[name], 20)
        ax.set_title(f"{title}\n{QUANTITIES[quantity]}", fontsize=8)
        ax.set(xlim=(0, 1), xticks=[0, 0.5, 1])
    fig.supylabel("ECDF − uniform", fontsize=8.5)
    fig.supxlabel("probability of a smaller value, given all other trials", fontsize=8.5)
    add_legend(
        fig,
        [
            Line2D([], [], color=BLUE, label="inside"),
            Line2D([], [], color=VERMILLION, ls="--", label="leaves the band"),
            Patch(color=MUTED, alpha=0.35, lw=0, label="95 % band of the whole curve"),
        ],
    )
    return fig


@lru_cache(maxsize=256)
def band_of(n: int, highest: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the band of so many values, as differences of shares."""
    expected = np.arange(1, highest + 1) / (highest + 1)
    lower, upper = bands(n, highest, LEVEL)
    return lower / n - expected, upper / n - expected


def _difference(ax: Axes, rows: pd.DataFrame) -> None:
    if rows.empty:
        ax.text(0.5, 0.5, "no trials", transform=ax.transAxes, ha="center", color=MUTED)
        return
    rows = rows.sort_values("place")
    highest, n = len(rows), int(rows["n"].iloc[0])
    place = np.concatenate([[0.0], rows["place"].to_numpy(float) / (highest + 1), [1.0]])
    lower, upper = (np.concatenate([[0.0], end, [0.0]]) for end in band_of(n, highest))
    share = np.concatenate([[0.0], rows["below"].to_numpy(float) / n, [1.0]]) - place
    out = bool(((share < lower) | (share > upper)).any())
    ax.fill_between(place, lower, upper, color=MUTED, alpha=0.28, lw=0)
    ax.axhline(0.0, color=MUTED, lw=0.8)
    ax.plot(place, share, color=VERMILLION if out else BLUE, ls="--" if out else "-", lw=1.3)

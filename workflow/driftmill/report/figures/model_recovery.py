"""Confusion and inversion matrices."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from driftmill.report import formatting
from driftmill.report.style import BLUE, GREEN, MUTED, wrapped

#: Letters of a line of a label.
LETTERS = 15


def matrix(
    values: NDArray[np.float64],
    rows: Sequence[str],
    columns: Sequence[str],
    *,
    notes: Sequence[Sequence[str]],
    right: Sequence[tuple[int, int]],
    row_label: str,
    column_label: str,
    aside: int = 0,
) -> Figure:
    """Draw a matrix of proportions with the numbers in its cells.

    Parameters
    ----------
    values
        Proportions, shape (rows, columns).
    rows, columns
        Labels.
    notes
        What stands in small print below each number.
    right
        The cells that hold correct answers, which are green and framed.
    row_label, column_label
        Axis labels.
    aside
        How many of the last columns are no answers ("undecided"): grey, and set apart.
    """
    shape = values.shape
    above, beside = ([wrapped(name, LETTERS) for name in names] for names in (columns, rows))
    lines = max(name.count("\n") for name in above)
    size = 1.15 * shape[1] + 1.9, 0.62 * shape[0] + 0.9 + 0.13 * lines
    fig = Figure(figsize=size, layout="constrained")
    ax = fig.subplots()
    answers = shape[1] - aside
    places = [column + 0.15 * (column >= answers) for column in range(shape[1])]
    for row in range(shape[0]):
        for column, x in enumerate(places):
            value = float(values[row, column])
            correct = (row, column) in right
            color = GREEN if correct else MUTED if column >= answers else BLUE
            corner, size = (x - 0.47, row - 0.46), (0.94, 0.92)
            if np.isfinite(value):
                ax.add_patch(Rectangle(corner, *size, fc=color, ec="none", alpha=0.65 * value))
            frame = color if correct else MUTED
            ax.add_patch(Rectangle(corner, *size, fc="none", ec=frame, lw=1.6 if correct else 0.4))
            ax.text(x, row - 0.13, formatting.percent(value), ha="center", va="center", fontsize=10)
            ax.text(x, row + 0.25, notes[row][column], ha="center", va="center", fontsize=6.5)
    ax.set(xlim=(-0.55, places[-1] + 0.55), ylim=(shape[0] - 0.45, -0.55))
    ax.set_xticks(places, above)
    ax.set_yticks(range(shape[0]), beside)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.set_xlabel(column_label)
    ax.set_ylabel(row_label)
    ax.grid(False)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return fig

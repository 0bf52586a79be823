"""One look for all figures: sizes, colours that follow the page's theme, bytes that never change.

Colours are Okabe and Ito's, told apart with any colour vision. Each stands for a CSS variable
of the page: the SVG asks for ``var(--dm-blue, #0072b2)``, so that a dark page can lighten it,
and a figure opened on its own keeps the colour after the comma.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from driftmill.report.svg import compact_svg

INK = "#1c2024"
MUTED = "#6b7178"
GRID = "#dde0e4"
PAPER = "#ffffff"
BLUE = "#0072b2"
VERMILLION = "#d55e00"
GREEN = "#009e73"
PURPLE = "#cc79a7"
ORANGE = "#e69f00"
SKY = "#56b4e9"
CYCLE = (BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY)
#: Widths that figures have, in inches: one column of a journal, one and a half, two.
COLUMNS = (3.35, 5.1, 7.0)
#: How much of its width a figure may lose to fit a narrower column.
LOSS = 0.09
#: Letters of a title that fit above a panel, and of a line of a small one.
LONG_TITLE, LINE = 20, 20
#: Parts of a name, which may be broken after a space or one of a few signs.
PARTS = re.compile(r"[^\s_|:,]*[\s_|:,]+|[^\s_|:,]+")
#: Inches that a letter of a legend takes, an entry beside its letters, and the figure's margins.
LETTER, ENTRY, MARGIN = 0.067, 0.47, 0.15
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")

#: What a colour of a figure becomes in its SVG.
THEME = {
    INK: "currentColor",
    "#000000": "currentColor",
    MUTED: f"var(--dm-muted, {MUTED})",
    GRID: f"var(--dm-grid, {GRID})",
    PAPER: f"var(--dm-paper, {PAPER})",
    BLUE: f"var(--dm-blue, {BLUE})",
    VERMILLION: f"var(--dm-vermillion, {VERMILLION})",
    GREEN: f"var(--dm-green, {GREEN})",
    PURPLE: f"var(--dm-purple, {PURPLE})",
    ORANGE: f"var(--dm-orange, {ORANGE})",
    SKY: f"var(--dm-sky, {SKY})",
}

PARAMETERS: dict[Any, Any] = {
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "axes.facecolor": "none",
    "axes.grid": True,
    "axes.labelcolor": INK,
    "axes.labelsize": 8.5,
    "axes.linewidth": 0.7,
    "axes.prop_cycle": cycler(color=CYCLE),
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 9.5,
    "errorbar.capsize": 0,
    "figure.constrained_layout.w_pad": 0.07,
    "figure.dpi": 100,
    # ArviZ picks text colours that stand out from this; saved figures are transparent.
    "figure.facecolor": PAPER,
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "hatch.color": INK,
    "hatch.linewidth": 0.4,
    "legend.fontsize": 8,
    "legend.frameon": False,
    "legend.handlelength": 1.4,
    "legend.labelcolor": INK,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "path.simplify_threshold": 0.4,
    "pdf.fonttype": 42,
    "savefig.transparent": True,
    "svg.fonttype": "none",
    "text.color": INK,
    "text.parse_math": False,
    "xtick.color": MUTED,
    "xtick.labelcolor": INK,
    "xtick.labelsize": 7.5,
    "ytick.color": MUTED,
    "ytick.labelcolor": INK,
    "ytick.labelsize": 7.5,
}


@dataclass(frozen=True)
class Drawing:
    """A figure as it is kept: SVG text that follows a page's theme, and PDF bytes."""

    svg: str
    pdf: bytes


@contextmanager
def figure_style() -> Iterator[None]:
    """Apply the look within a ``with`` block; figures must be drawn and saved inside one."""
    with mpl.rc_context(PARAMETERS):
        yield


def save_figure(fig: Figure, stem: str) -> Drawing:
    """Turn a figure into SVG and PDF; equal figures give equal bytes.

    Parameters
    ----------
    fig
        A figure drawn inside :func:`figure_style`.
    stem
        The figure's name, which keeps its SVG ids apart from other figures' on one page.
    """
    return Drawing(figure_svg(fig, stem), figure_pdf(fig))


def figure_svg(fig: Figure, stem: str) -> str:
    """Turn a figure into SVG text that follows a page's theme."""
    with figure_style(), mpl.rc_context({"svg.hashsalt": stem}):
        _lay_out(fig)
        file = io.StringIO()
        fig.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return compact_svg(file.getvalue(), stem, THEME)


def figure_pdf(fig: Figure) -> bytes:
    """Turn a figure into PDF bytes without a date."""
    undated = {"Creator": None, "Producer": None, "CreationDate": None}
    with figure_style():
        _lay_out(fig)
        file = io.BytesIO()
        fig.savefig(file, format="pdf", metadata=undated)
    return file.getvalue()


def _lay_out(fig: Figure) -> None:
    """Place everything once, since each save would else do it again."""
    if fig.get_layout_engine() is not None:
        fig.draw_without_rendering()
        fig.set_layout_engine("none")


def to_column(fig: Figure) -> None:
    """Give a figure that lays itself out the width of a journal's column; its height stays."""
    if fig.get_layout_engine() is not None:
        fig.set_figwidth(column_width(fig.get_figwidth()))


def column_width(width: float) -> float:
    """Return the width of the narrowest column into which a figure fits, or of the widest."""
    fitting = [column for column in COLUMNS if width * (1 - LOSS) <= column]
    return fitting[0] if fitting else COLUMNS[-1]


def panels(
    count: int, *, columns: int = 4, width: float = 1.75, height: float = 1.85
) -> tuple[Figure, list[Axes]]:
    """Lay out ``count`` panels, row by row, each ``width`` by ``height`` inches."""
    columns = min(columns, count)
    rows = -(-count // columns)
    fig = Figure(figsize=(width * columns, height * rows), layout="constrained")
    grid = np.atleast_1d(fig.subplots(rows, columns, squeeze=False)).ravel()
    for ax in grid[count:]:
        ax.remove()
    return fig, list(grid[:count])


def wrapped(name: str, letters: int = LINE) -> str:
    """Break a name into lines of about so many letters, after spaces and signs."""
    lines = [""]
    for part in PARTS.findall(name):
        if lines[-1] and len(lines[-1]) + len(part.rstrip()) > letters:
            lines.append("")
        lines[-1] += part
    return "\n".join(line.rstrip() for line in lines)


def name_panel(ax: Axes, name: str, note: str = "") -> None:
    """Write a parameter's name above its panel, small and in lines where long, and a note."""
    long = len(name) > LINE - 2
    joined = wrapped(name) if long else name
    if note:
        beside = len(name) + len(note) <= LONG_TITLE
        joined += f", {note}" if beside else f"\n{note}"
    ax.set_title(joined, fontsize=7.5 if long else None)


def add_legend(fig: Figure, handles: Sequence[Artist], *, columns: int = 6) -> None:
    """Put a legend above the panels, in as many columns as fit; a narrow figure is widened."""
    if not handles:
        return
    widest = ENTRY + LETTER * max(len(str(handle.get_label())) for handle in handles)
    width = column_width(max(fig.get_figwidth(), widest + MARGIN))
    fig.set_figwidth(width)
    fit = int((width - MARGIN) / widest)
    ncols = max(1, min(columns, fit, len(handles)))
    fig.legend(handles=list(handles), loc="outside upper left", ncols=ncols)


def stacked_rows(
    rows: int, *, width: float = COLUMNS[-1], row: float = 0.24, extra: float = 0.8
) -> Figure:
    """Return an empty figure high enough for ``rows`` horizontal bars or intervals."""
    return Figure(figsize=(width, extra + row * max(rows, 2)), layout="constrained")

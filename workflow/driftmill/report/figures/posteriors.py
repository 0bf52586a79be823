"""Single posteriors by ArviZ's own plots, with the true values marked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import arviz_plots as azp
import matplotlib.pyplot as plt
import numpy as np
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from driftmill.report.style import (
    BLUE,
    COLUMNS,
    CYCLE,
    INK,
    LINE,
    MUTED,
    PAPER,
    VERMILLION,
    add_legend,
    panels,
    wrapped,
)

LABEL = {"color": INK, "size": 8.5}
#: Draws a chain kept for lines and for points: enough to see, few enough for a page.
TRACE_DRAWS = 200
RANK_DRAWS = 150
PAIR_DRAWS = 40
RIDGE_DRAWS = 150
#: Letters of a name that fit into a panel of its own among the pairs.
PAIR_LETTERS = 14

Truth = Mapping[str, float]


def trace(tree: xr.DataTree) -> Figure:
    """Draw each chain's draws in order, a panel a parameter, divergences marked below."""
    columns, size = _grid(tree, 1.3)
    plot = azp.plot_trace(
        _thinned(tree, TRACE_DRAWS, divergent=True),
        backend="matplotlib",
        col_wrap=columns,
        visuals={"trace": {"alpha": 0.8, "width": 0.6}, "xlabel": LABEL},
        figure_kwargs=size,
    )
    return _figure(plot)


def ranks(tree: xr.DataTree) -> Figure:
    """Draw how far each chain's ranks are from uniform, a panel a parameter."""
    columns, size = _grid(tree, 1.4)
    plot = azp.plot_rank(
        _thinned(tree, RANK_DRAWS),
        backend="matplotlib",
        col_wrap=columns,
        visuals={"ecdf_lines": {"width": 0.9}, "xlabel": LABEL},
        figure_kwargs=size,
    )
    return _figure(plot)


def densities(tree: xr.DataTree, truth: Truth) -> Figure:
    """Draw each parameter's density with mean, central 90 % interval and the true value."""
    columns, size = _grid(tree, 1.4)
    plot = azp.plot_dist(
        tree,
        backend="matplotlib",
        ci_kind="eti",
        ci_prob=0.9,
        point_estimate="mean",
        col_wrap=columns,
        visuals={
            "dist": {"color": BLUE},
            "credible_interval": {"color": MUTED},
            "point_estimate": {"color": INK},
            "point_estimate_text": False,
        },
        figure_kwargs=size,
    )
    known = {name: [truth[name]] for name in _names(tree) if name in truth}
    if known:
        azp.add_lines(plot, values=known, visuals={"ref_line": {"color": INK}})
    return _with_few_ticks(_figure(plot), 4)


def forest(trees: Mapping[str, xr.DataTree], truth: Truth) -> Figure:
    """Draw the 50 and 90 % intervals of all fits of one dataset, and the true values."""
    names = list(dict.fromkeys(name for tree in trees.values() for name in _names(tree)))
    plot = azp.plot_forest(
        dict(trees),
        combined=True,
        backend="matplotlib",
        ci_kind="eti",
        ci_probs=(0.5, 0.9),
        point_estimate="mean",
        figure_kwargs=_size(6.2, 0.17 * len(names) * (len(trees) + 1) + 0.6),
    )
    labels, axis = (plot.get_viz("plot", column=column) for column in ("labels", "forest"))
    labels.axis("off")
    heights = plot.aes["y"]
    for name in names:
        if name in truth:
            rows = np.atleast_1d(heights[name].to_numpy())
            axis.vlines(truth[name], rows.min() - 0.3, rows.max() + 0.3, color=INK, ls="--", lw=1.1)
    axis.grid(False, axis="y")
    handles = [
        Line2D([], [], color=CYCLE[i % len(CYCLE)], marker="o", mfc=PAPER, label=fit)
        for i, fit in enumerate(trees)
    ]
    fig = _figure(plot)
    add_legend(fig, handles)
    return fig


def pairs(tree: xr.DataTree, truth: Truth) -> Figure:
    """Draw every two parameters' joint draws, divergences, and the true values as a cross."""
    side = min(1.3 * len(_names(tree)) + 0.5, COLUMNS[-1])
    diverging = bool(tree["sample_stats"]["diverging"].any())
    plot = azp.plot_pair(
        _thinned(tree, PAIR_DRAWS, divergent=True),
        backend="matplotlib",
        marginal=False,
        visuals={
            "scatter": {"color": BLUE, "alpha": 0.4, "size": 5},
            "divergence": {"color": VERMILLION} if diverging else False,
            "label": {"size": 10},
        },
        figure_kwargs=_size(side, side * 0.84),
    )
    for ax in plot.get_viz("figure").axes:
        for text in ax.texts:
            if len(text.get_text()) > PAIR_LETTERS:
                text.set(text=wrapped(text.get_text(), PAIR_LETTERS), fontsize=7.5)
    axes = plot.viz["plot"]
    for row, below in enumerate(axes["var_name_y"].to_numpy()):
        for column, across in enumerate(axes["var_name_x"].to_numpy()):
            ax = axes[row, column].item()
            if row == column:
                ax.axis("off")
            elif row > column and across in truth and below in truth:
                ax.plot(truth[across], truth[below], "+", color=INK, ms=9, mew=1.6)
    return _with_few_ticks(_figure(plot), 2)


def correlation(tree: xr.DataTree, across: str, below: str) -> float:
    """Return the posterior correlation of two parameters."""
    posterior = tree["posterior"]
    values = [posterior[name].to_numpy().ravel() for name in (across, below)]
    return float(np.corrcoef(values)[0, 1])


def ridge(tree: xr.DataTree, across: str, below: str, truth: Truth, product: bool) -> Figure:
    """Draw two parameters' joint draws, the truth as a cross, and where their product is constant.

    Parameters
    ----------
    tree
        The posterior.
    across, below
        The parameters.
    truth
        True values, where they are known.
    product
        Whether the two are the factors themselves, whose constant product is a curve.
    """
    kept = _thinned(tree, RIDGE_DRAWS)["posterior"]
    fig, (ax,) = panels(1, columns=1, width=4.2, height=3.2)
    x, y = (kept[name].to_numpy().ravel() for name in (across, below))
    ax.plot(x, y, "o", color=BLUE, ms=2.4, mec="none", alpha=0.45)
    if product:
        posterior = tree["posterior"]
        mean = float((posterior[across] * posterior[below]).mean())
        line = np.linspace(x.min(), x.max(), 200)
        line = line[line * np.sign(line.mean()) > 0]
        curve = mean / line
        shown = (curve >= y.min()) & (curve <= y.max())
        ax.plot(line[shown], curve[shown], color=INK, ls="--", lw=1.1)
    if across in truth and below in truth:
        ax.plot(truth[across], truth[below], "+", color=INK, ms=11, mew=1.8)
    ax.set(xlabel=across, ylabel=below)
    return fig


def _names(tree: xr.DataTree) -> list[str]:
    return [str(name) for name in tree["posterior"].data_vars]


def _thinned(tree: xr.DataTree, draws: int, *, divergent: bool = False) -> xr.DataTree:
    """Keep every k-th draw; with ``divergent`` also the draws at which a chain diverged."""
    length = tree["posterior"].sizes["draw"]
    kept = np.arange(0, length, max(1, length // draws))
    if divergent:
        diverging = tree["sample_stats"]["diverging"].any("chain").to_numpy()
        kept = np.union1d(kept, np.flatnonzero(diverging)[:draws])
    return tree.isel(draw=kept)


def _grid(tree: xr.DataTree, height: float) -> tuple[int, dict[str, Any]]:
    count = len(_names(tree))
    columns = min(count, 4)
    return columns, _size(COLUMNS[-1] / 4 * columns, height * -(-count // columns) + 0.2)


def _size(width: float, height: float) -> dict[str, Any]:
    return {"figsize": (width, height), "figsize_units": "inches", "layout": "constrained"}


def _with_few_ticks(fig: Figure, most: int) -> Figure:
    """Keep the numbers below small panels apart: few, at most so many intervals, and small."""
    for ax in fig.axes:
        locator = ax.xaxis.get_major_locator()
        if isinstance(locator, MaxNLocator):
            locator.set_params(nbins=most)
            ax.xaxis.set_major_formatter(lambda value, _: f"{value:g}".replace("-", "−"))
            ax.tick_params(axis="x", labelsize=6.5)
    return fig


def _figure(plot: Any) -> Figure:
    fig: Figure = plot.get_viz("figure")
    for ax in fig.axes:
        for place in ("left", "center", "right"):
            title = ax.get_title(place)
            if len(title) > LINE:
                ax.set_title(wrapped(title), loc=place, fontsize=7.5)
    # ArviZ draws by pyplot, which would keep every figure alive until it is closed.
    plt.close(fig)
    return fig

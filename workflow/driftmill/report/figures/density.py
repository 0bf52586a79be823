"""Many points as a density: hexagons in a few shades, each shade one path."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path
from numpy.typing import ArrayLike

#: Points of one kind in a panel at most; more are drawn as a density.
MOST_POINTS = 200
#: Hexagons across a panel.
ACROSS = 22
#: Opacity by the share of the fullest hexagon, up to each.
SHADES = ((0.06, 0.15), (0.2, 0.3), (0.45, 0.5), (0.75, 0.72), (1.0, 0.95))


def hexagons(
    ax: Axes,
    x: ArrayLike,
    y: ArrayLike,
    color: str,
    *,
    across: int = ACROSS,
    square: tuple[float, float] | None = None,
) -> None:
    """Draw how many points lie where, the darker the more.

    Parameters
    ----------
    ax
        The panel.
    x, y
        The points; those that are not finite are left out.
    color
        Of all shades.
    across
        Hexagons along x.
    square
        Ends of both axes, which the hexagons divide; None: where the points end.
    """
    points = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
    points = points[np.isfinite(points).all(axis=1)]
    if not len(points):
        return
    extent = None if square is None else (*square, *square)
    binned = ax.hexbin(
        points[:, 0], points[:, 1], gridsize=across, mincnt=1, linewidths=0, extent=extent
    )
    counts = np.asarray(binned.get_array(), float)
    centres = np.asarray(binned.get_offsets(), float)
    outline = binned.get_paths()[0].vertices
    binned.remove()
    share, below = counts / counts.max(), 0.0
    for top, opacity in SHADES:
        here = centres[(share > below) & (share <= top)]
        below = top
        if len(here):
            whole = Path.make_compound_path(*(Path(outline + centre) for centre in here))
            ax.add_patch(PathPatch(whole, facecolor=color, alpha=opacity, linewidth=0))
    ax.autoscale_view()


def density_key(color: str, label: str) -> Patch:
    """Return the legend's entry of a density."""
    return Patch(facecolor=color, alpha=0.5, linewidth=0, label=label)

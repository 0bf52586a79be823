"""Figures of several levels: their names, and their order on the page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from driftmill.report.blocks import Block, FigureBlock, Group, Prose, capped
from driftmill.report.levels import LAYERS, PARAMETERS, Layer


def by_layer(
    anchor: str, drawn: Mapping[Layer, Sequence[FigureBlock]], limit: int, *, explain: bool = False
) -> tuple[Block, ...]:
    """Return figures layer after layer, each layer under its heading where there are several.

    Parameters
    ----------
    anchor
        Where links find the headings, with the layer's key.
    drawn
        The figures of every layer.
    limit
        How many of a layer are drawn.
    explain
        Whether to say what the numbers of each layer are.
    """
    found = [layer for layer in LAYERS if layer in drawn]
    if len(found) == 1:
        return capped(drawn[found[0]], limit)
    groups = []
    for layer in found:
        about = (Prose(Markup(layer.about)),) if explain and layer.about else ()
        blocks = (*about, *capped(drawn[layer], limit))
        groups.append(Group(f"{anchor}-{layer.key}", layer.title, blocks))
    return tuple(groups)


def figure_name(cell: str, fit: str, layer: Layer) -> tuple[str, str]:
    """Return what tells a figure of one fit and layer from others: in its file, in its title."""
    if layer is PARAMETERS:
        return f"{cell}.{fit}", f"{cell}, fit {fit}"
    return f"{cell}.{fit}.{layer.key}", f"{cell}, fit {fit}, {layer.many}"

"""Every fit in words and as a graph."""

from __future__ import annotations

from markupsafe import Markup

from driftmill.report.blocks import Block, Group, Listing, Note, Picture, Prose, Section
from driftmill.report.data import Description, ReportData
from driftmill.report.formatting import listed

TITLE = "The fits"


def fits(data: ReportData) -> Section:
    """Show what every fit assumes, as it is applied to the first cell."""
    blocks: list[Block] = []
    for fit in data.study.fits[: data.figure_limit]:
        cells = [
            cell.name for cell in data.study.cells if (cell.name, fit.name) in data.descriptions
        ]
        if cells:
            blocks.append(_fit(fit.name, cells, data.descriptions[cells[0], fit.name]))
    if not blocks:
        return Section("fits", TITLE, (Note(Markup("No fit has been written down.")),))
    intro = Markup(
        "What every fit assumes, and its graph: flat ellipses are drawn from a distribution, the "
        "grey one is observed, rectangles are computed from what points to them; what a dashed "
        "frame holds is repeated for each of what its label counts."
    )
    beyond = len(data.study.fits) - data.figure_limit
    if beyond > 0:
        more = Markup("{} more fits are not shown; their files lie beside their posteriors.")
        blocks.append(Note(more.format(beyond)))
    return Section("fits", TITLE, (Prose(intro), *blocks))


def _fit(fit: str, cells: list[str], described: Description) -> Group:
    cell, *others = cells
    shown = Markup("As it is applied to the first dataset of cell {}.").format(cell)
    if others:
        named = listed(others) if len(others) <= 4 else f"the {len(others)} other cells"
        shown += Markup(" Those of {} lie beside their posteriors.").format(named)
    graph = Picture(
        Markup(described.graph),
        f"Graph of fit {fit}",
        shown,
        f"Graph of the model of fit {fit}: its variables and what depends on what",
        f"fits/{cell}/{fit}/model.svg",
    )
    return Group(f"fit.{fit}", f"Fit {fit}", (Listing("In words", described.text, True), graph))

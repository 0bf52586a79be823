"""The page: one HTML file that needs no network."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from driftmill.report.context import ReportContext


def render_page(
    context: ReportContext,
    svgs: Mapping[str, str],
    *,
    figures: str = "figures",
    tables: str = "tables",
) -> str:
    """Render the report.

    Parameters
    ----------
    context
        What :func:`~driftmill.report.context.report_context` put together.
    svgs
        SVG text by the stem of its figure; every figure of the context must be there.
    figures, tables
        Folders with the PDF figures and CSV tables, relative to the page.

    Raises
    ------
    KeyError
        When a figure was not drawn.
    """
    missing = [block.stem for block in context.figures if block.stem not in svgs]
    if missing:
        raise KeyError(f"figures not drawn: {', '.join(missing)}")
    environment = Environment(
        loader=PackageLoader("driftmill.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    numbers = context.numbers
    return environment.get_template("page.html.j2").render(
        report=context,
        figures=figures,
        tables=tables,
        svg=lambda block: _inline(svgs[block.stem], block.alt),
        picture=lambda block: _inline(block.svg, block.alt),
        number=lambda block: numbers[id(block)],
        latex=lambda block: f"{tables}/{context.latex_names[id(block)]}.tex",
    )


def _inline(svg: str, alt: str) -> Markup:
    """Give an SVG element its description for readers who cannot see it."""
    described = Markup('<svg role="img" aria-label="{}" ').format(alt)
    return Markup(svg.replace("<svg ", described, 1))

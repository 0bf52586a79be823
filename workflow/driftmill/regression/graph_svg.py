"""A model's graph as SVG text that follows the theme of the page it stands on."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape

from driftmill.regression.graph_layout import Box, Layout, lay_out
from driftmill.regression.model_graph import Graph, Node

_FONT = "var(--dm-font, system-ui, sans-serif)"
_PAPER, _SOFT, _FAINT = (
    "var(--dm-paper, #ffffff)",
    "var(--dm-muted, #6b7178)",
    "var(--dm-grid, #dde0e4)",
)
_SIZE, _SMALL = 12.0, 10.5
#: Width of a letter in its size, generous since the reader's font is not known.
_LETTER = 0.6
#: Graphviz's colours, and what stands for them.
_THEME = {
    'fill="black"': 'fill="currentColor"',
    'stroke="black"': 'stroke="currentColor"',
    'fill="lightgrey"': f'style="fill:{_FAINT}"',
    'font-family="Times,serif"': f'style="font-family:{_FONT}"',
    'fill="white" stroke="transparent"': 'fill="none"',
}


def draw(graph: Graph) -> str:
    """Lay a graph out and draw it.

    Ellipses are drawn from distributions, filled ones observed; rectangles are computed.
    """
    plates = {node.name: node.plate for node in graph.nodes}
    layout = lay_out({node.name: _size(node) for node in graph.nodes}, plates, graph.edges)
    parts = [_plate(plate, box) for plate, box in layout.plates.items()]  # type: ignore[arg-type]
    parts += [_edge(points) for points in layout.edges.values()]
    parts += [_node(node, layout.nodes[node.name]) for node in graph.nodes]
    return _svg(layout, "".join(parts))


def _svg(layout: Layout, content: str) -> str:
    width, height = _number(layout.width), _number(layout.height)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-size="{_SIZE:g}" '
        f'style="font-family:{_FONT};fill:currentColor">{content}</svg>'
    )


def _size(node: Node) -> tuple[float, float]:
    below = len(node.distribution) + 2 if node.distribution else 0
    letters = max(len(node.name) * _SIZE, below * _SMALL) * _LETTER
    return letters + 26.0, 38.0 if node.distribution else 26.0


def _node(node: Node, box: Box) -> str:
    width, height = box.width, box.height
    fill = _FAINT if node.kind == "observed" else _PAPER
    # Flat ends make room for names that are long and shapes that are low.
    corner = 4.0 if node.kind == "computed" else height / 2
    shape = (
        f'<rect x="{_number(box.x - width / 2)}" y="{_number(box.y - height / 2)}" '
        f'width="{_number(width)}" height="{_number(height)}" rx="{_number(corner)}" '
        f'style="fill:{fill};stroke:currentColor"/>'
    )
    first = box.y - (3.0 if node.distribution else -4.2)
    text = _text(node.name, box.x, first)
    if node.distribution:
        small = f'font-size="{_SMALL:g}" style="fill:{_SOFT}"'
        text += _text(f"~ {node.distribution}", box.x, box.y + 11.5, small)
    return f"<g>{shape}{text}</g>"


def _text(words: str, x: float, y: float, more: str = "", anchor: str = "middle") -> str:
    place = f'x="{_number(x)}" y="{_number(y)}" text-anchor="{anchor}"'
    return f"<text {' '.join(filter(None, (place, more)))}>{escape(words)}</text>"


def _plate(plate: tuple[tuple[str, int], ...], box: Box) -> str:
    right, bottom = box.x + box.width / 2, box.y + box.height / 2
    label = " × ".join(f"{name} ({size})" for name, size in plate)
    return (
        f'<g><rect x="{_number(box.x - box.width / 2)}" y="{_number(box.y - box.height / 2)}" '
        f'width="{_number(box.width)}" height="{_number(box.height)}" rx="8" '
        f'style="fill:none;stroke:{_SOFT};stroke-dasharray:5 3"/>'
        + _text(label, right - 9, bottom - 7, f'font-size="{_SMALL:g}" style="fill:{_SOFT}"', "end")
        + "</g>"
    )


def _edge(points: Sequence[tuple[float, float]]) -> str:
    """Draw an edge as a smooth line through its points, with a head at its end."""
    (x, y), *rest = points
    steps = [f"M{_number(x)} {_number(y)}"]
    for next_x, next_y in rest:
        middle = _number((x + next_x) / 2)
        steps.append(
            f"C{middle} {_number(y)} {middle} {_number(next_y)} {_number(next_x)} {_number(next_y)}"
        )
        x, y = next_x, next_y
    tip, base = _number(x), _number(x - 7.0)
    head = f"M{tip} {_number(y)}L{base} {_number(y - 3.2)}L{base} {_number(y + 3.2)}Z"
    return (
        f'<path d="{"".join(steps)}" style="fill:none;stroke:{_SOFT};stroke-width:1.1"/>'
        f'<path d="{head}" style="fill:{_SOFT}"/>'
    )


def themed(svg: str) -> str:
    """Put the page's colours and font in place of Graphviz's, and drop what names the file."""
    element = svg[svg.index("<svg") :].strip()
    element = re.sub(r"<!--.*?-->\n?", "", element, flags=re.DOTALL)
    # Graphs that share a page would share their ids.
    element = re.sub(r' id="[^"]*"', "", element)
    for theirs, ours in _THEME.items():
        element = element.replace(theirs, ours)
    return element


def _number(value: float) -> str:
    """Write tenths of a unit, which is as fine as an eye sees."""
    return f"{value:.1f}".removesuffix(".0")

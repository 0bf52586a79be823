"""Matplotlib's SVG made fit for a page: themeable, small, with ids of its own.

Matplotlib repeats ids such as ``axes_1`` in every figure, sets a style rule for every element
of the document it lands in, and writes six decimals of a point. All of it is harmless in a file
on its own and harmful when thirty figures share one page.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from xml.etree import ElementTree

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
HREF = f"{{{XLINK}}}href"
DROPPED = {f"{{{SVG}}}metadata", f"{{{SVG}}}style"}
FONT = "font-family: var(--dm-font, system-ui, sans-serif)"
NUMBER = re.compile(r"-?\d+\.\d+")
COMMAND = re.compile(r" ?([MLQCz]) ?")
LINES = re.compile(r"L[^A-Za-z]+(?:L[^A-Za-z]+)+")
REFERENCE = re.compile(r"url\(#([^)]+)\)")


def compact_svg(text: str, stem: str, theme: Mapping[str, str]) -> str:
    """Rewrite one of matplotlib's SVG files.

    Parameters
    ----------
    text
        The file as matplotlib wrote it.
    stem
        The figure's name; ids are made from it.
    theme
        From a colour in lower-case hex to the CSS value that takes its place.

    Returns
    -------
    str
        An ``<svg>`` element without declaration, document type, comments or metadata.
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(text)
    _prune(root)
    _rename_ids(root, f"f{zlib.crc32(stem.encode()):08x}")
    for element in root.iter():
        _restyle(element, theme)
        _round(element)
    _hoist(root)
    _unwrap(root)
    # Matplotlib leaves out a fill of black, the default of SVG but not of a dark page.
    root.set("style", f"fill: currentColor; stroke-linejoin: round; stroke-linecap: butt; {FONT}")
    for element in root.iter():
        element.tail = None
        if element.text is not None and not element.text.strip():
            element.text = None
    return ElementTree.tostring(root, encoding="unicode")


def _prune(parent: ElementTree.Element) -> None:
    """Remove metadata, document-wide styles and shapes that paint nothing."""
    for child in list(parent):
        invisible = child.tag == f"{{{SVG}}}path" and child.get("style") == "fill: none"
        if child.tag in DROPPED or invisible:
            parent.remove(child)
            continue
        _prune(child)
        if child.tag in (f"{{{SVG}}}defs", f"{{{SVG}}}g") and len(child) == 0:
            parent.remove(child)


def _rename_ids(root: ElementTree.Element, prefix: str) -> None:
    """Keep the ids that something refers to, under short names that start with ``prefix``."""
    used: dict[str, str] = {}
    for element in root.iter():
        targets = [element.get(HREF, "").removeprefix("#")]
        for value in element.attrib.values():
            targets += REFERENCE.findall(value)
        for target in filter(None, targets):
            used.setdefault(target, f"{prefix}{len(used)}")
    for element in root.iter():
        name = element.attrib.pop("id", None)
        if name in used:
            element.set("id", used[name])
        for key, value in element.attrib.items():
            if key == HREF and value.startswith("#"):
                element.set(key, f"#{used[value[1:]]}")
            elif "url(#" in value:
                element.set(key, REFERENCE.sub(lambda m: f"url(#{used[m[1]]})", value))


def _restyle(element: ElementTree.Element, theme: Mapping[str, str]) -> None:
    """Put the page's colours and font in place of matplotlib's."""
    for key in ("fill", "stroke"):
        # A variable works in a style only, not in an attribute.
        if element.get(key, "").startswith("#"):
            element.set("style", f"{key}: {element.attrib.pop(key)}; {element.get('style', '')}")
    style = element.get("style")
    if style is None:
        return
    rules = dict(rule.strip().split(": ", 1) for rule in style.split(";") if rule.strip())
    rules.pop("font-family", None)
    for key, value in rules.items():
        rules[key] = theme.get(value.lower(), value)
    element.set("style", ";".join(f"{key}:{value}" for key, value in rules.items()))


def _round(element: ElementTree.Element) -> None:
    """Keep hundredths of a point."""
    for key in ("d", "x", "y", "width", "height", "transform"):
        value = element.get(key)
        if value is None:
            continue
        if key == "transform" and value.startswith("rotate(-0 "):
            del element.attrib[key]
            continue
        rounded = NUMBER.sub(lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), value)
        rounded = " ".join(rounded.split())
        element.set(key, _shorter(rounded) if key == "d" else rounded)


def _shorter(path: str) -> str:
    """Leave out the spaces around commands, and the command of a line that goes on."""
    joined = COMMAND.sub(r"\1", path)
    return LINES.sub(lambda m: f"L{m[0][1:].replace('L', ' ')}", joined)


def _hoist(root: ElementTree.Element) -> None:
    """Say a style that all markers of a group share once, on the group."""
    for group in root.iter(f"{{{SVG}}}g"):
        styles = {child.get("style") for child in group}
        if (
            len(group) > 1
            and len(styles) == 1
            and {child.tag for child in group} == {f"{{{SVG}}}use"}
        ):
            style = styles.pop()
            if style is not None:
                group.set("style", style)
                for child in group:
                    del child.attrib["style"]


def _unwrap(parent: ElementTree.Element) -> None:
    """Put what is in a group that says nothing in the group's place."""
    for child in parent:
        _unwrap(child)
    if any(child.tag == f"{{{SVG}}}g" and not child.attrib for child in parent):
        kept: list[ElementTree.Element] = []
        for child in parent:
            bare = child.tag == f"{{{SVG}}}g" and not child.attrib
            kept += list(child) if bare else [child]
        parent[:] = kept

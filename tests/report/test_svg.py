import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

import driftmill
from driftmill.report.style import (
    BLUE,
    INK,
    THEME,
    figure_pdf,
    figure_style,
    figure_svg,
    save_figure,
)


def draw(label="a <b> & $c$"):
    with figure_style():
        fig = Figure((3, 2), layout="constrained")
        ax = fig.subplots()
        ax.plot([0, 1, 2], [0, 1, 4], "o-", color=BLUE, label=label)
        ax.bar([0, 1], [1, 2], hatch="//", color="none", edgecolor=INK)
        ax.set_xlabel(label)
        fig.legend(loc="outside upper left")
    return fig


@pytest.fixture(scope="module")
def svg():
    return figure_svg(draw(), "kind.one")


def test_is_one_well_formed_element(svg):
    root = ElementTree.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert root.get("viewBox") == "0 0 216 144"
    assert not svg.startswith("<?xml")
    assert "<!--" not in svg


def test_colours_follow_the_page(svg):
    assert f"var(--dm-blue, {BLUE})" in svg
    assert "currentColor" in svg
    assert not re.search(rf"(?<!, )(?:{BLUE}|{INK}|#000000)", svg)
    # What is black by default must follow the theme as well.
    assert ElementTree.fromstring(svg).get("style", "").startswith("fill: currentColor")


def test_user_text_is_shown_as_it_is(svg):
    texts = [element.text for element in ElementTree.fromstring(svg).iter() if element.text]
    assert texts.count("a <b> & $c$") == 2


def test_every_reference_has_its_id(svg):
    root = ElementTree.fromstring(svg)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    used = re.findall(r'(?:url\(#|href="#)([^)"]+)', svg)
    assert len(ids) == len(set(ids))
    assert set(used) == set(ids)


def test_two_figures_share_no_id():
    one, two = (set(re.findall(r'id="([^"]+)"', figure_svg(draw(), s))) for s in ("a.b", "a.c"))
    assert one
    assert not one & two


def test_equal_figures_give_equal_bytes():
    first, second = (save_figure(draw(), "kind.one") for _ in range(2))
    assert first == second
    assert first.svg != save_figure(draw("other"), "kind.one").svg


def test_pdf_has_no_date():
    pdf = figure_pdf(draw())
    assert pdf.startswith(b"%PDF")
    assert b"CreationDate" not in pdf
    assert b"/Subtype /Type0" in pdf or b"/Subtype /TrueType" in pdf


def test_figure_is_small(svg):
    assert len(svg) < 10_000
    groups = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}g")
    assert all(group.attrib for group in groups)
    assert svg.count("font-family") == 1


def test_a_line_is_said_shortly_and_stays_where_it_was():
    with figure_style():
        fig = Figure((2, 1))
        ax = fig.add_axes((0, 0, 1, 1))
        ax.set(xlim=(0, 4), ylim=(0, 4))
        ax.axis("off")
        ax.plot([0, 1, 2, 4], [0, 4, 1, 2], color=BLUE)
    (path,) = re.findall(r' d="(M[^"z]*L[^"z]*)"', figure_svg(fig, "line"))
    assert path == "M0 72L36 0 72 54 144 36"


def brightness(color):
    parts = (int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_colours_of_figures_stand_out_from_either_theme(theme):
    sheet = (Path(driftmill.__file__).parent / "report/templates/page.css").read_text()
    light, dark = sheet.split("@media", 2)[:2]
    shown = {name: re.findall("#[0-9a-f]{6}", rule)[0] for name, rule in named(THEME)}
    shown |= dict(re.findall(r"--dm-(\w+): (#[0-9a-f]{6})", light))
    if theme == "dark":
        shown |= dict(re.findall(r"--dm-(\w+): (#[0-9a-f]{6})", dark))
    paper = brightness(shown.pop("paper"))
    shown.pop("grid")
    assert len(shown) == 7
    for name, color in shown.items():
        bright, dim = sorted((paper, brightness(color)), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 3, name


def named(theme):
    rules = [rule for rule in theme.values() if rule.startswith("var(--dm-")]
    return [(rule[len("var(--dm-") :].split(",")[0], rule) for rule in rules]

import re
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from driftmill.report.style import BLUE, INK, figure_pdf, figure_style, figure_svg, save_figure


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
    assert len(svg) < 12_000

"""The page of a study of 1,000 datasets as a browser shows it."""

import io
import re
import zlib
from itertools import pairwise

import pypdf
import pytest
from tests.report.browser import chromium

from driftmill.report.context import draw_figure, report_context
from driftmill.report.page import render_page
from driftmill.report.style import figure_svg

CELLS = ("ddm-100", "ddm-400", "angle-100", "angle-400")
#: What text on the page and its ground must differ by (WCAG 2, level AA).
CONTRAST = """
() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return canvas.getImageData(0, 0, 1, 1).data;
  };
  const light = ([r, g, b]) => [r, g, b]
    .map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const found = rgba(getComputedStyle(e).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255];
  };
  const said = new Map();
  for (const e of document.querySelectorAll("body *")) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
    if (!own || e.closest("script, style, noscript") || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const [a, b] = [light(rgba(e.closest("svg") ? style.fill : style.color)), light(ground(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) said.set(`${e.tagName}.${e.className.baseVal ?? e.className}`, ratio);
  }
  return [...said];
}
"""


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


def drawn(context):
    """Draw one figure of every kind, and let all cells and fits have it under ids of their own."""
    svgs, first = {}, {}
    for block in sorted(context.figures, key=lambda block: "angle-100" not in block.stem):
        kind = re.sub(r"\.(ddm|angle)\b.*", "", block.stem)
        stem, svg = first.get(kind) or (block.stem, figure_svg(draw_figure(block), block.stem))
        first[kind] = (stem, svg)
        old, new = (f"f{zlib.crc32(name.encode()):08x}" for name in (stem, block.stem))
        svgs[block.stem] = svg.replace(old, new)
    return svgs


@pytest.fixture(scope="module")
def file(browser, make, tmp_path_factory):
    data = make("thousand")
    context = report_context(data)
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render_page(context, drawn(context)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def errors():
    return []


def opened(browser, file, errors, **options):
    page = browser.new_page(viewport={"width": 1300, "height": 900}, **options)
    page.on("console", lambda message: errors.append(message.text))
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(file.as_uri())
    return page


@pytest.fixture
def page(browser, file, errors):
    page = opened(browser, file, errors)
    yield page
    page.close()
    assert errors == []


def unfolded(page, title):
    """Open the fold that holds a table, as the keyboard does."""
    page.locator(f"details:has(div.table[aria-label='{title}']) > summary").focus()
    page.keyboard.press("Enter")


def column(page, title, place):
    table = page.locator(f"div.table[aria-label='{title}']")
    cells = table.locator(f"tbody tr:not([hidden]) td:nth-child({place})")
    return cells.evaluate_all("cells => cells.map((c) => c.dataset.sort ?? c.textContent)")


def test_a_thousand_datasets_are_small_and_soon_laid_out(page, file):
    assert file.stat().st_size < 15_000_000
    # What takes the time to open a page: about 50,000 elements a second of layout.
    assert 1_000 < page.locator("*").count() < 50_000


def test_a_press_on_a_heading_sorts_by_exact_values(page):
    title = "Point recovery in numbers"
    unfolded(page, title)
    heading = page.locator(f"div.table[aria-label='{title}'] th button", has_text="RMSE").first
    before = column(page, title, 11)
    heading.focus()
    page.keyboard.press("Enter")
    assert column(page, title, 11) == sorted(before, key=float)
    assert heading.locator("..").get_attribute("aria-sort") == "ascending"
    page.keyboard.press("Space")
    assert column(page, title, 11) == sorted(before, key=float, reverse=True)
    assert before != sorted(before, key=float)


def test_rows_are_filtered_by_words_and_by_numbers(page):
    title = "Point recovery in numbers"
    unfolded(page, title)
    every = column(page, title, 3)
    field = page.locator(f"p.filter:has(+ div.table[aria-label='{title}']) input")
    field.fill("ANGLE-400 passed")
    assert set(column(page, title, 1)) == {"angle-400"}
    assert set(column(page, title, 4)) == {"passed"}
    told = page.locator(f"p.filter:has(+ div.table[aria-label='{title}']) output")
    assert told.inner_text() == f"{len(column(page, title, 1))} of {len(every)} rows"
    field.fill("rmse>0.1 slope<=0.99")
    errors = list(map(float, column(page, title, 10)))
    assert errors
    field.fill("parameter=theta")
    assert set(column(page, title, 3)) == {"theta"}
    field.fill("no such row")
    assert column(page, title, 1) == []
    field.fill("")
    assert column(page, title, 3) == every
    assert told.inner_text() == ""


def test_a_dataset_is_picked_and_drawn(page):
    explorer = page.locator("#explore")
    cell, fit, dataset = (explorer.locator(f"select[name={n}]") for n in ("cell", "fit", "dataset"))
    assert tuple(cell.locator("option").all_inner_texts()) == CELLS
    cell.select_option(label="angle-400")
    fit.select_option(label="angle")
    assert dataset.locator("option").count() == 250
    dataset.select_option("137")
    assert "Fit angle on angle-400, dataset 137" in explorer.locator("[role=status]").inner_text()
    panels = explorer.locator("figure[data-plot=trace] svg g")
    assert panels.count() == 5
    assert panels.first.locator("path.line").count() == 4
    assert explorer.locator("figure[data-plot=rank] rect.band").count() == 5
    assert explorer.locator("figure[data-plot=pair] path.truth").count() == 10
    assert explorer.locator("figure[data-plot=checks] path.bar").count() == 12
    assert explorer.locator("tbody tr").count() == 5
    before = explorer.locator("figure[data-plot=trace] svg").inner_html()
    explorer.locator("[name=next]").click()
    assert dataset.input_value() == "138"
    assert explorer.locator("figure[data-plot=trace] svg").inner_html() != before
    fit.select_option(label="ddm")
    assert dataset.input_value() == "138"
    assert panels.count() == 4
    assert explorer.locator("path.truth").count() == 0
    labels = explorer.locator("svg").evaluate_all("all => all.map((s) => s.ariaLabel)")
    assert all("fit ddm on angle-400, dataset 138" in label for label in labels)
    failed = [t for t in dataset.locator("option").all_inner_texts() if "not_converged" in t]
    assert 0 < len(failed) < 10


def test_what_is_drawn_lies_where_the_numbers_say(page):
    cross = page.locator("#explore figure[data-plot=pair] svg g").first
    truth = page.locator("#explore tbody tr").first.locator("td").first.inner_text()
    x, _ = map(float, re.findall(r"[\d.]+", cross.locator("path.truth").get_attribute("d"))[:2])
    ticks = cross.locator("text.x").evaluate_all(
        "all => all.map((t) => [Number(t.getAttribute('x')), t.textContent])"
    )
    (left, low), *_, (right, high) = [(at, float(t.replace("−", "-"))) for at, t in ticks]
    value = low + (x - left) / (right - left) * (high - low)
    assert value == pytest.approx(float(truth.replace("−", "-")), abs=0.01 * (high - low) + 0.005)


#: Pairs of texts of one drawing that lie on each other, and texts that lie outside it.
COLLISIONS = """() => [...document.querySelectorAll("#explore svg")].flatMap((svg) => {
  const texts = [...svg.querySelectorAll("text")].map((t) => [t, t.getBoundingClientRect()]);
  const frame = svg.getBoundingClientRect();
  const out = texts.filter(([, r]) => r.left < frame.left - 1 || r.right > frame.right + 1);
  const over = texts.filter(([, a], i) => texts.slice(i + 1).some(([, b]) =>
    Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 &&
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 2));
  return [...out, ...over].map(([t]) => t.textContent);
})"""


def test_long_names_of_a_picked_dataset_do_not_lie_on_each_other(browser, make, tmp_path, errors):
    context = report_context(make("long_names"))
    blank = {block.stem: "<svg />" for block in context.figures}
    path = tmp_path / "report.html"
    path.write_text(render_page(context, blank), encoding="utf-8")
    page = opened(browser, path, errors)
    assert page.locator("#explore text.name", has_text="participant_").count() >= 2
    assert page.evaluate(COLLISIONS) == []
    page.close()
    assert errors == []


def test_figures_can_be_read_on_a_narrow_page(browser, file, errors):
    page = opened(browser, file, errors)
    page.set_viewport_size({"width": 400, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    sizes = page.locator(".plot svg[role=img] text").evaluate_all(
        "all => all.map((t) => t.getBoundingClientRect()).map((r) => Math.max(r.width, r.height))"
    )
    sizes = [size for size in sizes if size > 0]
    assert len(sizes) > 100
    assert min(sizes) >= 8
    page.close()


def test_the_contents_follow_the_scroll(page):
    for anchor in ("uncertainty", "gates", "methods", "verdict"):
        page.evaluate("id => document.getElementById(id).scrollIntoView()", anchor)
        page.wait_for_function(
            "anchor => document.querySelector('nav [aria-current]')?.closest('li, ol ol')"
            " && (document.querySelector('nav [aria-current], nav .within').hash === '#' + anchor"
            " || document.querySelector('nav .within')?.hash === '#' + anchor)",
            arg=anchor,
            timeout=5000,
        )
    assert page.locator("nav [aria-current]").count() == 1


def test_the_keyboard_reaches_the_verdict_first(page):
    page.keyboard.press("Tab")
    skip = page.locator(":focus")
    assert skip.inner_text() == "Skip to the verdict"
    assert skip.bounding_box()["x"] > 0
    page.keyboard.press("Enter")
    assert page.url.endswith("#verdict")
    page.keyboard.press("Tab")
    focused = page.locator(":focus")
    assert focused.evaluate("e => e.closest('#verdict') !== null")
    assert focused.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_headings_are_in_order_and_fields_have_names(page):
    levels = page.locator("h1, h2, h3, h4, h5").evaluate_all("all => all.map((h) => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))
    assert page.locator("input, select").evaluate_all("all => all.every((f) => f.labels.length)")
    assert page.locator("svg:not([role=img][aria-label])").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_ground(browser, file, errors, scheme):
    page = opened(browser, file, errors, color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    assert page.evaluate(CONTRAST) == []
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(21, 24, 28)"
    assert dark == (scheme == "dark")
    page.locator("#theme").click()
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(21, 24, 28)") != dark
    ink = "getComputedStyle(document.querySelector('.drawn svg text')).fill"
    assert page.evaluate(ink) == page.evaluate("getComputedStyle(document.body).color")
    page.close()
    assert errors == []


def test_it_prints_with_its_text_and_without_its_controls(browser, file, errors):
    page = opened(browser, file, errors, color_scheme="dark")
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(format="A4")))
    page.close()
    assert 15 < len(printed.pages) < 120
    text = " ".join(" ".join(sheet.extract_text() for sheet in printed.pages).split())
    for said in ("Verdict", "Figure 1.", "Table 1.", "Pick a dataset", "Vehtari et al. 2021"):
        assert said in text
    assert "Filter rows" not in text
    assert "Skip to the verdict" not in text
    first = printed.pages[0].extract_text()
    assert "Can the parameters be recovered?" in " ".join(first.split())
    assert errors == []


def test_no_table_is_cut_on_paper(browser, file, errors):
    page = opened(browser, file, errors)
    page.emulate_media(media="print")
    paper = 680  # 180 mm between the margins of A4, 96 pixels to the inch
    page.set_viewport_size({"width": paper, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    ends = page.locator("main table").evaluate_all(
        "all => all.map((table) => table.getBoundingClientRect().right)"
    )
    page.close()
    assert len(ends) > 10
    assert max(ends) <= paper


def test_without_scripts_the_page_still_says_all(browser, file):
    page = browser.new_page(java_script_enabled=False)
    page.goto(file.as_uri())
    assert page.locator("#explore").is_hidden()
    assert page.locator("noscript").first.inner_text()
    assert page.locator("#verdict table").first.is_visible()
    page.close()

"""A study of approximations: labelled wherever its numbers are shown, counted as what they are."""

from dataclasses import replace

import numpy as np
import pytest
from tests.report.factory import Factory
from tests.report.studies import FITS, observed, simulated

from driftmill.report.blocks import FigureBlock, Note, TableBlock, flattened
from driftmill.report.context import draw_figure, report_context
from driftmill.report.style import figure_style, figure_svg
from driftmill.sampling.settings import SamplingSettings

CELLS = (simulated("ddm", "ddm", 6), observed())
#: Blocks of these sections speak of the study, or of approximations by themselves.
OF_THE_STUDY = {"study", "fits", "gates", "methods"}


def study(sampler, fail=None):
    datasets = [(c.name, f.name, d) for c in CELLS for f in FITS for d in range(c.datasets)]
    codes = dict.fromkeys(datasets, "approximate") | (fail or {})
    settings = SamplingSettings(sampler=sampler)
    data = Factory().data(CELLS, FITS, fail=codes, sampling=settings)
    drawn = Factory().data(CELLS, FITS, draw={("ddm", 0)}).posteriors
    gates = data.tables["gates"]
    diagnostics = ["r_hat", "ess_bulk", "ess_tail", "e_bfmi", "mcse_ratio"]
    gates[diagnostics] = np.nan
    gates["message"] = "Pareto k 0.31"
    return replace(data, posteriors=drawn)


def sections(data):
    return {section.anchor: section for section in report_context(data).sections}


def said(section):
    return " ".join(str(b.html) for b in flattened(section.blocks) if hasattr(b, "html"))


@pytest.fixture(scope="module")
def page():
    return sections(study("laplace"))


def test_every_figure_and_table_of_a_posterior_has_the_label(page):
    labelled = 0
    for anchor, section in page.items():
        if anchor in OF_THE_STUDY:
            continue
        assert isinstance(section.blocks[0], Note)
        assert "approximations by <code>laplace</code>" in str(section.blocks[0].html)
        for block in flattened(section.blocks):
            if isinstance(block, FigureBlock | TableBlock):
                assert block.title.endswith("(approximate)"), (anchor, block.title)
                labelled += 1
    assert labelled > 15


def test_figures_carry_the_label_out_of_the_page(page):
    for anchor in ("point", "uncertainty", "datasets"):
        block = next(b for b in flattened(page[anchor].blocks) if isinstance(b, FigureBlock))
        with figure_style():
            assert "approximate (laplace)" in figure_svg(draw_figure(block), block.stem)


def test_header_and_gates_say_what_approximations_are(page):
    for anchor in ("study", "gates", "methods"):
        assert "no gate can vouch for them" in said(page[anchor])
    cells = next(b for b in page["study"].blocks if getattr(b, "title", "") == "Cells")
    keys = [column.key for column in cells.columns]
    row = dict(zip(keys, cells.rows[0], strict=True))
    assert [row[key].text for key in ("run", "passed", "approximate", "failed")] == [
        "12",
        "0",
        "12",
        "0",
    ]
    table = next(b for b in page["gates"].blocks if isinstance(b, TableBlock))
    assert {cell.text for row in table.rows for cell in row if cell.css == "code"} == {
        "approximate"
    }
    assert "Pareto k 0.31" in {cell.text for cell in table.rows[0]}


def test_the_verdict_counts_them_neither_as_passed_nor_as_failed():
    whole = study("advi")
    assert whole.failed == 0
    assert "All of 24 posteriors are approximations" in said(sections(whole)["verdict"])
    lost = study("advi", {("ddm", "ddm", 0): "numeric_failure"})
    assert lost.failed == 1
    assert "23 of 24 posteriors are approximations" in said(sections(lost)["verdict"])
    assert "1 could not be made at all" in said(sections(lost)["verdict"])


def test_of_modes_no_widths_are_drawn_and_elpd_has_no_price():
    page = sections(study("map"))
    assert "no width that could be drawn" in said(page["datasets"])
    assert "without a price for the number of parameters" in said(page["comparison"])
    assert "hold no truth" in said(page["gates"])


def test_a_sampled_study_has_no_such_words():
    page = sections(Factory().data(CELLS, FITS))
    assert "pproximat" not in "".join(map(said, page.values()))
    titles = [getattr(b, "title", "") for s in page.values() for b in flattened(s.blocks)]
    assert not any("approximate" in title for title in titles)

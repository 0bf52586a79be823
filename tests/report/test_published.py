"""Numbers beside published ones, and fits that are applied to some cells alone."""

from dataclasses import replace

import pandas as pd
import pytest

from driftmill.recovery.published import PUBLISHED_TYPES
from driftmill.report.blocks import Note, TableBlock
from driftmill.report.context import csv_tables, report_context
from driftmill.report.data import FitSummary, ReportData
from driftmill.report.page import render_page
from driftmill.report.sections.comparison import comparison
from driftmill.report.sections.header import header
from driftmill.report.sections.model_recovery import model_recovery
from driftmill.report.sections.published import published
from driftmill.report.sections.verdict_models import told_apart

ROW = {
    "label": "group 2a",
    "cell": "people",
    "fit": "ddm",
    "dataset": 2,
    "quantity": "2 × inverse link(a_Intercept)",
    "statistic": "mean",
    "ours": 1.95,
    "sd": 0.09,
    "mcse": 0.002,
    "published": 1.975,
    "published_sd": 0.094,
    "difference": -0.025,
    "code": "ok",
    "source": "a tutorial",
    "note": "a & b",
    "message": "",
}


def table(*changes):
    return pd.DataFrame([ROW | change for change in changes]).astype(PUBLISHED_TYPES)


@pytest.fixture
def study(make):
    """A function from rows of published numbers to a study that has them."""

    def with_rows(*changes):
        data = make("observed_only")
        return ReportData(data.study, {**data.tables, "published": table(*changes)})

    return with_rows


def test_without_published_numbers_there_is_no_section(make):
    context = report_context(make("observed_only"))
    assert published(make("observed_only")).blocks == ()
    assert "published" not in [section.anchor for section in context.sections]


def test_ours_stand_beside_the_published(study):
    table, notes = published(study({}, {"label": "P(v > 0)", "statistic": "p_positive"})).blocks
    assert isinstance(table, TableBlock)
    keys = [column.key for column in table.columns]
    shown = [dict(zip(keys, (cell.text for cell in row), strict=True)) for row in table.rows]
    assert shown[0]["ours"] == "1.95"
    assert shown[0]["published"] == "1.98"
    assert shown[0]["difference"] == "−0.0250"
    assert [row[0].note for row in table.rows] == [
        "ddm: mean of 2 × inverse link(a_Intercept)",
        "ddm: P(2 × inverse link(a_Intercept) > 0)",
    ]
    assert "Published: a tutorial." in table.caption
    assert notes.items == ("<b>group 2a</b>: a &amp; b", "<b>P(v &gt; 0)</b>: a &amp; b")


def test_columns_that_say_nothing_are_left_out_and_places_told(study):
    blank = {"mcse": None, "sd": None, "published_sd": None, "source": "", "note": ""}
    (table,) = published(study(blank, blank | {"dataset": 3})).blocks
    assert [column.key for column in table.columns] == ["label", "ours", "published", "difference"]
    places = [row[0].note.partition("; ")[2] for row in table.rows]
    assert places == [f"cell people, dataset participant_id {p}" for p in ("p03", "p04")]
    assert "Published:" not in table.caption


def test_what_is_missing_or_failed_is_told(study):
    missing = {"ours": None, "message": "the posterior has no 'x'"}
    notes = published(study(missing, {"code": "not_converged"})).blocks[:2]
    assert all(isinstance(note, Note) and note.tone == "warning" for note in notes)
    assert notes[0].html == "group 2a: the posterior has no &#39;x&#39;."
    assert "1 of 2 numbers below are of posteriors" in notes[1].html


def test_the_page_and_its_tables_have_them(study):
    data = study({})
    context = report_context(data)
    html = render_page(context, {block.stem: "<svg />" for block in context.figures})
    assert "Beside published numbers" in html
    assert "a &amp; b" in html
    assert "published" in dict(csv_tables(data))


def apart(make):
    """The full study, each cell with the fit of one model alone."""
    data = make("full")
    cells = [cell.name for cell in data.study.cells]
    one, other = data.study.fits[0], data.study.fits[1]
    fits = (replace(one, cells=(cells[0], cells[2])), replace(other, cells=(cells[1],)))
    tables = dict(data.tables)
    pairs = [(cell, fit.name) for fit in fits for cell in fit.cells]
    for name, frame in tables.items():
        if {"cell", "fit"} <= set(frame):
            keep = [pair in pairs for pair in zip(frame["cell"], frame["fit"], strict=True)]
            tables[name] = frame[keep]
    for name in ("pairs", "confusion", "inversion"):
        tables[name] = tables[name].iloc[:0]
    return ReportData(replace(data.study, fits=fits), tables)


def test_cells_of_one_fit_have_nothing_to_compare(make):
    data = apart(make)
    assert not data.study.rivals
    assert [(cell.name, fit.name) for cell, fit in data.pairs] == [
        ("ddm", "ddm"),
        ("angle", "angle"),
        ("people", "ddm"),
    ]
    for section in (model_recovery(data).blocks, told_apart(data)):
        (note,) = section
        assert "Every cell has one fit alone" in note.html
    assert any("Every cell has one fit alone" in b.html for b in comparison(data).blocks[1:2])


def test_the_study_says_where_each_fit_is_applied(make):
    def fits(data):
        return next(b for b in header(data).blocks if getattr(b, "title", "") == "Fits")

    everywhere, some = fits(make("full")), fits(apart(make))
    assert "cells" not in [c.key for c in everywhere.columns]
    assert "every dataset of every cell" in everywhere.caption
    place = [c.key for c in some.columns].index("cells")
    assert [row[place].text for row in some.rows] == ["ddm and people", "angle"]
    assert "its cells" in some.caption


def test_a_fit_without_cells_is_applied_to_all():
    assert FitSummary("f", "ddm").applies_to("c")
    assert not FitSummary("f", "ddm", cells=("d",)).applies_to("c")

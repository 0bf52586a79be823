"""The whole page, rendered from studies of every shape."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from docutils.core import publish_string
from jinja2 import StrictUndefined, Template
from tests.report.test_published import ROW

import driftmill
from driftmill.recovery.published import PUBLISHED_TYPES
from driftmill.report.blocks import FigureBlock, Picture, TableBlock, flattened
from driftmill.report.context import (
    CSV_TABLES,
    csv_tables,
    draw_figure,
    draw_figures,
    latex_tables,
    report_context,
)
from driftmill.report.page import render_page
from driftmill.report.style import figure_svg

STUDIES = (
    "full",
    "recovery_only",
    "observed_only",
    "single",
    "all_failed",
    "sizes",
    "calibrated",
    "hierarchy",
    "observed_hierarchy",
    "ridge",
)
CAPTIONS = Path(driftmill.__file__).parents[1] / "report"
VOID = {"meta", "link", "br", "hr", "img", "input", "use", "path", "rect"}


class Reader(HTMLParser):
    """Keeps what a test asks of a page, and fails where tags do not close."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.ids, self.links, self.loads = [], [], [], []
        self.words, self.described = [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.remember(tag, dict(attrs))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.remember(tag, dict(attrs))

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self.open.pop() == tag

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    def remember(self, tag, attrs):
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if tag == "a":
            self.links.append(attrs["href"])
        if tag == "svg":
            self.described.append(attrs.get("aria-label"))
        if tag in ("link", "script", "img", "iframe", "source", "object", "embed"):
            self.loads.append((tag, attrs))

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def rendered(make):
    """Renders each study once."""
    kept = {}

    def render(name):
        if name not in kept:
            data = make(name)
            context = report_context(data)
            svgs = {b.stem: figure_svg(draw_figure(b), b.stem) for b in context.figures}
            kept[name] = (data, context, svgs, render_page(context, svgs))
        return kept[name]

    return render


@pytest.fixture(params=STUDIES)
def page(request, rendered):
    return rendered(request.param)


def test_is_well_formed_and_every_anchor_resolves(page):
    *_, html = page
    reader = Reader(html)
    assert len(reader.ids) == len(set(reader.ids))
    anchors = {link[1:] for link in reader.links if link.startswith("#")}
    assert anchors
    assert anchors <= set(reader.ids)


def test_loads_nothing_from_anywhere(page):
    *_, html = page
    loads = Reader(html).loads
    assert {tag for tag, _ in loads} == {"script"}
    assert [attrs for _, attrs in loads if attrs and attrs["type"] == "text/javascript"] == []
    assert [attrs for _, attrs in loads if {"src", "href"} & set(attrs)] == []
    assert not re.search(r"@import|url\((?!#)|fetch\(|XMLHttpRequest|src=", html)


def test_links_go_to_files_that_are_written(page):
    data, context, svgs, html = page
    written = {f"tables/{name}.csv" for name, _ in csv_tables(data)} | {"methods.md"}
    written |= {f"tables/{name}.tex" for name, _ in latex_tables(context)}
    written |= {f"figures/{stem}.{kind}" for stem in svgs for kind in ("svg", "pdf")}
    outside = {link for link in Reader(html).links if not link.startswith("#")}
    local = {link for link in outside if not link.startswith(("https://doi.org/", "fits/"))}
    assert local <= written
    described = {f"fits/{cell}/{fit}/model.svg" for cell, fit in data.descriptions}
    assert {link for link in outside if link.startswith("fits/")} <= described
    assert {f"figures/{block.stem}.pdf" for block in context.figures} <= local


def test_every_figure_has_a_name_of_its_own_a_caption_and_a_description(page):
    _, context, _, html = page
    stems = [block.stem for block in context.figures]
    assert len(stems) == len(set(stems))
    drawn = [b for section in context.sections for b in flattened(section.blocks)]
    drawn = [block for block in drawn if isinstance(block, FigureBlock | Picture)]
    assert all(block.caption and block.alt for block in drawn)
    figures = [block for block in drawn if isinstance(block, FigureBlock)]
    assert [block.stem for block in figures if block.table not in context.tables] == []
    unjudged = [block.stem for block in figures if not re.search("[Gg]ood|Bad", block.caption)]
    assert unjudged == []
    assert Reader(html).described == [block.alt for block in drawn]
    assert all(re.fullmatch(r"[\w.-]+", stem) for stem in stems)


def test_every_section_is_there_and_says_something(page):
    _, context, _, html = page
    assert [section.anchor for section in context.sections][:3] == ["verdict", "study", "fits"]
    assert all(section.blocks for section in context.sections)
    assert "None" not in Reader(html).text.replace("None of the", "")
    # A support's own end may be at infinity.
    text = re.sub(r"Support: \(.*?\)", "", Reader(html).text)
    assert not re.search(r"\bnan\b|\binf\b|<NA>", text)


def test_covariates_and_priors_are_drawn_where_there_are_formulas(rendered):
    _, context, svgs, html = rendered("ridge")
    stems = [block.stem for block in context.figures]
    assert "covariate.choices.choice.0" in stems
    assert "prior.choices.choice" in stems
    assert "Responses against x" in Reader(html).text
    assert "outside its support" in Reader(html).text
    assert "choice probability" in svgs["covariate.choices.choice.0"]


def test_medians_are_told_where_times_are_drawn_against_covariates(rendered):
    text = Reader(rendered("hierarchy")[-1]).text
    assert "Of response times the median is shown" in text
    assert "interval between two order statistics" in text
    choices = Reader(rendered("ridge")[-1]).text
    assert "Responses against x" in choices
    assert "Of response times" not in choices


def test_observed_datasets_bear_their_names_everywhere(make):
    data = make("single")
    names = data.table("datasets").assign(column="dbs", value="off")
    context = report_context(replace(data, tables={**data.tables, "datasets": names}))
    blocks = [block for section in context.sections for block in flattened(section.blocks)]
    titles = [block.title for block in blocks if isinstance(block, FigureBlock)]
    assert sum("dataset dbs off" in title for title in titles) == 5
    (table,) = [
        b for b in blocks if isinstance(b, TableBlock) and b.title == "Estimates in numbers"
    ]
    assert {row[2].text for row in table.rows} == {"dbs off"}


def test_user_text_is_escaped(rendered):
    *_, html = rendered("full")
    assert "<b>ddm & co</b>" not in html
    assert "&lt;b&gt;ddm &amp; co&lt;/b&gt;" in html


HOSTILE = "<script>alert(1)</script><img src=x onerror='alert(2)'>\"&"


def test_no_text_of_a_study_or_its_data_becomes_a_tag(make):
    data = make("observed_only")
    told = ("parameter", "parameter_1", "parameter_2", "message", "value", "column", "quantity")

    def spoilt(frame):
        names = [
            name for name in told if name in frame and pd.api.types.is_string_dtype(frame[name])
        ]
        return frame.assign(
            **{name: frame[name].where(frame[name] == "", frame[name] + HOSTILE) for name in names}
        )

    row = ROW | dict.fromkeys(("label", "quantity", "source", "note", "message"), HOSTILE)
    tables = {name: spoilt(frame) for name, frame in data.tables.items() if name != "quantiles"}
    tables["published"] = pd.DataFrame([row]).astype(PUBLISHED_TYPES)
    cells = tuple(replace(cell, source=f"{HOSTILE}.csv") for cell in data.study.cells)
    study = replace(data.study, title=HOSTILE, text=f"study: s  # {HOSTILE}", cells=cells)
    context = report_context(replace(data, study=study, tables=tables))
    shown = render_page(context, {block.stem: "<svg ></svg>" for block in context.figures})
    page = Reader(shown)
    assert page.text.count("<script>alert(1)</script>") > 20
    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert {tag for tag, _ in page.loads} == {"script"}


def test_says_what_is_missing_and_why(rendered):
    text = Reader(rendered("observed_only")[-1]).text
    assert "their true parameters are unknown, so recovery cannot be shown" in text
    assert "which model generated them is unknown" in text
    text = Reader(rendered("recovery_only")[-1]).text
    assert "One fit alone" in text
    assert "The study has no observed data." in text
    text = Reader(rendered("all_failed")[-1]).text
    assert "None of the 4 posteriors passed its gates" in text
    assert "No posterior has an elpd." in text
    assert "sampling failed: ddm on ddm, dataset 0" in text


def test_headline_numbers_stand_with_and_without_failures(rendered):
    text = Reader(rendered("full")[-1]).text
    assert "57 of 60 posteriors passed their gates ; 3 did not" in text
    assert "With and without the failures" in text
    assert "With and without the failures" not in Reader(rendered("recovery_only")[-1]).text


def test_confusion_figure_holds_the_counts_of_its_table(rendered):
    data, _, svgs, _ = rendered("full")
    table = data.table("confusion")
    stems = {"elpd_diff": "confusion", "stacking": "confusion.stacking"}
    assert set(table["criterion"]) == set(stems)
    for row in table[table["subset"] == "all"].itertuples():
        assert f">{row.n} of {row.total}<" in svgs[stems[row.criterion]]


def test_frequencies_of_the_models_stand_with_their_protected_probabilities(rendered):
    data, context, svgs, html = rendered("full")
    table = data.table("selection")
    row = table[(table["cell"] == "angle") & (table["fit"] == "angle")].iloc[0]
    assert f">{100 * row.frequency:.0f}\u202f%<" in svgs["frequency_matrix"]
    assert f">protected {row.protected_exceedance:.2f}<" in svgs["frequency_matrix"]
    assert "How frequent each model is" in Reader(html).text
    assert {"frequencies.ddm", "frequencies.people"} <= {block.stem for block in context.figures}


def test_sizes_that_are_needed_are_said_in_words(rendered):
    data, context, _, html = rendered("sizes")
    text = Reader(html).text
    assert "Some cells are alike but for their size: n050, n200 and n800 (n) in trials." in text
    table = data.table("sample_sizes").query("parameter == 'v' and subset == 'all'")
    (row,) = table[table["criterion"] == "contraction"].to_dict("records")
    assert row["status"] == "smallest" or f"about {np.ceil(row['needed']):.0f} trials" in text
    (row,) = table[table["criterion"] == "rmse"].to_dict("records")
    assert row["status"] == "extrapolated"
    assert "by the 1/√N law: 800 were not enough" in text
    stems = {block.stem for block in context.figures}
    assert {f"{kind}.n.ddm.trials.1" for kind in ("precision", "coverage_sizes")} <= stems
    assert "precision" not in {s.anchor for s in rendered("full")[1].sections}


@pytest.mark.filterwarnings("ignore:.*fork")
def test_equal_input_gives_equal_bytes_by_any_number_of_processes(make, rendered):
    _, _, svgs, html = rendered("single")
    again = report_context(make("single"))
    drawn = {stem: drawing.svg for stem, drawing in draw_figures(again, workers=2)}
    assert drawn == svgs
    assert render_page(again, drawn) == html


def test_a_figure_that_was_not_drawn_is_named(rendered):
    _, context, svgs, _ = rendered("recovery_only")
    lacking = {stem: svg for stem, svg in svgs.items() if stem != "gates.counts"}
    with pytest.raises(KeyError, match=r"gates\.counts"):
        render_page(context, lacking)


def test_long_tables_are_cut_and_point_to_the_rest(make):
    data = make("many")
    html = render_page(
        context := report_context(data), {block.stem: "<svg />" for block in context.figures}
    )
    text = Reader(html).text
    assert "The first 200 of 300 rows; all are in estimates.csv" in text
    # Folded below an overview, as are tables of hundreds of rows.
    assert html.index("Overview") < html.index("Can the parameters be recovered?")
    assert len(html) < 1_500_000
    assert "more figures of this kind are not drawn" in text


def test_size_of_the_full_page(rendered):
    assert len(rendered("full")[-1]) < 3_000_000


def test_snakemake_captions_know_every_figure_and_table(rendered):
    kinds = {block.stem.split(".")[0] for name in STUDIES for block in rendered(name)[1].figures}
    known = set(re.findall(r'^    "(\w+)":', (CAPTIONS / "figure.rst").read_text(), re.MULTILINE))
    assert kinds == known
    tables = set(re.findall(r'^    "(\w+)":', (CAPTIONS / "table.rst").read_text(), re.MULTILINE))
    assert tables == set(CSV_TABLES)


@pytest.mark.parametrize(
    ("file", "wildcards", "said"),
    [
        ("figure.rst", {"figure": "elpd.a-b.one.two"}, "Difference in elpd"),
        ("figure.rst", {"figure": "confusion"}, "P(best fit | generator)"),
        ("table.rst", {"table": "pairs"}, "Differences in elpd"),
        ("workflow.rst", {}, "What a study of cognitive models found"),
    ],
)
def test_snakemake_captions_are_chosen_by_name(file, wildcards, said):
    template = Template((CAPTIONS / file).read_text(), undefined=StrictUndefined)
    caption = template.render(snakemake={"wildcards": wildcards})
    assert publish_string(caption, writer="html", settings_overrides={"halt_level": 2})
    assert caption.strip().startswith(said)

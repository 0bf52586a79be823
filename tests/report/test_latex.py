"""Tables as LaTeX: every sign is escaped, every row has its columns, braces close."""

import re

import pytest

from driftmill.report.blocks import TableBlock, flattened
from driftmill.report.context import latex_tables, report_context
from driftmill.report.latex import escaped, latex_table


@pytest.fixture(scope="module")
def context(make):
    return report_context(make("full"))


def unescaped(text):
    return re.sub(r"\\(?:[\\&%$#_{},]|[a-z]+)", "", text)


def test_signs_are_escaped():
    assert escaped("a_b & 50 % {x} #1 $y~z^\\") == (
        r"a\_b \& 50 \% \{x\} \#1 \$y\textasciitilde{}z\textasciicircum{}\textbackslash{}"
    )
    assert escaped("−1.2 × 10⁻⁵ ± 3\u202f%") == r"$-$1.2 $\times$ 10$^{-5}$ $\pm$ 3\,\%"
    assert escaped("–") == "--"


def test_every_row_has_the_columns_that_are_announced(context):
    for _, text in latex_tables(context):
        spec = re.search(r"\\begin\{(?:tabular|longtable)\}\{(.*)\}\n", text)[1]
        columns = len(re.sub(r"p\{.*?\}\}?", "l", spec))
        rows = [line for line in text.splitlines() if line.endswith(r" \\") and "&" in line]
        assert rows
        counts = {len(re.findall(r"(?<!\\)&", row)) + 1 for row in rows}
        assert counts == {columns}


def test_braces_close_and_nothing_is_left_that_latex_does_not_know(context):
    for name, text in latex_tables(context):
        bare = unescaped(text)
        assert bare.count("{") == bare.count("}"), name
        assert not re.search("[−×±≤≥∞²✓✕\u202f⁻]", text), name
        assert text.count(r"\toprule") in (1, 2)
        assert rf"\label{{tab:{name}}}" in text


def test_every_table_of_the_page_has_a_name_of_its_own(context):
    blocks = [b for s in context.sections for b in flattened(s.blocks)]
    names = [name for name, _ in latex_tables(context)]
    assert len(names) == len(set(names)) == sum(isinstance(b, TableBlock) for b in blocks)
    assert all(re.fullmatch(r"[\w-]+", name) for name in names)


def test_words_lose_their_signs_and_small_print_stands_below(context):
    text = dict(latex_tables(context))["verdict"]
    assert re.search(r"\\shortstack\[l\]\{yes \\\\\{\} contraction", text)


def test_long_tables_break_over_pages(make):
    context = report_context(make("many"))
    texts = dict(latex_tables(context))
    assert r"\begin{longtable}" in texts["estimates"]
    assert r"\endfirsthead" in texts["estimates"]
    assert "The first 200 of 300 rows." in texts["estimates"]
    blocks = [b for s in context.sections for b in flattened(s.blocks)]
    (table,) = [b for b in blocks if isinstance(b, TableBlock) and b.table == "estimates"]
    assert latex_table(table, "x").count(r" \\") == len(table.rows) + 3

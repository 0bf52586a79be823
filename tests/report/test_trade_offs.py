import re
from dataclasses import replace

import pandas as pd
import pytest

from driftmill.report.blocks import Note, flattened
from driftmill.report.data import FitSummary
from driftmill.report.sections.products import product_notes, product_words, stands_for
from driftmill.report.sections.ridges import in_short
from driftmill.report.sections.trade_offs import MOST_NAMES, trade_offs


def notes_of(blocks):
    return [str(block.html) for block in flattened(blocks) if isinstance(block, Note)]


def test_a_product_is_named_with_the_correlation_that_shows_it(make):
    data = make("ridge")
    (note,) = notes_of(trade_offs(data))
    assert "only the product beta × logit1 is identified" in note
    table = data.table("correlations")
    pair = table[(table["parameter_1"] == "beta") & (table["parameter_2"] == "logit1_Intercept")]
    assert f"of beta and logit1_Intercept it is −{abs(pair['r'].mean()):.2f}" in note
    (short,) = notes_of(product_notes(data))
    assert "Of fit choice only the product beta × logit1 is identified by the data." in short


def test_a_fit_without_products_has_no_such_note(make):
    data = make("hierarchy")
    assert product_notes(data) == []
    assert notes_of(trade_offs(data)) == []


def test_several_products_are_told_in_one_sentence():
    fit = FitSummary("f", "m", products=(("beta", "logit1"), ("beta", "logit2")))
    assert product_words(fit) == "the products beta × logit1 and beta × logit2"


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["beta", "logit1"], "logit1"),
        (["beta", "logit1_x", "logit1_Intercept"], "logit1_Intercept"),
        (["logit1_1|participant_id_sigma", "logit1_c[b]"], "logit1_c[b]"),
        (["logit1_1|participant_id_sigma"], None),
        (["logit10"], None),
    ],
)
def test_what_stands_for_a_parameter(names, found):
    assert stands_for("logit1", names) == found


def test_a_large_map_keeps_the_strongest(make):
    data = make("hierarchy")
    table = data.table("correlations")
    some = table[table["parameter_2"] == "v_c[b]"]
    more = [some.assign(parameter_2=f"v_x{k}", r=0.01 * k) for k in range(20)]
    wide = replace(data, tables={**data.tables, "correlations": pd.concat([table, *more])})
    (group,) = trade_offs(wide)
    drawn = next(block for block in flattened([group]) if not isinstance(block, Note))
    said = r"The (\d+) with the strongest are drawn; the table has (\d+) more"
    kept = re.search(said, str(drawn.caption))
    names = {*wide.table("correlations")["parameter_1"], *wide.table("correlations")["parameter_2"]}
    assert [int(x) for x in kept.groups()] == [MOST_NAMES, len(names) - MOST_NAMES]


def with_correlations(data, **values):
    """The study with other numbers for v and a of fit ddm on cell ddm."""
    table = data.table("correlations")
    own = (table["cell"] == "ddm") & (table["fit"] == "ddm")
    own &= (table["parameter_1"] == "v") & (table["parameter_2"] == "a")
    for name, value in values.items():
        table.loc[own, name] = value
    return data, table[(table["cell"] == "ddm") & (table["fit"] == "ddm")]


def test_a_strong_correlation_is_put_in_words(make):
    data, rows = with_correlations(make("full"), r=-0.97)
    (note,) = notes_of(trade_offs(data))
    assert "<strong>v and a</strong> make up for each other" in note
    assert "posterior correlation −0.97 (from −0.97 to −0.97), beyond ±0.95 on 12 of 12" in note
    said = in_short(data.study.fit("ddm"), rows[rows["dataset"] == 1])
    assert said == (
        " Strong ridges, which the data tell together rather than apart: v and a (−0.97)."
    )


def test_a_product_that_is_told_better_than_its_factors_is_put_in_words(make):
    logs = {"log_1": 0.3, "log_2": 0.5, "log_product": 0.92, "log_ratio": 0.1}
    data, _ = with_correlations(make("full"), r=-0.6, **logs)
    (note,) = notes_of(trade_offs(data))
    assert "<strong>v × a</strong> is told much better than v or a" in note
    assert "is 0.92, theirs are 0.30 and 0.50" in note
    turned, _ = with_correlations(data, log_product=0.1, log_ratio=0.92)
    assert "<strong>v / a</strong>" in notes_of(trade_offs(turned))[0]


def test_usual_correlations_need_no_words(make):
    data, rows = with_correlations(make("full"), r=-0.94)
    assert notes_of(trade_offs(data)) == []
    assert in_short(data.study.fit("ddm"), rows) == ""


def test_declared_products_are_not_told_twice(make):
    data = make("ridge")
    table = data.table("correlations")
    pair = (table["parameter_1"] == "beta") & (table["parameter_2"] == "logit1_Intercept")
    table.loc[pair, "r"] = -0.99
    (note,) = notes_of(trade_offs(data))
    assert "only the product beta × logit1 is identified" in note

import re
from dataclasses import replace

import pandas as pd
import pytest

from driftmill.report.blocks import Note, flattened
from driftmill.report.data import FitSummary
from driftmill.report.sections.trade_offs import (
    MOST_NAMES,
    product_notes,
    product_words,
    stands_for,
    trade_offs,
)


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

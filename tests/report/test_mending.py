"""What the page and the methods say of trials with a bad Pareto k."""

from dataclasses import replace

import pandas as pd
import pytest
from markupsafe import Markup

from driftmill.report.blocks import Note, Prose, flattened
from driftmill.report.mending import mending
from driftmill.report.sections.comparison import comparison
from driftmill.report.sections.methods import methods_text


def elpd(matched=(0, 0, 0), refitted=(0, 0, 0), left=(0, 0, 0)):
    counts = {"n_matched": matched, "n_refitted": refitted, "n_bad_k": left}
    table = {name: pd.array(list(values), "Int64") for name, values in counts.items()}
    return pd.DataFrame(table | {"k_limit": 0.7, "n_trials": 200})


def said(**counts):
    return Markup(mending(elpd(**counts))).striptags()


def test_says_what_was_done_about_how_many():
    text = said(matched=(12, 0, 0), refitted=(1, 1, 0), left=(0, 0, 0))
    assert text.startswith(
        "k was above 0.7 on 14 of all trials (2 %), of 2 posteriors: 12 mended by moment matching, "
        "2 by refits, 0 left."
    )
    assert text.endswith("Every elpd can be trusted.")


def test_what_is_left_is_not_to_be_trusted():
    text = said(matched=(1, 0, 0), left=(0, 25, 0))
    assert "1 mended by moment matching, 0 by refits, 25 left." in text
    assert "not reliable" in text
    assert "compare.refits" in text


def test_without_a_bad_k_there_is_nothing_to_say():
    assert said() == "No trial has a Pareto k above the limit: every elpd can be trusted."


@pytest.mark.parametrize(("count", "kind"), [(0, Prose), (1, Note)])
def test_the_page_warns_where_some_are_left(make, count, kind):
    data = make("full")
    table = data.table("elpd")
    table = table.assign(n_bad_k=table["n_bad_k"].where(table["n_bad_k"].isna(), count))
    data = replace(data, tables={**data.tables, "elpd": table})
    (block,) = [
        block
        for block in flattened(comparison(data).blocks)
        if isinstance(block, Prose | Note) and "mended by moment matching" in block.html
    ]
    assert isinstance(block, kind)


def test_the_methods_state_and_cite_what_was_used(make):
    data = make("full")
    text = methods_text(data)
    assert "by moment matching (Paananen et al. 2021); where that did not do, the posterior" in text
    assert "10.1007/s11222-020-09982-2" in text
    assert "- Meng & Wong 1996." in text
    none = data.table("elpd").assign(n_matched=pd.array([0] * len(data.table("elpd")), "Int64"))
    refits = methods_text(replace(data, tables={**data.tables, "elpd": none}))
    assert "above its limit, the posterior without the trial was sampled" in refits
    assert "Paananen" not in refits

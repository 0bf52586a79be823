"""Comparisons that come from refits, on the page: new participants by folds, later trials."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from tests.report.test_new_participants import tables as participant_tables
from tests.report.test_new_participants import words

from driftmill.comparison.compare import compare
from driftmill.comparison.folds import Fold
from driftmill.comparison.future import Block, Future
from driftmill.comparison.limits import Horizon
from driftmill.comparison.refit_tables import (
    fold_elpd_table,
    folds_table,
    future_elpd_table,
    future_table,
)
from driftmill.report.blocks import Note, TableBlock, flattened
from driftmill.report.context import report_context
from driftmill.report.sections.comparison import comparison
from driftmill.report.sections.methods import methods_text

PEOPLE = [f"p{k}" for k in range(10)]
FUTURE = Horizon(20, 10)


def folds_of(rng, level, code):
    """Two folds of five participants each."""
    found = []
    for k in range(2):
        elpd = rng.normal(level, 2.0, 5)
        trials, effective = np.full(5, 40), np.full(5, 20.0)
        names = tuple(PEOPLE[k::2])
        found.append(Fold(names, trials, elpd, np.full(5, 0.02), 0.1, effective, code))
    return dict(enumerate(found))


def future_of(rng, level, reached):
    blocks = [
        Block(k, 10, 20, 20, rng.normal(level / 5, 0.5), 0.9 if reached and k else np.nan, "ok")
        for k in range(10)
    ]
    return Future(tuple(blocks), ("ok",), 0.667, reached)


def tables(data, code="ok", reached=False):
    """Tables of refits of all cells and fits, a dataset each."""
    rng, found = np.random.default_rng(1), {}
    frame = pd.DataFrame({"participant_id": PEOPLE, "trial_id": 20})
    for cell in data.study.cells:
        every = {"fold": ({}, {}), "future": ({}, {})}
        for place, fit in enumerate(data.study.fits):
            level = -50.0 - 3 * place
            folds, future = folds_of(rng, level, code), future_of(rng, level, reached)
            every["fold"][0][fit.name] = folds_table(folds, 0)
            every["fold"][1][fit.name] = fold_elpd_table([(0, list(folds.values()))])
            every["future"][0][fit.name] = future_table(future, 0, frame)
            every["future"][1][fit.name] = future_elpd_table([(0, future)])
        for unit, (each, summed) in every.items():
            where = {"fold": "folds"}.get(unit, unit)
            for name, made in ((where, each), (f"{unit}_elpd", summed)):
                rows = [made[f].assign(cell=cell.name, fit=f) for f in made]
                found.setdefault(name, []).extend(rows)
            made = compare(cell.name, each, summed, np.random.SeedSequence(1))
            for name, table in zip(("comparison", "pairs"), made, strict=True):
                found.setdefault(f"{unit}_{name}", []).append(table)
    return {name: pd.concat(frames) for name, frames in found.items()}


@pytest.fixture
def refitted(make):
    data = make("full")

    def add(folds=2, future=FUTURE, bad=None, **how):
        study = replace(data.study, folds=folds, future=future, participants=bad is not None)
        beside = {} if bad is None else participant_tables(data, bad=bad)
        return replace(data, study=study, tables={**data.tables, **beside, **tables(data, **how)})

    return add


def shown(data):
    blocks = list(flattened(comparison(data).blocks))
    return words(blocks), {b.title: b for b in blocks if isinstance(b, TableBlock)}, blocks


def column(table, key):
    place = [column.key for column in table.columns].index(key)
    return [row[place].text for row in table.rows]


def test_the_unit_of_prediction_stands_beside_the_numbers(refitted):
    data = refitted()
    text, named, _ = shown(data)
    assert "The unit of prediction is a new participant: all trials of someone" in text
    assert "refitted 2 times" in text
    assert "A refit knows 50 % of the participants" in text
    assert "the next 10 trials of a known participant, all together" in text
    assert "after the first 20 trials" in text
    for unit in ("fold", "future"):
        title = {"fold": "new participants by K-fold", "future": "later trials"}[unit]
        pairs = named[f"Two by two, {title}"]
        totals = [float(row[4].sort) for row in pairs.rows]
        rows = data.table(f"{unit}_pairs")
        expected = [rows.loc[rows["cell"] == c.name, "elpd_diff"].sum() for c in data.study.cells]
        assert totals == pytest.approx(expected)
    assert len(named["Participants by fold"].rows) == 20 * len(data.study.cells)
    assert "n_bad_k" not in [c.key for c in named["New participants by K-fold in numbers"].columns]
    assert {"folds", "fold_pairs", "future", "future_elpd"} <= report_context(data).tables


def test_one_fold_for_each_participant_and_one_step_are_called_so(refitted):
    text, _, _ = shown(refitted(folds="participants", future=Horizon(20)))
    assert "without each participant in turn" in text
    assert "the next trial of a known participant" in text


@pytest.mark.parametrize(
    ("folds", "bad", "stands"),
    [(2, 0, "left out one by one"), (2, 3, "by folds"), ("participants", 0, "by folds")],
)
def test_which_elpd_of_new_participants_stands(refitted, folds, bad, stands):
    data = refitted(folds=folds, bad=bad)
    text, named, _ = shown(data)
    table = named["Which elpd of new participants stands"]
    assert set(column(table, "stands")) == {stands}
    assert set(column(table, "bad")) == {str(bad)}
    rows = data.table("fold_elpd")
    (first,) = rows.loc[(rows["cell"] == rows["cell"].iloc[0]) & (rows["fit"] == "ddm"), "elpd"]
    place = [c.key for c in table.columns].index("folds")
    assert float(table.rows[0][place].sort) == pytest.approx(first)
    assert ("stand in their place" in text) == (bad > 0)


def test_failed_refits_and_the_limit_on_refits_are_told(refitted):
    text, named, blocks = shown(refitted(code="not_converged", reached=True))
    n = len(named["Trust in K-fold"].rows)
    assert f"Of {2 * n} refits, {2 * n} did not pass their gates" in text
    assert f"On {n} of {n} datasets under a fit the limit of 20 refits was reached" in text
    assert f"{9 * n} blocks were predicted by weights that cannot be trusted" in text
    warned = [b for b in blocks if isinstance(b, Note) and b.tone == "warning"]
    assert sum("did not pass" in b.html for b in warned) == 1
    assert sum("was reached" in b.html for b in warned) == 1
    assert set(column(named["Participants by fold"], "code")) == {"not_converged"}


def test_references_are_cited_where_they_are_used(refitted, make):
    plain, told = methods_text(make("full")), methods_text(refitted())
    for word in (
        "Bürkner",
        "split at random into 2 folds",
        "10 trials were predicted, all together, from",
    ):
        assert word in told
        assert word not in plain

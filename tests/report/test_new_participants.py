"""The comparison by new participants on the page."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from markupsafe import Markup

from driftmill.comparison.compare import compare
from driftmill.report.blocks import Note, Prose, TableBlock, flattened
from driftmill.report.context import report_context
from driftmill.report.data import FitSummary
from driftmill.report.sections.comparison import comparison
from driftmill.report.sections.methods import methods_text

PEOPLE = 10


def tables(data, bad=0, poor=0, refitted=0):
    """Tables by new participants of all cells and fits, two datasets each."""
    rng = np.random.default_rng(1)
    every = {"participants": [], "participant_elpd": []}
    compared = []
    for cell in data.study.cells:
        pointwise, elpd = {}, {}
        for place, fit in enumerate(data.study.fits):
            values = rng.normal(-50.0 - 3 * place, 2.0, 2 * PEOPLE)
            pointwise[fit.name] = pd.DataFrame(
                {
                    "dataset": np.repeat([0, 1], PEOPLE),
                    "participant_id": np.tile([f"p{k}" for k in range(PEOPLE)], 2),
                    "n_trials": 40,
                    "elpd": values,
                    "pareto_k": 0.2,
                    "mcse": 0.02,
                    "ess": 20.0,
                    "method": "psis",
                }
            )
            elpd[fit.name] = pd.DataFrame(
                {
                    "dataset": [0, 1],
                    "code": "ok",
                    "elpd": values.reshape(2, -1).sum(axis=1),
                    "se": 6.0,
                    "p_loo": 5.0,
                    "pareto_k_max": 0.4,
                    "n_bad_k": pd.array([bad, 0], "Int64"),
                    "k_limit": 0.667,
                    "n_participants": PEOPLE,
                    "mcse": 0.2,
                    "n_bad_integrals": pd.array([poor, 0], "Int64"),
                    "n_refitted": [refitted, 0],
                }
            )
            where = {"cell": cell.name, "fit": fit.name}
            every["participants"].append(pointwise[fit.name].assign(**where))
            every["participant_elpd"].append(elpd[fit.name].assign(**where))
        compared.append(compare(cell.name, pointwise, elpd, np.random.SeedSequence(1)))
    found = {name: pd.concat(frames) for name, frames in every.items()}
    found["participant_comparison"] = pd.concat([one for one, _ in compared])
    found["participant_pairs"] = pd.concat([two for _, two in compared])
    return found


@pytest.fixture
def with_participants(make):
    data = make("full")

    def add(**counts):
        study = replace(data.study, participants=True)
        return replace(data, study=study, tables={**data.tables, **tables(data, **counts)})

    return add


def words(blocks):
    return " ".join(
        Markup(block.html).striptags() for block in blocks if isinstance(block, Prose | Note)
    )


def test_both_units_stand_beside_each_other(with_participants):
    data = with_participants()
    blocks = list(flattened(comparison(data).blocks))
    text = words(blocks)
    assert "A new trial of a known participant" in text
    assert "A new participant is predicted by" in text
    named = {block.title: block for block in blocks if isinstance(block, TableBlock)}
    beside = named["A new trial, a new participant"]
    keys = [column.key for column in beside.columns]
    assert len(beside.rows) == len(data.study.cells)
    for cell, row in zip(data.study.cells, beside.rows, strict=True):
        for key, table in (("trial", "pairs"), ("participant", "participant_pairs")):
            rows = data.table(table)
            total = rows.loc[rows["cell"] == cell.name, "elpd_diff"].sum()
            assert float(row[keys.index(key)].sort) == pytest.approx(total)
    assert len(named["Participants left out"].rows) == 2 * 2 * PEOPLE * len(data.study.cells)
    assert "every elpd can be trusted" in text
    assert {"participants", "participant_pairs"} <= report_context(data).tables


@pytest.mark.parametrize(("bad", "poor"), [(2, 0), (0, 1)])
def test_what_cannot_be_trusted_is_told(with_participants, bad, poor):
    data = with_participants(bad=bad, poor=poor)
    notes = [b for b in flattened(comparison(data).blocks) if isinstance(b, Note)]
    (note,) = [note for note in notes if "effective draws" in note.html]
    assert note.tone == "warning"
    cells = 2 * len(data.study.cells)
    assert f"Of {2 * cells * PEOPLE} participants left out, {bad * cells} have" in note.html
    assert f"{poor * cells} have integrals" in note.html


def test_participants_left_out_by_refits_are_told(with_participants):
    data = with_participants(refitted=2)
    text = words(flattened(comparison(data).blocks))
    told = f"{4 * len(data.study.cells)} participants had a Pareto k above the limit and were left"
    assert told in text
    assert "0 have integrals of too few effective draws still: every elpd can be trusted" in text
    assert "participant was sampled" in methods_text(data)
    assert "participant was sampled" not in methods_text(with_participants())


def test_learners_are_told_how_to_switch_it_on(make):
    data = make("full")

    def page(*fits, **said):
        return words(comparison(replace(data, study=replace(data.study, fits=fits, **said))).blocks)

    learner = FitSummary("ddm", "ddm", learns=True, varies=True)
    other = data.study.fits[1]
    assert "compare: {participants: true}" in page(learner, other)
    assert "compare: {participants: true}" not in page(learner, other, participants=True)
    assert "participants: true" not in page(replace(learner, varies=False), other)
    assert "participants: true" not in page(replace(learner, learns=False), other)

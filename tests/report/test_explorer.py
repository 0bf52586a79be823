"""What the page holds of posteriors that can be picked, read back."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest

from driftmill.report.data import select
from driftmill.report.explorer import explorer


def read(block):
    lines = dict(line.split("\t") for line in block.lines.split("\n"))
    return json.loads(block.index), {place: json.loads(line) for place, line in lines.items()}


@pytest.fixture(scope="module")
def full(make):
    return make("full")


def test_every_posterior_with_draws_can_be_picked(full):
    index, lines = read(explorer(full))
    gates = full.table("gates")
    alive = gates[gates["code"] != "numeric_failure"]
    assert len(lines) == len(alive) == len(gates) - 1
    named = index["found"]["angle"]["ddm"]
    assert [number for number, *_ in named] == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11]
    codes = {number: code for number, _, code in index["found"]["angle"]["angle"]}
    assert codes[5] == "not_converged"
    assert index["found"]["people"]["ddm"][1][1] == "participant_id p02"


def test_a_line_has_the_numbers_of_the_tables(full):
    index, lines = read(explorer(full))
    cell, fit = index["cells"].index("angle"), index["fits"].index("angle")
    line = lines[f"{cell}.{fit}.3"]
    where = {"cell": "angle", "fit": "angle", "dataset": 3}
    rows = select(full.table("estimates"), **where)
    told = ["truth", "mean", "lower_90", "upper_90", "r_hat", "ess_bulk"]
    assert [p[0] for p in line["parameters"]] == rows["parameter"].tolist()
    np.testing.assert_allclose(
        np.array([p[3:9] for p in line["parameters"]], float), rows[told], rtol=6e-4
    )
    gate = select(full.table("gates"), **where).iloc[0]
    assert line["gates"][3] == gate["divergences"]
    draws = base64.b64decode(line["parameters"][0][10])
    assert draws == select(full.table("sketches"), **where)["draws"].iloc[0]


def test_truths_are_those_of_the_generating_model_alone(full):
    index, lines = read(explorer(full))
    cell, fit = index["cells"].index("angle"), index["fits"].index("ddm")
    assert {p[3] for p in lines[f"{cell}.{fit}.3"]["parameters"]} == {None}


def test_predictive_checks_are_there_where_they_were_made(full):
    index, lines = read(explorer(full))
    people, simulated = index["cells"].index("people"), index["cells"].index("ddm")
    rows = select(full.table("quantiles"), cell="people", fit="ddm", dataset=0)
    checks = lines[f"{people}.0.0"]["checks"]
    assert [c[0] for c in checks] == rows["quantity"].tolist()
    np.testing.assert_allclose([c[3] for c in checks], rows["observed"], rtol=6e-4)
    assert lines[f"{simulated}.0.0"]["checks"] == []


def test_beyond_the_budget_evenly_spaced_datasets_are_left(full):
    whole = explorer(full)
    budget = len(whole.lines) * 5 // 9
    some = explorer(full, budget=budget)
    index, lines = read(some)
    assert len(some.lines) <= budget + 10 * len(lines)
    assert [number for number, *_ in index["found"]["ddm"]["ddm"]] == [0, 2, 4, 6, 8, 10]
    assert some.shown < whole.shown == whole.planned == 30


def test_names_cannot_end_the_script_that_holds_them(full):
    tables = dict(full.tables)
    named = {"v": "</script><b>"}
    for name in ("sketches", "estimates"):
        tables[name] = tables[name].assign(parameter=tables[name]["parameter"].replace(named))
    block = explorer(replace(full, tables=tables))
    assert "<" not in block.lines + block.index
    assert read(block)[1]["0.0.0"]["parameters"][0][0] == "</script><b>"


def test_without_sketches_there_is_nothing_to_pick(full):
    tables = {name: table for name, table in full.tables.items() if name != "sketches"}
    assert explorer(replace(full, tables=tables)) is None

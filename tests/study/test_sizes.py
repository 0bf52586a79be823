import pytest

from driftmill.recovery.sizes import Size
from driftmill.study.artifacts import artifacts
from driftmill.study.expand import expand
from driftmill.study.load import find_study, load_study
from driftmill.study.sizes import sizes_of


@pytest.fixture
def study(write):
    return lambda raw: load_study(write(raw))


def cells(raw, *sizes, **more):
    first = raw["data"][0]
    raw["data"] = [
        first | {"name": f"n{k}", "trials": t, "participants": p} | more
        for k, (t, p) in enumerate(sizes)
    ]
    return raw


def test_cells_that_differ_in_size_alone_are_a_sweep(raw, study):
    made = cells(raw, (20, 1), (40, 1), (40, 5))
    made["data"][2]["datasets"] = 9
    made["data"].append(made["data"][0] | {"name": "other", "lapse": 0.1, "trials": 80})
    assert sizes_of(study(made)) == {
        "n0": Size("n", 20, 1),
        "n1": Size("n", 40, 1),
        "n2": Size("n", 40, 5),
    }


def test_cells_of_one_size_are_no_sweep(raw, study):
    assert sizes_of(study(cells(raw, (20, 1), (20, 1)))) == {}
    assert set(sizes_of(study(cells(raw, (20, 1), (20, 1), (40, 1))))) == {"n0", "n2"}


def test_a_sweep_whose_cells_have_nothing_in_common_is_called_by_its_model(raw, study):
    made = cells(raw, (20, 1), (40, 1))
    made["data"][0]["name"], made["data"][1]["name"] = "short", "long"
    assert {size.sweep for size in sizes_of(study(made)).values()} == {"ddm"}


def test_fits_of_the_generating_model_are_sized_where_they_have_two_cells(raw, study):
    made = cells(raw, (20, 1), (40, 1))
    made["fits"] += [
        {"name": "g", "model": "angle"},
        {"name": "h", "model": "ddm", "cells": ["n0"]},
    ]
    plan = expand(study(made))
    assert plan.sized == (("n0", "f"), ("n1", "f"))
    assert artifacts(plan)["results/s/recovery/sample_sizes.parquet"] == "sample_sizes"
    assert "precision" not in artifacts(expand(study(cells(raw, (20, 1))))).values()


@pytest.mark.parametrize(
    ("name", "sweep", "trials"),
    [
        ("rlssm_sizes", "trials", [50, 100, 200, 400]),
        ("full_ddm_sizes", "trials", [200, 500, 1000, 2000]),
    ],
)
def test_examples_of_sizes_are_sweeps(project_root, name, sweep, trials):
    found = sizes_of(load_study(find_study(name, project_root)))
    assert {size.sweep for size in found.values()} == {sweep}
    assert [size.trials for size in found.values()] == trials

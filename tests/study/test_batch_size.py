"""Batches that the study leaves to us: by cost, by the study file and its data alone."""

import os
import subprocess
import sys

import pytest

from driftmill.models.registry import all_models
from driftmill.study.batch_size import LARGEST, LONGEST, SHORTEST
from driftmill.study.batches import batch_size_in
from driftmill.study.built_in import BY_NETWORK
from driftmill.study.expand import expand
from driftmill.study.jobs import jobs_of
from driftmill.study.load import load_study
from driftmill.study.models import free_names, model_of
from driftmill.study.plan import estimate, free_parameters, sizes_of_datasets
from driftmill.study.rough_costs import LEARNING, SOLVED, rough_costs
from driftmill.study.rough_fit import PARAMETERS, rough_freedom
from driftmill.study.types import Fit


@pytest.fixture
def size(write):
    """Return a function from a study to the batch size of its cell c."""
    return lambda raw: batch_size_in(load_study(write(raw)), "c")


def large(raw, datasets, **cell):
    """Return the study with more data and four fits."""
    raw["data"][0] |= {"trials": 500, "datasets": datasets, **cell}
    raw["fits"] = [{"name": m, "model": m} for m in ("ddm", "ddm_sdv", "angle", "angle_sdv")]
    return raw


@pytest.mark.parametrize("cells", [1, 4, 10])
def test_ten_thousand_datasets_and_four_fits_are_a_few_hundred_jobs(raw, write, cells):
    large(raw, 10_000 // cells)
    raw["data"] = [raw["data"][0] | {"name": f"c{k}"} for k in range(cells)]
    plan = expand(load_study(write(raw)))
    assert sum(plan.total(cell) for cell in plan.cells) == 10_000
    jobs = jobs_of(plan)
    assert 100 < len(jobs) < 1000
    assert 32 <= sum(job.step == "fit" for job in jobs) <= 400


def test_jobs_of_large_studies_take_half_an_hour(raw, size):
    large(raw, 10_000, trials=20_000)
    study = raw | {"sampling": {"chains": 4, "draws": 1000}}
    found = size(study)
    seconds = float(found.reason.split(" takes about ")[1].split(" s")[0])
    assert LONGEST / 2 < found.datasets * seconds < LONGEST * 2


def test_small_studies_fill_a_workstation_with_jobs_that_are_worth_it(raw, write):
    raw["data"][0] |= {"trials": 2000, "datasets": 1000}
    plan = expand(load_study(write(raw)))
    assert 8 <= len(plan.batches) <= 32
    fits = estimate(plan).cpu_seconds["fit"] / len(plan.batches)
    assert SHORTEST / 2 < fits < 2 * SHORTEST
    raw["data"][0]["datasets"] = 10
    assert len(expand(load_study(write(raw))).batches) == 1


def test_files_stay_small(raw, size):
    raw["data"][0] |= {"trials": 20, "datasets": 1_000_000}
    raw["sampling"] = {"draws": 10_000}
    found = size(raw)
    draws = 4 * 10_000 * (4 * 7.7 + 30.0)
    assert LARGEST / 2 < found.datasets * draws <= LARGEST
    assert "500 MB" in found.reason


def test_a_batch_does_not_depend_on_other_cells_or_cheaper_fits(raw, size):
    before = size(large(raw, 3000)).datasets
    raw["data"].append(raw["data"][0] | {"name": "d", "trials": 20_000})
    raw["fits"].append({"name": "slow", "model": "full_ddm", "cells": ["d"]})
    raw["fits"].append({"name": "quick", "model": "ddm", "fixed": {"z": 0.5}})
    assert size(raw).datasets == before
    raw["fits"].append({"name": "slower", "model": "full_ddm"})
    assert size(raw).datasets < before


def test_a_gpu_has_more_posteriors_a_job(raw, size):
    large(raw, 3000, trials=2000)
    raw["compare"] = {"enabled": False}
    on_cpu = size(raw).datasets
    assert size(raw | {"sampling": {"platform": "gpu"}}).datasets >= 2 * on_cpu
    assert size(raw | {"sampling": {"platform": "auto"}}).datasets == on_cpu
    assert size(raw | {"sampling": {"platform": "gpu", "sampler": "nutpie"}}).datasets <= on_cpu


def test_refits_count(raw, size):
    raw["data"][0] |= {"trials": 100, "datasets": 3000, "participants": 10}
    raw["fits"][0]["include"] = ["v ~ 1 + (1 | participant_id)"]
    before = size(raw).datasets
    raw["compare"] = {"folds": 10}
    assert size(raw).datasets * 4 <= before


def test_a_number_is_taken_as_it_is(raw, size):
    found = size(raw | {"batch_size": 7})
    assert (found.datasets, found.reason) == (7, "the study file says so")


def test_observed_datasets_are_counted(observed, write):
    study = load_study(write(observed()))
    assert batch_size_in(study, "o").datasets >= 2
    assert len(expand(study).batches) == 1


def test_names_and_numbers_of_parameters_agree_with_the_catalogue():
    known = all_models()
    assert PARAMETERS.keys() == known.keys()
    for name, model in known.items():
        assert set(PARAMETERS[name]) == set(free_names(model)), name
        if name in BY_NETWORK:
            assert name not in SOLVED
        elif model.learning is None:
            assert SOLVED.get(name, ()) == tuple(model.solved), name
        else:
            process, decision = LEARNING[name]
            assert (process, decision) == (model.learning.process.name, model.decision.name)


GROUPS = "(1 + x | participant_id)"


@pytest.mark.parametrize(
    "said",
    [
        {"model": "ddm"},
        {"model": "ddm", "fixed": {"z": 0.5, "t": "ter"}},
        {"model": "angle", "include": ["v ~ 1 + x", {"name": "z", "prior": 0.5}]},
        {"model": "ddm", "include": [f"v ~ 0 + x + {GROUPS}", f"a ~ x*y + {GROUPS}"]},
        {"model": "ddm", "include": ["v ~ 1 + np.log(x) + scale(y)"]},
        {"model": "ddm", "global_formula": f"y ~ 1 + x + {GROUPS}", "fixed": {"z": 0.5}},
        {"model": "ddm", "p_outlier": "1 + x"},
        {"model": "ddm", "p_outlier": {"name": "Beta", "alpha": 1, "beta": 9}},
        {"model": "lba3", "free": ["t"]},
        {"model": {"learning": "rescorla_wagner_dual", "decision": "ddm"}},
        {"model": {"learning": "hgf_binary", "decision": "softmax_inv_temperature_2"}},
    ],
)
def test_what_a_fit_estimates_is_counted_as_by_the_catalogue(said):
    fit = Fit.model_validate({"name": "f", **said})
    assert rough_freedom(fit) == free_parameters(fit)


STUDIES = (
    *("demo", "model_zoo", "regression", "choice_only", "full_ddm_sizes", "deadline"),
    *("rlssm", "hgf_group", "report_tour"),
)


@pytest.mark.parametrize("name", STUDIES)
def test_rough_costs_are_those_of_the_plan(project_root, monkeypatch, name):
    monkeypatch.chdir(project_root)
    study = load_study(project_root / "config" / "studies" / f"{name}.yaml")
    whole = expand(study)
    sizes = sizes_of_datasets(whole)
    for cell, fit in whole.pairs:
        one = study.model_copy(
            update={
                "data": (study.cell(cell),),
                "fits": (study.fit(fit).model_copy(update={"cells": None}),),
            }
        )
        plan = expand(one)
        found = estimate(plan)
        size = sizes[cell][0]
        rough = rough_costs(study, cell, study.fit(fit), size)
        starts = (6.0 + rough.compile) * found.jobs["fit"]
        each = (found.cpu_seconds["fit"] - starts) / plan.total(cell)
        assert each / 2 < rough.seconds < each * 2, (cell, fit)


def test_choosing_imports_no_heavy_package(raw, observed, write):
    code = (
        "import sys; from driftmill.study.load import load_study; "
        "from driftmill.study.expand import expand; expand(load_study(sys.argv[1])); "
        "print([m for m in ('jax', 'pymc', 'scipy', 'driftmill.models') if m in sys.modules])"
    )
    for study in (large(raw, 10_000), observed()):
        command = [sys.executable, "-c", code, str(write(study))]
        done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
        assert done.stdout.strip() == "[]"


def test_models_are_known(project_root):
    assert {model_of(name).decision.name for name in LEARNING} <= PARAMETERS.keys()

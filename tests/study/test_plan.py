import re
import subprocess
import sys

import pytest

from driftmill.study.expand import expand
from driftmill.study.load import load_study
from driftmill.study.options import Sampling
from driftmill.study.plan import estimate, free_parameters
from driftmill.study.posterior_costs import posterior_seconds
from driftmill.study.types import Fit
from driftmill.study.unit_costs import Costs, Freedom, Size


@pytest.fixture
def cost(write):
    return lambda raw, **costs: estimate(expand(load_study(write(raw))), Costs(**costs))


def test_jobs_are_counted_by_step(raw, cost):
    raw |= {"batch_size": 3, "report": {"predictive": {"data": "all"}}}
    raw["fits"].append({"name": "g", "model": "angle"})
    assert dict(cost(raw).jobs) == {
        "simulate": 2,
        "fit": 4,
        "describe": 2,
        "loo": 4,
        "compare": 1,
        "confuse": 1,
        "estimate": 2,
        "recover": 1,
        "predict": 2,
        "transform": 4,
        "foresee": 2,
        "sketch": 1,
        "provenance": 1,
        "report": 1,
    }


def test_new_participants_are_jobs_of_cells_that_have_several(raw, cost):
    raw |= {"batch_size": 2, "compare": {"participants": True}}
    assert "integrate" not in cost(raw).jobs
    raw["data"].append(raw["data"][0] | {"name": "d", "participants": 3})
    found = cost(raw)
    assert (found.jobs["integrate"], found.jobs["compare_participants"]) == (2, 1)
    share = 3 / (1 + 3)  # of all trials, cell d has three in four
    work = found.cpu_seconds["integrate"] - 6.0 * 2
    assert work == pytest.approx(5.0 * share * (found.cpu_seconds["loo"] - 6.0 * 4))


def test_refits_cost_as_many_fits(raw, cost):
    raw["data"][0] |= {"participants": 4, "trials": 50}
    raw |= {"batch_size": 2, "compare": {"folds": 3, "future": {"first": 10, "ahead": 8}}}
    found = cost(raw, start=0.0, loo=0.0, compile=0.0)
    assert {s: n for s, n in found.jobs.items() if "fold" in s or "future" in s} == {
        **{"fold": 2, "future": 2, "compare_folds": 1, "compare_future": 1}
    }
    assert found.cpu_seconds["fold"] == pytest.approx(3 * found.cpu_seconds["fit"])
    assert found.cpu_seconds["future"] == pytest.approx(5 * found.cpu_seconds["fit"])
    raw["compare"] = {"folds": "participants", "future": {"first": 10, "refits": 2}}
    found = cost(raw, start=0.0, loo=0.0, compile=0.0)
    assert found.cpu_seconds["fold"] == pytest.approx(4 * found.cpu_seconds["fit"])
    assert found.cpu_seconds["future"] == pytest.approx(2 * found.cpu_seconds["fit"])


def test_a_reference_posterior_costs_what_the_constant_says(raw, cost):
    raw["data"][0] |= {"trials": 200, "datasets": 10}
    found = cost(raw, start=0.0, compile=0.0, posterior=2.0, trial=0.01)
    assert found.cpu_seconds["fit"] == pytest.approx(10 * (2.0 + 200 * 0.01))


HIERARCHY = "1 + x + (1 + x | participant_id)"


@pytest.mark.parametrize(
    ("model", "formulas", "fixed", "sizes", "chains", "measured"),
    [
        ("ddm", [], {}, (1, 200), 4, 0.25),
        ("ddm", [], {}, (1, 500), 4, 0.5),
        ("ddm", [], {}, (1, 2000), 4, 1.8),
        ("angle", [], {}, (1, 200), 4, 0.36),
        ("angle", ["v ~ 1 + x + y", "a ~ 1 + x + y"], {}, (1, 1000), 4, 2.6),
        ("softmax_inv_temperature_2", [], {"beta": 2}, (1, 500), 4, 0.13),
        ("ddm", [f"v ~ {HIERARCHY}"], {}, (10, 100), 2, 2.3),
        ("softmax_inv_temperature_2", [f"logit1 ~ {HIERARCHY}"], {}, (20, 200), 2, 5.3),
    ],
)
def test_posteriors_cost_about_what_was_measured(model, formulas, fixed, sizes, chains, measured):
    """Seconds of one core of a virtual machine, beyond start and compilation; 1,000 draws."""
    fit = Fit.model_validate({"name": "f", "model": model, "include": formulas, "fixed": fixed})
    sampling = Sampling.model_validate({"chains": chains})
    size = Size(sizes[0] * sizes[1], sizes[0])
    found = posterior_seconds(Costs(), sampling, free_parameters(fit), size)
    assert measured / 1.3 < found < measured * 1.3


def test_every_set_of_what_is_solved_for_costs_a_solution(raw, cost):
    truth = {"v": 1.0, "a": 1.2, "z": 0.5, "t": 0.3, "alpha": 2.0, "beta": 1.5}
    raw["data"][0] |= {"model": "weibull", "truth": truth, "participants": 5}
    free = {"start": 0.0, "compile_solution": 0.0, "posterior": 0.0}
    found = []
    for alpha in ("alpha ~ 1", "alpha ~ 1 + participant_id", "alpha ~ 1 + (1 | participant_id)"):
        raw["fits"][0] |= {"model": "weibull", "include": [alpha]}
        found.append(cost(raw, **free).cpu_seconds["fit"])
    # Five solutions in place of one; six parameters become seven; groups take twice the steps and
    # a longer warm-up.
    assert found[1] / found[0] == pytest.approx(5.0 * (7 / 6) ** 0.5)
    assert found[2] / found[1] > 2.0


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        (lambda r: r["data"][0].update(trials=400), 1.0 + 0.19 / 0.29),
        (lambda r: r["data"][0].update(datasets=20), 2.0),
        (lambda r: r["data"][0].update(participants=3), 1.0 + 2 * 0.19 / 0.29),
        (lambda r: r.update(sampling={"chains": 2}), 0.5),
        (lambda r: r["fits"][0].update(fixed={"z": 0.5}), 0.75),
    ],
)
def test_time_grows_with_the_work(raw, cost, change, factor):
    raw["data"][0] |= {"trials": 200, "datasets": 10}
    free = {"start": 0.0, "compile": 0.0, "posterior": 0.1, "trial": 0.00095}
    before = cost(raw, **free).cpu_seconds["fit"]
    change(raw)
    assert cost(raw, **free).cpu_seconds["fit"] == pytest.approx(factor * before)


def test_choices_alone_are_predicted_at_once(raw, cost):
    raw["report"] = {"predictive": {"data": "all"}}
    both = {"start": 0.0, "predictive": 1.0}
    timed = cost(raw, **both).cpu_seconds
    assert timed["predict"] > timed["foresee"] > 0.0
    raw["data"][0] |= {"model": "softmax_inv_temperature_2", "truth": {"beta": 2, "logit1": 0.5}}
    raw["fits"][0] |= {"model": "softmax_inv_temperature_2"}
    alone = cost(raw, **both).cpu_seconds
    assert alone["predict"] == alone["foresee"] == 0.0
    # What is left of it are the likelihoods of the trials that are left out.
    assert 0.0 < alone["transform"] < timed["transform"]


def test_more_cores_help_until_the_longest_job_remains(raw, cost):
    found = cost(raw | {"batch_size": 1})
    assert found.wall_seconds(2) == pytest.approx(sum(found.cpu_seconds.values()) / 2)
    assert found.wall_seconds(10_000) == found.longest


def test_trials_of_observed_data_are_counted(observed, cost):
    assert cost(observed()).trials == {"o": 20}


def test_disk_holds_the_draws(raw, cost):
    raw["data"][0]["datasets"] = 100
    found = cost(raw, sample_bytes=0.0, trial_bytes=0.0, draw_bytes=8.0)
    assert found.disk == 100 * 4000 * 4 * 8


@pytest.mark.parametrize("name", ["tiny", "choice_only", "regression"])
def test_the_jobs_are_those_that_snakemake_counts(project_root, tmp_path, name):
    study = project_root / "config" / "studies" / f"{name}.yaml"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "snakemake", "-n", "--cores", "1", "--quiet", "rules"),
            *("--snakefile", project_root / "Snakefile", "--directory", tmp_path),
            *("--configfile", project_root / "config" / "config.yaml"),
            *("--config", f"study={study}"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    counted = dict(re.findall(r"^(\w+) +(\d+)$", done.stdout, flags=re.MULTILINE))
    expected = estimate(expand(load_study(study))).jobs
    assert {k: int(v) for k, v in counted.items() if k not in ("all", "total")} == expected


FORMULA = "y ~ 1 + x + (1 + x | participant_id)"


@pytest.mark.parametrize(
    ("said", "shared", "each"),
    [
        ({}, 4, 0),
        ({"fixed": {"z": 0.5, "t": "ter"}}, 2, 0),
        ({"include": ["v ~ 1 + x"]}, 5, 0),
        ({"include": ["v ~ 1 + x + (1 | participant_id)", {"name": "z", "prior": 0.5}]}, 5, 1),
        ({"global_formula": FORMULA, "fixed": {"z": 0.5}}, 12, 6),
        ({"p_outlier": "1 + x"}, 6, 0),
        ({"p_outlier": {"name": "Beta", "alpha": 1, "beta": 9}}, 5, 0),
        ({"p_outlier": 0.1}, 4, 0),
    ],
)
def test_what_a_fit_estimates_is_counted(said, shared, each):
    fit = Fit.model_validate({"name": "f", "model": "ddm", **said})
    assert free_parameters(fit) == Freedom(shared, each)


def test_deviations_are_counted_for_each_participant_and_kept_with_their_multiples(raw, cost):
    raw["data"][0] |= {"participants": 5, "datasets": 10}
    raw["fits"][0]["include"] = ["v ~ 1 + (1 | participant_id)"]
    found = cost(raw, sample_bytes=0.0, trial_bytes=0.0, draw_bytes=8.0)
    assert found.disk == 10 * 4000 * (5 + 2 * 5) * 8

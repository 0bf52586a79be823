"""A study that has a network trained before it fits through it, for real."""

import json
import re

import pandas as pd
import pytest

from tests.workflow.runs import Run, written

STUDY = """\
study: NAME
seed: 5
data:
  - name: made
    model: ddm
    truth: {v: 0.8, a: 1.0, z: 0.5, t: 0.3}
    trials: 40
    datasets: 2
networks:
  - name: mine
    model: ddm
    box: {v: [-4, 4], a: [0.5, 2.5], z: [0.1, 0.9]}
    layers: [8]
    components: 2
    sets: 100
    draws: 16
    checks: 1
    steps: 200
    batch: 50
    every: 100
    sbc:
      datasets: 20
      trials: 20
      priors:
        v: {name: Uniform, lower: -3, upper: 3}
        a: {name: Uniform, lower: 0.6, upper: 2.4}
        z: {name: Uniform, lower: 0.2, upper: 0.8}
        t: {name: Gamma, mu: 0.3, sigma: 0.1}
fits:
  - name: net
    model: ddm
    likelihood: approx_differentiable
    fixed: {t: 0.3}
    priors:
      v: {name: Uniform, lower: -3, upper: 3}
      a: {name: Uniform, lower: 0.6, upper: 2.4}
      z: {name: Uniform, lower: 0.2, upper: 0.8}
batch_size: BATCH
sampling:
  chains: 2
  draws: 50
  warmup: 100
  gates: {r_hat: 2, ess_bulk: 5, ess_tail: 5, mcse_ratio: 1}
  ladder: []
compare: {enabled: false}
recover: {enabled: false}
report: {explore: 0, predictive: {data: none, prior: false}}
"""
ACCEPTING = STUDY.replace("  - name: net\n", "  - name: net\n    accept_unchecked: true\n")
FAILED = "hellinger_ratio_median is"


def steps(said: str) -> dict[str, int]:
    """Return the counts of jobs that a dry run tells."""
    table = said.partition("Job stats:")[2]
    found = re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)
    return {name: int(number) for name, number in found}


def rewrite(run: Run, text: str, name: str) -> None:
    run.study.write_text(text.replace("BATCH", "2").replace("NAME", name), encoding="utf-8")


@pytest.fixture(scope="module")
def refused(tmp_path_factory):
    """A run that trains a network which then fails its gates, and what it said."""
    folder = tmp_path_factory.mktemp("networks") / "first"
    run = written(folder, STUDY.replace("NAME", "first"), "first", batch=2, cores=2)
    return run, run(check=False)


@pytest.fixture(scope="module")
def accepted(refused):
    """The same study, which takes the network nevertheless, and what the run said."""
    run, _ = refused
    rewrite(run, ACCEPTING, "first")
    return run, run()


def network(run: Run):
    (folder,) = (run.folder / "results" / "networks").glob("mine-*")
    return folder


def test_a_network_that_fails_its_gates_is_refused_by_the_fit(refused):
    run, said = refused
    made = {file.name for file in network(run).iterdir() if file.is_file()}
    assert {"card.json", "weights.npz", "loss.svg", "density.svg", "calibration.csv"} <= made
    card = json.loads((network(run) / "card.json").read_text())
    assert card["accuracy"]["sbc_datasets"] == 20
    assert [gate["figure"] for gate in card["gates"]][-1] == "sbc_p_least"
    assert not card["gates"][-1]["passed"]
    assert "training_set.npz" not in made
    assert not (run.results / "fits").exists()
    for part in ("first.yaml: fits[0].network", FAILED, "accept_unchecked: true"):
        assert part in said


def test_the_next_run_refuses_it_before_any_job(refused):
    run, _ = refused
    said = run("-n", check=False)
    assert "The study has 1 problem" in said
    assert FAILED in said
    assert "Building DAG" not in said


def test_accepted_it_is_not_trained_anew_and_the_report_says_so(accepted):
    run, said = accepted
    assert "rule fit" in said
    assert "rule train_network" not in said
    page = (run.results / "report.html").read_text()
    assert 'id="networks"' in page
    assert page.count("did not pass its gates and was accepted unchecked") >= 3
    methods = (run.results / "methods.md").read_text()
    assert "likelihood of the network mine" in methods
    assert "did not pass its gates" in methods


def test_draws_beyond_the_box_are_counted(accepted):
    run, _ = accepted
    edges = pd.read_parquet(run.results / "recovery" / "made" / "net" / "edges.parquet")
    assert edges["network"].tolist() == ["mine", "mine"]
    assert edges["draws"].tolist() == [100, 100]
    # The priors lie inside.
    assert edges["beyond"].tolist() == [0.0, 0.0]


def test_again_there_is_nothing_to_do(accepted):
    run, _ = accepted
    assert "Nothing to be done" in run("-n")


def test_another_study_uses_the_same_network(accepted):
    run, _ = accepted
    other = Run(run.folder, run.folder / "other.yaml", name="other")
    rewrite(other, ACCEPTING, "other")
    planned = steps(other("-n"))
    assert planned["fit"] == 1
    assert not {"draw_network", "train_network", "check_network"} & planned.keys()


def test_another_design_is_trained_and_fitted_and_the_data_stay(accepted):
    run, _ = accepted
    rewrite(run, ACCEPTING.replace("components: 2", "components: 3"), "first")
    planned = steps(run("-n"))
    assert {"draw_network", "train_network", "check_network", "fit", "edge"} <= planned.keys()
    assert "simulate" not in planned
    rewrite(run, ACCEPTING, "first")
    assert "Nothing to be done" in run("-n")

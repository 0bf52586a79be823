"""The workflow from nothing to its report, again, and in other batches."""

import json

import pandas as pd
import pytest

from driftmill.store.headers import table_provenance, tree_provenance
from tests.workflow.runs import assert_same_bits


def test_everything_is_made(finished):
    results = finished.results
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "small" in page
    assert list((results / "figures").glob("*.svg"))
    assert list((results / "figures").glob("*.pdf"))
    assert list((results / "tables").glob("*.csv"))
    confusion = pd.read_parquet(results / "comparison" / "confusion.parquet")
    assert set(confusion["verdict"]) >= {"free", "unbiased", "undecided"}
    verdict = pd.read_parquet(results / "recovery" / "verdict.parquet")
    assert set(verdict["parameter"]) == {"v", "a", "z"}


def test_published_numbers_stand_beside_those_of_their_posteriors(finished):
    results = finished.results
    drift, lead = pd.read_parquet(results / "published.parquet").to_dict("records")
    estimates = pd.read_parquet(results / "recovery" / "made" / "free" / "estimates.parquet")
    own = estimates[(estimates["dataset"] == 2) & (estimates["parameter"] == "v")]
    assert drift["ours"] == pytest.approx(own["mean"].item())
    assert drift["sd"] == pytest.approx(own["sd"].item())
    pairs = pd.read_parquet(results / "comparison" / "made" / "pairs.parquet")
    assert lead["ours"] == pairs.set_index("dataset").loc[0, "elpd_diff"]
    page = (results / "report.html").read_text(encoding="utf-8")
    assert "Beside published numbers" in page


def test_every_artifact_says_where_it_comes_from(finished):
    said = json.loads((finished.results / "provenance.json").read_text(encoding="utf-8"))
    assert said["seed"] == 5
    assert said["costs"]["fit"]["jobs"] == 4
    for file in finished.results.rglob("*.parquet"):
        origin = table_provenance(file)
        assert origin["study_hash"] == said["study_hash"]
        assert origin["versions"]["jax"] == said["versions"]["jax"]
    for file in finished.results.rglob("*.nc"):
        assert tree_provenance(file, "posterior")["study_hash"] == said["study_hash"]


def test_logs_have_a_line_a_posterior(finished):
    text = (finished.results / "logs" / "fit" / "made" / "free" / "0000.log").read_text()
    assert "posterior 1 of 2: dataset 0" in text
    assert "posterior 2 of 2: dataset 1" in text


def test_second_run_does_nothing(finished):
    assert "Nothing to be done" in finished()


@pytest.mark.parametrize("seed", ["1"])
def test_other_batches_cores_and_hash_seed_give_the_same_bits(finished, new_run, seed):
    other = new_run(batch_size=3)
    other("--cores", "1", PYTHONHASHSEED=seed)
    assert_same_bits(finished.results, other.results)


def test_a_changed_title_remakes_the_report_alone(finished):
    text = finished.study.read_text(encoding="utf-8")
    finished.study.write_text(text.replace("report:", "report:\n  title: Other"), encoding="utf-8")
    try:
        told = finished("-n")
    finally:
        finished.study.write_text(text, encoding="utf-8")
    assert "rule report" in told
    assert "rule fit" not in told


def test_a_changed_prior_refits(finished):
    text = finished.study.read_text(encoding="utf-8")
    changed = text.replace("    fixed: {t: 0.3}\n", "    fixed: {t: 0.31}\n")
    assert changed != text
    finished.study.write_text(changed, encoding="utf-8")
    try:
        told = finished("-n")
    finally:
        finished.study.write_text(text, encoding="utf-8")
    assert "fit=free" in told
    assert "rule simulate" not in told

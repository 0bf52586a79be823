"""An observed example: every participant a dataset, a constant against a collapsing bound.

On three of its fourteen participants, since every one of them takes as many seconds.
"""

import pandas as pd
import pytest

from tests.workflow.runs import ROOT, Run

PEOPLE = 3


@pytest.fixture(scope="module")
def cavanagh(tmp_path_factory, shared_file) -> Run:
    path = shared_file("data/cavanagh_theta.csv")
    folder = tmp_path_factory.mktemp("cavanagh")
    trials = pd.read_csv(path)
    few = folder / "cavanagh_theta.csv"
    trials[trials["subj_idx"] < PEOPLE].to_csv(few, index=False)
    text = (ROOT / "config" / "studies" / "cavanagh_bounds.yaml").read_text(encoding="utf-8")
    changed = text.replace("path: data/cavanagh_theta.csv", f"path: {few}")
    assert changed != text
    # Thousands of trials are simulated for it, and other studies have it.
    changed = changed.replace("draws: 200", "draws: 200, pit: false, prior: false")
    gates = "{ess_bulk: 100, ess_tail: 100, mcse_ratio: 0.1}"
    changed += "\ncompare: {moment_match: 0, refits: 0}"
    changed += f"\nsampling: {{chains: 2, draws: 500, gates: {gates}}}\n"
    study = folder / "cavanagh_bounds.yaml"
    study.write_text(changed, encoding="utf-8")
    run = Run(folder, study, name="cavanagh_bounds")
    run()
    return run


def test_reads_every_trial(cavanagh):
    trials = pd.read_parquet(cavanagh.results / "data" / "cavanagh" / "trials-0000.parquet")
    assert len(trials) == len(pd.read_csv(cavanagh.folder / "cavanagh_theta.csv"))
    assert trials["dataset"].nunique() == PEOPLE
    assert set(trials["response"]) == {-1, 1}


def test_fits_are_like_the_published_ones(cavanagh):
    """HDDM's group fit has 2a = 1.975, participant 0 2.20 and participant 1 2.11."""
    estimates = pd.read_parquet(
        cavanagh.results / "recovery" / "cavanagh" / "ddm" / "estimates.parquet"
    )
    a = estimates[estimates["parameter"] == "a"].set_index("participant_id")
    # Single-participant posteriors are wider than the group's, which shrinks them.
    for participant, published in (("0", 2.20), ("1", 2.11)):
        row = a.loc[participant]
        assert abs(2 * row["mean"] - published) < 4 * 2 * row["sd"]
    assert abs(2 * a["mean"].mean() - 1.975) < 4 * 2 * a["mean"].std() / PEOPLE**0.5 + 0.1


def test_compares_and_predicts_every_participant(cavanagh):
    comparison = pd.read_parquet(
        cavanagh.results / "comparison" / "cavanagh" / "comparison.parquet"
    )
    assert len(comparison) == 2 * PEOPLE
    assert comparison["elpd"].notna().all()
    quantiles = pd.read_parquet(
        cavanagh.results / "predictive" / "cavanagh" / "ddm" / "quantiles.parquet"
    )
    rows = quantiles[quantiles["quantity"] == "rt_quantile"].dropna(subset=["observed"])
    inside = (rows["observed"] >= rows["lower"]) & (rows["observed"] <= rows["upper"])
    assert len(rows) == PEOPLE * 2 * 5
    assert inside.mean() > 0.6


def test_the_page_shows_comparison_and_predictions(cavanagh):
    page = (cavanagh.results / "report.html").read_text(encoding="utf-8")
    assert "elpd" in page
    assert "quantile" in page

"""A hierarchy through the real workflow: levels, ranks, and the same bits in any batches."""

import pandas as pd
import pytest

from tests.workflow.runs import assert_same_bits, written

STUDY = """\
study: hier
seed: 5
data:
  - name: made
    model: softmax_inv_temperature_2
    covariates: {x: {name: Normal, mu: 0, sigma: 1}}
    truth: prior
    participants: 5
    trials: 24
    datasets: 2
fits:
  - name: hier
    model: softmax_inv_temperature_2
    fixed: {beta: 2}
    include:
      - name: logit1
        formula: logit1 ~ 1 + x + (1 | participant_id)
        prior:
          Intercept: {name: Normal, mu: 0.5, sigma: 0.3}
          x: {name: Normal, mu: 0.8, sigma: 0.2}
          1|participant_id:
            {name: Normal, mu: 0, sigma: {name: Uniform, lower: 0.2, upper: 0.5}}
batch_size: BATCH
compare: {moment_match: 0, refits: 0}
sampling:
  {chains: 2, draws: 100, warmup: 150, ladder: [], gates: {r_hat: 1.3, ess_bulk: 10, ess_tail: 10}}
report: {predictive: {data: all, draws: 20}}
"""
STEPS = ("--until", "estimate", "loo", "predict", "rank")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    run = written(tmp_path_factory.mktemp("hierarchy") / "whole", STUDY, "hier", 2, 2)
    run(*STEPS)
    return run


def test_recovery_has_every_level(whole):
    table = pd.read_parquet(whole.results / "recovery" / "made" / "hier" / "estimates.parquet")
    levels = table.groupby("level", observed=True)["parameter"].unique().map(sorted).to_dict()
    assert levels == {
        "group": ["logit1_Intercept", "logit1_x"],
        "sd": ["logit1_1|participant_id_sigma"],
        "deviation": ["logit1_1|participant_id"],
        "participant": ["logit1 (participant)"],
    }
    own = table[(table["level"] == "participant") & (table["dataset"] == 1)]
    assert list(own["participant_id"]) == ["0", "1", "2", "3", "4"]
    assert table["truth"].notna().all()


def test_truths_of_the_fits_priors_are_ranked(whole):
    results = whole.results
    ranks = pd.read_parquet(results / "recovery" / "made" / "hier" / "ranks-0000.parquet")
    assert sorted(ranks["parameter"].unique()) == [
        "log_likelihood",
        "logit1 (participant)",
        "logit1_1|participant_id_sigma",
        "logit1_Intercept",
        "logit1_x",
    ]
    assert ranks["rank"].between(0, 99).all()
    truth = pd.read_parquet(results / "data" / "made" / "truth-0000.parquet")
    sd = truth[truth["parameter"] == "logit1_1|participant_id_sigma"]["value"]
    assert sd.between(0.2, 0.5).all()
    assert sd.nunique() == 2
    own = ranks[ranks["level"] == "participant"]
    assert own["participant_id"].tolist() == ["0", "1"]


def test_a_trial_has_its_score(whole):
    pointwise = pd.read_parquet(whole.results / "loo" / "made" / "hier" / "pointwise-0000.parquet")
    assert len(pointwise) == 2 * 5 * 24
    assert pointwise["elpd"].notna().all()


@pytest.mark.long
def test_other_batches_cores_and_hash_seed_give_the_same_bits(whole, tmp_path):
    other = written(tmp_path / "other", STUDY, "hier", 1, 1)
    other(*STEPS, PYTHONHASHSEED="7")
    assert_same_bits(whole.results, other.results)

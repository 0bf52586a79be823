"""Learning models through the real workflow: trial by trial, scored, and the same bits again."""

import numpy as np
import pandas as pd
import pytest

from tests.workflow.runs import assert_same_bits, written

STUDY = """\
study: learn
seed: 5
data:
  - name: bandit
    model: {learning: rescorla_wagner, decision: softmax_inv_temperature_2}
    formulas: [rl_alpha ~ 1 + (1 | participant_id)]
    task: {bandit: {means: [[0.2, 0.8], [0.7, 0.3]]}}
    truth: {rl_alpha_Intercept: -0.5, rl_alpha_1|participant_id_sigma: 0.5, beta: 4}
    participants: 4
    trials: 30
    datasets: 2
  - name: inputs
    model: hgf_softmax
    task: {inputs: {schedule: [[0.8, 20], [0.2, 20]]}}
    truth: {omega2: -3, beta: 2}
    trials: 40
    datasets: 2
fits:
  - name: rates
    model: {learning: rescorla_wagner, decision: softmax_inv_temperature_2, cue: cue}
    cells: [bandit]
    include: [rl_alpha ~ 1 + (1 | participant_id)]
  - name: beliefs
    model: hgf_softmax
    cells: [inputs]
compare:
  {participants: true, folds: 2, future: {first: 20, ahead: 10}, moment_match: 0, refits: 0}
batch_size: BATCH
sampling:
  {chains: 2, draws: 100, warmup: 150, ladder: [], gates: {r_hat: 1.3, ess_bulk: 10, ess_tail: 10}}
report: {predictive: {data: all, draws: 20}}
"""
STEPS = ("--until", "estimate", "loo", "compare_participants", "predict")
STEPS += ("compare_folds", "compare_future")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    run = written(tmp_path_factory.mktemp("learning") / "whole", STUDY, "learn", 2, 2)
    run(*STEPS)
    return run


def test_trials_hold_what_was_learned_from(whole):
    trials = pd.read_parquet(whole.results / "data" / "bandit" / "trials-0000.parquet")
    assert set(trials["feedback"]) == {0.0, 1.0}
    assert trials.groupby(["dataset", "participant_id"])["cue"].value_counts().eq(15).all()
    inputs = pd.read_parquet(whole.results / "data" / "inputs" / "trials-0000.parquet")
    assert set(inputs["u"]) == {0.0, 1.0}


def test_trials_on_which_nothing_is_known_are_left_out(whole):
    pointwise = pd.read_parquet(
        whole.results / "loo" / "bandit" / "rates" / "pointwise-0000.parquet"
    )
    trials = pd.read_parquet(whole.results / "data" / "bandit" / "trials-0000.parquet")
    keys = ["dataset", "participant_id", "trial_id"]
    scored = trials.merge(pointwise, on=keys)
    firsts = scored.sort_values(keys).groupby(["dataset", "participant_id", "cue"]).head(1)
    np.testing.assert_allclose(firsts["elpd"], -np.log(2.0), rtol=1e-12)
    # Values are equal, too, after the same outcome of either option.
    rates = pd.read_parquet(whole.results / "loo" / "bandit" / "rates" / "elpd-0000.parquet")
    equal = np.isclose(scored["elpd"], -np.log(2.0), rtol=1e-12, atol=0.0)
    assert rates["n_constant"].tolist() == scored[equal].groupby("dataset").size().tolist()
    beliefs = pd.read_parquet(whole.results / "loo" / "inputs" / "beliefs" / "elpd-0000.parquet")
    assert beliefs["n_constant"].tolist() == [1, 1]


def test_a_participant_is_left_out_with_the_whole_sequence(whole):
    bandit = whole.results / "loo" / "bandit" / "rates"
    people = pd.read_parquet(bandit / "participants-0000.parquet")
    assert people["n_trials"].tolist() == [30] * 8
    assert people["elpd"].between(-30, 0).all()
    assert people["ess"].gt(1).all()
    sums = pd.read_parquet(bandit / "participant_elpd-0000.parquet")
    np.testing.assert_allclose(sums["elpd"], people.groupby("dataset")["elpd"].sum())
    compared = pd.read_parquet(
        whole.results / "comparison" / "bandit" / "participant_comparison.parquet"
    )
    np.testing.assert_array_equal(compared["elpd"], sums["elpd"])
    # One participant a dataset: there is nobody to be left out.
    assert not (whole.results / "loo" / "inputs" / "beliefs" / "participants-0000.parquet").exists()


def test_participants_are_predicted_by_refits_without_their_fold(whole):
    bandit = whole.results / "loo" / "bandit" / "rates"
    people = pd.read_parquet(bandit / "folds-0000.parquet")
    assert people.groupby(["dataset", "fold"]).size().tolist() == [2] * 4
    assert people["n_trials"].tolist() == [30] * 8
    sums = pd.read_parquet(bandit / "fold_elpd-0000.parquet")
    np.testing.assert_allclose(sums["elpd"], people.groupby("dataset")["elpd"].sum())
    assert sums["n_folds"].tolist() == [2, 2]
    # Another way to the same number, but for what one more participant would have told.
    left_out = pd.read_parquet(bandit / "participants-0000.parquet")
    both = people.merge(left_out, on=["dataset", "participant_id"])
    trusted = both[both["pareto_k"] < 0.5]
    assert len(trusted) >= 4
    assert (trusted["elpd_x"] - trusted["elpd_y"]).abs().max() < 2.0
    compared = pd.read_parquet(whole.results / "comparison" / "bandit" / "fold_comparison.parquet")
    np.testing.assert_array_equal(compared["elpd"], sums["elpd"])


def test_later_trials_are_predicted_in_blocks(whole):
    for cell, fit, people, blocks in (("bandit", "rates", 4, 1), ("inputs", "beliefs", 1, 2)):
        folder = whole.results / "loo" / cell / fit
        rows = pd.read_parquet(folder / "future-0000.parquet")
        assert len(rows) == 2 * people * blocks
        assert rows["n_trials"].eq(10).all()
        assert rows["elpd"].between(-15, 0).all()
        assert rows["trial_id"].tolist() == rows["n_known"].tolist()
        sums = pd.read_parquet(folder / "future_elpd-0000.parquet")
        np.testing.assert_allclose(sums["elpd"], rows.groupby("dataset")["elpd"].sum())
        compared = pd.read_parquet(
            whole.results / "comparison" / cell / "future_comparison.parquet"
        )
        np.testing.assert_array_equal(compared["elpd"], sums["elpd"])


def test_participants_have_their_own_rates_beside_their_truths(whole):
    path = whole.results / "recovery" / "bandit" / "rates" / "estimates.parquet"
    table = pd.read_parquet(path)
    own = table[(table["parameter"] == "rl_alpha (participant)") & (table["dataset"] == 0)]
    assert list(own["participant_id"]) == ["0", "1", "2", "3"]
    assert own["truth"].between(0, 1).all()


@pytest.mark.long
def test_other_batches_cores_and_hash_seed_give_the_same_bits(whole, tmp_path):
    other = written(tmp_path / "other", STUDY, "learn", 1, 1)
    other(*STEPS, PYTHONHASHSEED="7")
    assert_same_bits(whole.results, other.results)


@pytest.mark.long
def test_the_page_says_what_leaving_out_a_learners_trial_means(whole):
    whole()
    page = (whole.results / "report.html").read_text(encoding="utf-8")
    assert "still teach what the trials after it are predicted from" in page
    assert "Participants left out" in page
    assert "Participants were split at random into 2 folds" in page
    assert "the next 10 trials</strong> of a known participant" in page
    assert "Learning: rescorla_wagner from feedback; kept for each cue" in page

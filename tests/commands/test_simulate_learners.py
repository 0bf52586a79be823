"""Learners by `driftmill simulate`, whose trials go on to `driftmill loglik`."""

import numpy as np
import pandas as pd
import pytest

from driftmill.models import CATALOGUE
from tests.commands.calling import given, refused, run

RATES = {"rl_alpha": 0.3, "rl_alpha_neg": 0.15, "scaler": 2.5, "z": 0.5, "t": 0.3}
RLDDM = "rescorla_wagner_dual+ddm"


@pytest.fixture
def pairs(tmp_path):
    """Return the file of a task with two cues in two blocks."""
    path = tmp_path / "task.yaml"
    path.write_text("bandit: {means: [[0.8, 0.2], [0.3, 0.7]], blocks: 2}")
    return path


def test_simulated_learners_go_straight_to_loglik(tmp_path, pairs):
    trials, out = tmp_path / "t.csv", tmp_path / "o.csv"
    options = [*given(RATES | {"a": 1.1}), "--task", pairs, "--participants", 3, "--trials", 40]
    result = run("simulate", RLDDM, *options, "-o", trials)
    assert result.exit_code == 0, result.output
    assert "wrote 120 trials" in result.output
    result = run("loglik", RLDDM, trials, "--cue", "cue", "--block", "block", "-o", out)
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(out)
    shown = ["participant_id", "trial_id", "rt", "response", "feedback", "cue", "block"]
    assert set(frame) == {*shown, *RATES, "a", "loglik"}
    drift = []
    for _, rows in frame.groupby("participant_id"):
        values, block = {}, None
        for row in rows.itertuples():
            if row.block != block:
                values, block = {}, row.block
            q = values.setdefault(row.cue, [0.5, 0.5])
            drift.append(2.5 * (q[1] - q[0]))
            error = row.feedback - q[int(row.response > 0)]
            q[int(row.response > 0)] += (0.3 if error >= 0 else 0.15) * error
    expected = CATALOGUE["ddm"].likelihoods["analytical"](
        frame["rt"].to_numpy(), frame["response"].to_numpy(), np.array(drift), 1.1, 0.5, 0.3
    )
    np.testing.assert_allclose(frame["loglik"], np.asarray(expected), rtol=1e-10)


def test_a_task_may_stand_as_in_a_study(tmp_path, pairs):
    other = tmp_path / "other.yaml"
    other.write_text(f"task:\n  {pairs.read_text()}\n")
    contents = []
    for name, task in (("a", pairs), ("b", other)):
        path = tmp_path / f"{name}.csv"
        options = [*given(RATES | {"a": 1.1}), "--task", task, "--trials", 20, "-o", path]
        assert run("simulate", RLDDM, *options).exit_code == 0
        contents.append(path.read_text())
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("model", "task", "words"),
    [
        (RLDDM, None, "learns from feedback: give --task FILE"),
        (RLDDM, "bandit: {means: [0.8, 1.2]}", "means = 1.2: the mean of a Bernoulli payoff"),
        (RLDDM, "bandit: {means: [0.8, 0.2], payof: x}", "did you mean 'payoff'?"),
        (RLDDM, "bandit: {means: [0.8, 0.2], blocks: 3}", "40 trials cannot be cut into 3"),
        (RLDDM, "inputs: {walk: 1}", "which inputs does not supply; give a bandit"),
        (RLDDM, "trials: 3", "unknown key 'trials'"),
        (RLDDM, "task: {}", "says neither bandit nor inputs"),
        (RLDDM, "- 1", "holds a list, not keys"),
        ("rescorla_wagner_dual+dmd", None, "did you mean 'ddm'?"),
        ("hgf_binary+softmax_inv_temperature_3", None, "cannot drive"),
        ("ddm", "bandit: {means: [0.8, 0.2]}", "--task: ddm learns nothing"),
    ],
)
def test_learners_that_cannot_be_are_told(tmp_path, model, task, words):
    path = tmp_path / "task.yaml"
    if task is not None:
        path.write_text(task)
    values = {"v": 0.5, "a": 1.1, "z": 0.5, "t": 0.3} if model == "ddm" else RATES | {"a": 1.1}
    more = [] if task is None else ["--task", path]
    out = tmp_path / "t.csv"
    told = refused(run("simulate", model, *given(values), *more, "--trials", 40, "-o", out))
    assert words in " ".join(told.split())
    assert not out.exists()


def test_a_task_that_is_not_there_is_told(tmp_path):
    options = [*given(RATES | {"a": 1.1}), "--task", tmp_path / "no.yaml", "-o", "t.csv"]
    assert "no.yaml" in refused(run("simulate", RLDDM, *options))

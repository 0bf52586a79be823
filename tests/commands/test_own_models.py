"""Commands with a user's own models and with learning models."""

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from driftmill.cli import app
from driftmill.study.model_files import announce, load_announced

COLLAPSING = ["-p", "v=.5", "-p", "a=1.5", "-p", "z=.5", "-p", "t=.3", "-p", "theta=.1"]
STUDY = {
    "data": [
        {
            "name": "c",
            "model": "ddm",
            "truth": {"v": 0.5, "a": 1.2, "z": 0.5, "t": 0.3},
            "trials": 20,
            "datasets": 2,
        }
    ],
    "fits": [{"name": "f", "model": "ddm"}],
}


@pytest.fixture
def run():
    yield lambda *args: CliRunner().invoke(app, [str(arg) for arg in args])
    announce("", ())
    load_announced()


@pytest.fixture
def own_file(project_root):
    """Return the file of the example."""
    return project_root / "config" / "models" / "dual_bandit.py"


def refused(result):
    """Return what a command told of a user's error: a message, no traceback."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    return result.stderr


def test_models_of_one_s_own_are_listed_from_their_file(run, own_file, tmp_path):
    output = run("models", "--file", own_file).output
    assert "two_rates: Delta rule with two learning rates" in output
    assert "collapsing: Diffusion with linearly collapsing bounds" in output
    assert "two_rates" not in run("models").output
    told = refused(run("models", "--file", tmp_path / "no.py"))
    assert "No such file" in told
    assert (
        run(
            "simulate",
            "collapsing",
            "-f",
            own_file,
            *COLLAPSING,
            "-o",
            tmp_path / "t.csv",
        ).exit_code
        == 0
    )
    assert "theta" in pd.read_csv(tmp_path / "t.csv")


RATES = ["-p", "rl_alpha=.3", "-p", "rl_alpha_neg=.2", "-p", "scaler=2", *COLLAPSING[2:]]


def test_a_learner_of_one_s_own_is_simulated_on_a_task(run, own_file, tmp_path):
    (tmp_path / "task.yaml").write_text("bandit: {means: [0.8, 0.2]}")
    options = ["-f", own_file, *RATES, "--trials", 12, "-o", tmp_path / "t.csv"]
    assert "give --task FILE" in refused(run("simulate", "dual_bandit", *options))
    result = run("simulate", "dual_bandit", *options, "--task", tmp_path / "task.yaml")
    assert result.exit_code == 0, result.output
    assert set(pd.read_csv(tmp_path / "t.csv")["feedback"]) <= {0.0, 1.0}


@pytest.fixture
def learned(tmp_path):
    """Trials of two participants, shuffled, with feedback and parameters."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame(
        {
            "participant_id": np.repeat(["x", "y"], 15),
            "trial_id": np.tile(np.arange(15), 2),
            "response": rng.choice([-1, 1], 30),
            "feedback": rng.random(30).round(2),
            "rl_alpha": np.repeat([0.2, 0.6], 15),
            "beta": 3.0,
        }
    ).sample(frac=1, random_state=1)
    path = tmp_path / "in.csv"
    frame.to_csv(path, index=False)
    return path, frame


LEARNER = """
from driftmill.models.extend import compose, find_model, find_process, register
model = find_model("softmax_inv_temperature_2")
register(compose(find_process("rescorla_wagner"), model, name="learner"))
"""


def test_loglik_of_a_learning_model_follows_each_participant(run, learned, tmp_path):
    path, frame = learned
    own = tmp_path / "own.py"
    own.write_text(LEARNER)
    out = tmp_path / "out.csv"
    result = run("loglik", "learner", path, "-f", own, "-o", out)
    assert result.exit_code == 0, result.output
    expected = np.empty(len(frame))
    for person in ("x", "y"):
        values = np.array([0.5, 0.5])
        rows = np.flatnonzero(frame["participant_id"] == person)
        for row in rows[np.argsort(frame["trial_id"].to_numpy()[rows])]:
            trial = frame.iloc[row]
            odds = 3.0 * (values[1] - values[0])
            expected[row] = -np.log1p(np.exp(-trial["response"] * odds))
            chosen = int(trial["response"] > 0)
            values[chosen] += trial["rl_alpha"] * (trial["feedback"] - values[chosen])
    np.testing.assert_allclose(pd.read_csv(out)["loglik"], expected, rtol=1e-10)
    frame.assign(rl_forget=0.3).to_csv(path, index=False)
    assert run("loglik", "learner", path, "-f", own, "-o", out).exit_code == 0
    assert not np.allclose(pd.read_csv(out)["loglik"], expected)
    frame.drop(columns="feedback").to_csv(path, index=False)
    assert "lacks the columns feedback" in refused(
        run("loglik", "learner", path, "-f", own, "-o", tmp_path / "no.csv")
    )


BLACK_BOX = """
from dataclasses import replace
import numpy as np
from driftmill.models.extend import find_model, register

def coin(response, beta, logit1):
    return -np.log1p(np.exp(-np.sign(response) * beta * logit1))

model = find_model("softmax_inv_temperature_2")
register(replace(model, name="box", likelihoods={"blackbox": coin}))
"""


def test_a_black_box_is_evaluated_and_simulated(run, tmp_path):
    own, trials, out = tmp_path / "own.py", tmp_path / "t.csv", tmp_path / "o.csv"
    own.write_text(BLACK_BOX)
    options = ["-p", "beta=2", "-p", "logit1=.5", "-f", own]
    assert run("simulate", "box", *options, "-o", trials).exit_code == 0
    assert run("loglik", "box", trials, "-f", own, "-o", out).exit_code == 0
    assert (
        run("loglik", "softmax_inv_temperature_2", trials, "-o", tmp_path / "r.csv").exit_code == 0
    )
    found, expected = (pd.read_csv(p)["loglik"] for p in (out, tmp_path / "r.csv"))
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_check_runs_the_protocol_on_models_of_one_s_own(run, tmp_path):
    own, study = tmp_path / "own.py", tmp_path / "mine.yaml"
    own.write_text(BLACK_BOX.replace("-np.log1p", "-0.5 * np.log1p"))
    study.write_text(yaml.safe_dump(STUDY | {"models": [str(own)]}))
    told = refused(run("check", study, "--trust"))
    assert f"{study}: models[0]" in told
    assert "model box: likelihood blackbox has a mass of" in told
    own.write_text(BLACK_BOX)
    result = run("check", study, "--trust")
    assert result.exit_code == 0, result.output
    assert f"{own}: box" in result.output

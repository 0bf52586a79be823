"""``driftmill predict`` for learners: one step ahead of new data, and let loose on a task."""

from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
import yaml

from driftmill.regression.columns import shape_of
from driftmill.simulation.simulate import simulate_datasets
from driftmill.store.provenance import provenance
from driftmill.store.tables import write_table
from driftmill.study.build import design_of, fit_spec_of
from driftmill.study.expand import expand
from driftmill.study.load import load_study
from tests.commands.conftest import DRAWS, Made, posterior

MODEL = {"learning": "rescorla_wagner", "decision": "softmax_inv_temperature_2"}
STUDY = {
    "study": "l",
    "seed": 4,
    "data": [
        {
            "name": "made",
            "model": MODEL,
            "formulas": ["rl_alpha ~ 1 + (1 | participant_id)"],
            "task": {"bandit": {"means": [0.8, 0.2]}},
            "truth": {
                "rl_alpha_Intercept": -0.5,
                "rl_alpha_1|participant_id_sigma": 0.3,
                "beta": 4,
            },
            "participants": 3,
            "trials": 12,
            "datasets": 2,
        }
    ],
    "fits": [
        {"name": "hier", "model": MODEL, "include": ["rl_alpha ~ 1 + (1 | participant_id)"]},
        {"name": "still", "model": "softmax_inv_temperature_2", "fixed": {"beta": 1}},
        {"name": "dose", "model": MODEL, "include": ["beta ~ 1 + trial_id"]},
    ],
}


@pytest.fixture
def made(tmp_path, write_posterior):
    file = tmp_path / "l.yaml"
    file.write_text(yaml.safe_dump(STUDY), encoding="utf-8")
    study = load_study(file)
    plan = expand(study, str(tmp_path / "results"))
    (batch,) = plan.batches
    trials, _ = simulate_datasets(design_of(study, "made"), batch.datasets)
    origin = provenance("l", "x", "trials", seed=4) | {"shape": asdict(shape_of(trials))}
    write_table(plan.paths.trials("made", batch.label), trials, "trials", origin)
    for fit in plan.fits:
        found, result, _ = posterior(fit_spec_of(study, "made", fit), trials, seed=3)
        path = plan.paths.posterior("made", fit, batch.label)
        write_posterior(study, path, {"posterior": found, "result": result})
    (tmp_path / "task.yaml").write_text("bandit: {means: [0.1, 0.9]}")
    return Made(tmp_path, file, {})


def table(made, *args):
    path = made.folder / "out.parquet"
    result = made.run("-o", path, *args)
    assert result.exit_code == 0, result.output + str(result.exception)
    return pd.read_parquet(path)


def own_trials(made):
    trials = pd.read_parquet(made.folder / "results/l/data/made/trials-0000.parquet")
    return trials[trials["dataset"] == 0].drop(columns="dataset")


def test_own_trials_as_new_ones_are_predicted_alike(made):
    inside = table(made, "--fit", "hier", "--draws", 6)
    own_trials(made).to_csv(made.folder / "own.csv", index=False)
    outside = table(made, "--fit", "hier", "--draws", 6, "--data", made.folder / "own.csv")
    pd.testing.assert_frame_equal(inside, outside, check_exact=True)


def test_what_is_missing_in_new_data_teaches_nothing(made):
    own = own_trials(made).astype({"response": "Int64"})
    own.loc[own.index[2], ["response", "feedback"]] = pd.NA
    own.to_csv(made.folder / "own.csv", index=False)
    frame = table(made, "--fit", "hier", "--data", made.folder / "own.csv")
    assert len(frame) == DRAWS * 36
    assert frame["response"].notna().all()
    own.drop(columns="feedback").to_csv(made.folder / "own.csv", index=False)
    told = made.refused("--fit", "hier", "--data", made.folder / "own.csv")
    assert "lacks the columns feedback" in told
    own.assign(response=3).to_csv(made.folder / "own.csv", index=False)
    told = made.refused("--fit", "hier", "--data", made.folder / "own.csv")
    assert "is not one of the choices -1, 1" in told


def test_participants_of_the_fit_begin_anew(made):
    task = made.folder / "task.yaml"
    frame = table(made, "--fit", "hier", "--task", task, "--draws", 10)
    assert list(frame) == ["draw", "row", "participant_id", "trial_id", "response", "feedback"]
    assert len(frame) == 10 * 36
    assert frame["participant_id"].unique().tolist() == ["0", "1", "2"]
    # The task pays the other option than that of the data.
    paid = frame.groupby("response")["feedback"].mean()
    assert paid[1] > 0.7 > 0.3 > paid[-1]
    again = table(made, "--fit", "hier", "--task", task, "--draws", 10)
    pd.testing.assert_frame_equal(frame, again, check_exact=True)
    short = table(made, "--fit", "hier", "--task", task, "--draws", 10, "--trials", 5)
    assert len(short) == 10 * 15


def test_new_participants_learn(made):
    args = ["--task", made.folder / "task.yaml", "--participants", 2, "--trials", 20]
    frame = table(made, "--fit", "hier", *args)
    assert len(frame) == DRAWS * 40
    assert frame["participant_id"].unique().tolist() == ["new0", "new1"]
    assert frame["trial_id"].max() == 19
    prior = table(made, "--fit", "hier", *args, "--prior", "--draws", 5)
    assert len(prior) == 5 * 40


def test_participants_of_a_file_learn(made):
    new = pd.DataFrame({"participant_id": ["1"] * 4 + ["x"] * 3})
    new.to_csv(made.folder / "new.csv", index=False)
    args = ["--fit", "hier", "--task", made.folder / "task.yaml"]
    frame = table(made, *args, "--data", made.folder / "new.csv", "--draws", 3)
    assert frame["participant_id"].tolist() == (["1"] * 4 + ["x"] * 3) * 3
    pd.DataFrame({"trial_id": range(4)}).to_csv(made.folder / "new.csv", index=False)
    told = made.refused(*args, "--data", made.folder / "new.csv")
    assert "lacks the columns participant_id" in told


@pytest.mark.parametrize(
    ("fit", "options", "words"),
    [
        ("hier", ["--participants", "2"], "learns from feedback: give --task FILE"),
        ("hier", ["--trials", "2"], "--trials goes with --task"),
        ("still", ["--task", "task.yaml"], "--task: softmax_inv_temperature_2 learns nothing"),
        ("still", ["--participants", "2"], "--participants is for learners"),
        ("hier", ["--task", "walk.yaml"], "which inputs does not supply; give a bandit"),
        ("hier", ["--task", "cues.yaml"], "does not say that values are kept for each"),
        ("hier", ["--task", "no.yaml"], "cannot be read"),
        ("hier", ["--task", "task.yaml", "--participants", "2", "--data", "x.csv"], "either"),
    ],
)
def test_options_that_do_not_go_together_are_told(made, monkeypatch, fit, options, words):
    monkeypatch.chdir(made.folder)
    (made.folder / "walk.yaml").write_text("inputs: {walk: 1}")
    (made.folder / "cues.yaml").write_text("bandit: {means: [[0.1, 0.9], [0.5, 0.5]]}")
    told = made.refused("--fit", fit, *options)
    assert words in " ".join(told.split())


def test_formulas_of_what_new_participants_have_are_evaluated(made):
    args = ["--fit", "dose", "--task", made.folder / "task.yaml", "--participants", 1]
    frame = table(made, *args, "--trials", 6, "--draws", 4)
    assert len(frame) == 4 * 6
    assert np.isin(frame["response"].dropna(), [-1, 1]).all()

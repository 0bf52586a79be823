import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml

from driftmill.store.headers import table_provenance
from driftmill.store.trees import read_tree
from driftmill.study.expand import expand
from driftmill.study.load import load_study
from tests.commands.conftest import DRAWS, raw_study


def table(made, *args, name="out.parquet"):
    """Run the command, and return what it wrote and what it said."""
    path = made.folder / name
    result = made.run("-o", path, *args)
    assert result.exit_code == 0, result.output + str(result.exception)
    return pd.read_parquet(path), result


def path_of(made, fit="hier", label="0000"):
    study = load_study(made.file)
    plan = expand(study, str(made.folder / "results"))
    return study, plan.paths.posterior("made", fit, label)


def test_posterior_predictive_data_of_the_datasets_own_trials(made):
    frame, result = table(made, "--fit", "hier", "--dataset", "2", "--draws", "8")
    assert "wrote 8 data sets, 320 rows" in result.output
    assert len(frame) == 8 * 40
    assert frame["draw"].nunique() == 8
    assert frame["draw"].between(0, DRAWS - 1).all()
    assert frame["participant_id"].tolist() == [str(p) for p in range(4) for _ in range(10)] * 8
    assert frame["response"].isin([-1, 1]).all()
    origin = table_provenance(made.folder / "out.parquet", "predictions")
    assert (origin["cell"], origin["fit"], origin["seed"]) == ("made", "hier", 4)


def test_choices_go_by_the_draws_of_that_dataset(made, write_posterior):
    study, path = path_of(made)
    tree = read_tree(path)
    groups = {name: tree[name].to_dataset() for name in ("posterior", "result")}
    for dataset, value in enumerate([-30.0, 30.0]):
        groups["posterior"]["logit1_Intercept"].loc[{"dataset": dataset}] = value
    write_posterior(study, path, groups)
    for dataset, expected in ((0, -1), (1, 1)):
        frame, _ = table(made, "--fit", "hier", "--dataset", str(dataset))
        assert (frame["response"] == expected).all()


def test_the_seed_decides_and_is_the_studys_when_not_given(made):
    first, _ = table(made, "--fit", "hier", "--draws", "5")
    second, _ = table(made, "--fit", "hier", "--draws", "5", "--seed", "4")
    other, _ = table(made, "--fit", "hier", "--draws", "5", "--seed", "5")
    pd.testing.assert_frame_equal(first, second, check_exact=True)
    assert not first.equals(other)


def test_old_trials_as_new_ones_are_predicted_alike(made):
    inside, _ = table(made, "--fit", "hier", "--draws", "6")
    trials = pd.read_parquet(made.folder / "results/s/data/made/trials-0000.parquet")
    own = trials[trials["dataset"] == 0].drop(columns=["response", "dataset"])
    own.to_csv(made.folder / "own.csv", index=False)
    outside, _ = table(made, "--fit", "hier", "--draws", "6", "--data", made.folder / "own.csv")
    pd.testing.assert_frame_equal(inside, outside, check_exact=True)


def test_new_participants_and_conditions(made):
    new = pd.DataFrame(
        {"participant_id": ["1", "new", "new"], "x": 0.5, "cond": ["hc", "lc", "hc"]}
    )
    new.to_csv(made.folder / "new.csv", index=False)
    frame, _ = table(made, "--fit", "hier", "--data", made.folder / "new.csv")
    assert frame["participant_id"].unique().tolist() == ["1", "new"]
    assert frame["trial_id"].isna().all()
    assert len(frame) == DRAWS * 3


def test_more_draws_than_there_are_is_told(made):
    frame, result = table(made, "--fit", "hier", "--draws", "99")
    assert "has 30 draws, fewer than 99" in result.stderr
    assert frame["draw"].nunique() == DRAWS


def test_priors_need_no_results(made):
    raw = raw_study()
    raw["fits"][0]["fixed"] = {}
    fresh = made.folder / "fresh.yaml"
    fresh.write_text(yaml.safe_dump(raw | {"study": "fresh"}))
    run = type(made)(made.folder, fresh, {})
    frame, _ = table(run, "--fit", "hier", "--prior", "--draws", "7")
    assert frame["draw"].tolist() == np.repeat(range(7), 40).tolist()
    assert not (made.folder / "results" / "fresh").exists()


def test_what_cannot_be_simulated_is_told(made):
    raw = raw_study()
    raw["data"] = [
        {
            "name": "rts",
            "model": "ddm",
            "truth": {"v": 1.0, "a": 0.8, "z": 0.5, "t": 0.3},
            "trials": 20,
            "datasets": 2,
        }
    ]
    prior = {"name": "Uniform", "lower": 0.0, "upper": 0.06}
    fixed = {"v": 1.0, "z": 0.5, "t": 0.3}
    raw["fits"] = [{"name": "f", "model": "ddm", "fixed": fixed, "priors": {"a": prior}}]
    file = made.folder / "rts.yaml"
    file.write_text(yaml.safe_dump(raw | {"study": "rts"}))
    frame, result = table(type(made)(made.folder, file, {}), "--prior", "--draws", "40")
    marked = int(frame["rt"].isna().sum())
    # Half the bounds are within two step sds of the start: 2 sqrt(0.001) = 0.063 = 2 a z.
    assert 20 * 5 < marked == int(frame["response"].isna().sum())
    assert f"{marked:,} of 800 trials have no prediction" in result.stderr


def test_names_that_are_not_there(made):
    assert "has no fit 'heir': did you mean 'hier'?" in made.refused("--fit", "heir")
    assert "say which fit by --fit: hier, flat" in made.refused()
    assert "has no cell 'c'" in made.refused("--cell", "c", "--fit", "hier")
    told = made.refused("--fit", "hier", "--dataset", "3")
    assert "cell made has no dataset 3; it has 0 to 2" in told


def test_a_posterior_that_is_not_there_says_how_to_make_it(made):
    _, path = path_of(made, label="0001")
    (made.folder / path).unlink()
    told = made.refused("--fit", "hier", "--dataset", "2")
    assert f"snakemake --cores 2 --config study={made.file} -- {path}" in told
    assert "--prior" in told
    assert made.run("--fit", "hier", "-o", made.folder / "ok.parquet").exit_code == 0


@pytest.mark.parametrize("code", ["numeric_failure", "not_converged"])
def test_a_failed_posterior_is_refused_or_told(made, write_posterior, code):
    study, path = path_of(made)
    tree = read_tree(path)
    groups = {name: tree[name].to_dataset() for name in ("posterior", "result")}
    groups["result"]["code"] = ("dataset", [code, "ok"])
    groups["result"]["message"] = ("dataset", ["it went wrong", ""])
    if code == "numeric_failure":
        groups["posterior"] = groups["posterior"].where(groups["posterior"]["dataset"] != 0)
        write_posterior(study, path, groups)
        told = made.refused("--fit", "hier")
        assert "failed (numeric_failure: it went wrong): it has no draws to predict from" in told
    else:
        write_posterior(study, path, groups)
        _, result = table(made, "--fit", "hier")
        assert "did not pass its gates (not_converged: it went wrong)" in result.stderr
    # The other dataset of the batch is none the worse.
    assert "note" not in table(made, "--fit", "hier", "--dataset", "1", "--draws", "9")[1].stderr


def test_a_study_that_has_changed_since_is_told(made):
    raw = raw_study()
    raw["report"] = {"title": "Another"}
    made.file.write_text(yaml.safe_dump(raw))
    assert "the study file has changed since" in table(made, "--fit", "hier")[1].stderr
    raw["fits"][0]["include"] = ["logit1 ~ 1 + x*cond + (1 | participant_id)"]
    made.file.write_text(yaml.safe_dump(raw))
    assert "run snakemake again" in made.refused("--fit", "hier")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        ({"x": [0.1], "cond": ["hc"]}, "lacks the columns participant_id, which fit hier needs"),
        ({"x": ["a"], "cond": ["hc"], "participant_id": ["0"]}, "column 'x' is not a number"),
        ({"x": [0.1], "cond": ["mc"], "participant_id": ["0"]}, "it knows hc, lc"),
        ({"x": [0.1], "cond": [""], "participant_id": ["0"]}, "column 'cond' is empty: row 1"),
        ({"x": [], "cond": [], "participant_id": []}, "has no rows"),
    ],
)
def test_new_trials_that_cannot_be_predicted(made, frame, message):
    path = made.folder / "new.csv"
    pd.DataFrame(frame).to_csv(path, index=False)
    told = made.refused("--fit", "hier", "--data", path)
    assert message in told
    assert str(path) in told


def test_predictions_are_parquet(made):
    result = made.run("--fit", "hier", "-o", made.folder / "out.csv")
    assert result.exit_code == 1
    assert "end in .parquet" in result.stderr


def test_ten_thousand_trials_by_a_thousand_draws_stay_under_two_gibibytes(made):
    trials = pd.read_parquet(made.folder / "results/s/data/made/trials-0000.parquet")
    many = pd.concat([trials[["participant_id", "x", "cond"]]] * 125)
    assert len(many) == 10_000
    many.to_parquet(made.folder / "many.parquet")
    # Not getrusage's figure, which begins with that of the process that started this one.
    program = (
        "import re, sys, pathlib; from driftmill.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "finally: print(re.search(r'VmHWM:\\s+(\\d+)', "
        "pathlib.Path('/proc/self/status').read_text())[1])"
    )
    given = ["predict", made.file, "--fit", "hier", "--prior", "--draws", 1_000]
    given += ["--data", made.folder / "many.parquet", "--results", made.folder / "results"]
    given += ["-o", made.folder / "out.parquet"]
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, given)], capture_output=True, text=True
    )
    assert "wrote 1,000 data sets, 10,000,000 rows" in done.stdout, done.stderr
    # Kibibytes, the whole process with all its imports counted.
    assert int(done.stdout.split()[-1]) < 2 * 2**20


def test_a_fit_knows_its_cells(made):
    raw = raw_study()
    raw["data"].append(raw["data"][0] | {"name": "other"})
    raw["fits"][0]["cells"] = ["made"]
    made.file.write_text(yaml.safe_dump(raw))
    frame, _ = table(made, "--fit", "hier", "--draws", "2")
    assert len(frame) == 2 * 40
    told = made.refused("--fit", "hier", "--cell", "other")
    assert "fit hier is applied to made, not to cell other" in told
    assert "say which cell by --cell: made, other" in made.refused("--fit", raw["fits"][1]["name"])

"""Trials by `driftmill simulate`."""

import pandas as pd
import pytest

from tests.commands.calling import DDM, given, refused, run


def test_a_seed_gives_the_same_trials(tmp_path):
    contents = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        path = tmp_path / f"{name}.csv"
        run("simulate", "ddm", *DDM, "--trials", 20, "--seed", seed, "-o", path)
        contents.append(path.read_text())
    assert contents[0] == contents[1] != contents[2]


def test_choices_are_simulated_without_rt(tmp_path):
    path = tmp_path / "t.csv"
    options = ["-p", "beta=2", "-p", "logit1=.5", "-o", path]
    assert run("simulate", "softmax_inv_temperature_2", *options).exit_code == 0
    frame = pd.read_csv(path)
    assert list(frame) == ["trial_id", "response", "beta", "logit1"]
    assert set(frame["response"]) <= {-1, 1}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["-p", "v=.5"], "needs values of a, z, t too: --param a=..."),
        ([*DDM, "-p", "aa=1"], "did you mean 'a'?"),
        ([*DDM[:-1], "t=fast"], "--param t=fast: write NAME=VALUE"),
        ([*DDM, "-p", "v=1"], "v is given twice"),
        ([*DDM[:-1], "t=-1"], "outside its support"),
    ],
)
def test_simulate_refuses_what_cannot_be(tmp_path, options, words):
    told = refused(run("simulate", "ddm", *options, "-o", tmp_path / "t.csv"))
    assert words in told
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending_is_refused_before_the_work(tmp_path):
    told = refused(run("simulate", "ddm", *DDM, "-o", tmp_path / "t.xlsx"))
    assert ".csv" in told


def test_a_parameter_that_is_held_need_not_be_given(tmp_path):
    said = given({"A": 0.3, "b": 0.5, "v0": 0.8, "v1": 0.6})
    result = run("simulate", "lba2", *said, "--trials", "5", "-o", str(tmp_path / "x.csv"))
    assert result.exit_code == 0, result.output
    assert pd.read_csv(tmp_path / "x.csv")["t"].tolist() == [0.0] * 5

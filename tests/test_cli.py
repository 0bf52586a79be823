import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml
from typer.testing import CliRunner

from driftmill import __version__
from driftmill.cli import app
from driftmill.models import CATALOGUE
from driftmill.models.registry import all_couplings, all_processes, find_process
from driftmill.study.schema import schema_text

STUDY = {
    "data": [
        {
            "name": "c",
            "model": "ddm",
            "truth": {"v": 0.5, "a": 1.2, "z": 0.5, "t": 0.3},
            "trials": 20,
            "datasets": 130,
        }
    ],
    "fits": [{"name": "full", "model": "ddm"}, {"name": "half", "model": "ddm"}],
}
DDM = ["-p", "v=.5", "-p", "a=1.5", "-p", "z=.5", "-p", "t=.3"]


@pytest.fixture
def run():
    return lambda *args: CliRunner().invoke(app, [str(arg) for arg in args])


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(STUDY))
    return path


def refused(result):
    """Return what a command told of a user's error: a message, no traceback."""
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.output
    return result.stderr


def test_help_is_quick_and_names_all_commands():
    code = (
        "import sys; from driftmill.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: print([m for m in ('jax', 'pandas', 'pymc') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
    for command in (
        "check",
        "plan",
        "models",
        "loglik",
        "simulate",
        "predict",
        "schema",
        "compare-studies",
    ):
        assert command in done.stdout


@pytest.mark.parametrize(
    "command",
    ["check", "plan", "models", "loglik", "simulate", "predict", "schema", "compare-studies"],
)
def test_every_option_and_argument_has_a_help_text(run, command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert len(result.output.split()) > 20


def test_version(run):
    assert run("--version").output.strip() == f"driftmill {__version__}"


def test_check_passes_a_good_study(run, study):
    result = run("check", study)
    assert result.exit_code == 0, result.output
    assert f"{study}: no problems found" in result.output
    assert "simulated by ddm" in result.output
    assert "2,600" in result.output


def test_check_finds_studies_by_name(run, project_root, monkeypatch):
    monkeypatch.chdir(project_root)
    assert run("check", "demo").exit_code == 0
    assert "did you mean 'demo'?" in refused(run("check", "dmeo"))


def test_check_tells_all_problems(run, study):
    raw = STUDY | {"sede": 3, "fits": [{"name": "f", "model": "dmd"}]}
    study.write_text(yaml.safe_dump(raw))
    told = refused(run("check", study))
    assert "The study has 2 problems:" in told
    assert f"{study}: sede" in told
    assert f"{study}: fits[0].model" in told
    assert "did you mean 'ddm'?" in told


def test_check_counts_what_filters_leave_out(run, study, tmp_path):
    rt = np.linspace(0.05, 1.0, 20)
    pd.DataFrame({"rt": rt, "response": np.tile([-1, 1], 10)}).to_csv(
        tmp_path / "d.csv", index=False
    )
    cell = {"name": "o", "path": str(tmp_path / "d.csv"), "rt_min": 0.2}
    study.write_text(yaml.safe_dump(STUDY | {"data": [cell]}))
    result = run("check", study)
    assert result.exit_code == 0, result.output
    (row,) = [line for line in result.output.splitlines() if "d.csv" in line or "│ o" in line][:1]
    left_out = int((rt < 0.2).sum())
    assert row.split("│")[3:6] == [" 1        ", f" {20 - left_out}     ", f" {left_out}        "]


def test_plan_counts_batches_and_jobs(run, study):
    result = run("plan", study, "--cores", 4)
    assert result.exit_code == 0, result.output
    cells = {
        words[0]: words[1:]
        for line in result.output.splitlines()
        if len(words := [w.strip() for w in line.strip("│ ").split("│")]) > 2
    }
    assert cells["c"] == ["simulated by ddm", "130", "2,600", "3"]
    assert cells["fit"][0] == "6"
    assert cells["full"][:2] == ["ddm", "4"]
    assert "on 4 cores" in result.output
    assert "of disk under results/mine/" in result.output


def test_plan_refuses_a_bad_study(run, study):
    study.write_text(yaml.safe_dump(STUDY | {"seed": "x"}))
    assert "seed" in refused(run("plan", study))


def test_models_lists_parameters_supports_and_priors(run):
    result = run("models")
    assert result.exit_code == 0
    for model in CATALOGUE.values():
        assert model.name in result.output
        for parameter in model.parameters:
            assert parameter.support in result.output
            assert str(parameter.prior) in result.output


def test_one_model_is_shown_with_its_source(run):
    result = run("models", "angle")
    assert "theta" in result.output
    assert CATALOGUE["angle"].reference in result.output
    assert "softmax" not in result.output
    assert "did you mean 'angle'?" in refused(run("models", "angel"))


def test_a_parameter_that_is_held_need_not_be_given(run, tmp_path):
    given = [word for pair in ("A=0.3", "b=0.5", "v0=0.8", "v1=0.6") for word in ("-p", pair)]
    result = run("simulate", "lba2", *given, "--trials", "5", "-o", str(tmp_path / "x.csv"))
    assert result.exit_code == 0, result.output
    assert pd.read_csv(tmp_path / "x.csv")["t"].tolist() == [0.0] * 5


def test_models_lists_processes_couplings_and_compositions(run):
    output = run("models").output
    for process in all_processes().values():
        assert f"{process.name}: {process.title}" in output
    for coupling in all_couplings():
        assert coupling in output
    assert "Holds rl_q0 at 0.5, rl_forget at 0" in output
    (row,) = [line for line in output.splitlines() if line.startswith("│ rlssm2 ")]
    cells = [cell.strip() for cell in row.split("│")]
    assert cells[1:5] == ["rlssm2", "rescorla_wagner_dual", "angle", "values_to_drift"]


def test_one_process_coupling_or_composition_is_shown(run):
    process = run("models", "rescorla_wagner").output
    assert find_process("rescorla_wagner").reference in process
    assert "held at" in process
    assert "rl_forget" in process
    assert "ddm" not in process
    assert "v of ddm; v of ddm_sdv" in run("models", "values_to_drift").output
    composition = run("models", "rlssm2").output
    assert "values_to_drift" in composition
    assert "rl_stickiness" in composition
    assert "did you mean 'rescorla_wagner'?" in refused(run("models", "rescorla_wagnr"))


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_simulated_trials_go_straight_to_loglik(run, tmp_path, suffix):
    trials, out = tmp_path / f"t.{suffix}", tmp_path / f"o.{suffix}"
    assert run("simulate", "ddm", *DDM, "--trials", 30, "--seed", 4, "-o", trials).exit_code == 0
    result = run("loglik", "ddm", trials, "-o", out)
    assert result.exit_code == 0, result.output
    frame = (
        pd.read_parquet(out) if suffix == "parquet" else pd.read_csv(out, sep=None, engine="python")
    )
    assert list(frame) == ["trial_id", "rt", "response", "v", "a", "z", "t", "loglik"]
    expected = CATALOGUE["ddm"].likelihoods["analytical"](
        *(frame[name].to_numpy() for name in ("rt", "response", "v", "a", "z", "t"))
    )
    np.testing.assert_array_equal(frame["loglik"], np.asarray(expected))


def test_a_seed_gives_the_same_trials(run, tmp_path):
    contents = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        path = tmp_path / f"{name}.csv"
        run("simulate", "ddm", *DDM, "--trials", 20, "--seed", seed, "-o", path)
        contents.append(path.read_text())
    assert contents[0] == contents[1] != contents[2]


def test_choices_are_simulated_without_rt(run, tmp_path):
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
def test_simulate_refuses_what_cannot_be(run, tmp_path, options, words):
    told = refused(run("simulate", "ddm", *options, "-o", tmp_path / "t.csv"))
    assert words in told
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_ending_is_refused_before_the_work(run, tmp_path):
    told = refused(run("simulate", "ddm", *DDM, "-o", tmp_path / "t.xlsx"))
    assert ".csv" in told


RATES = {"rl_alpha": 0.3, "rl_alpha_neg": 0.15, "scaler": 2.5, "z": 0.5, "t": 0.3}
RLDDM = "rescorla_wagner_dual+ddm"


def given(values):
    return [word for name, value in values.items() for word in ("-p", f"{name}={value}")]


@pytest.fixture
def pairs(tmp_path):
    """Return the file of a task with two cues in two blocks."""
    path = tmp_path / "task.yaml"
    path.write_text("bandit: {means: [[0.8, 0.2], [0.3, 0.7]], blocks: 2}")
    return path


def test_simulated_learners_go_straight_to_loglik(run, tmp_path, pairs):
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


def test_a_task_may_stand_as_in_a_study(run, tmp_path, pairs):
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
def test_learners_that_cannot_be_are_told(run, tmp_path, model, task, words):
    path = tmp_path / "task.yaml"
    if task is not None:
        path.write_text(task)
    values = {"v": 0.5, "a": 1.1, "z": 0.5, "t": 0.3} if model == "ddm" else RATES | {"a": 1.1}
    more = [] if task is None else ["--task", path]
    out = tmp_path / "t.csv"
    told = refused(run("simulate", model, *given(values), *more, "--trials", 40, "-o", out))
    assert words in " ".join(told.split())
    assert not out.exists()


def test_a_task_that_is_not_there_is_told(run, tmp_path):
    options = [*given(RATES | {"a": 1.1}), "--task", tmp_path / "no.yaml", "-o", "t.csv"]
    assert "no.yaml" in refused(run("simulate", RLDDM, *options))


@pytest.fixture
def table(tmp_path):
    def write(**columns):
        frame = pd.DataFrame({"rt": [0.5, 0.6, 0.7], "response": [1, -1, 1]})
        frame = frame.assign(v=0.5, a=1.0, z=0.5, t=0.2).astype("object").assign(**columns)
        path = tmp_path / "in.csv"
        frame.drop(columns=[name for name in frame if frame[name].isna().all()]).to_csv(
            path, index=False
        )
        return path

    return write


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"a": None}, "lacks the columns a; it has rt, response, v, z, t"),
        ({"rt": [0.5, "slow", 0.7]}, "column 'rt' is not a number: row 2: slow"),
        ({"rt": [0.5, 0.6, ""]}, "column 'rt' is not a number: row 3"),
        ({"response": [1, 0, 1]}, "column 'response' is not one of the choices -1, 1 of ddm"),
        ({"z": [0.5, 0.5, 1.5]}, "column 'z' lies outside the support (0, 1): row 3: 1.5"),
    ],
)
def test_loglik_names_row_and_column(run, table, tmp_path, columns, words):
    told = refused(run("loglik", "ddm", table(**columns), "-o", tmp_path / "out.csv"))
    assert words in told
    assert not (tmp_path / "out.csv").exists()


def test_loglik_keeps_other_columns_as_they_are(run, table, tmp_path):
    path = table(note=["x", "007", "1.10"])
    assert run("loglik", "ddm", path, "-o", tmp_path / "out.csv").exit_code == 0
    before, after = (pd.read_csv(p, dtype=str) for p in (path, tmp_path / "out.csv"))
    pd.testing.assert_frame_equal(after.drop(columns="loglik"), before)


def test_loglik_agrees_with_the_reference_values(run, project_root, tmp_path):
    reference = pd.read_parquet(project_root / "tests" / "reference" / "likelihoods.parquet")
    chosen = reference[reference["model"] == "ddm"].reset_index(drop=True)
    parameters = pd.DataFrame([json.loads(p) for p in chosen["params"]])
    pd.concat([chosen[["rt", "response"]], parameters], axis=1).to_parquet(tmp_path / "in.parquet")
    assert run("loglik", "ddm", tmp_path / "in.parquet", "-o", tmp_path / "out.csv").exit_code == 0
    found = pd.read_csv(tmp_path / "out.csv")["loglik"].to_numpy()
    np.testing.assert_allclose(found, chosen["loglik"], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dmd", "in.csv"], "did you mean 'ddm'?"),
        (["ddm", "no.csv"], "there is no such file"),
        (["ddm", "in.csv", "--likelihood", "analytic"], "did you mean 'analytical'?"),
    ],
)
def test_loglik_refuses_unknown_things(run, table, tmp_path, monkeypatch, arguments, words):
    table()
    monkeypatch.chdir(tmp_path)
    assert words in refused(run("loglik", *arguments, "-o", "out.csv"))


def test_an_output_that_cannot_be_written_is_told(run, table, tmp_path):
    (tmp_path / "folder").write_text("a file")
    told = refused(run("loglik", "ddm", table(), "-o", tmp_path / "folder" / "out.csv"))
    assert "cannot write" in told


def test_schema_prints_or_writes_the_schema(run, tmp_path):
    assert run("schema").output == schema_text()
    assert run("schema", "-o", tmp_path / "s.json").exit_code == 0
    assert (tmp_path / "s.json").read_text() == schema_text()

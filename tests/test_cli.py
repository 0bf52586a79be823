import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml

from driftmill import __version__
from driftmill.study.schema import schema_text
from tests.commands.calling import refused, run

COMMANDS = (
    "check",
    "plan",
    "status",
    "models",
    "loglik",
    "simulate",
    "predict",
    "schema",
    "compare-studies",
)
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


@pytest.fixture
def study(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(STUDY))
    return path


def test_help_is_quick_and_names_all_commands():
    code = (
        "import sys; from driftmill.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: print([m for m in ('jax', 'pandas', 'pymc') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.rstrip().endswith("[]")
    for command in COMMANDS:
        assert command in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_and_argument_has_a_help_text(command):
    result = run(command, "--help")
    assert result.exit_code == 0
    assert len(result.output.split()) > 20


def test_version():
    assert run("--version").output.strip() == f"driftmill {__version__}"


def test_check_passes_a_good_study(study):
    result = run("check", study)
    assert result.exit_code == 0, result.output
    assert f"{study}: no problems found" in result.output
    assert "simulated by ddm" in result.output
    assert "2,600" in result.output


def test_check_finds_studies_by_name(project_root, monkeypatch):
    monkeypatch.chdir(project_root)
    assert run("check", "demo").exit_code == 0
    assert "did you mean 'demo'?" in refused(run("check", "dmeo"))


def test_check_tells_all_problems(study):
    raw = STUDY | {"sede": 3, "fits": [{"name": "f", "model": "dmd"}]}
    study.write_text(yaml.safe_dump(raw))
    told = refused(run("check", study))
    assert "The study has 2 problems:" in told
    assert f"{study}: sede" in told
    assert f"{study}: fits[0].model" in told
    assert "did you mean 'ddm'?" in told


def test_check_counts_what_filters_leave_out(study, tmp_path):
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


def test_plan_counts_batches_and_jobs(study):
    study.write_text(yaml.safe_dump(STUDY | {"batch_size": 64}))
    result = run("plan", study, "--cores", 4)
    assert result.exit_code == 0, result.output
    cells = {
        words[0]: words[1:]
        for line in result.output.splitlines()
        if len(words := [w.strip() for w in line.strip("│ ").split("│")]) > 2
    }
    assert cells["c"] == ["simulated by ddm", "130", "2,600", "3", "64"]
    assert cells["fit"][0] == "6"
    assert cells["full"][:2] == ["ddm", "4"]
    assert "on 4 cores" in result.output
    assert "of disk under results/mine/" in result.output


def test_plan_says_why_batches_are_as_large_as_they_are(study):
    result = run("plan", study)
    assert "batches of cell c: 2,048 datasets; full takes about 0.1 s a dataset" in result.output


def test_plan_refuses_a_bad_study(study):
    study.write_text(yaml.safe_dump(STUDY | {"seed": "x"}))
    assert "seed" in refused(run("plan", study))


def test_schema_prints_or_writes_the_schema(tmp_path):
    assert run("schema").output == schema_text()
    assert run("schema", "-o", tmp_path / "s.json").exit_code == 0
    assert (tmp_path / "s.json").read_text() == schema_text()

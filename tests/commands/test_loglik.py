"""Log densities of trials by `driftmill loglik`."""

import json

import numpy as np
import pandas as pd
import pytest

from driftmill.models import CATALOGUE
from tests.commands.calling import DDM, refused, run


@pytest.mark.parametrize("suffix", ["csv", "tsv", "parquet"])
def test_simulated_trials_go_straight_to_loglik(tmp_path, suffix):
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
def test_loglik_names_row_and_column(table, tmp_path, columns, words):
    told = refused(run("loglik", "ddm", table(**columns), "-o", tmp_path / "out.csv"))
    assert words in told
    assert not (tmp_path / "out.csv").exists()


def test_loglik_keeps_other_columns_as_they_are(table, tmp_path):
    path = table(note=["x", "007", "1.10"])
    assert run("loglik", "ddm", path, "-o", tmp_path / "out.csv").exit_code == 0
    before, after = (pd.read_csv(p, dtype=str) for p in (path, tmp_path / "out.csv"))
    pd.testing.assert_frame_equal(after.drop(columns="loglik"), before)


def test_loglik_agrees_with_the_reference_values(project_root, tmp_path):
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
def test_loglik_refuses_unknown_things(table, tmp_path, monkeypatch, arguments, words):
    table()
    monkeypatch.chdir(tmp_path)
    assert words in refused(run("loglik", *arguments, "-o", "out.csv"))


def test_an_output_that_cannot_be_written_is_told(table, tmp_path):
    (tmp_path / "folder").write_text("a file")
    told = refused(run("loglik", "ddm", table(), "-o", tmp_path / "folder" / "out.csv"))
    assert "cannot write" in told

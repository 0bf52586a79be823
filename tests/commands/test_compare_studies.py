"""Two finished studies held against each other, by the command and by loops over the same rows."""

import json

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from driftmill.cli import app
from driftmill.study.inputs_apart import Input, inputs_apart
from driftmill.study.numbers_apart import numbers_apart
from driftmill.study.results import NoResultsError, open_results

STUDY = {
    "study": "one",
    "seed": 3,
    "data": [{"name": "c", "model": "ddm", "truth": {"v": 0.5}, "trials": 100}],
    "fits": [
        {"name": "f", "model": "ddm", "priors": {"v": {"name": "Normal", "args": {"sigma": 2.0}}}},
        {"name": "g", "model": "angle", "priors": {}},
    ],
    "sampling": {"draws": 1000, "gates": {"r_hat": 1.01}},
}
N = 12


def write(folder, study=STUDY, shift=0.0, data=1, codes=("ok",) * N, versions=None):
    """Write the results of a study; estimates lie ``shift`` above those of another."""
    rng = np.random.default_rng(data)
    truth = rng.normal(size=N)
    mean = truth + rng.normal(0, 0.2, N) + shift
    rows = {"cell": "c", "fit": "f", "dataset": np.arange(N), "code": list(codes)}
    estimates = pd.DataFrame(
        rows
        | {"parameter": "v", "level": "dataset", "matched": True, "participant_id": None}
        | {"truth": truth, "mean": mean, "contraction": 0.9 - shift / 10}
        | {"lower_90": mean - 0.3, "upper_90": mean + 0.3}
    )
    gates = pd.DataFrame(rows | {"rung": np.arange(N) % 4 // 3})
    trials = pd.DataFrame({"dataset": np.arange(N), "rt": rng.random(N)})
    fits = [gates.assign(fit=fit, elpd=-100.0 + k + mean) for k, fit in enumerate("fg")]
    pairs = gates.assign(fit_1="f", fit_2="g", elpd_diff=5.0 + shift, dse=2.0)
    confusion = pd.DataFrame(
        {"cell": "c", "subset": ["all", "passed"], "verdict": "f", "total": N}
        | {"n": 9, "proportion": 0.75, "criterion": "elpd_diff"}
    )
    tables = {
        "recovery/c/f/estimates": estimates,
        "recovery/c/f/gates": gates,
        "data/c/trials-0000": trials,
        "comparison/c/comparison": pd.concat(fits),
        "comparison/c/pairs": pairs,
        "comparison/confusion": confusion,
    }
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(path)
    (folder / "fits" / "c" / "f").mkdir(parents=True)
    (folder / "fits" / "c" / "f" / "model.txt").write_text(f"a fit\n  v ~ {study['seed']}\nend\n")
    said = {"study": study["study"], "study_hash": "0", "seed": study["seed"], "file": study}
    said["versions"] = {"jax": "0.12"} if versions is None else versions
    (folder / "provenance.json").write_text(json.dumps(said))
    return folder


@pytest.fixture
def pair(tmp_path):
    """Return a function that writes two studies, the second with changes."""

    def make(**changes):
        return write(tmp_path / "a"), write(tmp_path / "b", **changes)

    return make


def run(*args):
    return CliRunner().invoke(app, ["compare-studies", *map(str, args)])


def opened(folders):
    return [open_results(str(folder)) for folder in folders]


def number_of(numbers, quantity, **keys):
    found = [n for n in numbers if n.quantity == quantity]
    found = [n for n in found if all(getattr(n, k) == value for k, value in keys.items())]
    (number,) = found
    return number


def test_a_study_is_like_itself(pair):
    folders = pair()
    assert inputs_apart(*opened(folders)) == []
    assert not any(number.differs for number in numbers_apart(*opened(folders)))
    told = run(*folders).stdout
    assert "the inputs are the same" in told
    assert "0 differ clearly" in told


def test_inputs_are_told_field_by_field(pair):
    prior = {"v": {"name": "Normal", "args": {"sigma": 1.0}}, "a": 2.5}
    study = STUDY | {
        "seed": 4,
        "fits": [STUDY["fits"][0] | {"priors": prior}],
        "sampling": STUDY["sampling"] | {"draws": 500},
    }
    found = inputs_apart(*opened(pair(study=study, versions={"jax": "0.13", "pymc": "6"})))
    assert Input("fits.f.priors.v.args.sigma", "2", "1") in found
    assert Input("fits.f.priors.a", "-", "2.5") in found
    assert Input("fits.g", "{model: angle}", "-") in found
    assert Input("sampling.draws", "1000", "500") in found
    assert Input("versions.jax", "0.12", "0.13") in found
    assert Input("versions.pymc", "-", "6") in found
    assert Input("fits.c.f", "a fit: v ~ 3", "a fit: v ~ 4") in found
    assert [row.what for row in found].count("seed") == 2
    assert not [row for row in found if row.what.startswith("data")]


def test_numbers_of_the_same_data_are_paired(pair):
    folders = pair(shift=0.1)
    numbers = numbers_apart(*opened(folders))
    bias = number_of(numbers, "bias")
    assert bias.paired
    assert bias.change == pytest.approx(0.1)
    # Every error is larger by the same amount: the change is known exactly.
    assert bias.error == pytest.approx(0, abs=1e-12)
    one, two = (pd.read_parquet(f / "recovery/c/f/estimates.parquet") for f in folders)
    errors = [(table["mean"] - table["truth"]).to_numpy() for table in (one, two)]
    rmse = number_of(numbers, "rmse")
    assert rmse.a == pytest.approx(np.sqrt(np.mean(errors[0] ** 2)))
    resampled = np.random.default_rng(1).integers(0, N, (4000, N))
    apart = [np.sqrt((e[resampled] ** 2).mean(axis=1)) for e in errors]
    assert rmse.error == pytest.approx((apart[1] - apart[0]).std(), rel=0.2)
    assert number_of(numbers, "contraction").change == pytest.approx(-0.01)
    held = [np.mean(np.abs(e) <= 0.3) for e in errors]
    coverage = number_of(numbers, "coverage_90")
    assert (coverage.a, coverage.b) == pytest.approx(tuple(held))
    elpd = number_of(numbers, "elpd", fit="g")
    assert elpd.of == f"{N} datasets"
    assert elpd.change == pytest.approx(0.1 * N)


def test_numbers_of_other_data_are_not(pair):
    folders = pair(data=2)
    numbers = numbers_apart(*opened(folders))
    bias = number_of(numbers, "bias")
    tables = [pd.read_parquet(f / "recovery/c/f/estimates.parquet") for f in folders]
    errors = [(table["mean"] - table["truth"]).to_numpy() for table in tables]
    assert not bias.paired
    assert bias.error == pytest.approx(np.sqrt(sum(e.var(ddof=1) / N for e in errors)))
    assert not [number for number in numbers if number.quantity == "elpd"]
    assert number_of(numbers, "elpd_diff").error == pytest.approx(np.sqrt(2 * N * 4))


def test_gates_and_shares_are_counted(pair):
    codes = ("not_converged",) * 2 + ("ok",) * (N - 2)
    numbers = numbers_apart(*opened(pair(codes=codes)))
    assert number_of(numbers, "failed").b == 2
    assert number_of(numbers, "failed").clear
    assert number_of(numbers, "retried").a == 3
    share = number_of(numbers, "share by elpd_diff")
    assert (share.a, share.of, share.differs) == (0.75, "f named", False)


def test_json_has_every_number_and_null_for_what_is_unknown(pair):
    folders = pair(shift=0.1)
    told = json.loads(run(*folders, "--json").stdout)
    assert told["a"]["study"] == "one"
    assert told["inputs"] == []
    (failed,) = [row for row in told["numbers"] if row["quantity"] == "failed"]
    assert failed["error"] is None
    (bias,) = [row for row in told["numbers"] if row["quantity"] == "bias"]
    assert bias["change"] == pytest.approx(0.1)
    assert bias["clear"]
    assert "NaN" not in run(*folders, "--json").stdout


def test_only_clear_changes_are_printed_unless_all_are_wanted(pair):
    folders = pair(shift=0.1)
    assert "bias" in run(*folders).stdout
    assert "posteriors" not in run(*folders).stdout
    assert "posteriors" in run(*folders, "--all").stdout


def test_a_study_is_found_by_its_name(pair, tmp_path):
    pair()
    assert run("a", "b", "--results", tmp_path).exit_code == 0


def test_folders_that_hold_no_study_are_told(pair, tmp_path):
    first, _ = pair()
    told = run(first, "nowhere", "--results", tmp_path)
    assert told.exit_code == 1
    assert f"there is no folder nowhere nor {tmp_path}/nowhere" in told.stderr
    assert "there are a, b" in told.stderr
    (tmp_path / "half").mkdir()
    told = run(first, tmp_path / "half")
    assert told.exit_code == 1
    assert "holds no provenance.json, so no finished study" in told.stderr


def test_tables_that_cannot_be_read_are_told(pair):
    first, second = pair()
    file = second / "recovery" / "c" / "f" / "gates.parquet"
    pd.read_parquet(file).drop(columns="rung").to_parquet(file)
    told = run(first, second)
    assert told.exit_code == 1
    assert f"{file} has no column 'rung'" in told.stderr
    file.write_text("not a table")
    assert f"{file} cannot be read" in run(first, second).stderr
    (second / "provenance.json").write_text("{")
    with pytest.raises(NoResultsError, match="cannot be read"):
        open_results(str(second))


def test_results_without_the_study_in_them_say_so(pair):
    first, second = pair()
    said = json.loads((second / "provenance.json").read_text())
    del said["file"]
    (second / "provenance.json").write_text(json.dumps(said))
    (row,) = inputs_apart(*opened((first, second)))
    assert row.what == "study file"
    assert str(second) in row.a

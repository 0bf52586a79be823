"""Studies that try to run code, or to write where they must not: refused before any job."""

import copy
from pathlib import Path

import pytest

from driftmill.study.artifacts import artifacts
from driftmill.study.examine import examine
from driftmill.study.expand import expand
from driftmill.study.load import find_study, load_study
from driftmill.study.problems import StudyErrors
from driftmill.study.safe_paths import results_of

CALL = "__import__('pathlib').Path('{file}').touch()"
SAVE = "np.save('{file}', x)"
LEVEL = "np.mean.__wrapped__.__globals__.get['a']('{file}')"


def place(study, path, value):
    """Put a value at a place such as ``data.0.truth.v``."""
    *steps, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    for step in steps:
        study = study.setdefault(step, {}) if isinstance(study, dict) else study[step]
    study[last] = value


def filled(value, file):
    """Write the name of the file into all texts."""
    if isinstance(value, dict):
        return {filled(k, file): filled(v, file) for k, v in value.items()}
    if isinstance(value, list):
        return [filled(item, file) for item in value]
    return value.replace("{file}", file) if isinstance(value, str) else value


def told(path, where):
    """Return the problems of a study, each of which has to say what to do."""
    with pytest.raises(StudyErrors) as caught:
        examine(path)
    fields = [problem.field for problem in caught.value.problems]
    assert any(field.startswith(where) for field in fields), caught.value
    assert all(problem.remedy for problem in caught.value.problems)
    return caught.value.problems


@pytest.mark.parametrize("hostile", [CALL, SAVE, LEVEL, f"{{{SAVE}}}", f"(1 + {SAVE} | x)"])
@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("fits.0.include", ["v ~ 1 + HOSTILE"], "fits[0].include[0]"),
        ("fits.0.include", [{"name": "v", "formula": "1 + HOSTILE"}], "fits[0].include[0]"),
        ("fits.0.global_formula", "y ~ 1 + HOSTILE", "fits[0].global_formula"),
        ("fits.0.p_outlier", "1 + HOSTILE", "fits[0].p_outlier"),
        ("fits.0.p_outlier", {"formula": "1 + HOSTILE"}, "fits[0].p_outlier"),
        ("data.0.formulas", ["v ~ 1 + HOSTILE"], "data[0].formulas[0]"),
    ],
)
def test_a_formula_runs_nothing_wherever_it_stands(
    raw, write, tmp_path, path, value, where, hostile
):
    file = tmp_path / "written.npy"
    text = hostile.replace("{file}", str(file))

    def spoilt(item):
        if isinstance(item, list):
            return [spoilt(each) for each in item]
        if isinstance(item, dict):
            return {key: spoilt(each) for key, each in item.items()}
        return item.replace("HOSTILE", text)

    raw["data"][0]["covariates"] = {"x": {"name": "Normal", "mu": 0, "sigma": 1}}
    place(raw, path, spoilt(value))
    told(write(raw), where)
    assert not file.exists()


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("data.0.truth.v", CALL, "data[0].truth"),
        ("data.0.truth.v", {"grid": [CALL]}, "data[0].truth.v"),
        ("data.0.truth.v", {"name": "Normal", "mu": CALL, "sigma": 1}, "data[0].truth.v"),
        ("data.0.truth.v", {"name": CALL}, "data[0].truth.v"),
        ("data.0.truth.v", {"name": "CustomDist", "dist": CALL}, "data[0].truth.v"),
        ("data.0.truth.v", {"name": "__class__", "mu": 0}, "data[0].truth.v"),
        ("data.0.truth.v", {"name": "sampling.jax"}, "data[0].truth.v"),
        ("data.0.model", CALL, "data[0].model"),
        ("data.0.model", "../../ddm", "data[0].model"),
        ("data.0.model", {"learning": CALL, "decision": "ddm"}, "data[0].model"),
        ("data.0.trials", CALL, "data[0].trials"),
        ("data.0.covariates", {"x": {"name": CALL}}, "data[0].covariates.x"),
        ("data.0.covariates", {"x": CALL}, "data[0].covariates.x"),
        ("data.0.covariates_from", {"path": CALL, "columns": ["x"]}, "data[0].covariates_from"),
        ("data.0.task", {"bandit": {"means": CALL}}, "data[0].task"),
        ("data.0.deadline", CALL, "data[0].deadline"),
        ("fits.0.model", "ddm; touch {file}", "fits[0].model"),
        ("fits.0.fixed", {"t": CALL}, "fits[0].fixed"),
        ("fits.0.priors", {"v": {"name": "Normal", "mu": CALL, "sigma": 1}}, "fits[0].priors.v"),
        ("fits.0.priors", {"v": {"name": "eval", "mu": 0}}, "fits[0].priors.v"),
        ("fits.0.priors", {CALL: {"name": "Normal", "mu": 0, "sigma": 1}}, "fits[0].priors"),
        ("fits.0.recode", {CALL: 1}, "fits[0].recode"),
        ("fits.0.likelihood", CALL, "fits[0].likelihood"),
        ("fits.0.free", [CALL], "fits[0].free"),
        ("fits.0.cells", ["../c"], "fits[0].cells"),
        ("sampling.sampler", CALL, "sampling.sampler"),
        ("compare.future", {"first": CALL}, "compare.future"),
        ("report.datasets", [CALL], "report.datasets"),
        ("seed", CALL, "seed"),
        ("batch_size", CALL, "batch_size"),
    ],
)
def test_no_value_is_evaluated(raw, write, tmp_path, path, value, where):
    file = tmp_path / "written"
    place(raw, path, filled(copy.deepcopy(value), str(file)))
    told(write(raw), where)
    assert not file.exists()


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"dataset_by": CALL}, "data[0].dataset_by"),
        ({"dataset_by": "subj.__class__"}, "data[0].dataset_by"),
        ({"columns": {"rt": CALL, "response": "key"}}, "data[0].columns.rt"),
        ({"response_codes": {CALL: CALL}}, "data[0].response_codes"),
        ({"rt_min": CALL}, "data[0].rt_min"),
        ({"path": "$(touch {file})"}, "data[0].path"),
        ({"path": "| touch {file}"}, "data[0].path"),
        ({"path": "http://127.0.0.1:9/data.csv"}, "data[0].path"),
    ],
)
def test_no_value_of_observed_data_is_evaluated(observed, write, tmp_path, settings, where):
    file = tmp_path / "written"
    told(write(observed(**filled(settings, str(file)))), where)
    assert not file.exists()


def test_columns_with_hostile_names_are_columns(observed, write, frame, tmp_path):
    file = tmp_path / "written"
    name = CALL.replace("{file}", str(file))
    study = observed(frame.assign(**{name: 1.0, "np": frame["load"], "__class__": 2.0}))
    study["fits"][0]["include"] = ["v ~ 1 + np"]
    assert examine(write(study)).fit("f").include
    study["fits"][0]["include"] = [f"v ~ 1 + {name}"]
    told(write(study), "fits[0].include[0]")
    assert not file.exists()


NAMES = [
    *("../x", "a/b", "/etc/x", "..", ".", "", ".hidden", "-rf", "_x", "~", "a b", "a\n", "a\nb"),
    *("a\tb", "a\0b", "a'b", 'a"b', "a;b", "a&b", "a|b", "a>b", "$(x)", "`x`", "$HOME", "{cell}"),
    *(
        "{}",
        "a*",
        "a?",
        "[a]",
        "a:b",
        "a,b",
        "a=b",
        "a\\b",
        "a%b",
        "é",
        "ａ",
        "a" * 61,
        "undecided",
    ),
]


@pytest.mark.parametrize("name", NAMES)
def test_no_name_can_leave_its_folder_or_reach_a_shell(raw, write, name):
    for path, where in (("study", "study"), ("data.0.name", "data[0]"), ("fits.0.name", "fits[0]")):
        spoilt = copy.deepcopy(raw)
        place(spoilt, path, name)
        told(write(spoilt), where)


def test_a_name_made_of_the_file_s_is_checked_too(raw, write):
    del raw["study"]
    told(write(raw, "a b.yaml"), "study")
    told(write(raw, "..$(x).yaml"), "study")


def test_all_that_is_made_lies_below_the_study_s_folder(raw, write):
    made = [Path(path) for path in artifacts(expand(load_study(write(raw))))]
    assert len(made) > 15
    assert all(path.is_relative_to("results/s") and ".." not in path.parts for path in made)


@pytest.mark.parametrize(
    "name", ["{cell}.csv", "a{b", "a\nb.csv", "a\x1b[31m.csv", "a}.csv", "<a>.csv"]
)
def test_paths_that_snakemake_would_read_otherwise_are_refused(raw, write, observed, name):
    study = observed()
    study["data"][0]["path"] = f"/tmp/{name}"
    problem, *_ = told(write(study), "data[0].path")
    assert "\n" not in problem.value
    assert problem.remedy
    raw["data"] = [
        {
            "name": "c",
            "model": "ddm",
            "truth": {"v": 0.5, "a": 1.2, "z": 0.5, "t": 0.3},
            "trials": 5,
            "datasets": 1,
            "covariates_from": {"path": name, "columns": ["x"]},
        }
    ]
    told(write(raw), "data[0].covariates_from.path")
    with pytest.raises(StudyErrors, match="rename it"):
        results_of({"results": name})


def test_a_study_file_s_own_path_is_checked(raw, write, tmp_path):
    assert find_study(str(write(raw))).name == "study.yaml"
    file = write(raw, "{cell}.yaml")
    with pytest.raises(StudyErrors, match=r"has a \{ in it"):
        find_study(str(file))

import os
import subprocess
import sys

import pytest

from driftmill.study.load import find_study, load_study
from driftmill.study.problems import StudyErrors


def problems_of(path):
    with pytest.raises(StudyErrors) as caught:
        load_study(path)
    return caught.value.problems


def test_a_good_study_loads_with_its_defaults(raw, write):
    study = load_study(write(raw))
    assert (study.study, study.seed, study.batch_size) == ("s", 3, "auto")
    assert study.sampling.chains == 4
    assert [rung.warmup for rung in study.sampling.ladder] == [1000, 2000]
    assert study.cell("c").truth["v"] == 0.5
    assert study.fit("f").p_outlier is None


def test_a_nameless_study_is_named_after_its_file(raw, write):
    del raw["study"]
    assert load_study(write(raw, "my-sweep.yaml")).study == "my-sweep"


def test_loading_imports_no_heavy_package(raw, write):
    code = (
        "import sys; from driftmill.study.load import load_study; "
        "from driftmill.study.expand import expand; expand(load_study(sys.argv[1])); "
        "print([m for m in ('jax', 'pymc', 'pandas', 'xarray', 'scipy', 'driftmill.models') "
        "if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(write(raw))],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ,
    )
    assert done.stdout.strip() == "[]"


def test_a_name_means_a_file_of_config_studies(tmp_path):
    folder = tmp_path / "config" / "studies"
    folder.mkdir(parents=True)
    (folder / "demo.yaml").write_text("")
    assert find_study("demo", tmp_path) == folder / "demo.yaml"
    assert find_study(str(folder / "demo.yaml"), tmp_path) == folder / "demo.yaml"
    (folder / "mine.yaml").write_text("")
    assert find_study("config/studies/mine.yaml", tmp_path) == folder / "mine.yaml"


def test_an_unknown_study_names_the_nearest(tmp_path):
    folder = tmp_path / "config" / "studies"
    folder.mkdir(parents=True)
    for name in ("demo", "cavanagh"):
        (folder / f"{name}.yaml").write_text("")
    with pytest.raises(StudyErrors, match="no such study") as caught:
        find_study("dmeo", tmp_path)
    assert "did you mean 'demo'?" in str(caught.value)
    assert "cavanagh" in str(caught.value)


@pytest.mark.parametrize(
    ("key", "value", "field", "words", "remedy"),
    [
        ("sede", 1, "sede", "unknown key 'sede'", "did you mean 'seed'?"),
        ("seed", -1, "seed", "greater than or equal to 0", "random number"),
        ("seed", True, "seed", "not true or false", "random number"),
        ("study", "my study", "study", "folder's name", "letters, digits, _ and -"),
        ("batch_size", 0, "batch_size", "greater than or equal to 1", "one job"),
        ("fits", [], "fits", "is empty", "at least one"),
        ("data", None, "data", "should be", "cells"),
    ],
)
def test_a_bad_value_at_the_top_is_told(raw, write, key, value, field, words, remedy):
    raw[key] = value
    path = write(raw)
    (problem,) = problems_of(path)
    assert problem.file == str(path)
    assert problem.field == field
    assert words in problem.message
    assert remedy in problem.remedy


def test_all_problems_are_told_at_once_with_place_value_and_remedy(raw, write):
    raw["data"][0] |= {"trails": 5, "trials": "many"}
    raw["data"][0]["truth"] = {"v": {"name": "Normal", "mu": "x"}, "a": {"grid": []}}
    raw["data"].append({"name": "d"})
    raw["fits"][0] |= {"p_outlier": 1.5}
    raw["sampling"] = {"sampler": "nutz", "gates": {"rhat": 1.1}, "ladder": [{"warmup": 10}]}
    told = {p.field: p for p in problems_of(write(raw))}
    assert set(told) == {
        "data[0].trails",
        "data[0].trials",
        "data[0].truth.v.mu",
        "data[0].truth.a.grid",
        "data[1]",
        "fits[0].p_outlier",
        "sampling.sampler",
        "sampling.gates.rhat",
        "sampling.ladder[0].target_accept",
    }
    assert "did you mean 'trials'?" in told["data[0].trails"].remedy
    assert told["data[0].trials"].value == "'many'"
    assert "`model` for data to simulate" in told["data[1]"].remedy
    assert told["fits[0].p_outlier"].value == "1.5"
    assert "did you mean 'nuts'?" in told["sampling.sampler"].remedy
    assert "did you mean 'r_hat'?" in told["sampling.gates.rhat"].remedy
    assert told["sampling.ladder[0].target_accept"].message == "is missing"
    assert all(problem.remedy for problem in told.values())


def test_a_problem_is_rendered_as_a_paragraph(raw, write):
    raw["sede"] = 1
    path = write(raw)
    with pytest.raises(StudyErrors) as caught:
        load_study(path)
    heading, paragraph = str(caught.value).split("\n\n")
    assert heading == "The study has 1 problem:"
    lines = paragraph.splitlines()
    assert lines[0] == f"{path}: sede"
    assert [line.split()[0] for line in lines[1:]] == ["value:", "wrong:", "remedy:"]


@pytest.mark.parametrize("part", ["data", "fits"])
def test_two_of_one_name_are_a_problem(raw, write, part):
    second = dict(raw[part][0])
    second["name"] = second["name"].upper()  # one folder on some file systems
    raw[part].append(second)
    (problem,) = problems_of(write(raw))
    assert problem.field == f"{part}[1].name"
    assert "of one name" in problem.message


@pytest.mark.parametrize("name", ["undecided", "failed"])
def test_a_fit_may_not_be_named_like_a_verdict(raw, write, name):
    raw["fits"][0]["name"] = name
    (problem,) = problems_of(write(raw))
    assert (problem.field, problem.remedy) == ("fits[0].name", "choose another name")


def test_names_cannot_leave_their_folder(raw, write):
    raw["data"][0]["name"] = "../elsewhere"
    (problem,) = problems_of(write(raw))
    assert problem.field == "data[0].name"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("study: [a", "is not YAML at line"),
        ("study: a\n\tseed: 1", "line 2"),
        ("study: a\nseed: 1\nstudy: b\n", "given twice, at lines 1 and 3"),
        ("fits:\n  - {name: f, model: ddm, model: angle}\n", "key 'model' is given twice"),
        ("", "is empty"),
        ("- a\n- b\n", "holds a list"),
        ("study: !!python/object/apply:os.system ['true']\n", "is not YAML"),
    ],
)
def test_what_is_no_study_at_all_is_told(write, text, words):
    path = write(text)
    problem = problems_of(path)[0]
    assert problem.file == str(path)
    assert words in problem.message
    assert problem.remedy


def test_an_unreadable_file_is_told(tmp_path):
    (problem,) = problems_of(tmp_path / "no.yaml")
    assert "No such file" in problem.message
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (problem,) = problems_of(tmp_path / "bytes.yaml")
    assert "not UTF-8" in problem.message


def test_numbers_may_be_written_as_people_write_them(write):
    path = write(
        """
study: s
data:
  - name: c
    model: ddm
    truth: {v: 1e-3, a: 1, z: .5, t: 2.5e-1}
    trials: 20
    datasets: 4
fits: [{name: f, model: ddm}]
"""
    )
    assert load_study(path).cell("c").truth == {"v": 0.001, "a": 1.0, "z": 0.5, "t": 0.25}


def test_an_infinite_value_is_refused(write, raw):
    raw["data"][0]["truth"]["v"] = float("inf")
    (problem,) = problems_of(write(raw))
    assert problem.field == "data[0].truth.v"

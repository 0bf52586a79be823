"""A study's files of models run code: where the user says so, never by the study's own word."""

import pytest

from driftmill.models.registry import all_models
from driftmill.study.examine import examine
from driftmill.study.load import load_study
from driftmill.study.model_files import announce, load_announced
from driftmill.study.models import model_of
from driftmill.study.problems import StudyErrors
from driftmill.study.trust import is_trusted, trust_given, trust_of

OWN = """
from dataclasses import replace
from pathlib import Path
from driftmill.models.extend import find_model, register

Path({mark!r}).touch()
register(replace(find_model("ddm"), name="mine"))
"""


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    announce("", ())
    load_announced()


@pytest.fixture
def study(raw, write, tmp_path):
    """Return a study whose two files of models leave a mark each when they run."""
    for name in ("one", "two"):
        text = OWN.format(mark=str(tmp_path / f"{name}.ran")).replace("mine", name)
        (tmp_path / f"{name}.py").write_text(text)
    raw["models"] = [str(tmp_path / "one.py"), str(tmp_path / "two.py")]
    raw["data"][0]["model"] = raw["fits"][0]["model"] = "one"
    return write(raw)


def ran(tmp_path):
    return sorted(path.stem for path in tmp_path.glob("*.ran"))


def test_a_study_alone_has_nothing_run(study, tmp_path):
    with pytest.raises(StudyErrors) as caught:
        examine(study)
    first, second = caught.value.problems
    assert (first.file, first.field) == (str(study), "models[0]")
    assert first.value == str(tmp_path / "one.py")
    assert "is Python, which would run on this machine" in first.message
    for way in ("--config trust=true", "driftmill check --trust", "`trust: true`", first.value):
        assert way in first.remedy
    assert second.field == "models[1]"
    load_study(study)
    with pytest.raises(StudyErrors, match="a study alone may not have it run"):
        model_of("ddm")
    assert ran(tmp_path) == []
    assert "one" not in all_models()


def test_a_study_cannot_trust_itself(raw, study, write, tmp_path):
    with pytest.raises(StudyErrors, match="unknown key 'trust'"):
        examine(write(raw | {"trust": True}))
    assert ran(tmp_path) == []


def test_all_run_once_the_user_says_so(study, tmp_path):
    assert examine(study, trust=True).fit("f").model == "one"
    assert ran(tmp_path) == ["one", "two"]


def test_files_and_folders_can_be_trusted_by_name(study, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StudyErrors) as caught:
        examine(study, trust=("one.py",))
    assert [problem.field for problem in caught.value.problems] == ["models[1]"]
    assert ran(tmp_path) == []
    assert examine(study, trust=("one.py", str(tmp_path / "two.py"))).models
    assert is_trusted(str(tmp_path / "one.py"), (str(tmp_path),))
    assert not is_trusted(str(tmp_path / "in" / ".." / ".." / "one.py"), (str(tmp_path),))
    (tmp_path / "link.py").symlink_to("/elsewhere.py")
    assert not is_trusted("link.py", (str(tmp_path),))


def test_trust_that_is_taken_back_forgets_what_ran(study):
    examine(study, trust=True)
    assert "one" in all_models()
    load_study(study)
    with pytest.raises(StudyErrors, match="a study alone"):
        model_of("one")
    assert "one" not in all_models()


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({}, False),
        ({"trust": None}, False),
        ({"trust": False}, False),
        ({"trust": "false"}, False),
        ({"trust": "no"}, False),
        ({"trust": True}, True),
        ({"trust": "true"}, True),
        ({"trust": "a.py"}, ("a.py",)),
        ({"trust": ["a.py", "b.py"]}, ("a.py", "b.py")),
        ({"trust": []}, ()),
    ],
)
def test_what_the_configuration_says(said, found):
    assert trust_of(said) == found


@pytest.mark.parametrize("said", [1, 0, 2.5, {"a": 1}, [1]])
def test_other_words_are_refused(said):
    with pytest.raises(StudyErrors, match="neither true nor false nor a list"):
        trust_of({"trust": said})


def test_commands_go_by_their_option_or_the_project_s_configuration(tmp_path):
    assert trust_given(True, tmp_path) is True
    assert trust_given(False, tmp_path) is False
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.yaml").write_text("study: demo\ntrust: [mine.py]\n")
    assert trust_given(False, tmp_path) == ("mine.py",)
    assert trust_given(True, tmp_path) is True

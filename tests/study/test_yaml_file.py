"""Study files are read as data: no tags, bounded size, errors that say where."""

import time
from itertools import pairwise

import pytest

from driftmill.study import yaml_file
from driftmill.study.problems import StudyErrors
from driftmill.study.yaml_file import read_yaml


def told(tmp_path, text):
    """Return the message of the only problem of a file."""
    path = tmp_path / "s.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyErrors) as caught:
        read_yaml(path)
    (problem,) = caught.value.problems
    assert problem.file == str(path)
    assert problem.remedy
    return problem.message


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['touch FILE']",
        "!!python/object/new:os.system ['touch FILE']",
        "!!python/object:driftmill.study.types.Study {}",
        "!!python/name:os.system",
        "!!python/module:os",
        "!!python/tuple [1, 2]",
        "!include /etc/passwd",
        "!<tag:yaml.org,2002:python/object/apply:os.system> ['touch FILE']",
    ],
)
def test_a_tag_makes_no_object(tmp_path, tag):
    file = tmp_path / "written"
    message = told(tmp_path, f"seed: 1\nstudy: {tag.replace('FILE', str(file))}\n")
    assert "is not YAML at line 2" in message
    assert "could not determine a constructor" in message
    assert not file.exists()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a: 2024-13-45", "timestamp"),
        ("a: !!bool maybe", "bool"),
        ("a: !!int much", "int"),
        ("a: !!float much", "float"),
        ("a: !!timestamp now", "timestamp"),
        ("a: " + "9" * 6000, "int"),
    ],
)
def test_a_value_of_no_kind_is_told_with_its_line(tmp_path, text, kind):
    assert f"at line 2, column 4: cannot be taken for a {kind}" in told(tmp_path, f"b: 1\n{text}\n")


def bomb(first, line):
    """Return a file of nine lines, each of ten aliases of the line before."""
    names = "abcdefghi"
    lines = [f"a: &a {first}"]
    lines += [line.format(n=n, ten=", ".join([f"*{m}"] * 10)) for m, n in pairwise(names)]
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text",
    [
        bomb("[x, x, x]", "{n}: &{n} [{ten}]"),
        bomb("{x: 1}", "{n}: &{n} {{k: [{ten}]}}"),
        bomb("{x: 1}", "{n}: &{n} {{<<: [{ten}]}}"),
    ],
)
def test_aliases_of_aliases_end_at_once(tmp_path, text):
    start = time.perf_counter()
    assert "stand for more than 1,000,000 values" in told(tmp_path, text)
    assert time.perf_counter() - start < 2


def test_an_alias_within_itself_is_told(tmp_path):
    assert "within what it stands for" in told(tmp_path, "a: &a [1, *a]")
    assert "within what it stands for" in told(tmp_path, "a: &a {b: *a}")


def test_aliases_and_merges_are_read(tmp_path):
    path = tmp_path / "s.yaml"
    path.write_text("a: &a {x: 1, y: 2}\nb: [*a, *a]\nc: {<<: *a, x: 3}\nd: 1e-3\n")
    ours = {"x": 1, "y": 2}
    assert read_yaml(path) == {"a": ours, "b": [ours, ours], "c": {"x": 3, "y": 2}, "d": 0.001}


def test_a_huge_file_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(yaml_file, "MOST_BYTES", 100)
    assert "cannot be read: it has more than 100 bytes" in told(tmp_path, "a: 1\n" * 50)


def test_nesting_without_an_end_is_told(tmp_path):
    assert "nested too deeply" in told(tmp_path, "a: " + "[" * 5000 + "]" * 5000)

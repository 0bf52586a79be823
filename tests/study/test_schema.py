import json
import re

import jsonschema
import pytest
import yaml

from driftmill.study.examine import examine
from driftmill.study.load import load_study
from driftmill.study.problems import StudyErrors
from driftmill.study.schema import SCHEMA_FILE, schema_text, study_schema


def test_the_schema_in_the_repository_is_current(project_root):
    kept = (project_root / SCHEMA_FILE).read_text(encoding="utf-8")
    assert kept == schema_text(), f"run: driftmill schema -o {SCHEMA_FILE}"


def test_the_schema_says_which_draft_it_is():
    schema = study_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(schema)


def sections(schema):
    yield schema
    yield from schema["$defs"].values()


def test_every_field_is_described():
    bare = [
        f"{section.get('title', 'Study')}.{name}"
        for section in sections(study_schema())
        for name, field in section.get("properties", {}).items()
        if "description" not in field and "$ref" not in field
    ]
    assert bare == []


def test_only_data_and_fits_are_required_at_the_top():
    assert study_schema()["required"] == ["data", "fits"]


def test_the_manual_names_every_key(project_root):
    manual = (project_root / "config" / "README.md").read_text(encoding="utf-8")
    prose = re.sub(r"```.*?```", "", manual, flags=re.DOTALL)
    named = set(re.findall(r"\w+", " ".join(re.findall(r"`[^`\n]+`", prose))))
    keys = {key for section in sections(study_schema()) for key in section.get("properties", {})}
    assert keys - named == set()


#: Examples on observed data, with the file that they need.
OBSERVED = {
    "cavanagh": "data/cavanagh_theta.csv",
    "cavanagh_bounds": "data/cavanagh_theta.csv",
    "frank": "data/frank_rlddm.csv",
}
OURS = (
    *("demo", "tiny", "choice_only", "regression", "deadline", "go_no_go"),
    *("levy", "sbc_levy", "weibull_two_ways"),
    *("rlssm", "rlssm_sizes", "hgf_group", "model_zoo", "full_ddm_sizes", "sbc_ddm", "report_tour"),
)
EXAMPLES = (*OURS, *OBSERVED)


@pytest.mark.parametrize("name", EXAMPLES)
def test_examples_agree_with_the_schema_and_the_types(project_root, name):
    path = project_root / "config" / "studies" / f"{name}.yaml"
    lines = path.read_text(encoding="utf-8").splitlines()
    schema = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", lines[0])
    assert schema is not None
    assert (path.parent / schema[1]).resolve() == project_root / SCHEMA_FILE
    jsonschema.validate(json.loads(json.dumps(yaml.safe_load("\n".join(lines)))), study_schema())
    assert load_study(path).study == name


def test_there_is_no_example_that_is_not_tested(project_root):
    found = {path.stem for path in (project_root / "config" / "studies").glob("*.yaml")}
    assert found == set(EXAMPLES)


@pytest.mark.parametrize("name", [name for name in EXAMPLES if name not in OBSERVED])
def test_examples_pass_all_checks(project_root, name):
    assert examine(project_root / "config" / "studies" / f"{name}.yaml").study == name


@pytest.mark.parametrize("name", OBSERVED)
def test_observed_examples_lack_nothing_but_their_file(project_root, monkeypatch, tmp_path, name):
    monkeypatch.chdir(tmp_path)
    study = project_root / "config" / "studies" / f"{name}.yaml"
    with pytest.raises(StudyErrors) as caught:
        examine(study)
    cells = range(len(load_study(study).data))
    assert [p.field for p in caught.value.problems] == [f"data[{i}].path" for i in cells]


@pytest.mark.parametrize("name", OBSERVED)
def test_observed_examples_pass_all_checks_with_their_file(
    project_root, shared_file, tmp_path, name
):
    text = (project_root / "config" / "studies" / f"{name}.yaml").read_text(encoding="utf-8")
    file = str(shared_file(OBSERVED[name]))
    study = tmp_path / f"{name}.yaml"
    study.write_text(text.replace(OBSERVED[name], file), encoding="utf-8")
    assert examine(study).study == name


@pytest.mark.parametrize(
    "change",
    [
        {"sede": 1},
        {"seed": "x"},
        {"fits": []},
        {"data": [{"name": "c", "model": "ddm", "truth": {"v": {"mu": 1}}, "trials": 1}]},
    ],
)
def test_the_schema_refuses_what_the_types_refuse(raw, change):
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(raw | change, study_schema())

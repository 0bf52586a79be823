"""Files of the user's own models: that they are loaded, and what is told when they cannot be."""

import json
import re
import subprocess
import sys

import pytest

from driftmill.models.registry import all_models, all_processes
from driftmill.study.built_in import COUPLINGS, MODELS, PROCESSES, is_built_in
from driftmill.study.examine import examine
from driftmill.study.hash import relevant, study_hash
from driftmill.study.learning import LearningModel
from driftmill.study.load import load_study
from driftmill.study.model_files import announce, load_announced
from driftmill.study.models import model_of
from driftmill.study.problems import StudyErrors

OWN = """
from dataclasses import replace
from driftmill.models.extend import find_model, register

register(replace(find_model("ddm"), name="mine"{more}))
"""

PLAIN = OWN.format(more="")


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    announce("", ())
    load_announced()


@pytest.fixture
def own(tmp_path):
    """Return a function that writes a file of models and returns its path."""

    def write(text=PLAIN, name="mine.py"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def study(raw, write, own):
    """Return a function from the text of a file of models to a study that uses it."""

    def make(text=PLAIN):
        raw["models"] = [str(own(text))]
        raw["data"][0]["model"] = raw["fits"][0]["model"] = "mine"
        raw["fits"].append({"name": "g", "model": "ddm"})
        return write(raw)

    return make


def problems_of(path, **options):
    with pytest.raises(StudyErrors) as caught:
        examine(path, trust=True, **options)
    return caught.value.problems


def test_what_a_file_registers_can_be_named(study):
    path = study()
    assert examine(path, trust=True).fit("f").model == "mine"
    assert model_of("mine").parameter_names == ("v", "a", "z", "t")


def test_each_study_has_its_own_files(study, raw, write):
    load_study(study(), trust=True)
    assert model_of("mine").name == "mine"
    del raw["models"]
    load_study(write(raw, "other.yaml"))
    with pytest.raises(KeyError, match="no model 'mine'"):
        model_of("mine")
    assert "mine" not in all_models()


def test_a_changed_file_is_loaded_again(study, own):
    path = study()
    load_study(path, trust=True)
    assert model_of("mine").title == model_of("ddm").title
    own(OWN.format(more=", title='new'"))
    load_study(path, trust=True)
    assert model_of("mine").title == "new"


def test_a_file_is_run_when_a_model_is_needed_not_when_the_study_is_read(study):
    path = study("raise RuntimeError('run')")
    load_study(path, trust=True)
    with pytest.raises(StudyErrors, match="RuntimeError: run"):
        model_of("ddm")


def test_reading_a_study_with_models_imports_no_heavy_package(study):
    code = (
        "import sys; from driftmill.study.load import load_study; "
        "from driftmill.study.expand import expand; "
        "from driftmill.study.hash import relevant, study_hash; "
        "study = load_study(sys.argv[1]); expand(study); study_hash(study); "
        "relevant(study, 'fit', 'c', 'f'); "
        "print([m for m in ('jax', 'pymc', 'pandas', 'driftmill.models') if m in sys.modules])"
    )
    command = [sys.executable, "-c", code, str(study())]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\n", "registers nothing"),
        ("\n\nx = 1 +\n", "line 3: is not Python: invalid syntax"),
        ("\nx = 1\ny = x / 0\n", "line 3: ZeroDivisionError: division by zero"),
        ("import no_such_package\n", "line 1: ModuleNotFoundError: No module named"),
        ("raise SystemExit(3)\n", "line 1: SystemExit: 3"),
        (OWN.format(more="") * 2, "line 10: model mine is registered already"),
        (OWN.replace("mine", "ddm").format(more=""), "line 5: model ddm: driftmill has a model"),
        (OWN.format(more=", choices=(1, 1)"), "line 5: model mine: choices are (1, 1)"),
    ],
)
def test_a_file_that_cannot_be_is_told_with_its_line(study, tmp_path, text, words):
    path = study(text)
    (problem,) = problems_of(path)
    assert (problem.file, problem.field) == (str(path), "models[0]")
    assert problem.value == str(tmp_path / "mine.py")
    assert words in problem.message
    assert problem.remedy
    assert "mine" not in all_models()


def test_other_problems_of_the_study_are_told_beside_those_of_its_files(study, write, raw):
    study("x = 1")
    raw["sede"] = 3
    assert [p.field for p in problems_of(write(raw))] == ["sede", "models[0]"]


def test_a_file_that_is_not_there_or_named_twice_is_told(study, write, raw, tmp_path):
    study()
    raw["models"] += [str(tmp_path / "no.py"), raw["models"][0]]
    missing, twice = problems_of(write(raw))
    assert (missing.field, twice.field) == ("models[1]", "models[2]")
    assert "No such file" in missing.message
    assert "named already" in twice.message


def test_a_relative_path_starts_where_snakemake_runs(study, raw, write, tmp_path, monkeypatch):
    study()
    raw["models"] = ["mine.py"]
    path = write(raw)
    monkeypatch.chdir(tmp_path)
    assert examine(path, trust=True).models == ("mine.py",)
    monkeypatch.chdir("/")
    (problem,) = problems_of(path)
    assert "(/mine.py)" in problem.message


def test_an_imported_class_can_be_used_and_no_bytecode_is_left(study, tmp_path):
    dataclass = "from dataclasses import dataclass\n@dataclass\nclass C:\n    x: 'int' = 1\n"
    examine(study(dataclass + OWN.format(more="")), trust=True)
    assert not (tmp_path / "__pycache__").exists()


DOUBLE = (
    ", likelihoods={'analytical': lambda *a: 0.1 + find_model('ddm').likelihoods['analytical'](*a)}"
)
SUM = (
    ", likelihoods={'analytical': lambda *a: find_model('ddm').likelihoods['analytical'](*a).sum()}"
)
BLIND = (
    ", simulator=lambda rng, p: {'rt': p['t'] + rng.gamma(2, .3, p['t'].size), "
    "'response': rng.choice([-1, 1], p['t'].size)}"
)


@pytest.mark.parametrize(
    ("more", "quick", "words"),
    [
        (SUM, True, "returns shape () for 6 trials"),
        (DOUBLE, False, "has a mass of 1.105"),
        (BLIND, False, "its simulator does not draw from its density"),
        (", simulator=lambda rng, p: {}", False, "must return 'rt' with one value a trial"),
        (", simulator=lambda rng, p: 1 / 0", False, "its simulator fails: ZeroDivisionError"),
    ],
)
def test_what_is_registered_keeps_the_protocol(study, tmp_path, more, quick, words):
    path = study(OWN.format(more=more))
    if not quick:
        assert examine(path, trust=True).models
    (problem,) = problems_of(path, thorough=not quick)
    assert problem.field == "models[0]"
    assert problem.value == "mine"
    assert problem.message.startswith(f"{tmp_path / 'mine.py'}: model mine: ")
    assert words in problem.message


def test_a_black_box_is_fitted_without_gradients(study, raw, write):
    box = OWN.format(
        more=", likelihoods={'blackbox': lambda *a: np.asarray("
        "find_model('ddm').likelihoods['analytical'](*a))}"
    )
    study("import numpy as np\n" + box)
    assert examine(write(raw), trust=True).fit("f").likelihood is None
    assert (
        examine(write(raw | {"sampling": {"sampler": "slice"}}), trust=True).sampling.sampler
        == "slice"
    )
    (problem,) = problems_of(write(raw | {"sampling": {"sampler": "numpyro"}}))
    assert (problem.field, problem.value) == ("sampling.sampler", "'numpyro'")
    assert "gradients" in problem.message
    raw["fits"][0]["include"] = ["v ~ 1 + (1 | participant_id)"]
    raw["data"][0]["participants"] = 2
    (problem,) = problems_of(write(raw))
    assert problem.field.startswith("fits[0]")
    assert "each member of a group" in problem.message


def test_editing_a_file_touches_what_depends_on_it(study, own):
    path = study()
    cases = [("simulate", "c", None), ("fit", "c", "f"), ("loo", "c", "f"), ("fit", "c", "g")]

    def parts():
        found = load_study(path)
        kept = [json.dumps(relevant(found, *case, datasets=range(2))) for case in cases]
        return [*kept, study_hash(found)]

    before = parts()
    own(OWN.format(more="") + "# a comment")
    after = parts()
    # The fit of the built-in ddm stays as it is.
    assert [x != y for x, y in zip(before, after, strict=True)] == [True, True, True, False, True]


def test_the_names_of_what_is_built_in_are_current():
    from driftmill.models.registry import all_couplings

    assert tuple(all_models()) == MODELS
    assert tuple(all_processes()) == PROCESSES
    assert tuple(all_couplings()) == COUPLINGS


@pytest.mark.parametrize(
    ("spec", "known"),
    [
        ("ddm", True),
        ("mine", False),
        ({"learning": "rescorla_wagner", "decision": "ddm"}, True),
        ({"learning": "mine", "decision": "ddm"}, False),
        ({"learning": "rescorla_wagner", "decision": "mine"}, False),
        ({"learning": "rescorla_wagner", "decision": "ddm", "coupling": "mine"}, False),
        ({"learning": "rescorla_wagner", "decision": "ddm", "coupling": "values_to_drift"}, True),
    ],
)
def test_built_in_is_what_no_user_registered(spec, known):
    assert is_built_in(LearningModel(**spec) if isinstance(spec, dict) else spec) is known


def test_the_manual_s_example_registers_a_sound_process(study, raw, write, project_root, own):
    manual = (project_root / "config" / "README.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", manual, re.DOTALL)
    (code,) = [example for example in examples if "Process(" in example]
    raw["models"] = [str(own(code))]
    assert examine(write(raw), thorough=True, trust=True)
    assert model_of(LearningModel(learning="delta", decision="ddm")).parameter_names[0] == "rate"

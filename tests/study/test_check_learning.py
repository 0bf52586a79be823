"""What is told of learning models, their tasks and their columns before any job."""

import numpy as np
import pytest

from driftmill.study.examine import examine
from driftmill.study.problems import StudyErrors

RLDDM = {"learning": "rescorla_wagner", "decision": "ddm"}


MODEL_PROBLEMS = [
    ("learning", "rescorla_wagnr", "learning", "did you mean 'rescorla_wagner'?"),
    ("decision", "dmd", "decision", "did you mean 'ddm'?"),
    ("decision", "rlssm1", "", "has a learning process already"),
    ("coupling", "values_to_drfit", "coupling", "did you mean 'values_to_drift'?"),
    ("coupling", "values_to_choice", "", "cannot drive ddm by values_to_choice"),
    ("columns", {"reward": "r"}, "columns.reward", "has no input 'reward'"),
    ("cue", "response", "cue", "an input or a response already"),
    ("block", "feedback", "block", "an input or a response already"),
]


@pytest.mark.parametrize(("key", "value", "field", "words"), MODEL_PROBLEMS)
@pytest.mark.parametrize("part", ["data", "fits"])
def test_a_model_that_cannot_be_composed_is_told(bandit, problems, part, key, value, field, words):
    bandit[part][0]["model"][key] = value
    found = problems(bandit)
    at = f"{part}[0].model" + (f".{field}" if field else "")
    (problem,) = [p for p in found if p.field == at]
    assert words in f"{problem.message} {problem.remedy}"


def test_a_pair_that_cannot_be_coupled_names_those_that_can(raw, problems):
    raw["fits"][0]["model"] = {"learning": "hgf_binary", "decision": "softmax_inv_temperature_3"}
    (problem,) = problems(raw)
    assert problem.field == "fits[0].model"
    assert problem.value == "hgf_binary + softmax_inv_temperature_3"
    assert "cannot drive softmax_inv_temperature_3" in problem.message
    assert problem.remedy.startswith("hgf_binary drives ddm, ddm_sdv, full_ddm, angle, ")


def test_a_process_alone_is_no_model(raw, problems):
    raw["fits"][0]["model"] = "rescorla_wagner"
    (problem,) = problems(raw)
    assert "it is a learning process" in problem.message
    assert "{learning: rescorla_wagner, decision: ...}" in problem.remedy


def test_unknown_keys_of_model_and_task_name_the_nearest(bandit, write):
    bandit["fits"][0]["model"]["lerning"] = "x"
    bandit["data"][0]["task"]["bandit"]["mean"] = [1]
    bandit["data"][0]["task"]["bandit"]["blocks"] = 0
    bandit["fits"].append({"name": "g", "model": {"decision": "ddm"}})
    with pytest.raises(StudyErrors) as caught:
        examine(write(bandit))
    told = {p.field: p for p in caught.value.problems}
    assert "did you mean 'learning'?" in told["fits[0].model.lerning"].remedy
    assert "did you mean 'means'?" in told["data[0].task.bandit.mean"].remedy
    assert "Equal blocks" in told["data[0].task.bandit.blocks"].remedy
    assert told["fits[1].model.learning"].message == "is missing"


FREED = [
    (["rl_forgt"], "did you mean 'rl_forget'?"),
    (["rl_alpha"], "rl_alpha is free in rescorla_wagner+ddm as it is"),
    (["rl_forget", "rl_forget"], "rl_forget is named twice"),
    (["rl_q0"], "rl_q0 is fixed as well"),
]


@pytest.mark.parametrize(("free", "words"), FREED)
def test_what_cannot_be_freed_is_told(bandit, problems, free, words):
    bandit["fits"][0] |= {"free": free, "fixed": {"rl_q0": 0.4}}
    (problem,) = problems(bandit)
    assert problem.field == f"fits[0].free[{len(free) - 1}]"
    assert words in f"{problem.message} {problem.remedy}"


def test_all_free_parameters_fixed_is_nothing_to_fit(bandit, problems):
    bandit["fits"][0]["fixed"] = bandit["data"][0]["truth"]
    (problem,) = problems(bandit)
    assert "nothing left to fit" in problem.message
    bandit["fits"][0]["free"] = ["rl_forget"]
    assert problems(bandit) == []


TASKS = [
    (None, "task", "learns from feedback: the task is missing"),
    ({}, "task", "says neither bandit nor inputs"),
    ({"inputs": {"values": [1]}}, "task.inputs", "learns from feedback, and inputs supply u"),
    (
        {"bandit": {"means": [0.5, 0.5]}, "inputs": {"values": [1]}},
        "task",
        "gives both a bandit and inputs",
    ),
    ({"bandit": {"means": [0.8, 0.2, 0.1]}}, "task.bandit.means", "3 means for the 2 options"),
    (
        {"bandit": {"means": [[0.8, 0.2], [0.1]]}},
        "task.bandit.means[1]",
        "1 means for the 2 options",
    ),
    ({"bandit": {"means": [1.8, 0.2]}}, "task.bandit.means[0]", "is a probability"),
    ({"bandit": {"means": [[0.8, -0.2]]}}, "task.bandit.means[0][1]", "is a probability"),
    ({"bandit": {"means": [0.8, 0.2], "sd": 2}}, "task.bandit.sd", "has no sd"),
    ({"bandit": {"means": [0.8, 0.2], "blocks": 3}}, "task.bandit.blocks", "20 trials cannot be"),
    ({"bandit": {"means": [[0.8, 0.2]] * 21}}, "task.bandit.means", "21 cues on 20 trials"),
]


@pytest.mark.parametrize(("task", "field", "words"), TASKS)
def test_a_task_that_cannot_be_is_told(bandit, problems, task, field, words):
    bandit["data"][0]["task"] = task
    (problem,) = problems(bandit)
    assert problem.field == f"data[0].{field}"
    assert words in problem.message


INPUTS = [
    ({"values": [0, 1] * 9}, "values", "inputs for 18 trials, and there are 20"),
    ({"values": [0, 2] * 10}, "values", "knows the inputs 0 and 1 alone"),
    ({"walk": 0.5}, "walk", "knows the inputs 0 and 1 alone"),
    ({"schedule": [[0.5, 19]]}, "schedule", "inputs for 19 trials"),
    ({"walk": 0.5, "schedule": [[0.5, 20]]}, "", "gives schedule and walk"),
    ({}, "", "says nothing of the inputs"),
]


@pytest.mark.parametrize(("inputs", "field", "words"), INPUTS)
def test_inputs_that_cannot_be_are_told(filtering, problems, inputs, field, words):
    filtering["data"][0]["task"]["inputs"] = inputs
    (problem,) = problems(filtering)
    assert problem.field == "data[0].task.inputs" + (f".{field}" if field else "")
    assert words in problem.message


def test_a_task_without_learning_is_told(raw, problems):
    raw["data"][0]["task"] = {"bandit": {"means": [0.8, 0.2]}}
    (problem,) = problems(raw)
    assert (problem.field, "learns nothing" in problem.message) == ("data[0].task", True)


def test_a_covariate_may_not_have_the_name_of_a_column_of_the_task(bandit, problems):
    bandit["data"][0]["covariates"] = {"feedback": {"levels": [0, 1]}}
    (problem,) = problems(bandit)
    assert problem.field == "data[0].covariates.feedback"
    assert "a column that the task makes" in problem.message


def test_a_learning_fit_needs_data_of_a_task(raw, bandit, problems):
    plain = {"v": 0.5, "a": 1.2, "z": 0.5, "t": 0.3}
    cell = {"name": "d", "model": "ddm", "truth": plain, "trials": 20, "datasets": 4}
    raw["data"].append(cell)
    (problem,) = problems(raw)
    assert problem.field == "fits[0].model.columns.feedback"
    assert "the data of cell 'd' lack" in problem.message
    raw["fits"][0]["cells"] = ["c"]
    raw["fits"].append({"name": "g", "model": "ddm"})
    assert problems(raw) == []


@pytest.mark.parametrize("field", ["cue", "block", "elapsed"])
def test_a_column_of_cues_must_be_there(bandit, problems, field):
    bandit["fits"][0]["model"][field] = "pair"
    (problem,) = problems(bandit)
    assert problem.field == f"fits[0].model.{field}"
    assert "lack" in problem.message


@pytest.fixture
def rewarded(observed, frame):
    """Return a function from columns to a study of observed data with feedback."""

    def make(model=None, **columns):
        rng = np.random.default_rng(4)
        given = {"won": rng.integers(0, 2, 20), "pair": np.tile(["AB", "CD"], 10)}
        raw = observed(frame.assign(**(given | columns)))
        usual = RLDDM | {"columns": {"feedback": "won"}, "cue": "pair"}
        raw["fits"] = [{"name": "f", "model": usual if model is None else model}]
        return raw

    return make


def test_observed_data_with_feedback_have_no_problems(rewarded, problems):
    assert problems(rewarded()) == []
    # A trial without an outcome teaches nothing.
    assert problems(rewarded(won=[""] + ["1"] * 19)) == []
    assert problems(rewarded(wait=np.linspace(0, 3, 20))) == []


ROWS = [
    ({"won": ["yes"] * 2 + ["1"] * 18}, {}, "columns.feedback", "is not a number: 'yes' in rows 1"),
    ({"won": [""] * 20}, {}, "columns.feedback", "is empty"),
    ({"pair": ["AB", ""] * 10}, {}, "cue", "is missing in rows 2, 4, 6, 8, 10 and 5 more"),
    ({"part": ["1"] * 19 + [""]}, {"block": "part"}, "block", "is missing in row 20"),
    ({"wait": [-1] + [1] * 19}, {"elapsed": "wait"}, "elapsed", "is no time of 0 or more: -1.0"),
    ({}, {"columns": {"feedback": "wn"}}, "columns.feedback", "did you mean 'won'?"),
    ({}, {"columns": {}}, "columns.feedback", "say under model which it is"),
    ({}, {"cue": "pairs"}, "cue", "did you mean 'pair'?"),
]


@pytest.mark.parametrize(("columns", "model", "field", "words"), ROWS)
def test_observed_columns_that_cannot_be_are_told(rewarded, problems, columns, model, field, words):
    usual = RLDDM | {"columns": {"feedback": "won"}, "cue": "pair"}
    (problem,) = problems(rewarded(usual | model, **columns))
    assert problem.field == f"fits[0].model.{field}"
    assert words in f"{problem.message} {problem.remedy}"


def test_a_filter_of_binary_inputs_wants_0_and_1(rewarded, problems):
    model = {"learning": "hgf_binary", "decision": "ddm", "columns": {"u": "won"}}
    assert problems(rewarded(model)) == []
    (problem,) = problems(rewarded(model, won=[2] + [1] * 19))
    assert "is neither 0 nor 1: 2.0 in row 1" in problem.message


def test_a_named_composition_tells_its_column_at_the_model(rewarded, problems):
    (problem,) = problems(rewarded("rlssm1"))
    assert problem.field == "fits[0].model"
    assert "'feedback'" in problem.message


def test_codes_that_are_no_choice_name_the_composition(rewarded, problems):
    raw = rewarded()
    raw["data"][0]["response_codes"] = {0: 3, 1: 1}
    (problem,) = problems(raw)
    assert "(rescorla_wagner+ddm)" in problem.message

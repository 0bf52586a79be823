"""Learning models in a study: what is named, what is built, and what is built."""

import pandas as pd

from driftmill.models.registry import find_coupling, find_model
from driftmill.simulation.simulate import simulate_datasets
from driftmill.simulation.tasks import Bandit, Inputs
from driftmill.study.build import design_of, fit_spec_of
from driftmill.study.cell_data import simulated_data
from driftmill.study.examine import examine
from driftmill.study.learning import LearningModel
from driftmill.study.load import load_study
from driftmill.study.models import model_name, model_of
from driftmill.study.plan import free_parameters
from driftmill.study.statements import written_of
from driftmill.study.task import task_columns, task_of

RLDDM = {"learning": "rescorla_wagner", "decision": "ddm"}
HGF = {"learning": "hgf_binary", "decision": "softmax_inv_temperature_2"}


def test_a_composition_is_the_same_model_each_time():
    spec = LearningModel(**RLDDM, columns={"feedback": "reward"}, cue="pair")
    model = model_of(spec)
    assert model_of(LearningModel(**spec.model_dump())) is model
    assert model.name == "rescorla_wagner+ddm"
    assert model.learning.input_columns == ("reward",)
    assert (model.learning.cue, model.learning.block) == ("pair", None)
    assert model_of(LearningModel(**RLDDM)) is not model


def test_named_compositions_have_their_name_however_they_are_written():
    one = LearningModel(learning="rescorla_wagner_dual", decision="angle")
    assert model_name(one) == model_name("rlssm2") == "rlssm2"
    assert model_name(LearningModel(**one.model_dump() | {"cue": "pair"})) == "rlssm2"
    assert model_name(LearningModel(**HGF)) == "hgf_softmax"
    own = LearningModel(**RLDDM, coupling="values_to_drift")
    assert model_name(own) == "rescorla_wagner+ddm"
    usual = LearningModel(**one.model_dump() | {"coupling": "values_to_drift"})
    assert model_of(usual).learning.coupling is find_coupling("values_to_drift")
    assert model_name(usual) == "rlssm2"


def test_a_study_of_inputs_has_no_problems(filtering, problems):
    assert problems(filtering) == []


def test_a_study_of_a_bandit_has_no_problems(bandit, problems, write):
    assert problems(bandit) == []
    assert examine(write(bandit)).fit("f").model == LearningModel(**RLDDM)


def test_a_bandit_is_built_and_simulated(bandit, write):
    bandit["data"][0]["task"]["bandit"] |= {"means": [[0.8, 0.2], [0.7, 0.3]], "blocks": 2}
    bandit["fits"][0]["model"] |= {"cue": "cue", "block": "block"}
    study = examine(write(bandit))
    cell = study.cell("c")
    assert task_of(cell) == Bandit(means=((0.8, 0.2), (0.7, 0.3)), blocks=2)
    assert task_columns(cell) == ("feedback", "cue", "block")
    design = design_of(study, "c")
    # The generator knows the cues and blocks of its task, whatever its model says.
    assert (design.model.learning.cue, design.model.learning.block) == ("cue", "block")
    trials, truth = simulate_datasets(design, [0])
    assert {"rt", "response", *task_columns(cell)} <= set(trials)
    assert set(task_columns(cell)) <= set(simulated_data(cell).columns)
    assert set(truth["parameter"]) >= {"rl_alpha", "scaler", "a", "z", "t"}


def test_columns_of_a_generator_may_be_renamed(bandit, problems, write):
    bandit["data"][0]["model"]["columns"] = {"feedback": "reward"}
    (problem,) = problems(bandit)
    assert problem.field == "fits[0].model.columns.feedback"
    assert "learns from the column 'feedback', which the data of cell 'c' lack" in problem.message
    bandit["fits"][0]["model"]["columns"] = {"feedback": "reward"}
    study = examine(write(bandit))
    trials, _ = simulate_datasets(design_of(study, "c"), [0])
    assert set(trials["reward"].unique()) == {0.0, 1.0}


def test_inputs_are_built(filtering, write):
    study = load_study(write(filtering))
    assert task_of(study.cell("c")) == Inputs(schedule=((0.8, 10), (0.2, 10)))
    filtering["data"][0]["task"]["inputs"] = {"values": [0, 1] * 10}
    assert task_of(load_study(write(filtering)).cell("c")) == Inputs(values=(0.0, 1.0) * 10)


def test_held_parameters_are_held_unless_freed(bandit, write):
    def spec(**said):
        bandit["fits"][0] = {"name": "f", "model": dict(RLDDM), **said}
        study = examine(write(bandit))
        return fit_spec_of(study, "c", "f"), free_parameters(study.fit("f"))

    plain, freedom = spec()
    assert plain.fixed_numbers["rl_q0"] == 0.5
    assert plain.free_parameters == ("rl_alpha", "scaler", "a", "z", "t")
    assert freedom.shared == 5
    freed, freedom = spec(free=["rl_forget"])
    assert "rl_forget" in freed.plain_parameters
    assert freed.named_prior("rl_forget") == find_model("rlssm1").parameter("rl_forget").prior
    assert freedom.shared == 6
    prior = {"name": "Beta", "alpha": 1, "beta": 9}
    freed, freedom = spec(priors={"rl_forget": prior}, fixed={"rl_q0": 0.2})
    assert str(freed.named_prior("rl_forget")) == "Beta(alpha=1, beta=9)"
    assert freed.fixed_numbers["rl_q0"] == 0.2
    assert freedom.shared == 6


def test_a_global_formula_leaves_held_parameters_alone(bandit, write):
    bandit["data"][0]["participants"] = 2
    bandit["fits"][0] |= {"global_formula": "y ~ 1 + (1 | participant_id)"}
    fit = load_study(write(bandit)).fit("f")
    model = model_of(fit.model)
    assert set(written_of(fit, model)) == {"rl_alpha", "scaler", "a", "z", "t"}
    bandit["fits"][0]["free"] = ["rl_forget"]
    fit = load_study(write(bandit)).fit("f")
    assert "rl_forget" in written_of(fit, model)


def test_truths_of_held_parameters_may_be_left_out_or_given(bandit, problems, write):
    bandit["data"][0]["truth"]["rl_forget"] = 0.2
    assert problems(bandit) == []
    design = design_of(load_study(write(bandit)), "c")
    assert design.truth["rl_forget"] == 0.2
    bandit["data"][0]["truth"]["rl_forget"] = 1.2
    (problem,) = problems(bandit)
    assert problem.field == "data[0].truth.rl_forget"
    del bandit["data"][0]["truth"]["rl_forget"], bandit["data"][0]["truth"]["rl_alpha"]
    (problem,) = problems(bandit)
    assert problem.field == "data[0].truth.rl_alpha"


def test_the_report_names_compositions(bandit, write):
    from driftmill.study.expand import expand
    from driftmill.study.summarise import summarise

    told = summarise(expand(load_study(write(bandit))), "")
    assert told.cells[0].model == told.fits[0].model == "rescorla_wagner+ddm"
    assert told.fits[0].fixed["rl_forget"] == 0.0
    assert pd.Series(told.cells[0].truth).index.tolist()[:2] == ["rl_alpha", "scaler"]

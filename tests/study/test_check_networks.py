"""Mistakes in the networks of a study, and in fits that ask for one."""

import copy

import pytest
from tests.study.network_files import small_network, write_network

from driftmill.study.check import check_study
from driftmill.study.load import load_study
from driftmill.study.networks import networks_of

BOX = {"v": [-4, 4], "a": [0.5, 2.5], "z": [0.1, 0.9]}
TRAINED = {"name": "mine", "model": "ddm", "box": BOX}
GIVEN = {
    "name": "mine",
    "model": "ddm",
    "file": "given.onnx",
    "parameters": ["v", "a", "z", "t"],
    "box": BOX | {"t": [0, 2]},
}
NETWORK = "approx_differentiable"


@pytest.fixture
def networked(raw):
    raw["networks"] = [copy.deepcopy(TRAINED)]
    raw["fits"][0] = {"name": "f", "model": "ddm", "likelihood": NETWORK}
    return raw


@pytest.fixture
def kept(networked, tmp_path):
    """Return a function from a ratio to a study with a kept network that has it."""

    def make(ratio=1.2, model="ddm"):
        folder = write_network(tmp_path / "kept", small_network(ratio=ratio, model=model))
        networked["networks"] = [{"name": "mine", "folder": str(folder)}]
        return networked

    return make


def test_a_sound_study_has_no_problem(networked, problems):
    assert problems(networked) == []


@pytest.mark.parametrize(
    ("change", "field", "said", "remedy"),
    [
        ({"model": "dmd"}, "model", "unknown model 'dmd'", "did you mean 'ddm'"),
        ({"model": "rlssm1"}, "model", "a learning model", "known models"),
        (
            {"model": "softmax_inv_temperature_2"},
            "model",
            "no response times",
            "without a network",
        ),
        ({"box": BOX | {"v": [1, -1]}}, "box.v", "does not begin below its end", "lower end first"),
        ({"box": BOX | {"w": [0, 1]}}, "box", "no input 'w'", "each of v, a, z"),
        ({"box": {"v": [-1, 1]}}, "box", "missing: a, z", "each of v, a, z"),
        (
            {"kind": "correction"},
            "kind",
            "no correction of a closed form is known for ddm",
            "mixture",
        ),
    ],
)
def test_a_network_that_cannot_be_trained(networked, problems, change, field, said, remedy):
    networked["networks"][0] |= change
    networked["fits"][0] = {"name": "f", "model": "ddm"}
    found = problems(networked)
    assert [p.field for p in found] == [f"networks[0].{field}"]
    assert said in found[0].message
    assert remedy in found[0].remedy


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({}, "file", "there is no such file"),
        ({"parameters": ["v", "a", "z"]}, "parameters", "not the parameters of ddm"),
        ({"parameters": ["v", "a", "z", "t", "t"]}, "parameters", "each once"),
        ({"box": BOX}, "box", "lacks t"),
        ({"box": GIVEN["box"] | {"w": [0, 1]}}, "box", "no parameter"),
    ],
)
def test_a_network_that_cannot_be_taken(networked, problems, tmp_path, change, field, said):
    file = tmp_path / "given.onnx"
    if change:
        file.write_bytes(b"")
    networked["networks"] = [GIVEN | {"file": str(file)} | change]
    (problem,) = problems(networked)
    assert problem.field == f"networks[0].{field}"
    assert said in problem.message


def test_the_box_of_a_given_network_may_speak_of_times(networked, problems, tmp_path):
    (tmp_path / "given.onnx").write_bytes(b"")
    box = GIVEN["box"] | {"rt": [0, 10]}
    networked["networks"] = [GIVEN | {"file": str(tmp_path / "given.onnx"), "box": box}]
    assert problems(networked) == []


def test_a_folder_without_a_network(networked, problems, tmp_path):
    networked["networks"] = [{"name": "mine", "folder": str(tmp_path)}]
    (problem,) = problems(networked)
    assert problem.field == "networks[0].folder"
    assert "has no card.json and no weights.npz" in problem.message


def test_a_card_that_is_none(networked, problems, tmp_path):
    folder = write_network(tmp_path / "kept", small_network())
    (folder / "card.json").write_text("[]")
    networked["networks"] = [{"name": "mine", "folder": str(folder)}]
    found = problems(networked)
    assert found[0].field == "networks[0].folder"
    assert "not the card of a network" in found[0].message


def test_two_networks_of_one_name(networked, write):
    from driftmill.study.problems import StudyErrors

    networked["networks"].append(TRAINED | {"name": "MINE"})
    with pytest.raises(StudyErrors, match="2 networks of one name"):
        load_study(write(networked))


def test_mistakes_in_a_shared_file_are_told_there(networked, write, problems):
    shared = write({"networks": [TRAINED | {"model": "dmd"}]}, "shared.yaml")
    networked |= {"networks": [], "networks_from": str(shared)}
    networked["fits"][0] = {"name": "f", "model": "ddm"}
    (problem,) = problems(networked)
    assert (problem.file, problem.field) == (str(shared), "networks[0].model")


@pytest.mark.parametrize(
    ("fit", "field", "said", "remedy"),
    [
        ({"network": "main"}, "network", "there is no network 'main'", "did you mean 'mine'"),
        (
            {"network": "mine", "likelihood": "analytical"},
            "network",
            "analytical, which is no network's",
            "approx_differentiable",
        ),
        ({"model": "angle"}, "likelihood", "there is no network of angle", "networks: [{name:"),
        ({"model": "angle", "network": "mine"}, "network", "network of ddm", "networks: [{name:"),
        ({"network": "levy"}, "network", "network of levy, and the fit is of ddm", "networks:"),
    ],
)
def test_a_fit_that_means_no_network(networked, problems, fit, field, said, remedy):
    networked["fits"][0] |= fit
    (problem,) = problems(networked)
    assert problem.field == f"fits[0].{field}"
    assert said in problem.message
    assert remedy in problem.remedy


def test_one_of_several_networks_must_be_named(networked, problems):
    networked["networks"].append(TRAINED | {"name": "other"})
    (problem,) = problems(networked)
    assert problem.field == "fits[0].network"
    assert "several networks of ddm: mine, other" in problem.message
    networked["fits"][0]["network"] = "other"
    assert problems(networked) == []


@pytest.mark.parametrize(
    ("ratio", "said"), [(2.0, "hellinger_ratio_median is 2, not between"), (None, "never checked")]
)
def test_a_network_that_failed_is_refused_before_any_job(kept, problems, ratio, said):
    study = kept(ratio)
    (problem,) = problems(study)
    assert (problem.field, problem.value) == ("fits[0].network", "mine")
    assert said in problem.message
    assert "accept_unchecked: true" in problem.remedy
    study["fits"][0]["accept_unchecked"] = True
    assert problems(study) == []


def test_one_that_was_trained_before_and_failed_is_refused_too(networked, write, tmp_path):
    path = write(networked)
    study = load_study(path)
    (use,) = networks_of(study)
    assert check_study(study, path, str(tmp_path)) == []
    write_network(use.folder(str(tmp_path)), small_network(ratio=9.0))
    (problem,) = check_study(study, path, str(tmp_path))
    assert problem.field == "fits[0].network"


@pytest.mark.parametrize(
    ("fixed", "fails"), [({"a": 3.0}, True), ({"a": 2.4}, False), ({"t": 5.0}, False)]
)
def test_values_fixed_beyond_the_box_are_refused(kept, problems, fixed, fails):
    study = kept()
    study["recover"] = {"enabled": False}
    study["fits"][0]["fixed"] = fixed
    found = problems(study)
    assert [p.field for p in found] == (["fits[0].fixed"] if fails else [])
    assert all("a in [0.5, 2.5]" in p.remedy for p in found)


def test_truths_beyond_the_box_are_refused(kept, problems):
    study = kept()
    study["data"][0]["truth"] |= {"a": {"grid": [1.0, 2.6]}}
    (problem,) = problems(study)
    assert problem.field == "data[0].truth"
    assert "2 of 4 datasets have truths beyond" in problem.message
    assert "the first, dataset 1:" in problem.message
    study["data"][0]["truth"] |= {"a": {"grid": [1.0, 2.4]}}
    assert problems(study) == []


def test_priors_that_truths_are_drawn_from_must_lie_in_the_box(kept, problems):
    study = kept()
    study["data"][0] |= {"truth": "prior", "datasets": 50}
    study["fits"][0]["priors"] = {"v": {"name": "Normal", "mu": 0, "sigma": 3}}
    (problem,) = problems(study)
    assert problem.field == "data[0].truth"
    assert "give priors inside" in problem.remedy
    inside = {"v": [-3, 3], "a": [0.6, 2], "z": [0.2, 0.8]}
    study["fits"][0]["priors"] = {
        name: {"name": "Uniform", "lower": low, "upper": high}
        for name, (low, high) in inside.items()
    }
    assert problems(study) == []


def test_a_model_of_several_solutions_takes_a_network_for_every_trial(raw, problems):
    """What the solver refuses, a solution for every trial, a network does not mind."""
    truth = {"v": 1.0, "a": 1.2, "z": 0.5, "t": 0.3, "alpha": 2.0, "beta": 1.5}
    covariates = {"x": {"name": "Normal", "mu": 0, "sigma": 1}}
    raw["data"][0] |= {"model": "weibull", "truth": truth, "covariates": covariates}
    raw["fits"][0] |= {"model": "weibull", "include": ["a ~ 1 + x"]}
    assert len(problems(raw)) == 1
    names = {"v": [-4, 4], "a": [0.5, 2], "z": [0.1, 0.9], "alpha": [0.5, 5], "beta": [0.3, 5]}
    raw["networks"] = [{"name": "mine", "model": "weibull", "box": names}]
    raw["fits"][0]["network"] = "mine"
    assert problems(raw) == []

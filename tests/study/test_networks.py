"""Which network a fit means, where it lies, and what depends on it."""

import copy

import pytest
from tests.study.network_files import small_network, write_network

from driftmill.study.build import fit_spec_of
from driftmill.study.hash import relevant, study_hash
from driftmill.study.load import load_study
from driftmill.study.load_network import load_network
from driftmill.study.network_design import network_design
from driftmill.study.networks import (
    KIND,
    NetworkUse,
    design_of_network,
    network_inputs,
    network_of,
    networks_of,
    used_networks,
)
from driftmill.study.problems import StudyErrors

TRAINED = {"name": "mine", "model": "ddm", "box": {"v": [-4, 4], "a": [0.5, 2.5], "z": [0.1, 0.9]}}


@pytest.fixture
def networked(raw):
    """Return a study with one fit by a network that it has trained, and one without."""
    raw["networks"] = [copy.deepcopy(TRAINED)]
    raw["fits"] = [
        {"name": "net", "model": "ddm", "likelihood": KIND},
        {"name": "f", "model": "ddm"},
    ]
    return raw


@pytest.fixture
def study(write):
    return lambda raw: load_study(write(raw))


def test_the_only_network_of_a_model_is_meant(networked, study):
    made = study(networked)
    assert network_of(made, made.fit("net")).name == "mine"
    assert network_of(made, made.fit("f")) is None


def test_a_named_network_needs_no_kind_of_likelihood(networked, study):
    networked["networks"].append(TRAINED | {"name": "other"})
    networked["fits"][0] = {"name": "net", "model": "ddm", "network": "other"}
    made = study(networked)
    assert network_of(made, made.fit("net")).name == "other"
    assert [use.name for use in used_networks(made)] == ["other"]
    assert [use.name for use in networks_of(made)] == ["mine", "other"]
    assert fit_spec_of(made, "c", "net").likelihood == KIND


def test_a_learning_model_takes_a_network_of_its_decision_model(networked, study):
    model = {"learning": "rescorla_wagner", "decision": "ddm"}
    networked["fits"][0]["model"] = model
    made = study(networked)
    assert network_of(made, made.fit("net")).name == "mine"


def test_designs_of_one_name_lie_apart_and_equal_ones_together(networked, study):
    (first,) = networks_of(study(networked))
    (again,) = networks_of(study(networked | {"seed": 9, "study": "other"}))
    networked["networks"][0]["steps"] = 300
    (changed,) = networks_of(study(networked))
    assert first.label == again.label
    assert first.label.startswith("mine-")
    assert first.label != changed.label
    assert str(first.folder("out")) == f"out/networks/{first.label}"


def test_fits_depend_on_their_network_and_data_do_not(networked, study):
    networked["data"][0]["truth"] = {"prior": "net"}
    before = study(networked)
    networked["networks"][0]["components"] = 3
    after = study(networked)
    assert relevant(before, "fit", "c", "net") != relevant(after, "fit", "c", "net")
    assert relevant(before, "loo", "c", "net") != relevant(after, "loo", "c", "net")
    assert relevant(before, "fit", "c", "f") == relevant(after, "fit", "c", "f")
    assert relevant(before, "simulate", "c") == relevant(after, "simulate", "c")
    assert study_hash(before) != study_hash(after)


def test_accepting_a_network_changes_no_result(networked, study):
    before = study(networked)
    networked["fits"][0]["accept_unchecked"] = True
    assert relevant(before, "fit", "c", "net") == relevant(study(networked), "fit", "c", "net")


def test_a_network_nobody_uses_changes_nothing(networked, study):
    before = study(networked)
    networked["networks"].append(TRAINED | {"name": "unused", "model": "angle"})
    assert study_hash(before) == study_hash(study(networked))


def test_a_kept_network_counts_by_its_weights(networked, study, tmp_path):
    folder = write_network(tmp_path / "kept", small_network())
    networked["networks"] = [{"name": "mine", "folder": str(folder)}]
    before = study(networked)
    first = relevant(before, "fit", "c", "net")
    assert first["fit"]["network"]["digest"] == small_network().digest
    write_network(folder, small_network(seed=2))
    assert relevant(study(networked), "fit", "c", "net") != first


def test_a_given_network_counts_by_its_content_wherever_it_lies(networked, study, tmp_path):
    given = {"name": "mine", "model": "ddm", "parameters": ["v", "a", "z", "t"]}
    given["box"] = TRAINED["box"] | {"t": [0, 2]}
    labels = []
    for name, content in (("a.onnx", b"1"), ("b.onnx", b"1"), ("a.onnx", b"2")):
        (tmp_path / name).write_bytes(content)
        networked["networks"] = [given | {"file": str(tmp_path / name)}]
        labels.append(networks_of(study(networked))[0].label)
    assert labels[0] == labels[1] != labels[2]


def test_jobs_of_a_network_do_not_depend_on_the_study(networked, study):
    first = study(networked)
    other = study(networked | {"study": "other", "seed": 8, "models": ["mine.py"]})
    (one,), (two,) = networks_of(first), networks_of(other)
    assert design_of_network(first, one) == design_of_network(other, two)
    networked["networks"][0]["model"] = "hyperbolic"
    own = study(networked | {"models": ["mine.py"]})
    assert len(design_of_network(own, networks_of(own)[0])["models"]) == 1


def test_a_fit_has_the_files_of_its_network_as_inputs(networked, study, tmp_path):
    folder = write_network(tmp_path / "kept", small_network())
    networked["networks"].append({"name": "kept", "folder": str(folder)})
    networked["fits"][0]["network"] = "mine"
    networked["fits"].append({"name": "old", "model": "ddm", "network": "kept"})
    made = study(networked)
    files = network_inputs(made, "out", lambda path: ("local", path))
    label = network_of(made, made.fit("net")).label

    class Wildcards:
        def __init__(self, fit):
            self.fit = fit

    assert files(Wildcards("net")) == [
        f"out/networks/{label}/card.json",
        f"out/networks/{label}/weights.npz",
    ]
    assert files(Wildcards("f")) == []
    assert files(Wildcards("old"))[0] == ("local", str(folder / "card.json"))


def test_networks_may_stand_in_a_file_of_their_own(networked, write, tmp_path):
    shared = write({"networks": networked.pop("networks")}, "shared.yaml")
    networked["networks_from"] = str(shared)
    made = load_study(write(networked))
    assert network_of(made, made.fit("net")).name == "mine"
    own = copy.deepcopy(networked) | {"networks": [TRAINED], "networks_from": None}
    assert networks_of(made)[0].label == networks_of(load_study(write(own)))[0].label


@pytest.mark.parametrize(
    ("content", "field", "said"),
    [
        ({"networks": [TRAINED | {"steps": 0}]}, "networks[0].steps", "greater than or equal to 1"),
        ({"networks": [TRAINED | {"step": 5}]}, "networks[0].step", "unknown key 'step'"),
        ({"networks": []}, "networks", "is empty"),
        ({"networks": [TRAINED, TRAINED]}, "networks[1].name", "name of another network"),
        (None, "networks_from", "there is no such file"),
    ],
)
def test_mistakes_in_that_file_are_told_with_its_name(networked, write, content, field, said):
    del networked["networks"]
    file = "nowhere.yaml" if content is None else str(write(content, "shared.yaml"))
    networked["networks_from"] = file
    path = write(networked)
    with pytest.raises(StudyErrors) as caught:
        load_study(path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.field) == (str(path) if content is None else file, field)
    assert said in problem.message
    assert problem.remedy


def test_no_study_is_called_as_the_folder_of_networks(networked, write):
    with pytest.raises(StudyErrors, match="folder of its own"):
        load_study(write(networked | {"study": "networks"}))


def test_a_network_that_failed_is_refused_when_it_is_loaded(networked, study, tmp_path):
    folder = write_network(tmp_path / "kept", small_network(ratio=2.0))
    networked["networks"] = [{"name": "mine", "folder": str(folder)}]
    made = study(networked)
    use, fit = network_of(made, made.fit("net")), made.fit("net")
    files = use.files("out")
    with pytest.raises(StudyErrors, match="hellinger_ratio_median is 2, not between") as e:
        load_network(made, fit, use, files, "study.yaml")
    assert "accept_unchecked: true" in str(e.value)
    assert "fits[0].network" in str(e.value)
    accepted = fit.model_copy(update={"accept_unchecked": True})
    network = load_network(made, accepted, use, files, "study.yaml")
    assert network.digest == small_network().digest
    spec = fit_spec_of(made, "c", "net", network)
    assert spec.model.beyond is not None
    assert list(spec.model.likelihoods) == [KIND]


def test_defaults_of_a_design_are_those_of_the_library(networked, study):
    from driftmill.networks.design import NetworkDesign
    from driftmill.networks.training import Training

    (use,) = networks_of(study(networked))
    box = {name: tuple(map(float, ends)) for name, ends in TRAINED["box"].items()}
    assert network_design(use.section) == NetworkDesign("mine", "ddm", box, training=Training())


def test_a_shipped_network_has_no_files_to_wait_for():
    use = NetworkUse("levy")
    assert not use.made
    assert use.outputs("out") == {}
    assert use.known_card("out").model == "levy"


def test_models_that_have_no_density_but_a_networks_are_known_by_name():
    from driftmill.models import CATALOGUE
    from driftmill.study.built_in import BY_NETWORK

    found = {name for name, model in CATALOGUE.items() if list(model.likelihoods) == [KIND]}
    assert found == set(BY_NETWORK) & set(CATALOGUE)


def test_the_file_of_our_networks_is_current_and_says_their_designs(project_root):
    from driftmill.networks.shipped_designs import DESIGNS
    from driftmill.study.shipped_networks import NETWORKS_FILE, designs_text, section_of

    kept = (project_root / NETWORKS_FILE).read_text(encoding="utf-8")
    assert kept == designs_text(), f"run: driftmill models --designs > {NETWORKS_FILE}"
    from driftmill.models import CATALOGUE

    for design in DESIGNS:
        if design.model in CATALOGUE:
            assert network_design(section_of(design)) == design


def test_races_share_a_network_of_their_accumulators(networked, study):
    race = {"name": "race", "model": "race_no_bias_angle_3", "kind": "correction"}
    networked["networks"] = [race]
    for accumulators in (2, 3, 4):
        networked["fits"][0]["model"] = f"race_no_bias_angle_{accumulators}"
        made = study(networked)
        assert network_of(made, made.fit("net")).name == "race"
    networked["networks"] = [race | {"kind": "mixture"}]
    made = study(networked)
    assert network_of(made, made.fit("net")) is None or used_networks(made)[0].section is None

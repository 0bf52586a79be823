"""Checks of the networks of a study, and of the fits that ask for one."""

from __future__ import annotations

from pathlib import Path

from driftmill.families import serves
from driftmill.models import Model
from driftmill.models.registry import all_models
from driftmill.network_names import CARD, KIND, WEIGHTS
from driftmill.store.cards import shipped_cards
from driftmill.store.errors import DamagedArtifact
from driftmill.study.check_box import check_box
from driftmill.study.check_calibration import check_calibration
from driftmill.study.load_network import refusal
from driftmill.study.models import known_model
from driftmill.study.network_types import (
    GivenNetwork,
    Interval,
    KeptNetwork,
    NetworkSection,
    TrainedNetwork,
)
from driftmill.study.networks import (
    NetworkUse,
    asks_for_network,
    candidates,
    decision_name,
    model_of_network,
    network_of,
)
from driftmill.study.problems import Problem, show, suggest
from driftmill.study.types import Fit, Study
from driftmill.study.yaml_file import read_yaml


def check_networks(file: str, study: Study, results: str = "results") -> list[Problem]:
    """Return every problem of the networks of a study and of the fits that ask for one.

    Parameters
    ----------
    file
        The study file.
    study
        The study, the networks of a file that it shares among them.
    results
        The folder of all studies' results, where networks lie that were made before.
    """
    problems = []
    for section in study.networks:
        problems += _check_section(*_place(file, study, section), section)
    for j, fit in enumerate(study.fits):
        if known_model(fit.model) is None:
            continue
        found = _check_fit(file, f"fits[{j}]", study, fit)
        use = None if found or problems else network_of(study, fit)
        if use is not None:
            card = use.known_card(results)
            refused = None if card is None else refusal(study, fit, card, file)
            found = [] if refused is None else [refused]
        problems += found
    return problems


def check_boxes(file: str, study: Study, results: str = "results") -> list[Problem]:
    """Return the values of a study without other problems that lie beyond its networks' boxes.

    Takes what `check_networks` takes.
    """
    uses = ((j, fit, network_of(study, fit)) for j, fit in enumerate(study.fits))
    return [
        problem
        for j, fit, use in uses
        if use is not None
        for problem in check_box(file, j, study, fit, use, results)
    ]


def _place(file: str, study: Study, section: NetworkSection) -> tuple[str, str]:
    """Return the file in which a network is written, and where in it."""
    names = [network.name for network in study.networks]
    place = names.index(section.name)
    if study.networks_from is not None:
        shared = [item["name"] for item in read_yaml(Path(study.networks_from))["networks"]]
        if section.name in shared:
            return study.networks_from, f"networks[{shared.index(section.name)}]"
    return file, f"networks[{place}]"


def _check_section(file: str, at: str, section: NetworkSection) -> list[Problem]:
    if isinstance(section, KeptNetwork):
        return _check_kept(file, at, section)
    model = all_models().get(section.model)
    if model is None or model.learning is not None:
        known = [m.name for m in all_models().values() if m.learning is None and m.has_rt]
        message = f"unknown model {section.model!r}" if model is None else "a learning model"
        remedy = suggest(section.model, known, "models")
        return [Problem(file, f"{at}.model", section.model, message, remedy)]
    if not model.has_rt:
        message = f"{model.name} has no response times: its density is known exactly"
        remedy = "fit it without a network"
        return [Problem(file, f"{at}.model", section.model, message, remedy)]
    problems = _check_intervals(file, at, section.box)
    if isinstance(section, GivenNetwork):
        problems += _check_given(file, at, section, model)
    else:
        problems = problems or _check_trained(file, at, section, model)
    return problems or check_calibration(file, at, section)


def _check_intervals(file: str, at: str, box: dict[str, Interval]) -> list[Problem]:
    return [
        Problem(
            file,
            f"{at}.box.{name}",
            show([low, high]),
            "is no interval: it does not begin below its end",
            f"give the lower end first, e.g. {name}: [-1, 1]",
        )
        for name, (low, high) in box.items()
        if not low < high
    ]


def _check_given(file: str, at: str, section: GivenNetwork, model: Model) -> list[Problem]:
    problems = []
    if not Path(section.file).is_file():
        message = f"there is no such file ({Path(section.file).absolute()})"
        remedy = "give the path of an ONNX file; a relative one starts where snakemake runs"
        problems.append(Problem(file, f"{at}.file", section.file, message, remedy))
    names = set(model.parameter_names)
    if set(section.parameters) != names or len(section.parameters) != len(names):
        message = f"they are not the parameters of {model.name}, each once"
        remedy = f"name {', '.join(model.parameter_names)}, in the order of the network's inputs"
        shown = show(list(section.parameters))
        problems.append(Problem(file, f"{at}.parameters", shown, message, remedy))
    elif set(section.box) - {"rt"} != names:
        lacking = [n for n in model.parameter_names if n not in section.box]
        message = f"lacks {', '.join(lacking)}" if lacking else "names what is no parameter"
        remedy = f"give an interval for each of {', '.join(section.parameters)}"
        problems.append(Problem(file, f"{at}.box", show(section.box), message, remedy))
    return problems


def _check_trained(file: str, at: str, section: TrainedNetwork, model: Model) -> list[Problem]:
    from driftmill.study.network_design import DesignError, network_design

    try:
        network_design(section)
    except DesignError as error:
        where = f"{at}.{error.field}"
        return [Problem(file, where, show(getattr(section, error.field)), str(error), error.remedy)]
    return []


def _check_kept(file: str, at: str, section: KeptNetwork) -> list[Problem]:
    folder = Path(section.folder)
    lacking = [name for name in (CARD, WEIGHTS) if not (folder / name).is_file()]
    remedy = "give the folder of a network that driftmill trained, as under results/networks/"
    if lacking:
        message = f"has no {' and no '.join(lacking)} ({folder.absolute()})"
        return [Problem(file, f"{at}.folder", section.folder, message, remedy)]
    try:
        NetworkUse(section.name, section).known_card("")
    except DamagedArtifact as error:
        return [Problem(file, f"{at}.folder", section.folder, error.reason, remedy)]
    return []


def _check_fit(file: str, place: str, study: Study, fit: Fit) -> list[Problem]:
    """Return the problem of a fit whose network cannot be told."""
    model, at = decision_name(fit), f"{place}.network"
    if fit.network is not None and not asks_for_network(fit):
        message = f"the likelihood of the fit is {fit.likelihood}, which is no network's"
        remedy = f"say `likelihood: {KIND}`, or leave the network out"
        return [Problem(file, at, fit.network, message, remedy)]
    if not asks_for_network(fit):
        return []
    if fit.network is not None:
        known = [network.name for network in study.networks]
        shipped = [name for name, card in shipped_cards().items() if serves(card.model, model)]
        if fit.network not in (*known, *shipped_cards()):
            message = f"there is no network {fit.network!r}"
            remedy = suggest(fit.network, [*known, *shipped], "networks")
            if not (known or shipped):
                remedy = how_to_train(model)
            return [Problem(file, at, fit.network, message, remedy)]
        use = network_of(study, fit)
        of = None if use is None else model_of_network(use)
        if of is not None and not serves(of, model):
            message = f"it is a network of {of}, and the fit is of {model}"
            return [Problem(file, at, fit.network, message, how_to_train(model))]
        return []
    found = candidates(study, model)
    if len(found) > 1:
        names = ", ".join(use.name for use in found)
        message = f"there are several networks of {model}: {names}"
        return [Problem(file, at, "", message, f"name one: network: {found[0].name}")]
    own = known_model(fit.model)
    if not found and (own is None or KIND not in own.likelihoods):
        message = f"there is no network of {model}"
        shown = show(fit.likelihood) if fit.likelihood else ""
        return [Problem(file, f"{place}.likelihood", shown, message, how_to_train(model))]
    return []


def how_to_train(model: str) -> str:
    """Return what a study has to say to have a network of a model trained."""
    return (
        f"have one trained: `networks: [{{name: my_{model}, model: {model}, box: {{...}}}}]` in "
        f"the study, with an interval for each input; or give one by `file:` (ONNX) or `folder:`; "
        "see config/README.md"
    )

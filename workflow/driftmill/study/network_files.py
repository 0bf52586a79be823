"""Networks that several studies share, in a file of their own."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from driftmill.study.explain import explain
from driftmill.study.network_types import NetworksFile
from driftmill.study.problems import Problem, StudyErrors, show
from driftmill.study.types import Study
from driftmill.study.yaml_file import read_yaml

_BEGINNING = "begin with `networks:` (see config/README.md)"


def with_shared_networks(study: Study, study_file: Path | str) -> Study:
    """Return a study with the networks of the file that it names beside its own.

    Parameters
    ----------
    study
        The study as it was read.
    study_file
        Its file, for the problems.

    Raises
    ------
    StudyErrors
        When the file of networks cannot be read, or two networks have one name; names the file
        in which the mistake is.
    """
    if study.networks_from is None:
        return study
    path = Path(study.networks_from)
    if not path.is_file():
        message = f"there is no such file ({path.absolute()})"
        remedy = "give the path of a YAML file with `networks:`; see config/README.md"
        found = show(study.networks_from)
        raise StudyErrors([Problem(str(study_file), "networks_from", found, message, remedy)])
    try:
        shared = NetworksFile.model_validate(read_yaml(path, _BEGINNING))
    except ValidationError as error:
        told = explain(str(path), error, root=NetworksFile)
        raise StudyErrors([problem for _, problem in told]) from error
    known = {network.name.lower() for network in study.networks}
    problems = []
    for k, network in enumerate(shared.networks):
        if network.name.lower() in known:
            message = "is the name of another network of the study or of this file"
            remedy = "give each network a name of its own"
            at = f"networks[{k}].name"
            problems.append(Problem(str(path), at, network.name, message, remedy))
        known.add(network.name.lower())
    if problems:
        raise StudyErrors(problems)
    return study.model_copy(update={"networks": (*study.networks, *shared.networks)})

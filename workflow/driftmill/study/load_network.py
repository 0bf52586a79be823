"""The network of a fit, read from its files and refused where nobody knows how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from driftmill.models.network import Network, network_of
from driftmill.models.shipped import shipped
from driftmill.store.cards import Card, read_card
from driftmill.store.errors import DamagedArtifact
from driftmill.study.networks import NetworkUse
from driftmill.study.problems import Problem, StudyErrors
from driftmill.study.types import Fit, Study

REMEDY = (
    "train it longer or with more sets, or in a smaller box; or say `accept_unchecked: true`, and "
    "the report will say so"
)


def load_network(
    study: Study, fit: Fit, use: NetworkUse, files: Sequence[str], file: str
) -> Network:
    """Return the network of a fit.

    Parameters
    ----------
    study
        The study.
    fit
        Its fit.
    use
        The network that it asks for.
    files
        Its card and its weights as the job sees them; none for one that driftmill brings along.
    file
        The study file, for the message.

    Raises
    ------
    StudyErrors
        When it was not checked or failed its gates, and the fit does not accept that.
    DamagedArtifact
        When card and weights are no network.
    """
    if use.section is None:
        return shipped(use.name)
    card, weights = (Path(path) for path in files)
    problem = refusal(study, fit, read_card(card), file)
    if problem is not None:
        raise StudyErrors([problem])
    try:
        return network_of(card.read_text(encoding="utf-8"), weights.read_bytes())
    except (ValueError, KeyError) as error:
        raise DamagedArtifact(weights, str(error)) from error


def refusal(study: Study, fit: Fit, card: Card, file: str) -> Problem | None:
    """Return the problem of a fit with a network that did not pass; None where there is none.

    Parameters
    ----------
    study, fit
        The study, and its fit.
    card
        The card of the network that the fit asks for.
    file
        The study file.
    """
    if card.passed or fit.accept_unchecked:
        return None
    place = f"fits[{[each.name for each in study.fits].index(fit.name)}].network"
    message = f"the network may be too inaccurate: {card.failures}"
    return Problem(file, place, card.name, message, REMEDY)

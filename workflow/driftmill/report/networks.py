"""What the page says of networks in the place of likelihoods, and where it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from driftmill.report.blocks import Block, Note, Prose, Section
from driftmill.report.formatting import listed

if TYPE_CHECKING:
    from driftmill.report.data import StudySummary

#: Sections that show no number of a posterior, or speak of the networks themselves.
UNMARKED = ("study", "fits", "networks", "methods")
#: Figures of accuracy in words; others are told by their names.
WORDS = {
    "mass_least": "least total mass",
    "mass_most": "most total mass",
    "hellinger_ratio_median": "median Hellinger distance to simulation over its sampling floor",
    "hellinger_ratio_worst": "worst Hellinger distance to simulation over its sampling floor",
    "log_density_error_rms": "root mean square error of the log density",
    "log_density_error_median": "median error of the log density",
    "log_density_error_p95": "95th percentile of the error of the log density",
    "gradient_error_median": "median error of its derivatives",
    "gradient_error_p95": "95th percentile of the error of its derivatives",
    "mass_error_max": "largest error of the total mass",
    "sbc_p_least": "smallest p-value of simulation-based calibration, times their number",
    "sbc_datasets": "datasets of simulation-based calibration",
    "sbc_failed": "posteriors among them that did not pass their gates",
}


@dataclass(frozen=True)
class NetworkSummary:
    """A network as the page speaks of it.

    Parameters
    ----------
    name, model, kind, digest
        As its card has them.
    fits
        Names of the fits whose likelihood it is.
    source
        Where it comes from, in words.
    box
        By input, the interval in which it was trained.
    layers
        Units of its hidden layers.
    accuracy
        Figures on fresh parameters.
    gates
        Each with ``figure``, ``value``, ``lower``, ``upper`` and ``passed``.
    training
        Sizes, seeds and versions.
    passed
        Whether it was checked and passed all gates.
    failures
        The gates that it does not pass, in words; empty when it passes.
    """

    name: str
    model: str
    kind: str
    digest: str
    fits: tuple[str, ...]
    source: str
    box: Mapping[str, tuple[float, float]]
    layers: tuple[int, ...]
    accuracy: Mapping[str, float]
    gates: tuple[Mapping[str, Any], ...]
    training: Mapping[str, Any]
    passed: bool
    failures: str

    @property
    def figures(self) -> str:
        """Its accuracy in words: the figures of its gates, or all where it was not checked."""
        asked = [str(gate["figure"]) for gate in self.gates] or list(self.accuracy)
        told = [f"{words(n)} {self.accuracy[n]:.2g}" for n in asked if n in self.accuracy]
        return ", ".join(told) or "not measured"


def words(figure: str) -> str:
    """Return the name of a figure of accuracy in words."""
    return WORDS.get(figure, figure.replace("_", " "))


def sentence(network: NetworkSummary) -> Markup:
    """Say whose likelihood a network is, how accurate, and whether it passed."""
    fits = f"{'fits' if len(network.fits) > 1 else 'fit'} {listed(list(network.fits))}"
    text = Markup(
        "The likelihood of {} is not that of {} itself but of the network <code>{}</code>{}. On "
        "fresh parameters: {}.{}"
    )
    kind = ""
    if network.kind == "correction":
        kind = ", which corrects a closed form towards the model's own numerical solution"
    failed = ""
    if not network.passed:
        failed = f" It did not pass its gates and was accepted unchecked: {network.failures}."
    return text.format(fits, network.model, network.name, kind, network.figures, failed)


def noted(section: Section, study: StudySummary) -> Section:
    """Return a section with words on the networks that its numbers rest on.

    Where one did not pass its gates every section with numbers says so; else the verdict alone.
    """
    if section.anchor in UNMARKED or not study.networks:
        return section
    told: list[Block] = []
    for network in study.networks:
        if not network.passed:
            told.append(Note(sentence(network), "warning"))
        elif section.anchor == "verdict":
            link = Markup(' See <a href="#networks">networks</a>.')
            told.append(Prose(sentence(network) + link))
    return replace(section, blocks=(*told, *section.blocks))

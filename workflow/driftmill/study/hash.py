"""What identifies a study, and what each step's results depend on."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Literal

from driftmill.study.built_in import is_built_in
from driftmill.study.include import Lapse
from driftmill.study.model_files import digest
from driftmill.study.networks import network_of, used_networks
from driftmill.study.prior_truths import prior_fit
from driftmill.study.types import Fit, ObservedCell, SimulatedCell, Study

Step = Literal[
    "simulate",
    "fit",
    "describe",
    "estimate",
    "loo",
    "integrate",
    "fold",
    "future",
    "compare",
    "rank",
    "scale",
    "recover",
    "size",
    "predict",
    "transform",
    "sketch",
    "publish",
    "edge",
]
_OF_A_FIT = (
    *("fit", "describe", "estimate", "loo", "integrate", "fold", "future"),
    *("predict", "transform", "rank", "scale", "edge"),
)
#: What a study says of refits without trials.
_ASKED = {"fold": "folds", "future": "future"}
#: Lapses assumed for observed data when a fit says nothing.
OBSERVED_P_OUTLIER = 0.05


def study_hash(study: Study) -> str:
    """Return 16 hexadecimal digits that change with anything the study says.

    The user's files of models count by what is in them, networks by their designs or weights.
    """
    told = study.model_dump(mode="json") | {"models": _contents(study)}
    told["networks"] = [dict(use.identity) for use in used_networks(study)]
    text = json.dumps(told, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def lapse_of(fit: Fit, cell: SimulatedCell | ObservedCell) -> Lapse:
    """Return what a fit assumes of lapses on a cell: its own word, else the cell's share."""
    if fit.p_outlier is not None:
        return fit.p_outlier
    return OBSERVED_P_OUTLIER if isinstance(cell, ObservedCell) else cell.lapse


def _contents(study: Study) -> list[str]:
    """Return the hash of each of the user's files of models, wherever they lie."""
    return [digest(file) for file in study.models]


def _priors_part(study: Study, fit: Fit, cell: str) -> dict[str, Any]:
    """Return what truths from a fit's priors depend on: all of it but its likelihood."""
    lapsing = fit.model_copy(update={"p_outlier": lapse_of(fit, study.cell(cell))})
    return lapsing.model_dump(mode="json", exclude={"cells", "network", "accept_unchecked"})


def _fit_part(study: Study, fit: Fit, cell: str) -> dict[str, Any]:
    part = _priors_part(study, fit, cell)
    network = network_of(study, fit)
    return part if network is None else part | {"network": dict(network.identity)}


def _sampling(study: Study) -> dict[str, Any]:
    """Return what posteriors depend on; what they are sampled on changes no more than rounding."""
    return study.sampling.model_dump(mode="json", exclude={"platform"})


def relevant(
    study: Study,
    step: Step,
    cell: str | None = None,
    fit: str | None = None,
    datasets: range | None = None,
) -> dict[str, Any]:
    """Return what a step's result depends on, as plain values for Snakemake's ``params``.

    Inputs are not repeated: when they are remade, Snakemake remakes what follows.

    Parameters
    ----------
    study
        The study.
    step
        The step; ``simulate`` and ``fit`` need ``cell``, ``fit`` needs ``fit`` too. With a cell,
        ``compare`` is of its fits alone.
    cell, fit
        Names.
    datasets
        The datasets of the batch. With them, more datasets in a cell leave full batches valid.
    """
    part: dict[str, Any] = {}
    if datasets is not None:
        part["datasets"] = [datasets.start, datasets.stop]
    if step == "simulate" and cell is not None:
        found = study.cell(cell)
        part["seed"] = study.seed
        part["cell"] = found.model_dump(mode="json", exclude={"datasets"})
        drawn_from = prior_fit(found, study.fits)
        if drawn_from is not None:
            part["fit"] = _priors_part(study, drawn_from, cell)
        if isinstance(found, SimulatedCell) and not is_built_in(found.model):
            part["models"] = _contents(study)
    elif step in _OF_A_FIT and cell is not None and fit is not None:
        part["fit"] = _fit_part(study, study.fit(fit), cell)
        if not is_built_in(study.fit(fit).model):
            part["models"] = _contents(study)
        if step in ("fit", "fold", "future"):
            part["seed"] = study.seed
            part["sampling"] = _sampling(study)
        if step in ("fold", "future"):
            part |= study.compare.model_dump(mode="json", include={_ASKED[step]})
        elif step == "predict":
            part["seed"] = study.seed
            part["draws"] = study.report.predictive.draws
        elif step in ("integrate", "transform", "rank"):
            part["seed"] = study.seed
            if step == "integrate" and study.compare.refits:
                part["refits"] = study.compare.refits
                part["sampling"] = _sampling(study)
        elif step == "loo":
            part["mending"] = [study.compare.moment_match, study.compare.refits]
            if study.compare.refits:
                part["seed"] = study.seed
                part["sampling"] = _sampling(study)
    elif step == "compare":
        part["seed"] = study.seed
        part["fits"] = [f.name for f in study.fits if cell is None or f.applies_to(cell)]
        others = {"moment_match", "refits", "participants", *_ASKED.values()}
        part["compare"] = study.compare.model_dump(mode="json", exclude=others)
    elif step == "recover":
        part["recover"] = study.recover.model_dump(mode="json")
    elif step == "size":
        part["seed"] = study.seed
        part["precision"] = study.report.precision.model_dump(mode="json")
    elif step == "sketch":
        part["explore"] = [study.report.explore, *study.report.datasets]
    elif step == "publish":
        part["published"] = [entry.model_dump(mode="json") for entry in study.report.published]
    return part

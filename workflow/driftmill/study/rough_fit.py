"""What a fit estimates, by the study file alone: without the catalogue of models.

Every job reads the plan, and the catalogue takes seconds to import. Tests hold what is said here
against the catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from driftmill.study.distribution import PriorSpec
from driftmill.study.include import IncludeSpec, LapseSpec
from driftmill.study.types import Fit
from driftmill.study.unit_costs import Freedom

#: Parameters of the models that driftmill brings along, without those that they hold.
PARAMETERS: Mapping[str, tuple[str, ...]] = {
    "ddm": ("v", "a", "z", "t"),
    "ddm_sdv": ("v", "a", "z", "t", "sv"),
    "full_ddm": ("v", "a", "z", "t", "sz", "sv", "st"),
    "angle": ("v", "a", "z", "t", "theta"),
    "angle_sdv": ("v", "a", "z", "t", "theta", "sv"),
    "weibull": ("v", "a", "z", "t", "alpha", "beta"),
    "ornstein": ("v", "a", "z", "g", "t"),
    "ddm_seq2_no_bias": ("vh", "vl1", "vl2", "a", "t"),
    "levy": ("v", "a", "z", "alpha", "t"),
    "gamma_drift": ("v", "a", "z", "t", "shape", "scale", "c"),
    "gamma_drift_angle": ("v", "a", "z", "t", "theta", "shape", "scale", "c"),
    "poisson_race": ("r1", "r2", "k1", "k2", "t"),
    **{f"lba{n}": ("A", "b", *(f"v{k}" for k in range(n))) for n in (2, 3, 4)},
    **{f"racing_diffusion_{n}": ("A", "b", *(f"v{k}" for k in range(n)), "t") for n in (2, 3, 4)},
    **{
        f"race_no_bias_angle_{n}": (*(f"v{k}" for k in range(n)), "a", "z", "t", "theta")
        for n in (2, 3, 4)
    },
    **{
        f"softmax_inv_temperature_{n}": ("beta", *(f"logit{k}" for k in range(1, n)))
        for n in (2, 3, 4)
    },
    "rlssm1": ("rl_alpha", "scaler", "a", "z", "t", "theta"),
    "rlssm2": ("rl_alpha", "rl_alpha_neg", "scaler", "a", "z", "t", "theta"),
    "hgf_softmax": ("omega2", "beta"),
}
#: Parameters of learning processes.
_LEARNT: Mapping[str, int] = {
    "rescorla_wagner": 1,
    "rescorla_wagner_dual": 2,
    "hgf_binary": 1,
    "hgf_binary_3": 2,
    "hgf_binary_3_standard": 2,
    "hgf_continuous": 2,
    "hgf_continuous_3": 3,
    "hgf_continuous_3_standard": 3,
}
_GROUP = re.compile(r"\(([^()|]*)\|([^()|]*)\)")
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class RoughFormula:
    """What a formula says of costs.

    Parameters
    ----------
    common, groups
        How many terms all share, and how many vary over groups.
    columns
        Words in it, columns among them.
    """

    common: int
    groups: int
    columns: tuple[str, ...]


def rough_freedom(fit: Fit) -> Freedom:
    """Return how many numbers a fit estimates, about."""
    names = _names(fit)
    formulas = rough_formulas(fit)
    held = {*fit.fixed}
    for entry in fit.include:
        if isinstance(entry, IncludeSpec) and isinstance(entry.prior, float | str) and entry.name:
            held.add(entry.name)
    common, each = 0, 0
    for formula in formulas.values():
        common += formula.common
        each += formula.groups
    lapse = int(isinstance(fit.p_outlier, PriorSpec))
    plain = sum(name not in held and name not in formulas for name in names) + lapse
    return Freedom(plain + common + each, each)


def _names(fit: Fit) -> tuple[str, ...]:
    """Return the parameters of a fit's model; made-up names where only their number is known."""
    if isinstance(fit.model, str):
        return (*PARAMETERS.get(fit.model, PARAMETERS["ddm"]), *fit.free)
    decision = PARAMETERS.get(fit.model.decision, PARAMETERS["ddm"])
    learnt = _LEARNT.get(fit.model.learning, 2)
    timed = "t" in decision
    # Learning sets the drift, by a scaler, or the logits.
    own = [name for name in decision if not name.startswith(("v", "logit"))]
    return (
        *own,
        *(["scaler"] if timed else []),
        *(f"learnt {k}" for k in range(learnt)),
        *fit.free,
    )


def rough_formulas(fit: Fit) -> dict[str, RoughFormula]:
    """Return the formulas of a fit by parameter."""
    said: dict[str, str] = {}
    for entry in fit.include:
        text = entry if isinstance(entry, str) else entry.formula
        name = None if isinstance(entry, str) else entry.name
        if text is not None:
            said[name or text.partition("~")[0].strip()] = text
    if isinstance(fit.p_outlier, str):
        said["p_outlier"] = fit.p_outlier
    elif isinstance(fit.p_outlier, LapseSpec):
        said["p_outlier"] = fit.p_outlier.formula
    if fit.global_formula is not None:
        held = {e.name for e in fit.include if isinstance(e, IncludeSpec)} | fit.fixed.keys()
        for name in _names(fit):
            if name not in held and name not in fit.priors:
                said.setdefault(name, fit.global_formula)
    return {name: _read(text) for name, text in said.items()}


def _read(text: str) -> RoughFormula:
    right = text.rpartition("~")[2]
    groups = sum(_count(match[1]) for match in _GROUP.finditer(right))
    common = _count(_GROUP.sub("", right))
    return RoughFormula(common, groups, tuple(dict.fromkeys(_WORD.findall(right))))


def _count(text: str) -> int:
    """Return how many terms a formula without groups has, its intercept among them."""
    flat = text
    while (inner := re.sub(r"\([^()]*\)", "", flat)) != flat:
        flat = inner
    terms = [part.strip() for part in flat.replace("-", "+-").split("+") if part.strip()]
    without = any(term.replace(" ", "") in ("0", "-1") for term in terms)
    named = [term for term in terms if not term.replace(" ", "").strip("-").isdigit()]
    return sum((1 << len(term.split("*"))) - 1 for term in named) + (not without)

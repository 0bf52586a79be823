"""What a fit says of each parameter, wherever it says so: include, fixed, priors, p_outlier."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from driftmill.formulas.names import LinkName
from driftmill.formulas.terms import split_formula
from driftmill.models import Model
from driftmill.regression.fit_spec import P_OUTLIER
from driftmill.study.distribution import PriorSpec
from driftmill.study.include import IncludeSpec, LapseSpec
from driftmill.study.types import Fit

#: Where the formula stands that is of all parameters of which nothing else is said.
GLOBAL = "global_formula"


@dataclass(frozen=True)
class Written:
    """A formula as it is written.

    Parameters
    ----------
    formula
        Its right-hand side.
    left
        Its left side, None where there is none.
    link
        The link's name, None where none is given.
    priors
        Distributions by term.
    """

    formula: str
    left: str | None = None
    link: LinkName | None = None
    priors: Mapping[str, PriorSpec] = field(default_factory=dict)


@dataclass(frozen=True)
class Statement:
    """What one entry of a fit says of one parameter.

    Parameters
    ----------
    parameter
        Its name; empty where an entry gives none.
    at
        Where that stands in the fit, e.g. ``include[0]`` or ``fixed.z``.
    said
        A number or a column that the parameter is held at, its prior, its formula; None where
        an entry says none of these.
    keys
        Whether the entry is a mapping, in which the formula has a key of its own.
    """

    parameter: str
    at: str
    said: float | str | PriorSpec | Written | None
    keys: bool = False

    @property
    def formula_at(self) -> str:
        """Where the formula stands in the fit."""
        return f"{self.at}.formula" if self.keys else self.at


def statements_of(fit: Fit) -> tuple[Statement, ...]:
    """Return all that a fit says of single parameters, in the order of its keys."""
    found = [_included(fit, k, entry) for k, entry in enumerate(fit.include)]
    found += [Statement(name, f"fixed.{name}", value) for name, value in fit.fixed.items()]
    found += [Statement(name, f"priors.{name}", spec) for name, spec in fit.priors.items()]
    lapse = fit.p_outlier
    if isinstance(lapse, str | LapseSpec):
        spec = LapseSpec(formula=lapse) if isinstance(lapse, str) else lapse
        left, right = split_formula(spec.formula)
        written = Written(right, left, spec.link, spec.prior)
        keys = isinstance(lapse, LapseSpec)
        found.append(Statement(P_OUTLIER.name, P_OUTLIER.name, written, keys))
    elif lapse is not None:
        found.append(Statement(P_OUTLIER.name, P_OUTLIER.name, lapse))
    return tuple(found)


def _included(fit: Fit, k: int, entry: str | IncludeSpec) -> Statement:
    at = f"include[{k}]"
    spec = IncludeSpec(formula=entry) if isinstance(entry, str) else entry
    text = spec.formula
    parts = isinstance(spec.prior, dict) or (spec.prior is None and spec.link is not None)
    if text is None and parts and fit.global_formula is not None:
        # Priors of terms, or a link, of the global formula.
        text = split_formula(fit.global_formula)[1]
    if text is None:
        said = None if isinstance(spec.prior, dict) else spec.prior
        return Statement(spec.name or "", at, said, keys=True)
    left, right = split_formula(text)
    priors = spec.prior if isinstance(spec.prior, dict) else {}
    written = Written(right, left, spec.link, priors)
    return Statement(spec.name or left or "", at, written, keys=not isinstance(entry, str))


def written_of(fit: Fit, model: Model) -> dict[str, tuple[str, Written]]:
    """Return the formula of every parameter that has one, with where it stands in the fit.

    In the model's order, ``p_outlier`` last; the global formula for every parameter of the
    model of which nothing else is said, but for those that the model holds and the fit does
    not free.
    """
    said: dict[str, Statement] = {}
    for statement in statements_of(fit):
        said.setdefault(statement.parameter, statement)
    if fit.global_formula is not None:
        written = Written(split_formula(fit.global_formula)[1])
        for parameter in model.parameters:
            if parameter.held is None or parameter.name in fit.free:
                said.setdefault(parameter.name, Statement(parameter.name, GLOBAL, written))
    found = {}
    for name in (*model.parameter_names, P_OUTLIER.name):
        held = said.get(name)
        if held is not None and isinstance(held.said, Written):
            found[name] = (held.formula_at, held.said)
    return found

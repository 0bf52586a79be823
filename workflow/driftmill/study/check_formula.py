"""Checks of a formula without data: that it can be read, its link, the priors of its terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from driftmill.formulas.defaults import COMMON, GROUP_SPECIFIC
from driftmill.formulas.links import possible_links
from driftmill.formulas.terms import INTERCEPT, FormulaError, Terms, terms_of
from driftmill.models import Parameter
from driftmill.study.build_fit import is_noncentered, link_of_formula
from driftmill.study.check_prior import check_deviations, check_prior
from driftmill.study.distribution import PriorSpec
from driftmill.study.priors import prior_of
from driftmill.study.problems import Problem, show, suggest
from driftmill.study.statements import Statement, Written
from driftmill.study.types import Fit


@dataclass(frozen=True)
class Spot:
    """Where a formula stands: the study file, its entry, the formula itself.

    Parameters
    ----------
    file
        The study file.
    at
        The entry, e.g. ``fits[0].include[1]``.
    formula
        The formula, e.g. ``fits[0].include[1].formula``.
    """

    file: str
    at: str
    formula: str

    def problem(self, text: str, message: str, remedy: str) -> Problem:
        """Return a problem of the formula."""
        return Problem(self.file, self.formula, show(text), message, remedy)


def spot_of(file: str, place: str, statement: Statement) -> Spot:
    """Return where a statement of a fit at ``place`` stands."""
    return Spot(file, f"{place}.{statement.at}", f"{place}.{statement.formula_at}")


def check_formula(spot: Spot, fit: Fit, parameter: Parameter, written: Written) -> list[Problem]:
    """Return the problems of the formula of a known parameter.

    Parameters
    ----------
    spot
        Where it stands.
    fit
        The fit, for its links and for how its groups are sampled.
    parameter
        The parameter.
    written
        The formula.
    """
    problems = []
    if written.left not in (None, parameter.name):
        message = f"the formula's left side is {written.left!r}, its entry's name {parameter.name}"
        remedy = f"write {parameter.name} ~ {written.formula}, or change the name"
        problems.append(spot.problem(f"{written.left} ~ {written.formula}", message, remedy))
    try:
        terms = terms_of(written.formula)
    except FormulaError as error:
        remedy = "write it as for HSSM, e.g. 1 + x + (1 + x | participant_id)"
        return [*problems, spot.problem(written.formula, str(error), remedy)]
    try:
        link = link_of_formula(fit, parameter, written)
    except ValueError as error:
        remedy = f"give one of {', '.join(possible_links(parameter))}"
        problems.append(
            Problem(spot.file, f"{spot.at}.link", show(written.link), str(error), remedy)
        )
        return problems
    natural = parameter if link.name == "identity" else None
    noncentered = is_noncentered(fit, parameter.name)
    problems += _check_priors(spot, terms, written.priors, noncentered, natural)
    if link.name == "identity" and possible_links(parameter) != ("identity",):
        problems += _check_around_nothing(spot, parameter, written, terms)
    return problems


def _check_priors(
    spot: Spot,
    terms: Terms,
    priors: Mapping[str, PriorSpec],
    noncentered: bool,
    natural: Parameter | None,
) -> list[Problem]:
    """Return the problems of the priors of terms.

    The intercept is a value of ``natural``, of no parameter where that is None.
    """
    groups = tuple(term.name for term in terms.groups)
    kinds = {COMMON: tuple(t for t in terms.common if t != INTERCEPT), GROUP_SPECIFIC: groups}
    known = (*terms.names, *(kind for kind, members in kinds.items() if members))
    problems = []
    for name, spec in priors.items():
        at = f"{spot.at}.prior.{name}"
        if name not in known:
            message = f"the formula has no {'terms of this kind' if name in kinds else 'such term'}"
            value = str(prior_of(spec))
            problems.append(Problem(spot.file, at, value, message, suggest(name, known, "terms")))
        elif name in groups or name == GROUP_SPECIFIC:
            problems += check_deviations(spot.file, at, spec, noncentered=noncentered)
        else:
            problems += check_prior(spot.file, at, spec, natural if name == INTERCEPT else None)
    return problems


def _check_around_nothing(
    spot: Spot, parameter: Parameter, written: Written, terms: Terms
) -> list[Problem]:
    """Return a problem when values of a bounded parameter would be deviations from 0."""
    lone = [term.name for term in terms.groups if term.expr == "1"]
    if terms.common or not lone:
        return []
    message = (
        f"{lone[0]} varies around 0 here, without a link and without an intercept, and the support "
        f"of {parameter.name} is {parameter.support}"
    )
    remedy = f"add an intercept (1 + ...), or give a link: {possible_links(parameter)[1]}"
    return [spot.problem(written.formula, message, remedy)]

"""A fit in words: what is estimated, by which formula, under which priors."""

from __future__ import annotations

from collections.abc import Iterator

from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import INTERCEPT
from driftmill.likelihoods.lapse import RT_LAPSE_UPPER
from driftmill.models.declaration import Parameter
from driftmill.models.priors import Distribution
from driftmill.regression.fit_spec import P_OUTLIER, FitSpec

#: Columns of the text; names and their values are set apart by this much.
_INDENT = "    "


def summary(spec: FitSpec, trials: int, participants: int, unscored: int = 0) -> str:
    """Write down a fit as it is applied to one dataset.

    Parameters
    ----------
    spec
        The fit.
    trials, participants
        How many the dataset has.
    unscored
        How many of the trials are not scored.

    Returns
    -------
    str
        Lines of plain text: the model, the response, the likelihood, the observations; for
        every parameter its formula, priors by term, link and support, or its prior, or what
        it is held at; the lapses.
    """
    people = f" of {_counted(participants, 'participant')}" if participants else ""
    lines = [
        f"Fit: {spec.name}",
        f"Model: {spec.model.name} ({spec.model.title})",
        *_learning(spec),
        f"Response: {', '.join(spec.model.response_columns)}",
        f"Choices: {', '.join(map(str, spec.model.choices))}{_codes(spec)}",
        f"Likelihood: {spec.likelihood}",
        *_omissions(spec),
        f"Observations: {_counted(trials - unscored, 'trial')}{people}{_beside(spec, unscored)}",
        "",
        "Parameters:",
    ]
    for parameter in spec.model.parameters:
        lines += ["", f"{parameter.name}: {parameter.description}", *_parameter(spec, parameter)]
    lines += ["", *_lapses(spec)]
    if told := products(spec):
        lines += ["", f"Only products are identified: {', '.join(map(' × '.join, told))}"]
    return "\n".join(lines) + "\n"


def _codes(spec: FitSpec) -> str:
    """Say which codes of the data stand for others of the model."""
    told = ", ".join(f"{new} where the data have {old}" for old, new in spec.recode.items())
    return f" ({told})" if told else ""


def _beside(spec: FitSpec, unscored: int) -> str:
    """Say what becomes of trials that are not scored."""
    if not unscored:
        return ""
    fate = "left out" if spec.model.learning is None else "lived through by learning, not scored"
    return f"; {_counted(unscored, 'more trial')} without a response within the limits: {fate}"


def _omissions(spec: FitSpec) -> Iterator[str]:
    """Say what becomes of trials without a response up to their deadline."""
    if not spec.deadlines:
        return
    told = (
        "no response" if spec.silent is None else f"no response but {spec.silent}, the silent one,"
    )
    yield f"Omissions: scored by the probability of {told} before the deadline"


def _learning(spec: FitSpec) -> Iterator[str]:
    """Yield what a learning process learns from, and what it drives."""
    learning = spec.model.learning
    if learning is None:
        return
    kept = "".join(
        f"; {words} {column}"
        for words, column in (
            ("kept for each", learning.cue),
            ("anew at each", learning.block),
            ("time since the trial before in", learning.elapsed),
        )
        if column is not None
    )
    process, decision = learning.process, learning.decision
    yield f"Learning: {process.name} from {', '.join(learning.input_columns)}{kept}"
    yield f"Decision: {decision.name}, {', '.join(learning.coupling.sets(decision))} by learning"


def products(spec: FitSpec) -> tuple[tuple[str, ...], ...]:
    """Return the groups of parameters, all of them free, of which only the product is identified.

    A formula does not change that: what scales one parameter of all trials can be undone by
    another.
    """
    free = spec.free_parameters
    return tuple(group for group in spec.model.products if all(name in free for name in group))


def _parameter(spec: FitSpec, parameter: Parameter) -> Iterator[str]:
    """Yield what is assumed of one parameter."""
    name = parameter.name
    if name in spec.fixed_columns:
        yield f"{_INDENT}Held at: the column {spec.fixed_columns[name]}, trial by trial"
    elif name in spec.fixed_numbers:
        yield f"{_INDENT}Held at: {spec.fixed_numbers[name]:g}"
    elif name in spec.formulas:
        yield from _formula(spec.formulas[name], parameter)
    else:
        yield f"{_INDENT}Prior: {spec.named_prior(name)}{_cut(spec.prior_of(name))}"
        yield f"{_INDENT}Support: {parameter.support}"


def _cut(prior: Distribution) -> str:
    return ", truncated to the support" if any(prior.reaches_past) else ""


def _formula(regression: Regression, parameter: Parameter) -> Iterator[str]:
    yield f"{_INDENT}Formula: {regression}"
    yield f"{_INDENT}Priors:"
    for term in regression.terms.names:
        prior = regression.priors[term]
        # On the identity scale an intercept is a value of the parameter.
        bounded = term == INTERCEPT and regression.link.name == "identity"
        cut = _cut(Distribution(prior, parameter.lower, parameter.upper)) if bounded else ""
        yield f"{_INDENT * 2}{regression.variable(term)} ~ {prior}{cut}"
    yield f"{_INDENT}Link: {regression.link}"
    yield f"{_INDENT}Support: {parameter.support}"
    if regression.terms.groups:
        yield f"{_INDENT}Groups: {'non-centred' if regression.noncentered else 'centred'}"


def _lapses(spec: FitSpec) -> Iterator[str]:
    """Yield what is assumed of lapses."""
    if not spec.lapses:
        yield "Lapses: none"
        return
    if isinstance(spec.p_outlier, Regression):
        yield "p_outlier: share of lapses"
        yield from _formula(spec.p_outlier, P_OUTLIER)
    elif spec.estimates_lapse:
        yield f"p_outlier: {P_OUTLIER.description}"
        yield f"{_INDENT}Prior: {spec.named_prior('p_outlier')}{_cut(spec.prior_of('p_outlier'))}"
    else:
        yield f"Lapses: {spec.p_outlier:g} of trials"
    where = f"response times from 0 to {RT_LAPSE_UPPER:g} s and " if spec.model.has_rt else ""
    yield f"Lapse distribution: uniform over {where}{len(spec.model.choices)} choices"


def _counted(amount: int, noun: str) -> str:
    return f"{amount} {noun}{'' if amount == 1 else 's'}"

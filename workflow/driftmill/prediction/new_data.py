"""Formulas on data that the fit has not seen: its own encodings, and room for new groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import formulae
import numpy as np
import pandas as pd
from formulae.environment import Environment
from numpy.typing import NDArray

from driftmill.formulas.design import (
    Coefficients,
    DesignMatrix,
    Deviations,
    design_matrix,
)
from driftmill.formulas.functions import NAMESPACE
from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import FormulaError
from driftmill.models.declaration import Columns, FloatArray
from driftmill.prediction.designs import Designs, designs_of, frame_of
from driftmill.prediction.trial_draws import TrialDraws, own_draws, trial_draws
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_draws import draw_deviations, stream

_SHOWN = 8


def new_design(regression: Regression, seen: pd.DataFrame, new: pd.DataFrame) -> DesignMatrix:
    """Evaluate a formula on new trials as the fit's own trials encode it.

    Levels, references and the parameters of transforms (the knots of ``bs``, the mean of
    ``scale``) are those of the trials that were fitted. Groups that these lack are added after
    theirs.

    Parameters
    ----------
    regression
        The formula.
    seen
        The trials of the fit.
    new
        New trials with the columns that the formula needs.

    Raises
    ------
    FormulaError
        When a column is missing or has gaps, or holds a level that was never seen.
    """
    known = design_matrix(regression, seen)
    missing = [name for name in regression.terms.columns if name not in new.columns]
    if missing:
        columns = ", ".join(map(str, new.columns))
        raise FormulaError(
            f"{regression} needs the columns {', '.join(missing)} too; got {columns}"
        )
    for name in regression.terms.columns:
        if gaps := np.flatnonzero(new[name].isna().to_numpy()).tolist():
            raise FormulaError(f"{regression}: column {name} has no value in row {gaps[0] + 1}")
    found: Any = formulae.design_matrices(
        regression.formula, seen, "error", Environment([dict(NAMESPACE)])
    )
    common = found.common.terms if found.common else {}
    groups = found.group.terms if found.group else {}
    offset = np.zeros(len(new))
    for term in common.values():
        if term.kind == "offset":
            offset = offset + _columns(regression, term, new)[:, 0]
    return DesignMatrix(
        regression,
        tuple(_coefficients(regression, c, common[c.term], new) for c in known.common),
        tuple(_deviations(regression, d, groups[d.term.name], new) for d in known.groups),
        offset,
    )


def new_trial_draws(
    spec: FitSpec,
    columns: Columns,
    draws: Mapping[str, FloatArray],
    new: pd.DataFrame,
    seed: np.random.SeedSequence,
) -> TrialDraws:
    """Return the trial-wise parameters of draws of a fit on trials that it has not seen.

    Parameters
    ----------
    spec
        The fit.
    columns
        All columns that the fit needs, of the dataset that it was made from.
    draws
        By variable, shape (draws, ...), as this dataset has them.
    new
        The new trials: the columns of the formulas, and those that hold fixed parameters.
    seed
        Seeds the deviations of groups that the fit has not seen.

    Raises
    ------
    FormulaError
        As `new_design`.
    """
    designs, extended = _extended(spec, columns, draws, new, seed)
    learning = spec.model.learning
    needed = [] if learning is None else ["response", *learning.needed_columns]
    held = _held(spec, new, [*needed, *spec.fixed_columns.values()])
    if learning is not None:
        # What a learner learned does not depend on when it responded.
        unknown = np.full(len(new), np.nan)
        held |= {name: unknown for name in spec.model.response_columns if name not in held}
    return trial_draws(spec, designs, extended, held, len(new))


def new_own_draws(
    spec: FitSpec,
    columns: Columns,
    draws: Mapping[str, FloatArray],
    new: pd.DataFrame,
    seed: np.random.SeedSequence,
) -> TrialDraws:
    """Return a learner's own parameters on new trials, before it has learned anything on them.

    Takes what `new_trial_draws` takes; of what is learned from nothing need be known.
    """
    designs, extended = _extended(spec, columns, draws, new, seed)
    held = _held(spec, new, [*spec.fixed_columns.values()])
    return own_draws(spec, designs, extended, held, len(new))


def _extended(
    spec: FitSpec,
    columns: Columns,
    draws: Mapping[str, FloatArray],
    new: pd.DataFrame,
    seed: np.random.SeedSequence,
) -> tuple[Designs, dict[str, FloatArray]]:
    """Return the designs of new trials, and the draws with the deviations of new groups."""
    seen, old = frame_of(spec, columns), designs_of(spec, columns)
    designs = {name: new_design(formula, seen, new) for name, formula in spec.formulas.items()}
    return designs, with_new_groups(old, designs, draws, seed)


def _held(
    spec: FitSpec, new: pd.DataFrame, needed: Sequence[str]
) -> dict[str, NDArray[np.generic]]:
    """Return columns of new trials; FormulaError when they lack some."""
    if missing := [name for name in needed if name not in new.columns]:
        raise FormulaError(
            f"fit {spec.name} of {spec.model.name} needs the columns {', '.join(missing)} too"
            + ("" if spec.model.learning is None else ": it learns from the trials before each")
            + f"; got {', '.join(map(str, new.columns))}"
        )
    return {column: new[column].to_numpy() for column in needed}


def with_new_groups(
    seen: Designs,
    new: Designs,
    draws: Mapping[str, FloatArray],
    seed: np.random.SeedSequence,
) -> dict[str, FloatArray]:
    """Draw the deviations of groups that the fit has not seen from their distribution.

    Parameters
    ----------
    seen, new
        The fit's designs over its own trials and over new ones.
    draws
        By variable, shape (draws, ...).
    seed
        Every group's deviations have a stream of their own, by the names of the variable and of
        the group, so that they do not depend on which other groups are new.

    Returns
    -------
    dict
        The draws, deviations with the new groups after the others.
    """
    extended = dict(draws)
    for parameter, design in new.items():
        for old, deviations in zip(seen[parameter].groups, design.groups, strict=True):
            name = deviations.variable
            parts = [draws[name]]
            for label in deviations.groups[len(old.groups) :]:
                rng = stream(seed, f"{name}[{label}]")
                drawn = draw_deviations(design.regression, old.term.name, draws, 1, rng)
                parts.append(drawn[name])
            extended[name] = np.concatenate(parts, axis=1)
    return extended


def _columns(regression: Regression, term: Any, new: pd.DataFrame) -> FloatArray:
    """Evaluate a term on new trials, shape (n, elements)."""
    for component in getattr(term, "components", ()):
        if component.kind == "categoric":
            _refuse_unseen(regression, component, new)
    try:
        values = np.asarray(term.eval_new_data(new), dtype=np.float64)
    except Exception as error:  # transforms raise what they like
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FormulaError(f"{regression}: {term.name} cannot be evaluated: {first}") from error
    return values[:, None] if values.ndim == 1 else values


def _refuse_unseen(regression: Regression, component: Any, new: pd.DataFrame) -> None:
    known = [str(level) for level in component.levels]
    values = _text(component, new)
    if unseen := [value for value in dict.fromkeys(values) if value not in set(known)]:
        listed = ", ".join(known[:_SHOWN]) + (", ..." if len(known) > _SHOWN else "")
        row = values.index(unseen[0]) + 1
        raise FormulaError(
            f"{regression}: {component.name} is {unseen[0]!r} in row {row}, a level that the fit "
            f"has not seen; it knows {listed}"
        )


def _text(component: Any, data: pd.DataFrame) -> list[str]:
    """Return the levels of a categorical component on some trials as text."""
    if not hasattr(component, "call"):
        return [str(value) for value in data[component.name].tolist()]
    values = component.call.eval(data, component.env)
    return [str(value) for value in pd.Series(getattr(values, "data", values)).tolist()]


def _coefficients(
    regression: Regression, known: Coefficients, term: Any, new: pd.DataFrame
) -> Coefficients:
    return replace(known, columns=_columns(regression, term, new))


def _deviations(
    regression: Regression, known: Deviations, term: Any, new: pd.DataFrame
) -> Deviations:
    parts = [_text(component, new) for component in term.factor.components]
    labels = [":".join(together) for together in zip(*parts, strict=True)]
    groups = tuple(dict.fromkeys((*known.groups, *labels)))
    place = {label: k for k, label in enumerate(groups)}
    return replace(
        known,
        groups=groups,
        columns=_columns(regression, term.expr, new),
        rows=np.array([place[label] for label in labels], dtype=np.int64),
    )

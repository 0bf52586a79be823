"""Checks of a comparison by new participants: who is left out, and what is then independent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import pandas as pd

from driftmill.formulas.participants import PARTICIPANT
from driftmill.formulas.terms import Terms, terms_of
from driftmill.study.build import fit_spec_of
from driftmill.study.cell_data import observed_data, simulated_data
from driftmill.study.check_columns import Need, needs_of
from driftmill.study.expand import several_participants
from driftmill.study.problems import Problem, show
from driftmill.study.types import Cell, Fit, ObservedCell, Study

#: What asks for it: participants left out one by one, or in folds.
FIELDS = ("participants", "folds")


def check_participants(file: str, study: Study) -> list[Problem]:
    """Return the problems of a comparison by new participants, where the study asks for one.

    Parameters
    ----------
    file
        The study file.
    study
        The study, whose other parts are sound.
    """
    asked = [name for name in FIELDS if getattr(study.compare, name)]
    if not asked:
        return []
    field, value = f"compare.{asked[0]}", show(getattr(study.compare, asked[0]))
    out = f"take {field} out"
    if not study.compare.enabled:
        message = "the study switches comparison off"
        return [Problem(file, field, value, message, f"{out}, or set enabled: true")]
    cells = [cell for cell in study.data if several_participants(cell)]
    if not cells:
        message = "no cell has datasets of several participants, so that one could be left out"
        remedy = f"{out}, or give cells participants: simulated ones `participants`, observed "
        remedy += "ones `columns.participant_id` without `dataset_by: participant_id`"
        return [Problem(file, field, value, message, remedy)]
    pairs = [(c, j, f) for c in cells for j, f in enumerate(study.fits) if f.applies_to(c.name)]
    if not any(fit_spec_of(study, c.name, f.name).varies for c, _, f in pairs):
        message = "no fit varies over participants: nothing is known of how a new one may differ"
        remedy = f"add (1 | {PARTICIPANT}) to a formula of a fit, or {out}"
        return [Problem(file, field, value, message, remedy)]
    return list(dict.fromkeys(p for cell in cells for p in _of_cell(file, study, cell, field)))


def _of_cell(file: str, study: Study, cell: Cell, field: str) -> Iterator[Problem]:
    data = observed_data(cell) if isinstance(cell, ObservedCell) else simulated_data(cell)
    at = f"data[{study.data.index(cell)}]"
    alone = [label for label, frame in data.datasets if frame[PARTICIPANT].nunique() < 2]
    if alone:
        more = f" and {len(alone) - 1} more" if len(alone) > 1 else ""
        message = f"{alone[0] or 'its dataset'}{more}: of one participant alone, so that none is "
        message += f"left when that one is left out ({field})"
        remedy = f"change dataset_by, or take {field} out"
        yield Problem(file, f"{at}.name", show(cell.name), message, remedy)
    frames = [frame for _, frame in data.datasets]
    for j, fit in enumerate(study.fits):
        if fit.applies_to(cell.name):
            yield from _of_fit(file, f"fits[{j}]", fit, cell, frames, field)
    fewest, folds = min(f[PARTICIPANT].nunique() for f in frames), study.compare.folds
    if isinstance(folds, int) and not alone and folds > fewest:
        message = f"more folds than the {fewest} participants of a dataset of cell {cell.name!r}"
        remedy = f"give at most {fewest}, or `participants`: one fold for each participant"
        yield Problem(file, "compare.folds", show(folds), message, remedy)


def _of_fit(
    file: str, place: str, fit: Fit, cell: Cell, frames: Sequence[pd.DataFrame], field: str
) -> Iterator[Problem]:
    remedy = f"take the term out, apply the fit to other cells, or take {field} out"
    for need in needs_of(place, fit):
        if need.written is None:
            continue
        terms = terms_of(need.written.formula)
        for term in _own_terms(terms):
            message = (
                f"{term} has a coefficient for each participant that is no deviation from others: "
                f"a new participant ({field}) has none"
            )
            instead = f"write (1 | {PARTICIPANT}), or take {field} out"
            yield _problem(file, need, message, instead)
        for factor in terms.factors:
            crossed = _crossed(factor, frames)
            if crossed:
                message = (
                    f"in cell {cell.name!r} groups of {factor} have trials of several participants "
                    f"({crossed}): these are not independent, so one cannot be left out alone"
                )
                yield _problem(file, need, message, remedy)


def _problem(file: str, need: Need, message: str, remedy: str) -> Problem:
    return Problem(file, need.at, show(need.text), message, remedy)


def _own_terms(terms: Terms) -> list[str]:
    """Return the common terms that are of single participants."""
    return [term for term in terms.common if re.search(rf"(?<!\w){PARTICIPANT}(?!\w)", term)]


def _crossed(factor: str, frames: Sequence[pd.DataFrame]) -> str:
    """Name a group of a factor that several participants share, and two of these; or nothing."""
    if PARTICIPANT in factor.split(":"):
        return ""
    names = list(terms_of(f"0 + {factor}").columns)
    for frame in frames:
        pairs = frame[[*names, PARTICIPANT]].astype(str).drop_duplicates()
        twice = pairs[pairs.duplicated(names, keep=False)]
        if len(twice):
            group = twice.iloc[0][names]
            people = twice.loc[(twice[names] == group).all(axis=1), PARTICIPANT]
            return f"{', '.join(group)}: participants {people.iloc[0]} and {people.iloc[1]}"
    return ""

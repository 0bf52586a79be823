"""Checks of the published numbers that a study shows beside its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from driftmill.formulas.participants import SUFFIX, value_names
from driftmill.recovery.published import NoQuantityError, value_of
from driftmill.recovery.roles import roles_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.study.batches import extent_of
from driftmill.study.build import fit_spec_of
from driftmill.study.problems import Problem, show, suggest
from driftmill.study.published import Published
from driftmill.study.types import Study


def check_published(file: str, study: Study) -> list[Problem]:
    """Return the problems of all published numbers of a study whose other parts are sound.

    Names of levels, as in ``v_stim[LL]``, and of participants are known from the data alone: an
    entry that has a wrong one is told in its place on the page.
    """
    return [
        Problem(file, f"report.published[{k}].{field}", show(value), message, remedy)
        for k, entry in enumerate(study.report.published)
        for field, value, message, remedy in _check(study, entry)
    ]


#: Field, its value, what is wrong, the remedy.
_Fault = tuple[str, object, str, str]


def _check(study: Study, entry: Published) -> Iterator[_Fault]:
    fits = [fit.name for fit in study.fits]
    if entry.fit not in fits:
        yield "fit", entry.fit, f"there is no fit {entry.fit!r}", suggest(entry.fit, fits, "fits")
        return
    cells = [cell.name for cell in study.data if study.fit(entry.fit).applies_to(cell.name)]
    if entry.cell is None and len(cells) > 1:
        message = f"fit {entry.fit!r} is applied to {len(cells)} cells"
        yield "cell", None, message, f"say which: {', '.join(cells)}"
        return
    if entry.cell is not None and entry.cell not in cells:
        message = f"fit {entry.fit!r} is applied to no cell {entry.cell!r}"
        yield "cell", entry.cell, message, suggest(entry.cell, cells, "cells")
        return
    cell = entry.cell or cells[0]
    datasets, _ = extent_of(study, cell)
    if entry.dataset >= datasets:
        message = f"cell {cell!r} has {datasets} dataset{'s' * (datasets > 1)}, counted from 0"
        yield "dataset", entry.dataset, message, f"give a number from 0 to {datasets - 1}"
    if entry.statistic == "elpd_diff":
        yield from _check_elpd(study, entry, cell)
        return
    if entry.minus_fit is not None:
        message = f"is of elpd_diff alone, not of {entry.statistic}"
        yield "minus_fit", entry.minus_fit, message, "take it out, or set statistic: elpd_diff"
    if entry.of is None:
        message = f"does not say of what the {entry.statistic} is"
        yield "of", None, message, "name a parameter or coefficient, e.g. of: v_Intercept"
    else:
        yield from _check_names(entry, fit_spec_of(study, cell, entry.fit))


def _check_elpd(study: Study, entry: Published, cell: str) -> Iterator[_Fault]:
    rivals = [fit.name for fit in study.fits if fit.applies_to(cell) and fit.name != entry.fit]
    if entry.minus_fit is None:
        remedy = f"name one of {', '.join(rivals)}" if rivals else "apply a second fit to its cell"
        yield "minus_fit", None, "elpd_diff needs the fit whose elpd is subtracted", remedy
    elif entry.minus_fit not in rivals:
        message = f"cell {cell!r} has no other fit {entry.minus_fit!r}"
        yield "minus_fit", entry.minus_fit, message, suggest(entry.minus_fit, rivals, "fits")
    if not study.compare.enabled:
        message = "there is no elpd: the study switches comparison off"
        yield "statistic", entry.statistic, message, "set compare: {enabled: true}"
    for field in ("of", "minus", "participant"):
        value = getattr(entry, field)
        if value is not None:
            yield field, value, "elpd_diff is of a fit as a whole", "take it out"


def _check_names(entry: Published, spec: FitSpec) -> Iterator[_Fault]:
    """Check names as far as they can be known without data."""
    roles = roles_of(spec)
    own = [f"{name}{SUFFIX}" for r in spec.formulas.values() for name in value_names(r)]
    known = (*roles, *own)
    named = {field: name for field in ("of", "minus") if (name := getattr(entry, field))}
    for field, name in named.items():
        if _base(name, known) is None:
            message = f"fit {entry.fit!r} has no {name!r}"
            yield field, name, message, suggest(name, known)
        elif entry.natural:
            try:
                value_of(name, spec)
            except NoQuantityError as error:
                yield "natural", True, str(error), "take it out, or name an intercept"
    bases = [_base(name, known) for name in named.values()]
    people = [base in own or (base in roles and roles[base].people) for base in bases]
    if entry.participant is not None and not any(people):
        message = f"{' and '.join(named.values())}: the same for all participants"
        remedy = f"take it out, or name what they have of their own: {', '.join(own) or 'nothing'}"
        yield "participant", entry.participant, message, remedy


def _base(name: str, known: Iterable[str]) -> str | None:
    """Return the known name that a name is, or is an element of: ``v_c`` for ``v_c[b]``."""
    stem, own = name.removesuffix(SUFFIX), name.endswith(SUFFIX)
    for base in known:
        whole = base.removesuffix(SUFFIX)
        if base.endswith(SUFFIX) == own and (stem == whole or stem.startswith(f"{whole}[")):
            return base
    return None

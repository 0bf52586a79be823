"""Strong ridges in words: what the data tell, what they do not, and what to do."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from driftmill.recovery.ridges import STRONG, Ridge, ridges
from driftmill.report.blocks import Note
from driftmill.report.data import FitSummary
from driftmill.report.formatting import fixed, listed, plural

#: Ridges of a fit that are put in words at most.
MOST = 6
COMBINED = {"product": "{} × {}", "ratio": "{} / {}"}


def ridge_notes(cell: str, fit: FitSummary, correlations: pd.DataFrame) -> list[Note]:
    """Name the strong ridges of one fit on a cell, those of declared products left out.

    Parameters
    ----------
    cell
        The cell's name.
    fit
        The fit.
    correlations
        Rows of the table of correlations of both.
    """
    found = _new(fit, correlations)
    if not found:
        return []
    text = Markup(
        "Cell {}, fit {}: {} Only a combination of such two is identified by these data; where "
        "along the ridge they lie is decided by the priors. Report the combination, hold one at a "
        "number (<code>fixed</code>), or design trials that tell them apart.{}"
    )
    more = len(found) - MOST
    rest = f" {plural(more, 'more ridge')} in the table." if more > 0 else ""
    sentences = Markup(" ").join(_sentence(ridge) for ridge in found[:MOST])
    return [Note(text.format(cell, fit.name, sentences, rest), "warning")]


def in_short(fit: FitSummary, correlations: pd.DataFrame) -> str:
    """Name the ridges of one dataset in a sentence; nothing where there are none."""
    pairs = [f"{r.first} and {r.second} ({fixed(r.r, 2)})" for r in _new(fit, correlations)]
    if not pairs:
        return ""
    beyond = f" {plural(len(pairs) - MOST, 'more')}." if len(pairs) > MOST else ""
    said = listed(pairs[:MOST])
    return f" Strong ridges, which the data tell together rather than apart: {said}.{beyond}"


def _new(fit: FitSummary, correlations: pd.DataFrame) -> list[Ridge]:
    if correlations.empty:
        return []
    return [
        ridge
        for ridge in ridges(correlations)
        if not any(_of(ridge.first, p) and _of(ridge.second, p) for p in fit.products)
    ]


def _of(name: str, product: tuple[str, ...]) -> bool:
    """Tell whether a number is a factor of a product, or a coefficient of one."""
    return any(name == factor or name.startswith(f"{factor}_") for factor in product)


def _sentence(ridge: Ridge) -> Markup:
    several = f" (from {fixed(ridge.lowest, 2)} to {fixed(ridge.highest, 2)})" * (ridge.n > 1)
    where = f", beyond ±{STRONG:g} on {ridge.strong} of {ridge.n} datasets" * (ridge.n > 1)
    if ridge.together is None:
        course = "rise and fall together" if ridge.r > 0 else "make up for each other"
        text = Markup("<strong>{} and {}</strong> {}: posterior correlation {}{}{}.")
        names = (ridge.first, ridge.second, course)
        return text.format(*names, fixed(ridge.r, 2), several, where)
    combined = COMBINED[ridge.together].format(ridge.first, ridge.second)
    text = Markup(
        "<strong>{}</strong> is told much better than {} or {}: the contraction of its logarithm "
        "is {}, theirs are {} and {}; posterior correlation {}{}."
    )
    shares = (fixed(value, 2) for value in (ridge.contraction, *ridge.factors))
    return text.format(combined, ridge.first, ridge.second, *shares, fixed(ridge.r, 2), several)

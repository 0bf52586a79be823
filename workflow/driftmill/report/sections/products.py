"""Products of parameters of which only the product is identified, as the model declares."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from driftmill.report.blocks import Block, Note
from driftmill.report.data import FitSummary, ReportData
from driftmill.report.formatting import fixed, listed


def product_words(fit: FitSummary) -> str:
    """Name the products that alone are identified: ``the product beta × logit1``."""
    names = [" × ".join(product) for product in fit.products]
    return f"the product{'s' if len(names) > 1 else ''} {listed(names)}"


def product_notes(data: ReportData) -> list[Block]:
    """Say of which fits parameters cannot be told alone."""
    text = Markup(
        "Of fit {} only {} {} identified by the data. What is said of {} alone rests on the "
        'priors; see <a href="#trade-offs">trade-offs</a>.'
    )
    return [
        Note(
            text.format(
                fit.name,
                product_words(fit),
                "is" if len(fit.products) == 1 else "are",
                listed(factors(fit)),
            ),
            "warning",
        )
        for fit in data.study.fits
        if fit.products
    ]


def factors(fit: FitSummary) -> list[str]:
    """Return the parameters that are part of a product."""
    return list(dict.fromkeys(name for product in fit.products for name in product))


def stands_for(parameter: str, names: list[str]) -> str | None:
    """Return which of some names tells of a parameter: its own, its intercept, its first slope."""
    slopes = [name for name in names if name.startswith(f"{parameter}_") and "|" not in name]
    wanted = [name for name in (parameter, f"{parameter}_Intercept") if name in names]
    return next(iter([*wanted, *slopes]), None)


def product_ridge(cell: str, fit: FitSummary, trade: pd.DataFrame) -> Note:
    """Say what a declared product means, with the correlation that shows it."""
    names = list(dict.fromkeys([*trade["parameter_1"], *trade["parameter_2"]]))
    told = []
    for product in fit.products:
        first, second = (stands_for(parameter, names) for parameter in product[:2])
        pair = trade[
            trade["parameter_1"].isin((first, second)) & trade["parameter_2"].isin((first, second))
        ]
        r = pair["r"].dropna()
        if r.empty:
            continue
        spread = f" (from {fixed(r.min(), 2)} to {fixed(r.max(), 2)})" if len(r) > 1 else ""
        told.append(f"of {first} and {second} it is {fixed(r.mean(), 2)}{spread}")
    correlation = Markup(" The posterior correlation shows it: {}.").format(listed(told))
    text = Markup(
        "Cell {}, fit {}: only {} {} identified. Multiply one factor, divide the other by as much, "
        "and every response is as probable as before, so the posterior lies along a ridge on which "
        "the priors alone decide.{} Read the product, or hold one factor at a number "
        "(<code>fixed</code>)."
    )
    verb = "is" if len(fit.products) == 1 else "are"
    words = product_words(fit)
    return Note(text.format(cell, fit.name, words, verb, correlation if told else ""), "warning")

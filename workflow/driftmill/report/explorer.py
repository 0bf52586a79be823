"""What the page holds of every dataset that can be picked on it, as compact text.

A line a posterior: its place in the index, a tab, and JSON that the page's script reads only when
the posterior is picked.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from driftmill.report.blocks import Explorer
from driftmill.report.data import PosteriorKey, ReportData
from driftmill.report.levels import shared
from driftmill.report.sketches import KEPT, PLACES, STEPS, ZERO

#: Bytes that all posteriors together may take on the page.
BUDGET = 6_000_000
#: Columns that are kept of estimates, gates, sketches and predictive checks.
_ESTIMATES = ("truth", "mean", "lower_90", "upper_90", "r_hat", "ess_bulk")
_GATES = ("r_hat", "ess_bulk", "ess_tail", "divergences")
_SKETCHES = ("parameter", "low", "high", "chains", "draws", "ranks")
_QUANTILES = ("quantity", "response", "probability", "observed", "predicted", "lower", "upper")


def explorer(data: ReportData, budget: int = BUDGET) -> Explorer | None:
    """Return all that is needed to draw any posterior of which there is a sketch.

    Where they would take more than ``budget`` bytes, evenly spaced datasets of every cell are
    left; None when there is no sketch.
    """
    table = data.table("sketches")
    if table.empty:
        return None
    lines = dict(_lines(data, table))
    keys = _within(lines, budget)
    names = {"cells": [c.name for c in data.study.cells], "fits": [f.name for f in data.study.fits]}
    codes = _codes(data)
    found: dict[str, dict[str, list[list[Any]]]] = {}
    for key in keys:
        label = data.dataset_label(key.cell, key.dataset)
        listed = found.setdefault(key.cell, {}).setdefault(key.fit, [])
        listed.append([key.dataset, label, codes.get(key, "")])
    index = {**names, "kept": KEPT, "places": PLACES, "steps": STEPS, "zero": ZERO, "found": found}
    return Explorer(
        _escaped(_json(index)),
        "\n".join(f"{_place(key, names)}\t{lines[key]}" for key in keys),
        len({(key.cell, key.dataset) for key in keys}),
        sum(cell.datasets for cell in data.study.cells),
        KEPT,
    )


def _place(key: PosteriorKey, names: Mapping[str, list[str]]) -> str:
    return f"{names['cells'].index(key.cell)}.{names['fits'].index(key.fit)}.{key.dataset}"


def _within(lines: Mapping[PosteriorKey, str], budget: int) -> list[PosteriorKey]:
    """Return the posteriors of every k-th dataset of each cell, with the smallest k that fits."""
    order: dict[str, dict[int, int]] = {}
    for key in lines:
        places = order.setdefault(key.cell, {})
        places.setdefault(key.dataset, len(places))
    step = 1
    while True:
        kept = [key for key in lines if order[key.cell][key.dataset] % step == 0]
        if sum(len(lines[key]) for key in kept) <= budget or step > len(lines):
            return kept
        step += 1


def _lines(data: ReportData, table: pd.DataFrame) -> Iterator[tuple[PosteriorKey, str]]:
    told = _by_posterior(shared(data.table("estimates")), ("parameter", *_ESTIMATES), table)
    checks = _by_posterior(data.table("quantiles"), _QUANTILES, table)
    gates = _by_posterior(data.table("gates"), _GATES, table)
    matched = {(cell.name, fit.name) for cell, fit in data.matched}
    for key, rows in _by_posterior(table, _SKETCHES, table).items():
        known = {name: numbers for name, *numbers in told.get(key, ())}
        # A truth is shown only of the generator's own model.
        hidden = 0 if (key.cell, key.fit) in matched else 1
        parameters = []
        for name, low, high, chains, draws, ranks in rows:
            numbers = [None] * hidden + known.get(name, [None] * len(_ESTIMATES))[hidden:]
            drawn = [base64.b64encode(part).decode() for part in (draws, ranks)]
            parameters.append([name, *map(_short, (low, high, *numbers)), int(chains), *drawn])
        line = {
            "gates": [_short(value) for value in gates[key][0]] if key in gates else [],
            "parameters": parameters,
            "checks": _checks(checks.get(key, [])),
        }
        yield key, _escaped(_json(line))


def _by_posterior(
    table: pd.DataFrame, columns: Sequence[str], among: pd.DataFrame
) -> dict[PosteriorKey, list[tuple[Any, ...]]]:
    """Return some columns of a table row by row, in order, of the posteriors with sketches."""
    if table.empty:
        return {}
    keys = ["cell", "fit", "dataset"]
    wanted = table[[*keys, *columns]].merge(among[keys].drop_duplicates(), on=keys)
    found: dict[PosteriorKey, list[tuple[Any, ...]]] = {}
    for cell, fit, dataset, *row in wanted.itertuples(index=False, name=None):
        found.setdefault(PosteriorKey(cell, fit, dataset), []).append(tuple(row))
    return found


def _checks(quantiles: list[tuple[Any, ...]]) -> list[list[Any]]:
    predicted = _QUANTILES.index("predicted")
    if all(pd.isna(row[predicted]) for row in quantiles):
        return []
    return [[row[0], int(row[1]), *map(_short, row[2:])] for row in quantiles]


def _codes(data: ReportData) -> dict[PosteriorKey, str]:
    table = data.table("gates")
    if table.empty:
        return {}
    places = zip(table["cell"], table["fit"], table["dataset"], strict=True)
    keys = [PosteriorKey(str(c), str(f), int(d)) for c, f, d in places]
    return dict(zip(keys, map(str, table["code"]), strict=True))


def _short(value: Any) -> float | None:
    """Round to four digits, which is more than can be seen; None where there is no number."""
    if pd.isna(value) or not math.isfinite(value):
        return None
    short = float(f"{float(value):.4g}")
    return int(short) if short == int(short) else short


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _escaped(text: str) -> str:
    """Keep text from ending the script element that holds it."""
    return text.replace("<", "\\u003c")

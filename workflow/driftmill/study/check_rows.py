"""Checks of the rows of observed data: response times, responses, labels, repeats.

Row 1 is the first after the header. ``mask`` marks the rows that pass the filters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.regression.recoding import recoded
from driftmill.study.data_file import (
    group_column,
    is_blank,
    is_omitted,
    to_numbers,
    to_responses,
)
from driftmill.study.models import model_of
from driftmill.study.problems import Problem, show
from driftmill.study.types import Fit, ObservedCell

_SHOWN = 5
#: The lapse distribution ends at 20 s; half of the trials beyond it is a matter of units.
_LONGEST_MEDIAN = 20.0
_SHORTEST_MEDIAN = 0.02


@dataclass(frozen=True)
class Place:
    """A cell in its study file."""

    file: str
    at: str

    def problem(self, field: str, value: object, message: str, remedy: str) -> Problem:
        """Return a problem of one of the cell's fields."""
        return Problem(self.file, f"{self.at}.{field}", show(value), message, remedy)


def name_rows(index: NDArray[np.integer]) -> str:
    """Name the first rows of a file, counted from 0, and count the others."""
    rows = index + 1
    more = f" and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else ""
    plural = "s" if len(rows) > 1 else ""
    return f"in row{plural} {', '.join(map(str, rows[:_SHOWN]))}{more} (row 1 follows the header)"


def _rows(wrong: NDArray[np.bool_]) -> str:
    return name_rows(np.flatnonzero(wrong))


def _missing(place: Place, name: str, what: str, wrong: NDArray[np.bool_]) -> Problem:
    """Return the problem of a column of responses or times that has gaps."""
    message = f"{what} is missing (NaN or empty) {_rows(wrong)}"
    remedy = (
        "set missing: drop to leave these trials out, or missing: keep to let them stay in their "
        "place unscored, so that learning models live through them; where no response came in "
        "time, leave both empty and give the deadline (deadline: seconds, or columns.deadline)"
    )
    return place.problem(f"columns.{what}", name, message, remedy)


def check_rt(
    place: Place, cell: ObservedCell, raw: pd.DataFrame, mask: NDArray[np.bool_]
) -> list[Problem]:
    """Return a problem for each kind of rt that cannot be: missing, no number, not above 0.

    ``mask`` marks the rows that are scored.
    """
    name = cell.columns.rt
    if name is None:
        return []
    column, rt = raw[name], to_numbers(raw[name])
    blank = is_blank(column)
    lacking = blank & mask & ~is_omitted(cell, raw)
    missing = [_missing(place, name, "rt", lacking)] if lacking.any() else []
    faults = {
        "not a number": (~blank & ~np.isfinite(rt), "write numbers with a decimal point"),
        "negative or zero": (
            (rt <= 0) & mask,
            "leave these trials out, e.g. by rt_min (0.1 s is usual), and code which bound was "
            "reached in the response, not in the sign of rt",
        ),
    }
    problems = missing + [
        place.problem(
            "columns.rt",
            name,
            f"rt is {what} {_rows(wrong)}: {_values(column, wrong)}",
            remedy,
        )
        for what, (wrong, remedy) in faults.items()
        if wrong.any()
    ]
    valid = rt[mask & (rt > 0) & np.isfinite(rt)]
    scale = 1000.0 if cell.rt_unit == "ms" else 1.0
    middle = float(np.median(valid)) / scale if len(valid) else 1.0
    if not _SHORTEST_MEDIAN < middle < _LONGEST_MEDIAN:
        other = "s" if cell.rt_unit == "ms" else "ms"
        message = f"the median rt would be {middle:g} s"
        remedy = f"set rt_unit: {other} if the file's rt are in {other}"
        problems.append(place.problem("rt_unit", cell.rt_unit, message, remedy))
    return problems


def _values(column: pd.Series, wrong: NDArray[np.bool_]) -> str:
    found = [show(value) for value in column[wrong].unique()[:_SHOWN]]
    return ", ".join(found)


def check_responses(
    place: Place,
    cell: ObservedCell,
    raw: pd.DataFrame,
    mask: NDArray[np.bool_],
    fits: Sequence[Fit],
) -> list[Problem]:
    """Return a problem for responses that are missing, not mapped, or no choice of a fit.

    ``mask`` marks all rows that are trials.
    """
    column = raw[cell.columns.response]
    responses = to_responses(cell, column)
    blank = is_blank(column)
    problems = []
    lacking = blank & mask & ~is_omitted(cell, raw)
    if cell.missing == "error" and lacking.any():
        problems.append(_missing(place, str(column.name), "response", lacking))
    strange = np.isnan(responses) & ~blank & mask
    if strange.any():
        message = f"the file has the code {_values(column, strange)} {_rows(strange)}"
        remedy = (
            "add it to response_codes"
            if cell.response_codes
            else "say what the codes mean, e.g. response_codes: {0: -1, 1: 1}"
        )
        problems.append(place.problem("response_codes", _mapping(cell), message, remedy))
    used = np.unique(responses[mask & np.isfinite(responses)])
    for fit in fits:
        model = model_of(fit.model)
        choices = model.choices
        theirs = recoded(responses, fit.recode)
        alien = mask & np.isfinite(responses) & ~np.isin(theirs, choices)
        if alien.any():
            unknown = ", ".join(f"{code:g}" for code in np.unique(responses[alien]))
            message = (
                f"responses {unknown} {_rows(alien)} "
                f"are not among the choices of fit {fit.name!r} ({model.name})"
            )
            remedy = f"map the file's codes to {', '.join(map(str, choices))}, e.g. " + (
                f"response_codes: {_example(column, choices)}"
            )
            problems.append(place.problem("response_codes", _mapping(cell), message, remedy))
        elif np.unique(recoded(used, fit.recode)).size < used.size:
            message = f"fit {fit.name!r} makes one code of two: recode {show(fit.recode)}"
            remedy = "give each code of the data one of its own"
            problems.append(place.problem("response_codes", _mapping(cell), message, remedy))
    return problems


def _mapping(cell: ObservedCell) -> str | None:
    codes = cell.response_codes
    return None if codes is None else f"{{{', '.join(f'{k}: {v}' for k, v in codes.items())}}}"


def _example(column: pd.Series, choices: Sequence[int]) -> str:
    codes = sorted(str(v).removesuffix(".0") for v in column[~is_blank(column)].unique())
    return f"{{{', '.join(f'{k}: {v}' for k, v in zip(codes, choices, strict=False))}}}"


def check_ids(
    place: Place, cell: ObservedCell, raw: pd.DataFrame, mask: NDArray[np.bool_]
) -> list[Problem]:
    """Return a problem for labels that are missing and trial numbers that are none."""
    problems = []
    grouping = {"columns.participant_id": cell.columns.participant_id}
    if cell.dataset_by is not None and group_column(cell) != cell.columns.participant_id:
        grouping["dataset_by"] = group_column(cell)
    for field, name in grouping.items():
        if name is not None and (missing := is_blank(raw[name]) & mask).any():
            message = f"is missing {_rows(missing)}"
            problems.append(place.problem(field, name, message, "fill it in or leave the rows out"))
    if cell.columns.trial_id is not None:
        column = raw[cell.columns.trial_id]
        numbers = to_numbers(column)
        broken = ~(np.isfinite(numbers) & (numbers == np.round(numbers))) & mask
        if broken.any():
            message = f"trial_id is not a whole number {_rows(broken)}: {_values(column, broken)}"
            remedy = "number the trials of each participant, or leave trial_id out"
            problems.append(place.problem("columns.trial_id", column.name, message, remedy))
    return problems


def check_repeats(
    place: Place, cell: ObservedCell, raw: pd.DataFrame, mask: NDArray[np.bool_]
) -> list[Problem]:
    """Return a problem when rows are there twice.

    Without a trial number two real trials may well be equal in every column (times rounded to
    10 ms, no covariates), so `duplicates: keep` lets them pass; those without a response are.
    """
    if cell.duplicates == "keep":
        return []
    columns, keys = cell.columns, list(raw.columns)
    what = "equal in every column to an earlier row"
    if columns.trial_id is not None:
        keys = [c for c in (group_column(cell), columns.participant_id, columns.trial_id) if c]
        keys = list(dict.fromkeys(keys))
        what = f"of the same {', '.join(keys)} as an earlier row"
    else:
        mask = mask & ~is_blank(raw[columns.response])
        if columns.rt is not None:
            mask = mask & ~is_blank(raw[columns.rt])
    repeated = np.zeros(len(raw), dtype=bool)
    repeated[mask] = raw.loc[mask, keys].duplicated().to_numpy()
    if not repeated.any():
        return []
    message = f"{int(repeated.sum())} rows are {what}: {_rows(repeated)}"
    remedy = (
        "leave the repeated rows out; if they are different trials, name a column that numbers "
        "the trials under columns.trial_id, or set duplicates: keep"
    )
    return [place.problem("path", cell.path, message, remedy)]

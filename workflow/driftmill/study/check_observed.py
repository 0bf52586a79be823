"""Checks of observed data: the file and its columns, then every row of it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from driftmill.study.check_deadlines import check_deadlines
from driftmill.study.check_rows import (
    Place,
    check_ids,
    check_repeats,
    check_responses,
    check_rt,
)
from driftmill.study.data_file import (
    UnreadableFile,
    data_path,
    group_column,
    kept,
    read_file,
    scored,
)
from driftmill.study.models import model_of
from driftmill.study.problems import Problem, nearest, suggest
from driftmill.study.safe_paths import refuse_strange
from driftmill.study.types import Fit, ObservedCell


def check_observed(file: str, at: str, cell: ObservedCell, fits: Sequence[Fit]) -> list[Problem]:
    """Return the problems of one observed cell.

    Parameters
    ----------
    file
        The study file.
    at
        Where the cell stands, e.g. ``data[0]``.
    cell
        The cell.
    fits
        The study's fits of known models; their choices are what responses may be.
    """
    place = Place(file, at)
    problems = [*_check_filters(place, cell), *refuse_strange(cell.path, file, f"{at}.path")]
    try:
        raw = read_file(cell)
    except UnreadableFile as error:
        remedy = "give the path of a CSV, TSV or Parquet file with one row a trial" + _alike(cell)
        return [*problems, place.problem("path", cell.path, str(error), remedy)]
    columns = _check_columns(place, cell, raw, fits)
    if columns or problems:
        return [*problems, *columns]
    if raw.empty:
        return [place.problem("path", cell.path, "the file has no rows", "give one row a trial")]
    mask = kept(cell, raw)
    counts = scored(cell, raw)
    if not counts.any():
        limits = f"rt_min={cell.rt_min}, rt_max={cell.rt_max}"
        remedy = "widen the limits (they are in seconds), or see rt_unit"
        if cell.missing != "error":
            remedy += f"; trials without a response are not scored (missing: {cell.missing})"
        return [place.problem("rt_min", limits, "no trial is left after the filters", remedy)]
    return [
        *check_deadlines(place, cell, raw, mask),
        *check_rt(place, cell, raw, mask & counts),
        *check_responses(place, cell, raw, mask, fits),
        *check_ids(place, cell, raw, mask),
        *check_repeats(place, cell, raw, mask),
    ]


def _alike(cell: ObservedCell) -> str:
    """Name the file in the same folder that was probably meant."""
    path = data_path(cell)
    files = [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
    hit = nearest(path.name, files)
    return f"; did you mean {path.with_name(hit)}?" if hit and not path.is_file() else ""


def _check_filters(place: Place, cell: ObservedCell) -> list[Problem]:
    if cell.rt_min is not None and cell.rt_max is not None and not cell.rt_min < cell.rt_max:
        message = f"is not below rt_max = {cell.rt_max:g}"
        return [place.problem("rt_min", cell.rt_min, message, "give limits with rt_min < rt_max")]
    return []


def _check_columns(
    place: Place, cell: ObservedCell, raw: pd.DataFrame, fits: Sequence[Fit]
) -> list[Problem]:
    """Return a problem for each column that is named and not there, or needed and not named."""
    names = [str(name) for name in raw.columns]
    wanted = {f"columns.{key}": name for key, name in cell.columns.model_dump().items()}
    if cell.dataset_by is not None:
        wanted["dataset_by"] = group_column(cell)
    problems = []
    for field, name in wanted.items():
        if name is None or name in names:
            continue
        message = f"{cell.path} has no column {name!r}"
        remedy = suggest(name, names, "columns")
        if field == "columns.rt":
            remedy += "; rt: null when the data hold choices alone"
        if len(names) == 1 and ";" in names[0]:
            remedy = "separate the columns by commas, not semicolons"
        if name == "participant_id" and field == "dataset_by":
            remedy = "say under columns.participant_id which column says whose trial it is"
        problems.append(place.problem(field, name, message, remedy))
    needing = [fit.name for fit in fits if model_of(fit.model).has_rt]
    if cell.columns.rt is None and needing:
        message = f"the fits {', '.join(needing)} need rt, which these data lack"
        remedy = "name the rt column, or fit a model of choices alone (`driftmill models`)"
        problems.append(place.problem("columns.rt", None, message, remedy))
    return problems

"""Observed data as trials of datasets."""

from __future__ import annotations

import numpy as np
import pandas as pd

from driftmill.models.declaration import DEADLINE
from driftmill.regression.scored import SCORED
from driftmill.study.data_file import (
    deadline_seconds,
    group_column,
    is_omitted,
    kept,
    read_file,
    rt_seconds,
    scored,
    to_covariate,
    to_labels,
    to_numbers,
    to_responses,
)
from driftmill.study.types import ObservedCell, has_deadlines

_OURS = ("dataset", "participant_id", "trial_id", "rt", "response", SCORED, DEADLINE)


def count_left_out(cell: ObservedCell) -> int:
    """Return how many rows of a cell's file are left out."""
    return int((~kept(cell, read_file(cell))).sum())


def count_unscored(cell: ObservedCell) -> int:
    """Return how many rows of a cell's file stay among its trials without being scored."""
    raw = read_file(cell)
    return int((kept(cell, raw) & ~scored(cell, raw)).sum())


def read_observed(cell: ObservedCell) -> pd.DataFrame:
    """Read a cell's trials, dataset after dataset; see `observed_rows`."""
    return observed_rows(cell).sort_values("dataset", kind="stable", ignore_index=True)


def dataset_names(cell: ObservedCell, trials: pd.DataFrame) -> pd.DataFrame:
    """Say which value of the grouping column each dataset is.

    Parameters
    ----------
    cell
        The cell.
    trials
        Trials of it, as `observed_rows` has them.

    Returns
    -------
    DataFrame
        A row a dataset: ``cell``, ``dataset``, ``column`` (as the trials call it) and ``value``;
        no rows where the cell's trials are one dataset.
    """
    group = group_column(cell)
    if group is None:
        return pd.DataFrame(columns=["cell", "dataset", "column", "value"])
    names = cell.columns.model_dump()
    # In the trials the grouping column may be called otherwise, or be a covariate.
    column = next((name for name, file in names.items() if file == group), group)
    held = f"{column}_in_file" if f"{column}_in_file" in trials else column
    firsts = trials.drop_duplicates("dataset").sort_values("dataset")
    return pd.DataFrame(
        {
            "cell": cell.name,
            "dataset": firsts["dataset"].to_numpy(),
            "column": column,
            "value": to_labels(firsts[held]).to_numpy(),
        }
    )


def observed_rows(cell: ObservedCell) -> pd.DataFrame:
    """Read a cell's trials in the order of its file.

    Parameters
    ----------
    cell
        A cell that passed its checks.

    Returns
    -------
    trials : DataFrame
        Indexed by the row of the file, from 0. Columns: dataset (numbered as they first appear),
        participant_id (null when the file has none), trial_id (the file's, or the place among
        the participant's rows before the filters), [rt in seconds,] response in the model's
        codes, then the file's other columns. One that bears a name of ours without being mapped
        is kept as ``<name>_in_file``. Where some trials stay that are not scored, ``scored`` says
        which are (1) and which are not (0); these may lack rt and response, and so do omissions,
        whose ``deadline`` is then a column.

    Raises
    ------
    UnreadableFile
        When the file cannot be read.
    ValueError
        When an rt or response is not valid (see ``driftmill check``).
    """
    raw = read_file(cell).reset_index(drop=True)
    columns = cell.columns
    group = group_column(cell)
    participants = (
        None if columns.participant_id is None else to_labels(raw[columns.participant_id])
    )
    datasets = (
        np.zeros(len(raw), dtype=np.int64)
        if group is None
        else pd.factorize(to_labels(raw[group]))[0]
    )
    trials = pd.DataFrame({"dataset": datasets}, index=raw.index)
    trials["participant_id"] = (
        pd.Series([None] * len(raw), dtype="str", index=raw.index)
        if participants is None
        else participants
    )
    if columns.trial_id is None:
        keys = ["dataset"] if participants is None else ["dataset", "participant_id"]
        trials["trial_id"] = trials.groupby(keys, sort=False).cumcount()
    else:
        trials["trial_id"] = to_numbers(raw[columns.trial_id])
    if columns.rt is not None:
        trials["rt"] = rt_seconds(cell, raw)
    trials["response"] = to_responses(cell, raw[columns.response])
    omitted = is_omitted(cell, raw)
    if has_deadlines(cell):
        trials["response"] = trials["response"].where(~omitted)
        trials[DEADLINE] = deadline_seconds(cell, raw)
    mapped = {
        *(columns.rt, columns.response, columns.participant_id, columns.trial_id, columns.deadline)
    }
    for name in raw.columns:
        if name not in mapped:
            trials[f"{name}_in_file" if name in _OURS else str(name)] = to_covariate(raw[name])
    mask, counts = kept(cell, raw), scored(cell, raw)
    trials = trials[mask]
    checked = [c for c in ("rt", "trial_id", "response") if c in trials]
    if trials.loc[(counts & ~omitted)[mask], checked].isna().to_numpy().any():
        raise ValueError(f"{cell.path} has rows without a valid {' or '.join(checked)}")
    whole = trials["response"].notna().all()
    trials = trials.astype({"trial_id": np.int64, "response": np.int64 if whole else "Int64"})
    if not counts[mask].all():
        place = list(trials.columns).index("response") + 1
        trials.insert(place, SCORED, counts[mask].astype(np.int64))
    # A dataset whose every trial was filtered out leaves no gap in the numbers.
    trials["dataset"] = pd.factorize(trials["dataset"])[0].astype(np.int64)
    return trials

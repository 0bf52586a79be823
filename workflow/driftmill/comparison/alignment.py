"""Bring several fits' tables to the same units and datasets, or say why they cannot be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

#: What tells units from each other, so far as a table has it: trials, or participants.
_UNIT = ("dataset", "participant_id", "trial_id")


def align_pointwise(
    cell: str, pointwise: Mapping[str, pd.DataFrame]
) -> tuple[IntArray, IntArray, FloatArray]:
    """Bring the fits' pointwise elpd side by side.

    Parameters
    ----------
    cell
        The cell's name, for messages.
    pointwise
        By fit: dataset, participant_id, elpd, and trial_id where the units are trials, in any
        order of rows.

    Returns
    -------
    datasets
        The dataset numbers, ascending.
    starts
        First row of each dataset, and the number of rows at the end.
    elpd
        Shape (units, fits), rows by dataset, participant and trial.

    Raises
    ------
    ValueError
        When a fit lacks units the others have, or has one twice.
    """
    if not pointwise:
        raise ValueError(f"cell {cell}: no fits to compare")
    unit = [name for name in _UNIT if name in next(iter(pointwise.values()))]
    what = "trial" if "trial_id" in unit else "participant"
    tables = {f: t.sort_values(unit, kind="stable") for f, t in pointwise.items()}
    first_fit, first = next(iter(tables.items()))
    keys = first[unit].reset_index(drop=True)
    if keys.duplicated().any():
        raise ValueError(f"cell {cell}: fit {first_fit} has more than one row for a {what}")
    for fit, table in tables.items():
        other = table[unit].reset_index(drop=True)
        if (
            len(other) != len(keys)
            or not ((other == keys) | (other.isna() & keys.isna())).to_numpy(dtype=bool).all()
        ):
            raise ValueError(
                f"cell {cell}: fits {first_fit} ({len(keys)} {what}s) and {fit} "
                f"({len(other)} {what}s) were not scored on the same {what}s, so their elpd "
                "cannot be compared; remake both from the same data"
            )
    datasets, starts = np.unique(keys["dataset"].to_numpy(dtype=np.int64), return_index=True)
    values = np.column_stack([t["elpd"].to_numpy(dtype=float) for t in tables.values()])
    return datasets, np.append(starts, len(keys)), values


def align_summary(
    cell: str, fit: str, elpd: Mapping[str, pd.DataFrame], datasets: IntArray
) -> pd.DataFrame:
    """Return one fit's elpd table with one row a dataset, in the datasets' order.

    Raises
    ------
    ValueError
        When the fit has no table, or the table lists other datasets.
    """
    if fit not in elpd:
        raise ValueError(f"cell {cell}: fit {fit} has pointwise values but no elpd table")
    table = elpd[fit].sort_values("dataset", kind="stable")
    if not np.array_equal(table["dataset"].to_numpy(dtype=np.int64), datasets):
        raise ValueError(
            f"cell {cell}, fit {fit}: the elpd table does not list the datasets of the "
            "pointwise values once each"
        )
    return table

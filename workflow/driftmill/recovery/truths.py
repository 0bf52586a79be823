"""The truths of a batch, each beside the number of the posterior that should find it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.formulas.regression import Regression
from driftmill.formulas.terms import INTERCEPT
from driftmill.recovery.batch import FloatArray

_KEYS = ["parameter", "participant_id", "dataset"]


class Truths:
    """True values by name, participant and dataset.

    Parameters
    ----------
    table
        Columns dataset, participant_id (null for what all participants share), parameter
        and value.
    datasets
        Numbers of the batch's datasets.

    Raises
    ------
    ValueError
        When a parameter has two truths on one dataset.
    """

    def __init__(self, table: pd.DataFrame, datasets: NDArray[np.int64]) -> None:
        here = table[table["dataset"].isin(datasets)]
        people = here["participant_id"].astype("object").where(here["participant_id"].notna(), "")
        rows = here.assign(participant_id=people.astype(str))
        if rows.duplicated(_KEYS).any():
            raise ValueError("a parameter has two truths on one dataset")
        self._datasets = datasets
        self._known = {
            (str(parameter), str(participant)): group.set_index("dataset")["value"]
            for (parameter, participant), group in rows.groupby(_KEYS[:2], sort=False)
        }

    def of(self, parameter: str, participant: str | None = None) -> FloatArray:
        """Return the truth on every dataset of the batch, NaN where there is none."""
        found = self._known.get((parameter, participant or ""))
        if found is None:
            return np.full(len(self._datasets), np.nan)
        return found.reindex(self._datasets).to_numpy(dtype=np.float64)


def comparable(
    table: pd.DataFrame,
    fitted: Mapping[str, Regression],
    generating: Mapping[str, Regression],
) -> pd.DataFrame:
    """Leave out truths that a fit's coefficients of the same name are not estimates of.

    A coefficient lives on the scale of its link, and what it multiplies depends on whether
    the formula has an intercept: where the two formulas of a parameter differ in either, its
    coefficients, their sds and deviations are not comparable.

    Parameters
    ----------
    table
        Truths, as `Truths` takes them.
    fitted, generating
        The formulas of the fit and of the generator, by parameter.
    """
    strange = tuple(
        f"{name}_"
        for name, made in generating.items()
        if name in fitted and not _alike(made, fitted[name])
    )
    return (
        table[[not str(name).startswith(strange) for name in table["parameter"]]]
        if strange
        else table
    )


def _alike(one: Regression, other: Regression) -> bool:
    intercepts = [INTERCEPT in regression.terms.common for regression in (one, other)]
    return one.link == other.link and intercepts[0] == intercepts[1]

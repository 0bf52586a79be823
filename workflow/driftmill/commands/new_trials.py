"""New trials that a user hands in to be predicted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.commands.console import UserError
from driftmill.commands.files import numbers, read, refuse
from driftmill.models.declaration import Columns
from driftmill.prediction.designs import frame_of
from driftmill.regression.fit_spec import FitSpec


def new_trials(
    path: Path, spec: FitSpec, columns: Columns, made: Sequence[str] | None = None
) -> pd.DataFrame:
    """Read new trials, their columns of the kinds that the fit's own have.

    Parameters
    ----------
    path
        CSV, TSV or Parquet file.
    spec
        The fit; its covariates, groups and columns of fixed parameters are needed.
    columns
        The dataset that the fit was made from.
    made
        The columns that a task makes. None: there is no task, so that a learner needs responses,
        which may be empty as may what it learns from: where they are it learns nothing.

    Raises
    ------
    UserError
        When the file cannot be read, has no rows, lacks columns or holds values that are no
        numbers where numbers are needed.
    """
    frame = read(path)
    learning = spec.model.learning
    spared = {*spec.model.response_columns, *(made or ())}
    if learning is not None:
        spared |= {"trial_id", *(() if _grouped(spec) else ("participant_id",))}
    needed = [name for name in spec.columns if name not in spared]
    gappy: list[str] = []
    if learning is not None and made is None:
        needed.append("response")
        gappy = ["response", *learning.input_columns]
    if missing := [name for name in needed if name not in frame.columns]:
        raise UserError(
            f"{path} lacks the columns {', '.join(missing)}, which fit {spec.name} needs; it has "
            f"{', '.join(map(str, frame.columns))}"
        )
    if frame.empty:
        raise UserError(f"{path} has no rows; give one a trial")
    identity = [name for name in ("participant_id", "trial_id") if name in frame.columns]
    numeric = frame_of(spec, columns).select_dtypes("number").columns
    found: dict[str, NDArray[np.generic] | pd.Series[str]] = {}
    for name in dict.fromkeys([*needed, *identity]):
        if name in gappy:
            found[name] = numbers(path, frame, name, gaps=True)
        elif name == "trial_id" or name in numeric:
            found[name] = numbers(path, frame, name)
        else:
            text = frame[name].astype("str")
            refuse(path, frame, name, (text.isna() | (text == "")).to_numpy(), "is empty")
            found[name] = text
    if "response" in found:
        given, choices = found["response"], spec.model.choices
        alien = np.isfinite(given) & ~np.isin(given, choices)
        told = f"is not one of the choices {', '.join(map(str, choices))} of {spec.model.name}"
        refuse(path, frame, "response", alien, told)
    if learning is not None and made is None:
        found.setdefault("trial_id", np.arange(len(frame)))
        found.setdefault("participant_id", np.full(len(frame), "", dtype=np.str_))
    return pd.DataFrame(found)


def _grouped(spec: FitSpec) -> bool:
    """Tell whether a formula varies over participants."""
    return any("participant_id" in r.terms.columns for r in spec.formulas.values())

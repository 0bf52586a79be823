"""New trials that a user hands in to be predicted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.commands.console import UserError
from driftmill.commands.files import numbers, read, refuse
from driftmill.models.declaration import Columns
from driftmill.prediction.designs import frame_of
from driftmill.regression.fit_spec import FitSpec


def new_trials(path: Path, spec: FitSpec, columns: Columns) -> pd.DataFrame:
    """Read new trials, their columns of the kinds that the fit's own have.

    Parameters
    ----------
    path
        CSV, TSV or Parquet file.
    spec
        The fit; its covariates, groups and columns of fixed parameters are needed.
    columns
        The dataset that the fit was made from.

    Raises
    ------
    UserError
        When the file cannot be read, has no rows, lacks columns or holds values that are no
        numbers where numbers are needed.
    """
    frame = read(path)
    responses = spec.model.response_columns
    needed = [name for name in spec.columns if name not in responses]
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
        if name == "trial_id" or name in numeric:
            found[name] = numbers(path, frame, name)
        else:
            text = frame[name].astype("str")
            refuse(path, frame, name, (text.isna() | (text == "")).to_numpy(), "is empty")
            found[name] = text
    return pd.DataFrame(found)

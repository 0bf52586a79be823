"""Responses coded in one way by the data and in another by a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def recoded(response: NDArray[Any], codes: Mapping[int, int]) -> NDArray[Any]:
    """Return responses with some codes replaced by others, all at once.

    Parameters
    ----------
    response
        Numbers, NaN or missing where there is none.
    codes
        By code, that which it becomes; others stay.
    """
    found = np.array(response, copy=True)
    known = np.asarray(pd.to_numeric(pd.Series(response), errors="coerce"), dtype=np.float64)
    for old, new in codes.items():
        found[known == old] = new
    return found


def told_by_data(table: pd.DataFrame, codes: Mapping[int, int]) -> pd.DataFrame:
    """Return a table of a model's predictions with ``response`` in the codes of the data.

    Parameters
    ----------
    table
        Column ``response``.
    codes
        By code of the data, that of the model: different ones for different codes.
    """
    if not codes:
        return table
    back = {model: data for data, model in codes.items()}
    return table.assign(response=table["response"].replace(back))

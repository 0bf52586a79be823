"""Deadlines: responses that come too late, or are silent, are not seen."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray


def withhold(
    trials: Mapping[str, NDArray[np.generic]], deadline: ArrayLike, silent: int | None = None
) -> dict[str, NDArray[np.generic]]:
    """Take away what is not seen before a deadline.

    Parameters
    ----------
    trials
        ``rt`` in seconds and ``response``, arrays of shape (n,).
    deadline
        Seconds, one for all trials or one a trial; NaN: none.
    silent
        The response that is never seen, as in go/no-go tasks.

    Returns
    -------
    dict
        The columns as numbers, NaN where nothing was seen.
    """
    rt, response = (np.asarray(trials[name], dtype=np.float64) for name in ("rt", "response"))
    unseen = rt > np.asarray(deadline)
    if silent is not None:
        unseen |= response == silent
    return {"rt": np.where(unseen, np.nan, rt), "response": np.where(unseen, np.nan, response)}

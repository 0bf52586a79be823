"""Rows that are not independent: several participants of one dataset."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.recovery.batch import FloatArray


def dataset_means(values: FloatArray, datasets: NDArray[np.int64]) -> FloatArray:
    """Return the mean of each dataset's values; datasets are independent of each other."""
    means = pd.Series(values).groupby(datasets, sort=False).mean()
    return np.asarray(means.to_numpy(), dtype=np.float64)


def dataset_sums(values: FloatArray, datasets: NDArray[np.int64]) -> FloatArray:
    """Return the sum of each dataset's values."""
    sums = pd.Series(values).groupby(datasets, sort=False).sum()
    return np.asarray(sums.to_numpy(), dtype=np.float64)


def effective_n(values: FloatArray, datasets: NDArray[np.int64]) -> float:
    """Tell how many independent values would have a mean as certain as that of these.

    With one value a dataset that is their number. With several it lies between the number of
    datasets (participants of a dataset are copies of each other) and that of values
    (they are independent): the variance of the mean is that among datasets, with the
    worst case mixed in as if one dataset more had shown it. One dataset alone cannot show
    how far its participants depend on each other, and counts as one value.

    Parameters
    ----------
    values
        One a row.
    datasets
        The dataset of each row.
    """
    n = len(values)
    clusters = len(np.unique(datasets))
    if clusters == n:
        return float(n)
    deviation = values - values.mean()
    alone = float(np.sum(deviation**2))
    among = float(np.sum(dataset_sums(deviation, datasets) ** 2))
    if clusters == 1 or alone == 0.0:
        seen = 1.0
    else:
        seen = float(np.clip(clusters / (clusters - 1) * among / alone, 1.0, n / clusters))
    worst = 1.0 / clusters
    return n / ((1.0 - worst) * seen + worst * n / clusters)

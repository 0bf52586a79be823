"""Lapses: with a small probability a trial has nothing to do with the model."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods.lapse import RT_LAPSE_UPPER
from driftmill.models.declaration import FloatArray


def replace_lapses(
    rng: np.random.Generator,
    trials: Mapping[str, NDArray[np.generic]],
    choices: tuple[int, ...],
    lapse: float | FloatArray,
) -> tuple[dict[str, NDArray[np.generic]], NDArray[np.bool_]]:
    """Replace each trial by a lapse with probability ``lapse``.

    A lapse has rt ~ Uniform(0, 20) seconds and a response drawn evenly from ``choices``; it is
    the generator of the mixture that the likelihood of a fit with ``p_outlier`` assumes.

    Parameters
    ----------
    rng
        The source of the random numbers; nothing is drawn when ``lapse`` is 0.
    trials
        Columns of shape (n,): ``response``, and ``rt`` where the model has it.
    choices
        The codes of the responses.
    lapse
        Probability in [0, 1), one for all trials or one a trial.

    Returns
    -------
    tuple
        The columns, and a mask of shape (n,) that is true where a lapse stands.
    """
    share = np.asarray(lapse, dtype=np.float64)
    if (wrong := ~((share >= 0) & (share < 1))).any():
        raise ValueError(f"lapse = {share[wrong].flat[0]:g}: a probability in [0, 1) is needed")
    columns = dict(trials)
    n = columns["response"].size
    if not share.any():
        return columns, np.zeros(n, dtype=np.bool_)
    lapsed = rng.random(n) < share
    guess = rng.choice(np.asarray(choices, dtype=np.int64), n)
    columns["response"] = np.where(lapsed, guess, columns["response"])
    if "rt" in columns:
        columns["rt"] = np.where(lapsed, rng.uniform(0, RT_LAPSE_UPPER, n), columns["rt"])
    return columns, lapsed

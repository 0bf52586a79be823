"""Fits of one cell against each other, dataset by dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from driftmill.comparison.alignment import align_pointwise, align_summary
from driftmill.comparison.stacking import pseudo_bma_weights, stacking_weights

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

UNDECIDED = "undecided"
FAILED = "failed"
COMPARISON_TYPES = {
    "cell": "str",
    "dataset": "int64",
    "fit": "str",
    "rank": "int64",
    "elpd": "float64",
    "se": "float64",
    "p_loo": "float64",
    "elpd_diff": "float64",
    "dse": "float64",
    "weight_stacking": "float64",
    "weight_bma": "float64",
    "n_bad_k": "Int64",
    "code": "str",
    "verdict": "str",
}
PAIRS_TYPES = {
    "cell": "str",
    "dataset": "int64",
    "fit_1": "str",
    "fit_2": "str",
    "elpd_diff": "float64",
    "dse": "float64",
    "p_worse": "float64",
}


@dataclass(frozen=True)
class Thresholds:
    """What the best fit's lead over the runner-up must reach for a verdict.

    Parameters
    ----------
    min_elpd_diff
        Smallest lead in elpd (Sivula et al. 2020: below 4 its error is not normal).
    min_dse_ratio
        Smallest lead in standard errors of the difference.
    """

    min_elpd_diff: float = 4.0
    min_dse_ratio: float = 2.0


def compare(
    cell: str,
    pointwise: Mapping[str, pd.DataFrame],
    elpd: Mapping[str, pd.DataFrame],
    seed: np.random.SeedSequence,
    thresholds: Thresholds = Thresholds(),
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rank the fits on every dataset of a cell, weigh them, and give a verdict.

    A fit without a finite elpd (it failed, or a draw makes a trial impossible) ranks
    last with null differences and weights; the others are still compared, but the
    dataset's verdict is ``failed``. Each dataset draws its bootstrap from a child of
    ``seed`` of its own number, so its rows do not depend on the datasets beside it.

    Parameters
    ----------
    cell
        The cell's name.
    pointwise
        By fit: dataset, participant_id, elpd, and trial_id where the units of prediction are
        trials, not participants. All fits have the same units.
    elpd
        By fit: dataset, code, elpd, se, p_loo, n_bad_k, one row a dataset.
    seed
        Root of the seeds of the Bayesian bootstrap.
    thresholds
        When a lead counts.

    Returns
    -------
    comparison
        One row a dataset and fit, best first. ``rank`` counts from 0 (as ArviZ does),
        ``elpd_diff`` is the best elpd minus this one, ``dse`` its standard error
        sqrt(n var(elpd_i differences)) (Vehtari et al. 2017). ``verdict`` is the best
        fit's name, ``undecided`` or ``failed``, the same on all rows of a dataset.
    pairs
        One row a dataset and pair of fits in the order given: ``elpd_diff`` is
        fit_1 minus fit_2, ``p_worse`` the probability that fit_2 is the worse one,
        Phi(elpd_diff / dse).

    Raises
    ------
    ValueError
        When the fits were not scored on the same units or datasets.
    """
    fits = list(pointwise)
    datasets, starts, elpd_i = align_pointwise(cell, pointwise)
    summary = pd.concat(
        [align_summary(cell, f, elpd, datasets) for f in fits], keys=range(len(fits))
    )
    total = summary["elpd"].to_numpy(dtype=float).reshape(len(fits), -1).T

    results = [
        _compare_dataset(elpd_i[start:stop], total[i], _child(seed, datasets[i]), thresholds)
        for i, (start, stop) in enumerate(pairwise(starts))
    ]
    names = np.array([*fits, UNDECIDED, FAILED])
    n, n_fits = total.shape
    # Position of dataset i's fit k in the summary, which lists fit after fit.
    order = np.array([r.order for r in results], dtype=np.int64).reshape(n, n_fits)
    picked = summary.iloc[(order * n + np.arange(n)[:, None]).ravel()]
    comparison = pd.DataFrame(
        {
            "cell": cell,
            "dataset": np.repeat(datasets, n_fits),
            "fit": names[order.ravel()],
            "rank": np.tile(np.arange(n_fits), n),
            **{c: picked[c].to_numpy() for c in ("elpd", "se", "p_loo", "n_bad_k", "code")},
            "elpd_diff": _ravel([r.elpd_diff for r in results]),
            "dse": _ravel([r.dse for r in results]),
            "weight_stacking": _ravel([r.weight_stacking for r in results]),
            "weight_bma": _ravel([r.weight_bma for r in results]),
            "verdict": np.repeat(names[[r.verdict for r in results]], n_fits) if n else [],
        }
    )
    first, second = (np.array(side, dtype=np.int64) for side in _pairs(n_fits))
    pairs = pd.DataFrame(
        {
            "cell": cell,
            "dataset": np.repeat(datasets, len(first)),
            "fit_1": np.tile(names[first], n),
            "fit_2": np.tile(names[second], n),
            "elpd_diff": _ravel([r.pair_diff for r in results]),
            "dse": _ravel([r.pair_dse for r in results]),
        }
    )
    pairs["p_worse"] = p_worse(pairs["elpd_diff"].to_numpy(), pairs["dse"].to_numpy())
    return (
        comparison[list(COMPARISON_TYPES)].astype(COMPARISON_TYPES),
        pairs[list(PAIRS_TYPES)].astype(PAIRS_TYPES),
    )


def p_worse(elpd_diff: FloatArray, dse: FloatArray) -> FloatArray:
    """Probability that the second fit predicts worse: Phi(elpd_diff / dse), as ArviZ has it.

    Parameters
    ----------
    elpd_diff
        First fit's elpd minus the second's.
    dse
        Standard error of the difference.
    """
    return np.asarray(special.ndtr(elpd_diff / (dse + 1e-12)))


@dataclass(frozen=True)
class _DatasetComparison:
    """One dataset's numbers: fits best first, pairs in the order of `_pairs`."""

    order: IntArray
    elpd_diff: FloatArray
    dse: FloatArray
    weight_stacking: FloatArray
    weight_bma: FloatArray
    verdict: int
    pair_diff: FloatArray
    pair_dse: FloatArray


def _compare_dataset(
    elpd_i: FloatArray, total: FloatArray, seed: np.random.SeedSequence, thresholds: Thresholds
) -> _DatasetComparison:
    """Compare the fits on one dataset; ``elpd_i`` is (n, K), ``total`` (K,)."""
    n_fits = len(total)
    usable = np.isfinite(total) & np.isfinite(elpd_i).all(axis=0)
    # Not by the totals: a trial that is constant under one fit only counts in the difference.
    ranked = np.where(usable, elpd_i, 0.0).sum(axis=0)
    order = np.lexsort((np.where(usable, -ranked, 0.0), ~usable))
    known = np.where(usable, elpd_i, np.nan)
    best, others = known[:, order[:1]], known[:, order]
    elpd_diff, dse = _difference(best - others)
    weights = np.full((2, n_fits), np.nan)
    if usable.any():
        weights[0, usable] = stacking_weights(elpd_i[:, usable])
        weights[1, usable] = pseudo_bma_weights(elpd_i[:, usable], seed)
    first, second = _pairs(n_fits)
    verdict = int(order[0])
    if not usable.all():
        verdict = n_fits + 1
    elif n_fits > 1 and elpd_diff[1] < max(
        thresholds.min_elpd_diff, thresholds.min_dse_ratio * dse[1]
    ):
        verdict = n_fits
    return _DatasetComparison(
        order,
        elpd_diff,
        dse,
        weights[0, order],
        weights[1, order],
        verdict,
        *_difference(known[:, first] - known[:, second]),
    )


def _difference(diff_i: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Sum over the trials and its standard error sqrt(n var), ArviZ's divisor n."""
    return diff_i.sum(axis=0), np.sqrt(len(diff_i) * diff_i.var(axis=0))


def _pairs(n_fits: int) -> tuple[list[int], list[int]]:
    pairs = list(combinations(range(n_fits), 2))
    return [j for j, _ in pairs], [k for _, k in pairs]


def _ravel(rows: list[FloatArray]) -> FloatArray:
    return np.concatenate(rows) if rows else np.empty(0)


def _child(seed: np.random.SeedSequence, dataset: int) -> np.random.SeedSequence:
    """Return the dataset's own seed, whatever other datasets there are."""
    return np.random.SeedSequence(seed.entropy, spawn_key=(*seed.spawn_key, int(dataset)))

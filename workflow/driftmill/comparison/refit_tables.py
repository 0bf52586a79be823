"""Tables of held-out scores that come from refits: of participants by folds, of later trials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from driftmill.comparison.folds import Fold
from driftmill.comparison.future import Future
from driftmill.comparison.integrals import ENOUGH
from driftmill.sampling.settings import FAILED, Code

FOLDS_COLUMNS = (
    "dataset",
    "participant_id",
    "fold",
    "n_trials",
    "elpd",
    "mcse",
    "ess",
    "code",
)
FOLD_ELPD_COLUMNS = (
    "dataset",
    "code",
    "elpd",
    "se",
    "p_loo",
    "n_bad_k",
    "n_participants",
    "n_folds",
    "n_failed",
    "mcse",
    "n_bad_integrals",
)
FUTURE_COLUMNS = (
    "dataset",
    "participant_id",
    "trial_id",
    "n_trials",
    "n_known",
    "refitted_at",
    "elpd",
    "pareto_k",
    "code",
)
FUTURE_ELPD_COLUMNS = (
    "dataset",
    "code",
    "elpd",
    "se",
    "p_loo",
    "pareto_k_max",
    "n_bad_k",
    "k_limit",
    "n_blocks",
    "n_trials",
    "n_refits",
    "n_failed",
    "limit_reached",
)
#: From the best to the worst.
_CODES: tuple[Code, ...] = (
    "ok",
    "retried_ok",
    "approximate",
    "not_converged",
    "timeout",
    "numeric_failure",
)


def worst(codes: Iterable[Code]) -> Code:
    """Return the worst of what became of several refits."""
    return max(codes, key=_CODES.index)


def describe_folds(folds: Mapping[int, Fold]) -> str:
    """Describe one dataset's folds in a line of a log."""
    elpd = sum(float(fold.elpd.sum()) for fold in folds.values())
    failed = sum(fold.code in FAILED for fold in folds.values())
    return f"{len(folds)} folds, elpd {elpd:.1f}, {failed} refits failed their gates"


def folds_table(folds: Mapping[int, Fold], dataset: int) -> pd.DataFrame:
    """Return a row a participant of one dataset: ``FOLDS_COLUMNS``.

    Parameters
    ----------
    folds
        By number.
    dataset
        The dataset's number in its cell.
    """
    parts = [
        pd.DataFrame(
            {
                "dataset": np.full(len(found.participants), dataset, dtype=np.int64),
                "participant_id": list(found.participants),
                "fold": np.full(len(found.participants), number, dtype=np.int64),
                "n_trials": found.n_trials,
                "elpd": found.elpd,
                "mcse": found.mcse,
                "ess": found.effective,
                "code": [found.code] * len(found.participants),
            }
        )
        for number, found in folds.items()
    ]
    return pd.concat(parts, ignore_index=True)[list(FOLDS_COLUMNS)]


def fold_elpd_table(results: Iterable[tuple[int, Sequence[Fold]]]) -> pd.DataFrame:
    """Return a row a dataset: elpd of participants not seen, with its errors and what failed.

    Parameters
    ----------
    results
        Dataset number, and its folds.

    Returns
    -------
    pd.DataFrame
        ``FOLD_ELPD_COLUMNS``. The code is the worst of the refits', and ``n_failed`` counts those
        that failed their gates; one without draws leaves no elpd. K-fold has neither p_loo nor k.
    """
    rows = []
    for dataset, folds in results:
        elpd = np.concatenate([fold.elpd for fold in folds])
        effective = np.concatenate([fold.effective for fold in folds])
        failed = bool(np.isnan(elpd).any())
        with np.errstate(invalid="ignore"):  # elpd of -inf has no standard error
            se = float(np.sqrt(len(elpd)) * elpd.std(ddof=1))
        rows.append(
            {
                "dataset": dataset,
                "code": worst(fold.code for fold in folds),
                "elpd": elpd.sum(),
                "se": se,
                "p_loo": np.nan,
                "n_bad_k": pd.NA,
                "n_participants": len(elpd),
                "n_folds": len(folds),
                "n_failed": sum(fold.code in FAILED for fold in folds),
                "mcse": np.sqrt(sum(fold.total_mcse**2 for fold in folds)),
                "n_bad_integrals": pd.NA if failed else int(np.sum(effective < ENOUGH)),
            }
        )
    types = {
        "dataset": "int64",
        "code": "str",
        "n_bad_k": "Int64",
        "n_bad_integrals": "Int64",
        **dict.fromkeys(("elpd", "se", "p_loo", "mcse"), "float64"),
    }
    return pd.DataFrame(rows, columns=list(FOLD_ELPD_COLUMNS)).astype(types)


def describe_future(found: Future) -> str:
    """Describe one dataset's result in a line of a log."""
    failed = sum(code in FAILED for code in found.refits)
    text = f"{len(found.blocks)} blocks, elpd {found.elpd.sum():.1f}, {len(found.refits)} refits"
    text += f" of which {failed} failed their gates, {found.n_bad_k} bad k"
    return text + (", no refits left" if found.limit_reached else "")


def future_table(found: Future, dataset: int, trials: pd.DataFrame) -> pd.DataFrame:
    """Return a row a block of one dataset: ``FUTURE_COLUMNS``.

    Parameters
    ----------
    found
        The blocks.
    dataset
        The dataset's number in its cell.
    trials
        In the order that was predicted from, with ``participant_id`` and ``trial_id``: a block
        has those of its first trial.
    """
    table = pd.DataFrame([vars(block) for block in found.blocks])
    first = trials.iloc[table.pop("row")]
    table.insert(0, "dataset", np.full(len(table), dataset, dtype=np.int64))
    for name in ("participant_id", "trial_id"):
        table[name] = first[name].to_numpy()
    return table[list(FUTURE_COLUMNS)]


def future_elpd_table(results: Iterable[tuple[int, Future]]) -> pd.DataFrame:
    """Return a row a dataset: elpd of later trials, with the counts of refits and of bad k.

    Parameters
    ----------
    results
        Dataset number, and its blocks.

    Returns
    -------
    pd.DataFrame
        ``FUTURE_ELPD_COLUMNS``. The code is the worst of the refits'; one without draws leaves no
        elpd. There is no p_loo.
    """
    rows = []
    for dataset, found in results:
        elpd, k = found.elpd, np.array([block.pareto_k for block in found.blocks])
        known = k[~np.isnan(k)]
        with np.errstate(invalid="ignore"):  # elpd of -inf has no standard error
            se = float(np.sqrt(len(elpd)) * elpd.std(ddof=1)) if len(elpd) > 1 else np.nan
        rows.append(
            {
                "dataset": dataset,
                "code": worst(found.refits),
                "elpd": elpd.sum(),
                "se": se,
                "p_loo": np.nan,
                "pareto_k_max": known.max() if len(known) else np.nan,
                "n_bad_k": pd.NA if np.isnan(elpd).any() else found.n_bad_k,
                "k_limit": found.k_limit,
                "n_blocks": len(elpd),
                "n_trials": sum(block.n_trials for block in found.blocks),
                "n_refits": len(found.refits),
                "n_failed": sum(code in FAILED for code in found.refits),
                "limit_reached": found.limit_reached,
            }
        )
    floats = ("elpd", "se", "p_loo", "pareto_k_max", "k_limit")
    types = {"dataset": "int64", "code": "str", "n_bad_k": "Int64"} | dict.fromkeys(
        floats, "float64"
    )
    return pd.DataFrame(rows, columns=list(FUTURE_ELPD_COLUMNS)).astype(types)

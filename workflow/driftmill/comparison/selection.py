"""Random-effects model selection over the participants of a dataset, or datasets of one each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from driftmill.comparison.alignment import FloatArray, IntArray, align_pointwise
from driftmill.comparison.compare import FAILED, UNDECIDED
from driftmill.comparison.random_effects import frequencies

SELECTION_TYPES = {
    "cell": "str",
    "scope": "str",
    "dataset": "Int64",
    "fit": "str",
    "n": "int64",
    "n_left_out": "int64",
    "alpha": "float64",
    "frequency": "float64",
    "frequency_sd": "float64",
    "lower": "float64",
    "upper": "float64",
    "exceedance": "float64",
    "protected_exceedance": "float64",
    "omnibus_risk": "float64",
    "verdict": "str",
}
#: What a group of participants is: those of one dataset, or the datasets of a cell.
DATASET, CELL = "dataset", "cell"


def selection(
    cell: str, pointwise: Mapping[str, pd.DataFrame], min_exceedance: float = 0.95
) -> pd.DataFrame:
    """Infer how frequent each fit's model is among participants (Stephan 2009, Rigoux 2014).

    A participant's elpd stands for the log evidence. Participants without a finite elpd of every
    fit are left out and counted.

    Parameters
    ----------
    cell
        The cell's name.
    pointwise
        By fit: dataset, participant_id, elpd, a row a trial or a participant, as for `compare`.
    min_exceedance
        Protected exceedance probability from which a fit is named.

    Returns
    -------
    pd.DataFrame
        ``SELECTION_TYPES``, a row a group and fit. Groups (``scope``): the participants of each
        ``dataset`` that has several; and, where every dataset is of one participant, all
        datasets of the ``cell`` (``dataset`` is null). ``frequency`` is the share of the
        population that has this model, with sd and 95 % interval; numbers are null where nobody
        has an elpd of every fit. No rows for one fit, or one participant.
    """
    fits = list(pointwise)
    rows: list[dict[str, object]] = []
    if len(fits) > 1:
        for scope, dataset, totals in _populations(*_totals(cell, pointwise)):
            rows += _select(totals, fits, min_exceedance, cell, scope, dataset)
    return pd.DataFrame(rows, columns=list(SELECTION_TYPES)).astype(SELECTION_TYPES)


def _totals(cell: str, pointwise: Mapping[str, pd.DataFrame]) -> tuple[IntArray, FloatArray]:
    """Return the dataset of each participant, and the summed elpd of each under each fit."""
    _, _, elpd = align_pointwise(cell, pointwise)
    first = next(iter(pointwise.values()))
    keys = first[["dataset", "participant_id"]].sort_values(
        ["dataset", "participant_id"], kind="stable"
    )
    starts = np.flatnonzero(~keys.duplicated().to_numpy())
    datasets = keys["dataset"].to_numpy(dtype=np.int64)[starts]
    return datasets, np.add.reduceat(elpd, starts, axis=0) if len(starts) else elpd


def _populations(
    datasets: IntArray, totals: FloatArray
) -> Iterator[tuple[str, int | None, FloatArray]]:
    numbers, sizes = np.unique(datasets, return_counts=True)
    for dataset, size in zip(numbers, sizes, strict=True):
        if size > 1:
            yield DATASET, int(dataset), totals[datasets == dataset]
    if len(numbers) > 1 and (sizes == 1).all():
        yield CELL, None, totals


def _select(
    totals: FloatArray,
    fits: list[str],
    min_exceedance: float,
    cell: str,
    scope: str,
    dataset: int | None,
) -> list[dict[str, object]]:
    known = totals[np.isfinite(totals).all(axis=1)]
    group: dict[str, object] = {"cell": cell, "scope": scope, "dataset": dataset, "n": len(known)}
    group["n_left_out"] = len(totals) - len(known)
    if not len(known):
        return [group | {"fit": fit, "verdict": FAILED} for fit in fits]
    found = frequencies(known)
    best = int(found.protected.argmax())
    lower, upper = found.interval()
    numbers = {
        "alpha": found.alpha,
        "frequency": found.expected,
        "frequency_sd": found.sd,
        "lower": lower,
        "upper": upper,
        "exceedance": found.exceedance,
        "protected_exceedance": found.protected,
    }
    group["omnibus_risk"] = found.omnibus_risk
    group["verdict"] = fits[best] if found.protected[best] >= min_exceedance else UNDECIDED
    return [
        group | {"fit": fit} | {name: float(values[k]) for name, values in numbers.items()}
        for k, fit in enumerate(fits)
    ]

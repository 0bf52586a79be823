"""What names the best fit on a dataset: the lead in elpd, stacking, or its participants' models."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from driftmill.comparison.compare import FAILED, UNDECIDED
from driftmill.comparison.selection import DATASET

#: The lead in elpd and its standard error; the weight of stacking; the protected exceedance
#: probability of random-effects selection over the dataset's participants.
ELPD_DIFF, STACKING, PARTICIPANTS = "elpd_diff", "stacking", "participants"
CRITERIA = (ELPD_DIFF, STACKING, PARTICIPANTS)


def judged(
    comparison: pd.DataFrame, selections: Iterable[pd.DataFrame], min_weight: float = 0.75
) -> dict[str, pd.DataFrame]:
    """Return the comparison with the verdicts of each criterion that can be asked.

    Parameters
    ----------
    comparison
        The comparisons of all cells, with the verdicts of the lead in elpd.
    selections
        The random-effects selections of cells; those over the participants of a dataset count.
    min_weight
        Stacking weight from which a fit is named.

    Returns
    -------
    dict
        By criterion. Datasets of one participant have no verdict by participants. A dataset on
        which a fit failed is ``failed`` by weights as well.
    """
    found = {ELPD_DIFF: comparison, STACKING: by_weight(comparison, min_weight)}
    own = [table[table["scope"] == DATASET] for table in selections]
    chosen = pd.concat(own) if own else pd.DataFrame()
    if len(chosen):
        verdicts = chosen[["cell", "dataset", "verdict"]].drop_duplicates()
        verdicts = verdicts.astype({"dataset": "int64"})
        known = comparison.drop(columns="verdict")
        found[PARTICIPANTS] = known.merge(verdicts, on=["cell", "dataset"])
    return found


def by_weight(comparison: pd.DataFrame, min_weight: float) -> pd.DataFrame:
    """Return the comparison with the fit of the greatest stacking weight as its verdict.

    ``undecided`` where the weight falls short of ``min_weight``.
    """
    ranked = comparison.sort_values("weight_stacking", ascending=False, kind="stable")
    best = ranked.drop_duplicates(["cell", "dataset"]).set_index(["cell", "dataset"])
    named = np.where(best["weight_stacking"] >= min_weight, best["fit"], UNDECIDED)
    named = np.where(best["verdict"] == FAILED, FAILED, named)
    verdicts = pd.Series(named, best.index, dtype="str")
    keys = pd.MultiIndex.from_frame(comparison[["cell", "dataset"]])
    return comparison.assign(verdict=verdicts.reindex(keys).to_numpy())

"""Over datasets: which fit wins on data of which generator, and what a win says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.comparison.compare import FAILED, UNDECIDED
from driftmill.comparison.criteria import ELPD_DIFF
from driftmill.proportions import jeffreys_interval
from driftmill.sampling.settings import APPROXIMATE, PASSED

Numbers = NDArray[np.int64] | NDArray[np.float64]

#: Draws of the proportions behind the intervals of an inversion matrix.
DRAWS = 4000
CONFUSION_TYPES = {
    "criterion": "str",
    "subset": "str",
    "generator": "str",
    "cell": "str",
    "verdict": "str",
    "n": "int64",
    "total": "int64",
    "proportion": "float64",
    "lower": "float64",
    "upper": "float64",
}
INVERSION_TYPES = {
    "criterion": "str",
    "subset": "str",
    "verdict": "str",
    "cell": "str",
    "generator": "str",
    "probability": "float64",
    "lower": "float64",
    "upper": "float64",
    "n": "int64",
}


def confusion(
    comparison: pd.DataFrame,
    generators: Mapping[str, str],
    fits: Sequence[str],
    criterion: str = ELPD_DIFF,
) -> pd.DataFrame:
    """P(verdict | cell) with Jeffreys 95 % intervals (Wilson & Collins 2019).

    Parameters
    ----------
    comparison
        The comparisons of all cells: cell, dataset, fit, code, verdict.
    generators
        Generating model by cell. Cells that are not among them (observed data) are
        left out.
    fits
        The fits' names in the order the rows shall have.
    criterion
        What the verdicts were given by.

    Returns
    -------
    pd.DataFrame
        For each subset and cell a row for every fit that is applied to the cell, for
        ``undecided`` and, where any dataset has it, for ``failed``: the number ``n`` of
        datasets with that verdict out of ``total``. Subset ``all`` counts every dataset,
        ``passed`` those on which all fits passed their gates; where there are some,
        ``approximate`` counts those on which a fit is an approximation.
    """
    known = comparison[comparison["cell"].isin(list(generators))]
    verdicts = [*fits, UNDECIDED]
    if (known["verdict"] == FAILED).any():
        verdicts.append(FAILED)
    datasets = (
        known.assign(passed=known["code"].isin(PASSED), approximate=known["code"] == APPROXIMATE)
        .groupby(["cell", "dataset"], sort=False)
        .agg(
            verdict=("verdict", "first"),
            passed=("passed", "all"),
            approximate=("approximate", "any"),
        )
        .reset_index()
    )
    cells = [c for c in generators if c in set(known["cell"])]
    tables = []
    subsets = {"all": datasets, "passed": datasets[datasets["passed"]]}
    if datasets["approximate"].any():
        subsets[APPROXIMATE] = datasets[datasets["approximate"]]
    for subset, members in subsets.items():
        counts = pd.crosstab(members["cell"], members["verdict"]).reindex(
            index=cells, columns=verdicts, fill_value=0
        )
        n = counts.to_numpy(dtype=np.int64)
        total = np.broadcast_to(n.sum(axis=1, keepdims=True), n.shape)
        lower, upper = jeffreys_interval(n, total)
        tables.append(
            pd.DataFrame(
                {
                    "criterion": criterion,
                    "subset": subset,
                    "generator": np.repeat([generators[c] for c in cells], len(verdicts)),
                    "cell": np.repeat(cells, len(verdicts)),
                    "verdict": np.tile(verdicts, len(cells)),
                    "n": n.ravel(),
                    "total": total.ravel(),
                    "proportion": _ratio(n, total).ravel(),
                    "lower": lower.ravel(),
                    "upper": upper.ravel(),
                }
            )
        )
    table = pd.concat(tables, ignore_index=True)
    possible = table[_possible(table, known)]
    return possible.reset_index(drop=True).astype(CONFUSION_TYPES)


def _possible(verdicts: pd.DataFrame, known: pd.DataFrame) -> NDArray[np.bool_]:
    """Mark the verdicts that a cell's fits allow."""
    fits = set(zip(known["cell"], known["fit"], strict=True))
    pairs = zip(verdicts["cell"], verdicts["verdict"], strict=True)
    return np.array([pair[1] in (UNDECIDED, FAILED) or pair in fits for pair in pairs], dtype=bool)


def inversion(confusion_table: pd.DataFrame, seed: np.random.SeedSequence) -> pd.DataFrame:
    """P(generator | verdict) under equal prior probability of the generators.

    Bayes' rule on the proportions of the confusion table, so that a cell with many
    datasets counts no more than one with few (Wilson & Collins 2019). A generator's
    prior is shared equally by its cells; a generator's probability is the sum over
    them, and the row's own where it has one cell.

    Parameters
    ----------
    confusion_table
        What `confusion` returns, of one criterion or several.
    seed
        Seed of the draws of the proportions.

    Returns
    -------
    pd.DataFrame
        For each criterion, subset and verdict a row for every cell: ``probability``, with a
        95 % interval from draws of the proportions, Beta(n + 1/2, total - n + 1/2) and
        independent; NaN where the verdict was never given; and ``n``, the datasets of the cell
        with that verdict.
    """
    table = confusion_table
    where = ["criterion", "subset"]
    cells_of = table.groupby([*where, "generator"])["cell"].transform("nunique")
    share = (table["proportion"] / cells_of).fillna(0.0)
    total = share.groupby([table[name] for name in (*where, "verdict")]).transform("sum")
    probability = _ratio(share.to_numpy(dtype=float), total.to_numpy(dtype=float))
    lower, upper = _inverted_intervals(table, cells_of, seed)
    result = table.assign(probability=probability, lower=lower, upper=upper)
    result.loc[result["probability"].isna(), ["lower", "upper"]] = np.nan
    result = result[list(INVERSION_TYPES)]
    order = [
        result[name].map({value: place for place, value in enumerate(result[name].unique())})
        for name in (*where, "verdict")
    ]
    ranked = np.lexsort([each.to_numpy(dtype=np.int64) for each in reversed(order)])
    return result.iloc[ranked].reset_index(drop=True).astype(INVERSION_TYPES)


def _inverted_intervals(
    table: pd.DataFrame, cells_of: pd.Series[int], seed: np.random.SeedSequence
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the 95 % interval of every row's probability, by draws of the proportions."""
    n, total = (table[name].to_numpy(dtype=float) for name in ("n", "total"))
    weights = np.random.default_rng(seed).beta(n + 0.5, total - n + 0.5, (DRAWS, len(table)))
    weights *= (total > 0) / cells_of.to_numpy(dtype=float)
    verdicts = table.groupby(["criterion", "subset", "verdict"], sort=False).ngroup().to_numpy()
    for verdict in range(verdicts.max(initial=-1) + 1):
        here = verdicts == verdict
        sums = weights[:, here].sum(axis=1, keepdims=True)
        weights[:, here] = _ratio(weights[:, here], np.broadcast_to(sums, (DRAWS, here.sum())))
    lower, upper = np.quantile(weights, [0.025, 0.975], axis=0)
    return lower, upper


def _ratio(part: Numbers, whole: Numbers) -> Numbers:
    """``part / whole``, NaN where the whole is zero."""
    return np.asarray(np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0))

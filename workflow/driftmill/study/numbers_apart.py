"""In what the headline numbers of two finished studies differ, and whether clearly."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.recovery.batch import FloatArray
from driftmill.recovery.clusters import dataset_means
from driftmill.recovery.subsets import KEYS, with_truth
from driftmill.sampling.settings import FAILED
from driftmill.study.results import Results

#: What identifies one estimate of a parameter.
_ROW = ["dataset", "participant_id"]
#: Standard errors from which a change is clear.
CLEAR = 2.0


@dataclass(frozen=True)
class Number:
    """One headline number in either study.

    Parameters
    ----------
    table
        Where it comes from: ``recovery``, ``gates``, ``elpd``, ``elpd_diff``, ``confusion``.
    cell, fit, of
        What it is of: a parameter, a pair of fits or a verdict under ``of``.
    quantity
        Its name.
    a, b
        Its values; NaN where a study lacks it.
    error
        Standard error of b - a; NaN where unknown.
    paired
        Whether both are of the same data, so that the error is that of paired differences.
    """

    table: str
    cell: str
    fit: str
    of: str
    quantity: str
    a: float
    b: float
    error: float = np.nan
    paired: bool = False

    @property
    def change(self) -> float:
        """How much larger it is in the second study."""
        return self.b - self.a

    @property
    def differs(self) -> bool:
        """Whether the two values are not the same."""
        return not (self.a == self.b or (np.isnan(self.a) and np.isnan(self.b)))

    @property
    def clear(self) -> bool:
        """Whether it differs by more than chance explains, or without an error to tell."""
        small = abs(self.change) <= CLEAR * self.error if np.isfinite(self.error) else False
        return self.differs and not small


def numbers_apart(a: Results, b: Results) -> list[Number]:
    """Return the headline numbers of both studies, cell after cell of the first.

    Gate counts; bias, RMSE, coverage of the 90 % interval and contraction of every parameter that
    belongs to the fit's model; elpd of every fit and elpd differences of every pair, summed over
    datasets; shares of the confusion matrices. Cells, fits and parameters are matched by name.
    """
    same = _same_data(a, b)
    return [
        *_gates(a, b),
        *_recovery(a, b),
        *_elpd(a, b, same),
        *_pairs(a, b),
        *_confusion(a, b),
    ]


def _same_data(a: Results, b: Results) -> Callable[[str], bool]:
    """Return what tells whether a cell has the same trials in both studies."""
    known: dict[str, bool] = {}

    def same(cell: str) -> bool:
        if cell not in known:
            one, two = (each.tables(f"data/{cell}/trials-*.parquet") for each in (a, b))
            known[cell] = not one.empty and one.equals(two)
        return known[cell]

    return same


def _gates(a: Results, b: Results) -> Iterator[Number]:
    one, two = _both(a, b, "recovery/*/*/gates.parquet", "code", "rung")
    for (cell, fit), left, right in _matched(one, two, ["cell", "fit"]):
        counts, other = _counts(left), _counts(right)
        for name, count in counts.items():
            yield Number("gates", cell, fit, "", name, count, other[name])


def _counts(rows: pd.DataFrame) -> dict[str, float]:
    if rows.empty:
        return dict.fromkeys(("posteriors", "failed", "retried"), np.nan)
    return {
        "posteriors": float(len(rows)),
        "failed": float(rows["code"].isin(FAILED).sum()),
        "retried": float((rows["rung"] > 0).sum()),
    }


def _recovery(a: Results, b: Results) -> Iterator[Number]:
    one, two = map(_told, _both(a, b, "recovery/*/*/estimates.parquet", "level", "matched"))
    for (cell, fit, parameter, _), left, right in _matched(one, two, KEYS):
        keys = [rows[[*_ROW, "truth"]].reset_index(drop=True) for rows in (left, right)]
        paired = len(left) > 0 and keys[0].equals(keys[1])
        both = [_per_row(rows) for rows in (left, right)]
        datasets = [rows["dataset"].to_numpy() for rows in (left, right)]
        for name in ("bias", "rmse", "coverage_90", "contraction"):
            x, y = (values[name] for values in both)
            (mean, influence), (other, second) = _statistic(x, name), _statistic(y, name)
            if paired:
                error = _error(second - influence, datasets[1])
            else:
                error = float(np.hypot(_error(influence, datasets[0]), _error(second, datasets[1])))
            yield Number("recovery", cell, fit, parameter, name, mean, other, error, paired)


def _told(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of fits of the generating model with a truth and a mean."""
    if estimates.empty:
        return estimates
    own = estimates["matched"] & (estimates["level"] != "deviation")
    known = with_truth(estimates[own])
    return known[known["mean"].notna()]


def _per_row(rows: pd.DataFrame) -> dict[str, FloatArray]:
    if rows.empty:
        return dict.fromkeys(("bias", "rmse", "coverage_90", "contraction"), np.empty(0))
    error = (rows["mean"] - rows["truth"]).to_numpy(dtype=float)
    held = (rows["lower_90"] <= rows["truth"]) & (rows["truth"] <= rows["upper_90"])
    return {
        "bias": error,
        "rmse": error**2,
        "coverage_90": held.to_numpy(dtype=float),
        "contraction": rows["contraction"].to_numpy(dtype=float),
    }


def _statistic(values: FloatArray, name: str) -> tuple[float, FloatArray]:
    """Return a number over all rows, and what each row adds to its error."""
    if not len(values):
        return np.nan, values
    mean = float(values.mean())
    if name != "rmse":
        return mean, values
    root = float(np.sqrt(mean))
    return root, values / (2 * root) if root > 0 else values


def _error(values: FloatArray, datasets: NDArray[np.int64]) -> float:
    means = dataset_means(values, datasets)
    return float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else np.nan


def _elpd(a: Results, b: Results, same: Callable[[str], bool]) -> Iterator[Number]:
    one, two = _both(a, b, "comparison/*/comparison.parquet", "elpd")
    for (cell, fit), left, right in _matched(one, two, ["cell", "fit"]):
        x, y = (
            rows.set_index("dataset")["elpd"].dropna() if len(rows) else pd.Series(dtype=float)
            for rows in (left, right)
        )
        if not same(cell):
            # On other data the difference in elpd says nothing of the fit.
            continue
        shared = x.index.intersection(y.index)
        change = (y.loc[shared] - x.loc[shared]).to_numpy(dtype=float)
        error = float(np.sqrt(len(change)) * change.std(ddof=1)) if len(change) > 1 else np.nan
        before, after = (float(e.loc[shared].sum()) if len(shared) else np.nan for e in (x, y))
        of = f"{len(shared)} datasets"
        yield Number("elpd", cell, fit, of, "elpd", before, after, error, True)


def _pairs(a: Results, b: Results) -> Iterator[Number]:
    one, two = _both(a, b, "comparison/*/pairs.parquet", "elpd_diff", "dse")
    for (cell, first, second), left, right in _matched(one, two, ["cell", "fit_1", "fit_2"]):
        before, error = _sum(left)
        after, other = _sum(right)
        of, both = f"{first} - {second}", float(np.hypot(error, other))
        yield Number("elpd_diff", cell, "", of, "elpd_diff", before, after, both)


def _sum(pairs: pd.DataFrame) -> tuple[float, float]:
    """Return an elpd difference summed over independent datasets, and its standard error."""
    if pairs.empty:
        return np.nan, np.nan
    known = pairs.dropna(subset=["elpd_diff", "dse"])
    return float(known["elpd_diff"].sum()), float(np.sqrt((known["dse"] ** 2).sum()))


def _confusion(a: Results, b: Results) -> Iterator[Number]:
    both = _both(a, b, "comparison/confusion.parquet", "criterion", "verdict", "subset")
    one, two = (table if table.empty else table[table["subset"] == "all"] for table in both)
    for (cell, by, verdict), left, right in _matched(one, two, ["cell", "criterion", "verdict"]):
        (before, error), (after, other) = _share(left), _share(right)
        of, spread = f"{verdict} named", float(np.hypot(error, other))
        yield Number("confusion", cell, "", of, f"share by {by}", before, after, spread)


def _share(rows: pd.DataFrame) -> tuple[float, float]:
    """Return a verdict's share and its standard error, which is never 0."""
    if rows.empty or not rows["total"].iloc[0]:
        return np.nan, np.nan
    share, total = float(rows["proportion"].iloc[0]), float(rows["total"].iloc[0])
    # The sd of the Beta posterior under Jeffreys' prior.
    mean = (share * total + 0.5) / (total + 1)
    return share, float(np.sqrt(mean * (1 - mean) / (total + 2)))


def _both(a: Results, b: Results, pattern: str, *columns: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    return a.tables(pattern, *columns), b.tables(pattern, *columns)


def _matched(
    one: pd.DataFrame, two: pd.DataFrame, keys: list[str]
) -> Iterator[tuple[tuple[str, ...], pd.DataFrame, pd.DataFrame]]:
    """Yield every group of either table with its rows in both."""
    groups = [
        {tuple(map(str, key)): rows for key, rows in table.groupby(keys, sort=False)}
        if not table.empty
        else {}
        for table in (one, two)
    ]
    empty = (one if not one.empty else two).iloc[:0]
    for key in dict.fromkeys([*groups[0], *groups[1]]):
        yield key, groups[0].get(key, empty), groups[1].get(key, empty)

"""The smallest number of trials or participants that reaches a target, and how well it is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special
from scipy.optimize import isotonic_regression

from driftmill.recovery.batch import FloatArray
from driftmill.recovery.precision import swept
from driftmill.recovery.sizes import Line, Size, lines
from driftmill.recovery.subsets import KEYS, SUBSETS
from driftmill.sampling.settings import PASSED

#: Bootstrap replicates, and how far beyond the largest size a number is given.
REPLICATES, BEYOND = 1000, 10.0
#: A variance is taken as narrowed by this share at least, and at most by all but this share.
EDGE = 1e-4
SAMPLE_SIZES_TYPES = {
    "sweep": "str",
    "fit": "str",
    "parameter": "str",
    "level": "str",
    "subset": "str",
    "axis": "str",
    "held": "int64",
    "criterion": "str",
    "target": "float64",
    "smallest": "int64",
    "largest": "int64",
    "at_largest": "float64",
    "needed": "float64",
    "needed_lower": "float64",
    "needed_upper": "float64",
    "status": "str",
}


@dataclass(frozen=True)
class PrecisionTargets:
    """What an estimate must reach; None: not asked.

    Parameters
    ----------
    contraction
        Mean contraction, at least.
    rmse, width
        RMSE, and mean width of the 90 % interval, in prior sds, at most.
    """

    contraction: float | None = 0.9
    rmse: float | None = None
    width: float | None = None

    @property
    def asked(self) -> dict[str, float]:
        """The targets that are asked, by name."""
        return {name: value for name, value in vars(self).items() if value is not None}


def sample_sizes(
    estimates: pd.DataFrame,
    sizes: Mapping[str, Size],
    targets: PrecisionTargets,
    seeds: Mapping[str, np.random.SeedSequence],
) -> pd.DataFrame:
    """Find the smallest size at which each parameter reaches each target.

    Along an axis the other of which is held, the curve through the cells is made monotone by
    isotonic regression and followed between them on straight lines in log size: the log of RMSE
    and width, the logit of contraction (straight where information adds up over trials, as
    contraction is then N / (N + k)). Beyond the largest cell it is continued by the 1/sqrt(N) law
    where that holds, up to ten times as far. Uncertainty is by the bootstrap over datasets.

    Parameters
    ----------
    estimates, sizes
        As for `driftmill.recovery.precision.precision`.
    targets
        What must be reached.
    seeds
        Of the bootstrap, by cell.

    Returns
    -------
    pd.DataFrame
        ``SAMPLE_SIZES_TYPES``, a row a fit, parameter, subset, axis, held size and criterion.
        ``status``: ``reached`` between the cells; ``smallest`` at the smallest already, so
        that ``needed`` is an upper bound; ``extrapolated``; ``beyond``: not reached, and no
        number. ``needed_lower`` and ``needed_upper`` are the 95 % interval, the upper end null
        where more than 2.5 % of the replicates are beyond; both null where a cell has one dataset.
    """
    known = swept(estimates, sizes)
    known = known[known["level"] != "deviation"]
    rows: list[dict[str, object]] = []
    for (fit, parameter, level), own in known.groupby(KEYS[1:], sort=False):
        hierarchy = bool((known.loc[known["fit"] == fit, "level"] == "sd").any())
        for line in lines(sizes, list(own["cell"].unique())):
            if line.axis == "participants" and level == "participant":
                continue
            lawful = not (line.axis == "trials" and hierarchy and level in ("group", "sd"))
            for subset in SUBSETS:
                members = own[own["code"].isin(PASSED)] if subset == "passed" else own
                head = {"fit": fit, "parameter": parameter, "level": level, "subset": subset}
                rows += [head | row for row in _needed(members, line, targets, seeds, lawful)]
    return pd.DataFrame(rows, columns=list(SAMPLE_SIZES_TYPES)).astype(SAMPLE_SIZES_TYPES)


def _needed(
    rows: pd.DataFrame,
    line: Line,
    targets: PrecisionTargets,
    seeds: Mapping[str, np.random.SeedSequence],
    lawful: bool,
) -> list[dict[str, object]]:
    n = np.array(line.sizes, dtype=float)
    found = []
    for criterion, target in targets.asked.items():
        columns = [_replicates(rows[rows["cell"] == c], criterion, seeds[c]) for c in line.cells]
        values = np.column_stack(columns)
        if not np.isfinite(values[0]).all():
            continue
        values = values[np.isfinite(values).all(axis=1)]
        curves, goal = _transformed(values, criterion), _transformed(np.array(target), criterion)
        needed = np.array([reaches(n, curve, float(goal), criterion, lawful) for curve in curves])
        ends = np.quantile(needed[1:], [0.025, 0.975], method="inverted_cdf")
        if rows.groupby("cell")["dataset"].nunique().min() < 2:
            ends = np.full(2, np.nan)
        best = needed[0]
        status = "reached" if best <= n[-1] else "extrapolated" if np.isfinite(best) else "beyond"
        found.append(
            {
                **{"sweep": line.sweep, "axis": line.axis, "held": line.held},
                **{"criterion": criterion, "target": target},
                **{"smallest": line.sizes[0], "largest": line.sizes[-1]},
                "at_largest": values[0, -1],
                "needed": _finite(best),
                "needed_lower": _finite(ends[0]),
                "needed_upper": _finite(ends[1]),
                "status": "smallest" if best <= n[0] else status,
            }
        )
    return found


def reaches(n: FloatArray, curve: FloatArray, goal: float, criterion: str, lawful: bool) -> float:
    """Return the size at which a curve falls to its goal; the smallest if it starts there.

    Parameters
    ----------
    n
        Sizes, ascending.
    curve
        Log of the error or width, or logit of the posterior variance over the prior's.
    goal
        The same of the target.
    criterion
        Its name, which says how the curve goes on.
    lawful
        Whether it may be continued beyond the largest size; else that is infinite.
    """
    rises = bool(np.any(np.diff(curve) > 0))
    falling = isotonic_regression(curve, increasing=False).x if rises else curve
    log_n = np.log(n)
    below = np.flatnonzero(falling <= goal)
    if len(below):
        first = int(below[0])
        if first == 0:
            return float(n[0])
        ends = falling[[first, first - 1]]
        share = (goal - ends[1]) / (ends[0] - ends[1])
        return float(np.exp(log_n[first - 1] + share * (log_n[first] - log_n[first - 1])))
    slope = 1.0 if criterion == "contraction" else 0.5
    beyond = (falling[-1] - goal) / slope
    return float(n[-1] * np.exp(beyond)) if lawful and beyond <= np.log(BEYOND) else np.inf


def _transformed(values: FloatArray, criterion: str) -> FloatArray:
    if criterion == "contraction":
        return np.asarray(special.logit(np.clip(1 - values, EDGE, 1 - EDGE)))
    return np.asarray(np.log(np.maximum(values, np.finfo(float).tiny)))


def _replicates(rows: pd.DataFrame, criterion: str, seed: np.random.SeedSequence) -> FloatArray:
    """Return the criterion over all datasets of a cell, and over bootstrap samples of them."""
    if rows.empty:
        return np.full(1 + REPLICATES, np.nan)
    prior_sd = rows["prior_sd"].to_numpy(dtype=float)
    if criterion == "contraction":
        values = rows["contraction"].to_numpy(dtype=float)
    elif criterion == "rmse":
        values = ((rows["mean"] - rows["truth"]).to_numpy(dtype=float) / prior_sd) ** 2
    else:
        values = (rows["upper_90"] - rows["lower_90"]).to_numpy(dtype=float) / prior_sd
    grouped = pd.Series(values).groupby(rows["dataset"].to_numpy())
    sums, counts = grouped.sum().to_numpy(dtype=float), grouped.count().to_numpy(dtype=float)
    chosen = np.random.default_rng(seed).multinomial(
        len(sums), np.full(len(sums), 1 / max(len(sums), 1)), REPLICATES
    )
    weights = np.vstack([np.ones(len(sums)), chosen])
    total = weights @ counts
    mean = np.divide(weights @ sums, total, out=np.full(len(total), np.nan), where=total > 0)
    return np.asarray(np.sqrt(mean) if criterion == "rmse" else mean)


def _finite(value: float) -> float:
    return float(value) if np.isfinite(value) else np.nan

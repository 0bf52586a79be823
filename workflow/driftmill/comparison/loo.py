"""Leave-one-trial-out predictive accuracy of one posterior, by ArviZ's PSIS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from arviz_stats.base import array_stats
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

#: The generalised Pareto needs five tail draws, a fifth of the sample when it is small.
MIN_SAMPLES = 25
#: How a trial was scored: by smoothed importance sampling from the posterior, by the same from
#: draws that were moved to where the posterior without it is, or by a refit without it.
Method = Literal["psis", "moment_match", "refit"]
#: The ways that mend a bad k, in the order in which they are tried.
MENDED: tuple[Method, ...] = ("moment_match", "refit")
POINTWISE_COLUMNS = ("dataset", "participant_id", "trial_id", "elpd", "pareto_k", "method")
ELPD_COLUMNS = (
    "dataset",
    "code",
    "elpd",
    "se",
    "p_loo",
    "pareto_k_max",
    "n_bad_k",
    "n_matched",
    "n_refitted",
    "k_limit",
    "n_trials",
    "n_constant",
)


@dataclass(frozen=True)
class Loo:
    """PSIS-LOO of one posterior on one dataset; the arrays have one value a trial.

    Parameters
    ----------
    elpd
        Expected log predictive density of the trial given all others.
    pareto_k
        Shape of the importance weights' tail. NaN where the weights are bounded by
        construction (see `loo_dataset`) and where there are none, for a refit; inf where no Pareto
        fits the tail.
    p_loo
        The trial's share of the effective number of parameters.
    k_limit
        The k above which the estimate is not to be trusted.
    constant
        Trials whose likelihood is the same under every draw, such as a learner's first choice: they
        say nothing of the parameters and are left out of the sums.
    method
        How each was scored; None: all by ``psis``.
    """

    elpd: FloatArray
    pareto_k: FloatArray
    p_loo: FloatArray
    k_limit: float
    constant: NDArray[np.bool_]
    method: NDArray[np.object_] | None = None

    def scored_by(self, method: Method) -> NDArray[np.bool_]:
        """Tell which trials were scored in some way."""
        if self.method is None:
            return np.full(self.elpd.shape, method == "psis")
        return np.asarray(self.method == method, dtype=np.bool_)

    def mended(self, trial: int, elpd: float, lppd: float, k: float, method: Method) -> Loo:
        """Return the same with one trial scored in another way.

        Parameters
        ----------
        trial
            Its place.
        elpd, lppd
            Log predictive densities of the trial given all others, and given all.
        k
            NaN where there are no importance weights.
        method
            How it was scored.
        """
        names = np.full(self.elpd.shape, "psis", dtype=object)
        found = replace(
            self,
            elpd=self.elpd.copy(),
            pareto_k=self.pareto_k.copy(),
            p_loo=self.p_loo.copy(),
            method=names if self.method is None else self.method.copy(),
        )
        found.elpd[trial], found.pareto_k[trial], found.p_loo[trial] = elpd, k, lppd - elpd
        assert found.method is not None
        found.method[trial] = method
        return found

    @property
    def bad(self) -> NDArray[np.int64]:
        """Trials with a Pareto k above the limit."""
        return np.flatnonzero(self.pareto_k > self.k_limit)

    @property
    def informative(self) -> NDArray[np.bool_]:
        """Trials that the sums are taken over: those not constant, or all when all are."""
        return ~self.constant | self.constant.all()

    @property
    def n_bad_k(self) -> int:
        """Number of trials with a Pareto k above the limit."""
        return len(self.bad)


def pareto_k_limit(n_samples: int) -> float:
    """Largest trustworthy Pareto k: min(1 - 1/log10(S), 0.7) (Vehtari et al. 2024, JMLR 25(72))."""
    return min(1.0 - 1.0 / float(np.log10(n_samples)), 0.7) if n_samples > 1 else 0.7


def relative_efficiency(draws: FloatArray) -> float:
    """Effective draws per draw, averaged over the parameters, as ``arviz.loo`` has it.

    Parameters
    ----------
    draws
        One posterior, shape (chain, draw, parameter).

    Returns
    -------
    float
        Mean of ess_mean / (chains x draws); 1 for a single chain, NaN for a failed fit.
    """
    chains, n_draws, _ = draws.shape
    if bool(np.isnan(draws).any()):
        return float("nan")
    if chains == 1:
        return 1.0
    columns = np.ascontiguousarray(np.moveaxis(draws, -1, 0))
    ess = array_stats.ess(columns, method="mean", chain_axis=1, draw_axis=2)
    return float(np.mean(ess) / (chains * n_draws))


def loo_dataset(log_likelihood: FloatArray, r_eff: float = 1.0, leave_constant: bool = True) -> Loo:
    """Pareto-smoothed importance sampling LOO of one posterior (Vehtari et al. 2017, 2024).

    Three kinds of trial are settled without a Pareto fit. Where as many draws share
    the smallest likelihood as the tail has members (a likelihood that does not depend
    on the parameters, or a trial that only the lapse explains), no draw can dominate:
    the plain weights are used and k is NaN. A trial of likelihood zero under some draw
    has elpd -inf and k inf. A trial with NaN (a failed fit) is NaN throughout.

    Parameters
    ----------
    log_likelihood
        Pointwise log likelihood, shape (chain, draw, trial).
    r_eff
        Relative efficiency of the draws, see `relative_efficiency`.
    leave_constant
        Whether trials of constant likelihood are left out of the sums. Not where times are
        modelled: there such a trial is one that the fit takes for a lapse, which counts against it.

    Returns
    -------
    Loo

    Raises
    ------
    ValueError
        When the array is not three-dimensional or holds fewer than 25 draws, or
        ``r_eff`` is not a positive number although there are likelihoods.
    """
    if log_likelihood.ndim != 3:
        raise ValueError(
            "log_likelihood must have the dimensions (chain, draw, trial), "
            f"not the shape {log_likelihood.shape}"
        )
    n_samples = log_likelihood.shape[0] * log_likelihood.shape[1]
    if not np.isnan(log_likelihood).all() and not 0.0 < r_eff < np.inf:
        raise ValueError(f"r_eff must be positive and finite, not {r_eff}")
    if n_samples < MIN_SAMPLES:
        raise ValueError(
            f"PSIS needs at least {MIN_SAMPLES} draws, got {n_samples}: raise chains or draws"
        )
    # A trial's draws side by side: ArviZ walks the trials one by one, and a strided
    # view costs it seven times as long.
    by_trial = np.ascontiguousarray(np.moveaxis(log_likelihood, -1, 0)).reshape(-1, n_samples)
    lowest, highest = by_trial.min(axis=1), by_trial.max(axis=1)
    usable = ~np.isnan(lowest) & np.isfinite(highest)
    impossible = usable & np.isneginf(lowest)
    usable &= ~impossible
    bounded = usable & ((by_trial == lowest[:, None]).sum(axis=1) >= tail_length(n_samples, r_eff))
    smoothed = usable & ~bounded

    elpd, pareto_k, p_loo = (np.full(len(by_trial), np.nan) for _ in range(3))
    elpd[impossible], pareto_k[impossible], p_loo[impossible] = -np.inf, np.inf, np.inf
    elpd[bounded], p_loo[bounded] = _plain(by_trial[bounded])
    if smoothed.any():
        with np.errstate(all="ignore"):  # a tail no Pareto fits is reported as k, not printed
            fitted = array_stats.loo(by_trial[smoothed], chain_axis=None, draw_axis=-1, r_eff=r_eff)
        elpd[smoothed], p_loo[smoothed] = fitted[0], fitted[2]
        pareto_k[smoothed] = np.where(np.isnan(fitted[1]), np.inf, fitted[1])
    constant = usable & (highest == lowest) & leave_constant
    return Loo(elpd, pareto_k, p_loo, pareto_k_limit(n_samples), constant)


def pointwise_table(loo: Loo, dataset: int, trials: pd.DataFrame) -> pd.DataFrame:
    """Pointwise rows of one dataset.

    Parameters
    ----------
    loo
        Result with one value a row of ``trials``.
    dataset
        The dataset's number in its cell.
    trials
        The trials in the order of the log likelihood, with columns ``participant_id``
        and ``trial_id``.

    Returns
    -------
    pd.DataFrame
        ``POINTWISE_COLUMNS``.
    """
    if len(trials) != len(loo.elpd):
        raise ValueError(f"{len(trials)} trials, but {len(loo.elpd)} pointwise values")
    table = trials[["participant_id", "trial_id"]].reset_index(drop=True)
    table.insert(0, "dataset", np.full(len(table), dataset, dtype=np.int64))
    method = np.full(len(table), "psis", dtype=object) if loo.method is None else loo.method
    return table.assign(elpd=loo.elpd, pareto_k=loo.pareto_k, method=method)


def elpd_table(results: Iterable[tuple[int, str, Loo]]) -> pd.DataFrame:
    """One row a dataset: elpd with its standard error, p_loo and the counts of bad k.

    Parameters
    ----------
    results
        Dataset number, result code of the fit, and its LOO.

    Returns
    -------
    pd.DataFrame
        ``ELPD_COLUMNS``. ``n_bad_k`` counts the trials whose k is bad still, ``n_matched`` and
        ``n_refitted`` those that are scored by moved draws and by refits. The sums leave out
        ``n_constant`` of the trials. A failed fit keeps its row and its code; its numbers, the
        counts of bad k included, are null.
    """
    rows = []
    for dataset, code, loo in results:
        with np.errstate(invalid="ignore"):  # elpd of -inf has no standard error
            kept = loo.informative
            elpd, se, p_loo, _ = array_stats.loo_summary(loo.elpd[kept], loo.p_loo[kept])
        failed = bool(np.isnan(elpd))
        known_k = loo.pareto_k[~np.isnan(loo.pareto_k)]
        k_max = float(known_k.max()) if len(known_k) and not failed else np.nan
        mended = [int(loo.scored_by(method).sum()) for method in MENDED]
        of_k = [pd.NA] * 3 if failed else [loo.n_bad_k, *mended]
        counts = len(loo.elpd), int(np.count_nonzero(~kept))
        rows.append((dataset, code, elpd, se, p_loo, k_max, *of_k, loo.k_limit, *counts))
    table = pd.DataFrame(rows, columns=list(ELPD_COLUMNS))
    floats = dict.fromkeys(("elpd", "se", "p_loo", "pareto_k_max", "k_limit"), "float64")
    counted = dict.fromkeys(("dataset", "n_trials", "n_constant"), "int64")
    counted |= dict.fromkeys(("n_bad_k", "n_matched", "n_refitted"), "Int64")
    return table.astype({"code": "str"} | counted | floats)


def tail_length(n_samples: int, r_eff: float) -> int:
    """Draws in the smoothed tail (Vehtari et al. 2024, JMLR 25(72)), as ArviZ counts them."""
    if n_samples * r_eff > 225:
        return int(np.floor(3.0 * np.sqrt(n_samples / r_eff)))
    return n_samples // 5


def _plain(by_trial: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Importance-sampling elpd and p_loo without smoothing: minus the log mean of 1/p."""
    log_s = np.log(by_trial.shape[1])
    elpd = log_s - np.logaddexp.reduce(-by_trial, axis=1)
    lppd = np.logaddexp.reduce(by_trial, axis=1) - log_s
    return elpd, lppd - elpd

"""Leave-one-participant-out predictive accuracy of one posterior, by PSIS over its draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import logsumexp

from driftmill.comparison.integrals import ENOUGH, Integrals
from driftmill.comparison.loo import Loo, elpd_table, loo_dataset, relative_efficiency
from driftmill.models.declaration import FloatArray

#: Of a participant's integrals, the share that may have too few effective draws.
RARE = 0.05
PARTICIPANTS_COLUMNS = (
    "dataset",
    "participant_id",
    "n_trials",
    "elpd",
    "pareto_k",
    "mcse",
    "ess",
    "method",
)
#: How a participant was left out.
PSIS, REFIT = "psis", "refit"
PARTICIPANT_ELPD_COLUMNS = (
    "dataset",
    "code",
    "elpd",
    "se",
    "p_loo",
    "pareto_k_max",
    "n_bad_k",
    "k_limit",
    "n_participants",
    "mcse",
    "n_bad_integrals",
    "n_refitted",
)


@dataclass(frozen=True)
class Refitted:
    """One participant, by a refit without them.

    Parameters
    ----------
    elpd, mcse
        The elpd and its Monte-Carlo standard error.
    effective
        Effective draws of the integrals: 95 % of them have more.
    """

    elpd: float
    mcse: float
    effective: float


@dataclass(frozen=True, eq=False)
class ParticipantLoo:
    """PSIS-LOO of one posterior on one dataset; the arrays have one value a participant.

    Parameters
    ----------
    loo
        With participants in the place of trials.
    participants, n_trials
        Their labels and numbers of trials.
    mcse
        Monte-Carlo standard error of the elpd: of the draws that it is a mean over and of the
        integrals at each of them.
    total_mcse
        That of the elpd of all participants, whose errors are those of the same draws.
    effective
        Effective draws of the integrals: 95 % of them have more. NaN where nothing varies over
        participants.
    refitted
        Who was left out by a refit: there is no k, and errors are those of the refit's draws.
    """

    loo: Loo
    participants: tuple[str, ...]
    n_trials: NDArray[np.int64]
    mcse: FloatArray
    total_mcse: float
    effective: FloatArray
    refitted: NDArray[np.bool_]

    @property
    def n_bad_integrals(self) -> int:
        """Number of participants whose integrals have too few effective draws."""
        return int(np.sum(self.effective < ENOUGH))


def loo_participants(
    integrals: Integrals, refits: Mapping[str, Refitted] | None = None
) -> ParticipantLoo:
    """Leave out one participant after the other.

    Parameters
    ----------
    integrals
        Integrated log likelihoods of one dataset; NaN for a failed fit.
    refits
        What refits say of some of the participants.
    """
    refits = refits or {}
    log_likelihood = integrals.log_likelihood
    r_eff = relative_efficiency(integrals.shared)
    loo = loo_dataset(log_likelihood, r_eff, leave_constant=False)
    by_draw = log_likelihood.reshape(-1, log_likelihood.shape[-1])
    log_mean = integrals.log_mean.reshape(by_draw.shape)
    lppd = logsumexp(log_mean, axis=0) - np.log(len(by_draw))
    # As log weights, but for a constant: elpd is minus the log of their mean.
    with np.errstate(invalid="ignore"):  # a likelihood of zero leaves no weight to the others
        log_weights = -by_draw - logsumexp(-by_draw, axis=0)
    away = np.exp(log_weights) - 1 / len(by_draw)
    effective = np.quantile(integrals.effective.reshape(by_draw.shape), RARE, axis=0)
    mcse = np.sqrt((away**2).sum(axis=0) / r_eff)
    refitted = np.isin(integrals.participants, list(refits))
    elpd, pareto_k = loo.elpd.copy(), loo.pareto_k.copy()
    for k in np.flatnonzero(refitted):
        one = refits[integrals.participants[k]]
        elpd[k], mcse[k], effective[k], pareto_k[k] = one.elpd, one.mcse, one.effective, np.nan
    # Each refit has draws of its own; the others share theirs.
    shared = (away[:, ~refitted].sum(axis=1) ** 2).sum() / r_eff
    return ParticipantLoo(
        loo=replace(loo, elpd=elpd, pareto_k=pareto_k, p_loo=lppd - elpd),
        participants=integrals.participants,
        n_trials=integrals.n_trials,
        mcse=mcse,
        total_mcse=float(np.sqrt(shared + (mcse[refitted] ** 2).sum())),
        effective=effective,
        refitted=refitted,
    )


def describe(found: ParticipantLoo) -> str:
    """Describe one dataset's result in a line of a log."""
    return (
        f"{len(found.participants)} participants, elpd {found.loo.elpd.sum():.1f} with a "
        f"Monte-Carlo error of {found.total_mcse:.2f}, {found.loo.n_bad_k} bad k, "
        f"{found.refitted.sum()} by refits, "
        f"{found.n_bad_integrals} with bad integrals"
    )


def participants_table(found: ParticipantLoo, dataset: int) -> pd.DataFrame:
    """Return a row a participant of one dataset: ``PARTICIPANTS_COLUMNS``."""
    return pd.DataFrame(
        {
            "dataset": np.full(len(found.participants), dataset, dtype=np.int64),
            "participant_id": list(found.participants),
            "n_trials": found.n_trials,
            "elpd": found.loo.elpd,
            "pareto_k": found.loo.pareto_k,
            "mcse": found.mcse,
            "ess": found.effective,
            "method": np.where(found.refitted, REFIT, PSIS),
        }
    )


def participant_elpd_table(results: Iterable[tuple[int, str, ParticipantLoo]]) -> pd.DataFrame:
    """Return a row a dataset: elpd of new participants with its errors and the counts of bad ones.

    Parameters
    ----------
    results
        Dataset number, result code of the fit, and its LOO.

    Returns
    -------
    pd.DataFrame
        ``PARTICIPANT_ELPD_COLUMNS``. A failed fit keeps its row and its code; its numbers are null.
    """
    kept = list(results)
    table = elpd_table((dataset, code, found.loo) for dataset, code, found in kept)
    table = table.rename(columns={"n_trials": "n_participants"}).drop(columns="n_constant")
    table["mcse"] = [found.total_mcse for _, _, found in kept]
    failed = table["elpd"].isna().tolist()
    counts = [pd.NA if f else x.n_bad_integrals for f, (_, _, x) in zip(failed, kept, strict=True)]
    table["n_bad_integrals"] = pd.array(counts, dtype="Int64")
    table["n_refitted"] = [int(found.refitted.sum()) for _, _, found in kept]
    return table[list(PARTICIPANT_ELPD_COLUMNS)]

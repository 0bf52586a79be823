"""How fits were compared with refits, for a paper: new participants by folds, later trials."""

from __future__ import annotations

from markupsafe import Markup

from driftmill.comparison.future import Horizon
from driftmill.report.data import ReportData

#: Those that are cited where a table is there.
OF_TABLES = {
    "future_elpd": (
        "Bürkner et al. 2020",
        "Approximate leave-future-out cross-validation for Bayesian time series models",
        "Journal of Statistical Computation and Simulation 90:2499",
        "10.1080/00949655.2020.1783262",
    ),
}


def refits_told(data: ReportData) -> list[Markup]:
    """Return the methods of these comparisons, a paragraph each, where they were made."""
    told = [_folds_told(data)] if data.has("fold_elpd") else []
    if data.has("future_elpd") and data.study.future is not None:
        told.append(_future_told(data.study.future))
    return told


def _folds_told(data: ReportData) -> Markup:
    said = data.study.folds
    how = (
        f"split at random into {said} folds of about equal size, the same for all fits, and each "
        "fit was refitted without each fold"
        if isinstance(said, int)
        else "left out one by one, and each fit was refitted without each"
    )
    return Markup(
        "<strong>New participants by refits.</strong> Participants were {}; whom a refit had not "
        "seen is predicted by the mean over its draws of the likelihood of all trials together, "
        "integrated over that participant's deviations (Merkle et al. 2019; Vehtari et al. 2017)."
    ).format(how)


def _future_told(horizon: Horizon) -> Markup:
    ahead = (
        "next trial was predicted"
        if horizon.ahead == 1
        else f"next {horizon.ahead} trials were predicted, all together,"
    )
    return Markup(
        "<strong>Later trials.</strong> After the first {} trials of all participants, each "
        "participant's {} from the trials before alone, and then were known too (leave-future-"
        "out, Bürkner et al. 2020): a posterior was refitted, and trials were added by "
        "Pareto-smoothed importance weights until their k was above the limit, with at most {} "
        "refits of a fit on a dataset."
    ).format(horizon.first, ahead, horizon.refits)

"""How fits were scored and held against each other, for a paper."""

from __future__ import annotations

from markupsafe import Markup

from driftmill.comparison.limits import Horizon
from driftmill.report.data import ReportData
from driftmill.report.references import (
    BURKNER,
    MENG,
    MERKLE,
    PAANANEN,
    RIGOUX,
    SIVULA,
    STEPHAN,
    VEHTARI_LOO,
    VEHTARI_PSIS,
    WILSON,
    YAO,
    Told,
)

NEW_PARTICIPANTS = Markup(
    "<strong>New participants.</strong> At some of the posterior's draws of all that participants "
    "share, the likelihood of a participant's trials together is integrated over that "
    "participant's deviations (Merkle et al. 2019) by importance sampling from a multivariate t "
    "around the regression of the deviations on the shared parameters, mixed with their prior; "
    "then participants are left out by Pareto-smoothed importance sampling over the draws."
)

MATCHING = Markup(
    " Where the Pareto k of a trial was above its limit, draws were moved to where the posterior "
    "without the trial is, by moment matching (Paananen et al. 2021){}."
)
REFITTING = Markup(
    "{} the posterior without the trial was sampled, with the same settings and gates, and the "
    "trial scored by bridge sampling between both posteriors (Meng &amp; Wong 1996)"
)


PARTICIPANTS_REFITTED = Markup(
    " Where the Pareto k of a participant was above its limit, the posterior without the "
    "participant was sampled, and the likelihood of the trials together, integrated in the same "
    "way, averaged over its draws."
)


def comparisons_told(data: ReportData) -> list[Told]:
    """Return the methods of the comparisons that a study made, a paragraph each."""
    told = [_trials_told(data)] if data.has("elpd") else []
    if data.has("participant_elpd"):
        refitted = data.table("participant_elpd")["n_refitted"].sum() > 0
        html = NEW_PARTICIPANTS + (PARTICIPANTS_REFITTED if refitted else Markup())
        told.append(Told(html, (MERKLE,)))
    if data.has("fold_elpd"):
        told.append(_folds_told(data))
    if data.has("future_elpd") and data.study.future is not None:
        told.append(_future_told(data.study.future))
    return told


def _trials_told(data: ReportData) -> Told:
    """Say how fits were scored and, where there are several, held against each other."""
    text = (
        "<strong>Comparison.</strong> elpd by Pareto-smoothed importance sampling leave-one-out "
        "(Vehtari et al. 2017, 2024)"
    )
    papers = [VEHTARI_LOO, VEHTARI_PSIS]
    if data.study.rivals:
        text += (
            ", the standard error of a difference from its trials, weights by stacking and "
            "pseudo-BMA+ (Yao et al. 2018). Differences below {least:g} or {ratio:g} standard "
            "errors are not decided, since the error of small ones is not well known (Sivula et "
            "al. 2020)"
        )
        papers += [YAO, SIVULA]
    if data.has("confusion"):
        text += ". Confusion and inversion matrices after Wilson and Collins (2019)"
        papers += [WILSON]
    if any(data.has(f"{unit}selection") for unit in ("", "participant_", "fold_")):
        text += (
            ". Random-effects selection by the variational scheme of Stephan et al. (2009), with "
            "the omnibus risk of Rigoux et al. (2014), elpd standing for log evidence"
        )
        papers += [STEPHAN, RIGOUX]
    limits = data.study.thresholds
    said = Markup(f"{text}.").format(least=limits.min_elpd_diff, ratio=limits.min_dse_ratio)
    mended = _mending(data)
    return Told(said + mended.html, (*papers, *mended.papers))


def _mending(data: ReportData) -> Told:
    """Say what mended trials with a bad Pareto k, of what was used."""
    matched, refitted = (_used(data, name) for name in ("n_matched", "n_refitted"))
    papers = (PAANANEN,) * matched + (MENG,) * refitted
    if matched:
        more = REFITTING.format("; where that did not do,") if refitted else ""
        return Told(MATCHING.format(more), papers)
    if refitted:
        start = Markup(" Where the Pareto k of a trial was above its limit,")
        return Told(REFITTING.format(start) + ".", papers)
    return Told(Markup())


def _used(data: ReportData, counted: str) -> bool:
    """Tell whether any trial was scored in the way that a column of ``elpd`` counts."""
    elpd = data.table("elpd")
    return counted in elpd and bool(elpd[counted].fillna(0).sum() > 0)


def _folds_told(data: ReportData) -> Told:
    said = data.study.folds
    how = (
        f"split at random into {said} folds of about equal size, the same for all fits, and each "
        "fit was refitted without each fold"
        if isinstance(said, int)
        else "left out one by one, and each fit was refitted without each"
    )
    text = Markup(
        "<strong>New participants by refits.</strong> Participants were {}; whom a refit had not "
        "seen is predicted by the mean over its draws of the likelihood of all trials together, "
        "integrated over that participant's deviations (Merkle et al. 2019; Vehtari et al. 2017)."
    ).format(how)
    return Told(text, (MERKLE, VEHTARI_LOO))


def _future_told(horizon: Horizon) -> Told:
    ahead = (
        "next trial was predicted"
        if horizon.ahead == 1
        else f"next {horizon.ahead} trials were predicted, all together,"
    )
    text = Markup(
        "<strong>Later trials.</strong> After the first {} trials of all participants, each "
        "participant's {} from the trials before alone, and then were known too (leave-future-"
        "out, Bürkner et al. 2020): a posterior was refitted, and trials were added by "
        "Pareto-smoothed importance weights until their k was above the limit, with at most {} "
        "refits of a fit on a dataset."
    ).format(horizon.first, ahead, horizon.refits)
    return Told(text, (BURKNER,))

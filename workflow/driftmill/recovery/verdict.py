"""The verdict on each parameter: calibrated, identified, unbiased, precise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from driftmill.recovery.clusters import effective_n
from driftmill.recovery.coverage import coverage
from driftmill.recovery.point import point
from driftmill.recovery.sentence import Circumstances, RankTest, sentence
from driftmill.recovery.subsets import KEYS, SUBSETS, Group, groups, with_truth
from driftmill.recovery.uncertainty import uncertainty
from driftmill.sampling.settings import APPROXIMATE, PASSED

Answer = Literal["yes", "no", "unclear"]

QUESTIONS = ("calibrated", "identified", "unbiased", "precise")
VERDICT_TYPES = {
    "cell": "str",
    "fit": "str",
    "parameter": "str",
    "level": "str",
    **dict.fromkeys(QUESTIONS, "str"),
    "n": "int64",
    "coverage_90": "float64",
    "coverage_90_lower": "float64",
    "coverage_90_upper": "float64",
    "contraction": "float64",
    "bias": "float64",
    "bias_mcse": "float64",
    "rmse_over_prior_sd": "float64",
    **dict.fromkeys(("sbc_p", "sbc_p_lowest", "sbc_p_highest"), "float64"),
    "sentence": "str",
}


@dataclass(frozen=True)
class Limits:
    """Where yes ends and no begins.

    Parameters
    ----------
    coverage_margin
        Coverage of the 90 % interval may fall short by this much and be called
        calibrated only if its Jeffreys interval rules out falling shorter.
    contraction_yes, contraction_no
        Mean contraction from which a parameter is identified (0.75: the posterior sd is
        at most half the prior's), and below which it is not.
    bias_posterior_sd, bias_prior_sd
        A bias below this share of the mean posterior sd, or below this share of the
        prior sd, does not matter.
    precision
        Target for rmse / prior sd.
    sbc_level, sbc_datasets
        Where truths are drawn from the fit's priors: the probability of calling any of a fit's
        quantities not calibrated although all are, and from how many ranked datasets on ranks
        that look uniform count as calibrated.
    """

    coverage_margin: float = 0.1
    contraction_yes: float = 0.75
    contraction_no: float = 0.5
    bias_posterior_sd: float = 0.25
    bias_prior_sd: float = 0.05
    precision: float = 0.3
    sbc_level: float = 0.05
    sbc_datasets: int = 100


class Evidence(NamedTuple):
    """The numbers that a verdict on one parameter rests on.

    ``bias_error`` is half the 95 % interval of the bias, by Student's t over datasets; ``errors``
    is how many independent errors the rmse is worth.
    """

    n: int
    covered: int
    coverage_90: float
    coverage_90_lower: float
    coverage_90_upper: float
    contraction: float
    sd_posterior: float
    bias: float
    bias_mcse: float
    bias_error: float
    rmse: float
    rmse_over_prior_sd: float
    prior_sd: float
    errors: float


def verdict(
    estimates: pd.DataFrame, limits: Limits = Limits(), calibration: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Answer, per cell, fit and parameter, whether the parameter is recovered.

    The answers are those of all fits that gave a posterior, failed gates included; the
    sentence says so where the fits that passed alone would be answered differently.

    Parameters
    ----------
    estimates
        Rows as `driftmill.recovery.estimates.estimates` makes them, of any cells and
        fits. Parameters without a truth get no verdict.
    limits
        Where yes ends and no begins.
    calibration
        Rows as `driftmill.recovery.calibration.calibration` makes them. They answer whether a
        parameter is calibrated where they have it; else the coverage does.

    Returns
    -------
    pd.DataFrame
        Columns of `VERDICT_TYPES`: four answers ``yes``, ``no`` or ``unclear``, the
        numbers behind them, and a sentence.
    """
    known = with_truth(estimates)
    evidence = _evidence(known)
    tested = _tested(calibration)
    rows = []
    for group, members in known[known["level"] != "deviation"].groupby(KEYS, sort=False):
        keys = dict(zip(KEYS, map(str, group), strict=True))
        everything, passed = (evidence[Group(**keys, subset=s)] for s in SUBSETS)
        answers, without = answer(everything, limits), answer(passed, limits)
        test = tested.get(tuple(keys.values()))
        if test is not None:
            answers["calibrated"] = without["calibrated"] = ranks_answer(test, limits)
        first = members.iloc[0]
        circumstances = Circumstances(
            parameter=keys["parameter"],
            model=str(first["model"]),
            generator=str(first["generator"]),
            planned=members["dataset"].nunique(),
            passed=members.loc[_passed(members), "dataset"].nunique(),
            approximate=members.loc[members["code"] == APPROXIMATE, "dataset"].nunique(),
            estimated=members.loc[members["mean"].notna(), "dataset"].nunique(),
            pooled=keys["level"] == "participant",
            fixed_truth=float(first["truth"]) if np.ptp(members["truth"]) == 0 else None,
            changes={q: (answers[q], without[q]) for q in QUESTIONS if answers[q] != without[q]},
            precision=limits.precision,
            ranks=test,
            sbc_level=limits.sbc_level,
        )
        rows.append(
            keys
            | answers
            | everything._asdict()
            | _adjusted(test)
            | {"sentence": sentence(everything._asdict(), answers, circumstances)}
        )
    return pd.DataFrame(rows, columns=list(VERDICT_TYPES)).astype(VERDICT_TYPES)


def answer(evidence: Evidence, limits: Limits) -> dict[str, Answer]:
    """Answer the four questions from the numbers.

    Calibrated
        By coverage: no when the Jeffreys interval of the 90 % interval's coverage excludes 0.9; yes
        when it holds 0.9 and does not reach below 0.9 less the margin; else unclear.
    Identified
        By the mean contraction, unclear between the two limits.
    Unbiased
        A bias matters above the larger of the two limits. No when it does and its 95 % interval
        excludes 0; yes when it does not and half the interval stays below the limit as well; else
        unclear.
    Precise
        By the 95 % interval of rmse / prior sd (chi-square, errors taken as normal)
        against the target, unclear when the interval holds it.

    Parameters
    ----------
    evidence
        The numbers of one parameter.
    limits
        Where yes ends and no begins.
    """
    return {
        "calibrated": _calibrated(evidence, limits),
        "identified": _identified(evidence, limits),
        "unbiased": _unbiased(evidence, limits),
        "precise": _precise(evidence, limits),
    }


def ranks_answer(test: RankTest, limits: Limits) -> Answer:
    """Answer from ranks whether a parameter is calibrated.

    No when the ranks are not uniform, whatever those of failed posteriors would have been, or when
    the truths are not from the fit's prior; yes when ranks look uniform whatever these would have
    been, on enough datasets; else unclear.
    """
    if np.fmin(test.p_highest, test.p_prior) * test.tests < limits.sbc_level:
        return "no"
    enough = test.ranked >= limits.sbc_datasets
    return "yes" if enough and test.adjusted(test.p_lowest) >= limits.sbc_level else "unclear"


def _tested(calibration: pd.DataFrame | None) -> dict[tuple[str, ...], RankTest]:
    """Return the test of every quantity whose truths are ranked."""
    if calibration is None or calibration.empty:
        return {}
    records = calibration[[*KEYS, *RankTest._fields]].itertuples(index=False, name=None)
    return {tuple(map(str, r[: len(KEYS)])): RankTest(*r[len(KEYS) :]) for r in records}


def _adjusted(test: RankTest | None) -> dict[str, float]:
    if test is None:
        return dict.fromkeys(("sbc_p", "sbc_p_lowest", "sbc_p_highest"), np.nan)
    return {
        "sbc_p": test.adjusted(test.p_value),
        "sbc_p_lowest": test.adjusted(test.p_lowest),
        "sbc_p_highest": test.adjusted(test.p_highest),
    }


def _calibrated(evidence: Evidence, limits: Limits) -> Answer:
    if evidence.n == 0:
        return "unclear"
    if not evidence.coverage_90_lower <= 0.9 <= evidence.coverage_90_upper:
        return "no"
    return "yes" if evidence.coverage_90_lower >= 0.9 - limits.coverage_margin else "unclear"


def _identified(evidence: Evidence, limits: Limits) -> Answer:
    if evidence.contraction >= limits.contraction_yes:
        return "yes"
    return "no" if evidence.contraction < limits.contraction_no else "unclear"


def _unbiased(evidence: Evidence, limits: Limits) -> Answer:
    limit = np.fmax(
        limits.bias_posterior_sd * evidence.sd_posterior,
        limits.bias_prior_sd * evidence.prior_sd,
    )
    size, error = abs(evidence.bias), evidence.bias_error
    if size > error and size > limit:
        return "no"
    return "yes" if size <= limit and error <= limit else "unclear"


def _precise(evidence: Evidence, limits: Limits) -> Answer:
    if evidence.n == 0:
        return "unclear"
    chi_square = stats.chi2(evidence.errors)
    upper, lower = np.sqrt(evidence.errors / chi_square.ppf(np.array([0.025, 0.975])))
    if evidence.rmse_over_prior_sd * upper <= limits.precision:
        return "yes"
    return "no" if evidence.rmse_over_prior_sd * lower > limits.precision else "unclear"


def _passed(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["mean"].notna() & rows["code"].isin(PASSED)


def _evidence(known: pd.DataFrame) -> dict[Group, Evidence]:
    """Return the numbers of every group."""
    keys = list(Group._fields)
    covered = coverage(known)
    at_90 = covered[covered["interval"] == 0.9].drop(columns=["interval", "n"])
    at_90 = at_90.rename(columns={end: f"coverage_90_{end}" for end in ("lower", "upper")})
    table = (
        point(known)
        .merge(at_90.rename(columns={"coverage": "coverage_90"}), on=keys)
        .merge(uncertainty(known).drop(columns="n"), on=keys)
        .merge(known.groupby(KEYS, as_index=False)["prior_sd"].first(), on=KEYS)
        .merge(_errors(known), on=keys)
        .rename(columns={"mean_contraction": "contraction"})
    )
    freedom = np.fmax(table["datasets"].to_numpy(dtype=float) - 1.0, 1.0)
    table["bias_error"] = table["bias_mcse"] * stats.t.ppf(0.975, freedom)
    records = table[[*keys, *Evidence._fields]].itertuples(index=False, name=None)
    return {Group(*r[: len(keys)]): Evidence(*r[len(keys) :]) for r in records}


def _errors(known: pd.DataFrame) -> pd.DataFrame:
    """Return how many independent errors the rmse of every group is worth, and its datasets."""
    rows = []
    for group, members in groups(known):
        squared = (members["mean"] - members["truth"]).to_numpy(dtype=float) ** 2
        datasets = members["dataset"].to_numpy()
        rows.append((*group, effective_n(squared, datasets), len(np.unique(datasets))))
    return pd.DataFrame(rows, columns=[*Group._fields, "errors", "datasets"])

"""A verdict in plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np


class RankTest(NamedTuple):
    """The test of one quantity's ranks, where truths are drawn from the fit's priors.

    Parameters
    ----------
    n, ranked
        Datasets, and those whose truth has a rank in a posterior that can be relied on.
    tests
        How many tests there are on the cell and fit.
    p_value, p_lowest, p_highest
        Of the ranks that there are, and the extremes whatever the others would have been.
    p_prior
        Of the ranks among draws of the fit's prior.
    shape
        What is wrong with the posteriors, in a word or two; empty: nothing that can be named.
    """

    n: int
    ranked: int
    tests: int
    p_value: float
    p_lowest: float
    p_highest: float
    p_prior: float
    shape: str

    def adjusted(self, p: float) -> float:
        """Return a p-value adjusted for all tests of the fit, by Bonferroni's bound."""
        return min(1.0, self.tests * p)


@dataclass(frozen=True)
class Circumstances:
    """What a reader must know beside the numbers.

    Parameters
    ----------
    parameter, model, generator
        The parameter, the fitted model and the model that made the data.
    planned, passed, approximate, estimated
        Datasets that were fitted, fits that passed their gates, fits that are approximations
        and have none, and fits with a posterior.
    pooled
        Whether the numbers are of the participants of all datasets rather than of datasets.
    fixed_truth
        The truth when all datasets share one, else None.
    changes
        Questions that the passed fits alone answer differently: (all, passed).
    precision
        Target for rmse / prior sd.
    ranks, sbc_level
        The test of its ranks, where there is one, and below which p-value they are not uniform.
    """

    parameter: str
    model: str
    generator: str
    planned: int
    passed: int
    approximate: int
    estimated: int
    pooled: bool
    fixed_truth: float | None
    changes: Mapping[str, tuple[str, str]]
    precision: float
    ranks: RankTest | None = None
    sbc_level: float = 0.05


def sentence(number: Mapping[str, float], answers: Mapping[str, str], about: Circumstances) -> str:
    """Write the verdict on one parameter for a reader who fits models.

    Parameters
    ----------
    number
        n, covered, coverage_90 with its lower and upper, contraction, bias, bias_error,
        sd_posterior, rmse and rmse_over_prior_sd.
    answers
        ``yes``, ``no`` or ``unclear`` for calibrated, identified, unbiased, precise.
    about
        Circumstances that qualify the numbers.
    """
    if number["n"] == 0:
        return f"No posterior to judge: {about.planned} of {about.planned} fits failed."
    parts = [
        _calibration(number, answers["calibrated"], about),
        _identification(number, answers["identified"], about),
        _bias(number, answers["unbiased"]),
        _precision(number, answers["precise"], about.precision),
    ]
    if about.model != about.generator:
        parts.insert(
            0,
            f"The data came from {about.generator}, not {about.model}, so {about.parameter} "
            "need not mean the same in both.",
        )
    if about.fixed_truth is not None and about.planned > 1:
        parts.append(f"All datasets share the truth {about.fixed_truth:.3g}; others are untested.")
    if about.approximate:
        parts.append(_approximations(about))
    elif about.passed < about.planned:
        parts.append(_failures(about))
    return " ".join(parts)


def _calibration(number: Mapping[str, float], answer: str, about: Circumstances) -> str:
    if about.ranks is not None:
        return _uniformity(about.ranks, answer, about.sbc_level)
    several = "" if about.estimated == 1 else "s"
    unit = f"participants in {about.estimated} dataset{several}" if about.pooled else "datasets"
    held = (
        f"The 90 % interval held the truth in {number['covered']:.0f} of {number['n']:.0f} "
        f"{unit} ({_percent(number['coverage_90'])}, "
        f"95 % interval {_percent(number['coverage_90_lower'])} to "
        f"{_percent(number['coverage_90_upper'])})"
    )
    if answer == "yes":
        return f"{held}: calibrated."
    if answer == "unclear":
        return f"{held}: too few datasets to call it calibrated."
    if number["coverage_90"] < 0.9:
        return f"{held}: posteriors are too narrow or off target."
    return f"{held}: posteriors are wider than need be."


def _uniformity(test: RankTest, answer: str, level: float) -> str:
    p, lowest, highest = map(test.adjusted, (test.p_value, test.p_lowest, test.p_highest))
    said = (
        f"The ranks of truths drawn from the fit's priors in {test.ranked} of {test.n} datasets "
        f"are uniform with p = {p:.2g} (adjusted for {test.tests} tests)"
    )
    if test.ranked < test.n:
        said += f", {lowest:.2g} to {highest:.2g} whatever the other ranks would have been"
    if answer == "yes":
        return f"{said}: calibrated."
    if answer == "unclear":
        return f"{said}: not settled by so many ranks."
    if highest >= level:
        prior = test.adjusted(test.p_prior)
        return f"{said}; but they are not from the prior of this fit (p = {prior:.2g})."
    return f"{said}: not calibrated{f', posteriors are {test.shape}' if test.shape else ''}."


def _identification(number: Mapping[str, float], answer: str, about: Circumstances) -> str:
    contraction = number["contraction"]
    if np.isnan(contraction) and number["sd_posterior"] == 0:
        return "A mode has no width, so contraction says nothing."
    if np.isnan(contraction) and about.pooled:
        return "Behind its link the prior's variance is not at hand, so contraction says nothing."
    if np.isnan(contraction):
        return "The prior has no finite variance, so contraction says nothing."
    if contraction < 0:
        return "The posterior is wider than the prior: not identified."
    took = f"The data took away {_percent(contraction)} of the prior's variance"
    ends = {
        "yes": "identified.",
        "no": "not identified, the prior decides.",
        "unclear": "identified in part.",
    }
    return f"{took}: {ends[answer]}"


def _bias(number: Mapping[str, float], answer: str) -> str:
    error = number["bias_error"]
    if np.isnan(error):
        return "One dataset cannot show a bias."
    size = f"Mean error {_with_error(number['bias'], error)}"
    sd = f"a posterior sd of {number['sd_posterior']:.2g}"
    if answer == "yes":
        return f"{size} beside {sd}: no bias that matters."
    if answer == "no":
        return f"{size} beside {sd}: biased {'up' if number['bias'] > 0 else 'down'}."
    return f"{size} beside {sd}: more datasets would tell whether that is a bias."


def _precision(number: Mapping[str, float], answer: str, target: float) -> str:
    ratio = number["rmse_over_prior_sd"]
    if np.isnan(ratio):
        return f"Typical error {number['rmse']:.2g}."
    size = f"Typical error {number['rmse']:.2g}, {ratio:.2f} prior sds"
    ends = {
        "yes": f"within the target of {target:.2g}.",
        "no": f"above the target of {target:.2g}.",
        "unclear": f"not surely on either side of the target of {target:.2g}.",
    }
    return f"{size}: {ends[answer]}"


def _approximations(about: Circumstances) -> str:
    lost = about.planned - about.approximate
    text = "The posteriors are approximate: no gate was asked of them"
    return f"{text}, and {lost} of {about.planned} fits failed." if lost else f"{text}."


def _failures(about: Circumstances) -> str:
    failed = about.planned - about.passed
    lost = about.planned - about.estimated
    text = f"{failed} of {about.planned} fits failed the gates"
    if lost:
        text += f", {lost} without a posterior"
    if not about.changes:
        return f"{text}; without them the answers are the same."
    changes = ", ".join(f"{q} {a} becomes {b}" for q, (a, b) in about.changes.items())
    return f"{text}; without them {changes}."


def _with_error(value: float, error: float) -> str:
    """Write a signed number and its error, both to the error's second digit."""
    decimals = min(max(1 - math.floor(math.log10(error)), 0), 9) if error > 0 else 3
    return f"{round(value, decimals) + 0.0:+.{decimals}f} (± {error:.{decimals}f})"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"

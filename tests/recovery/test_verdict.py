import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmill.recovery.verdict import QUESTIONS, VERDICT_TYPES, Limits, verdict

pytestmark = pytest.mark.filterwarnings("error")


def calibrated_estimates(make_estimates, n, sd=0.1, bias=0.0, width=1.0, **columns):
    """Errors that are the quantiles of the posterior's own normal, so nothing is by chance."""
    error = stats.norm.ppf((np.arange(n) + 0.5) / n) * sd
    truth = np.random.default_rng(n).permutation(np.linspace(-1, 1, n))
    return make_estimates(truth, truth + bias + error, sd * width, **columns)


def only(table):
    assert len(table) == 1
    return table.iloc[0]


def test_a_recovered_parameter(make_estimates):
    row = only(verdict(calibrated_estimates(make_estimates, 200)))
    assert list(row.index) == list(VERDICT_TYPES)
    assert row[list(QUESTIONS)].tolist() == ["yes"] * 4
    assert row["coverage_90"] == pytest.approx(0.9)
    assert row["coverage_90_lower"] < 0.9 < row["coverage_90_upper"]
    assert row["contraction"] == pytest.approx(0.99)
    assert row["bias"] == pytest.approx(0.0, abs=1e-12)
    assert row["rmse_over_prior_sd"] == pytest.approx(0.1, rel=0.02)
    assert row["sentence"] == (
        "The 90 % interval held the truth in 180 of 200 datasets (90 %, 95 % interval 85 % to "
        "94 %): calibrated. The data took away 99 % of the prior's variance: identified. Mean "
        "error +0.000 (± 0.014) beside a posterior sd of 0.1: no bias that matters. "
        "Typical error 0.1, 0.10 prior sds: within the target of 0.3."
    )


def test_the_conjugate_model_is_calibrated_identified_and_unbiased(conjugate_estimates):
    row = only(verdict(conjugate_estimates))
    assert row[list(QUESTIONS)].tolist() == ["yes"] * 4


@pytest.mark.parametrize(
    ("width", "answer", "words"),
    [(0.5, "no", "too narrow or off target"), (2.5, "no", "wider than need be"), (1, "yes", "")],
)
def test_width_of_the_posteriors(make_estimates, width, answer, words):
    row = only(verdict(calibrated_estimates(make_estimates, 100, width=width)))
    assert row["calibrated"] == answer
    assert words in row["sentence"]


@pytest.mark.parametrize("n", [1, 2, 12])
def test_a_few_datasets_do_not_settle_calibration(make_estimates, n):
    row = only(verdict(calibrated_estimates(make_estimates, n)))
    assert row["calibrated"] == "unclear"
    assert "too few datasets" in row["sentence"]
    assert row["identified"] == "yes"


def test_twelve_datasets_that_all_miss_settle_it(make_estimates):
    row = only(verdict(calibrated_estimates(make_estimates, 12, bias=1.0)))
    assert row["calibrated"] == "no"
    assert row["unbiased"] == "no"
    assert "biased up" in row["sentence"]


@pytest.mark.parametrize(
    ("sd", "answer", "words"),
    [
        (0.49, "yes", ": identified"),
        (0.6, "unclear", "in part"),
        (0.8, "no", "the prior decides"),
        (1.1, "no", "wider than the prior"),
    ],
)
def test_identification_by_contraction(make_estimates, sd, answer, words):
    row = only(verdict(calibrated_estimates(make_estimates, 60, sd=sd)))
    assert row["identified"] == answer
    assert words in row["sentence"]


@pytest.mark.parametrize(
    ("n", "bias", "answer"),
    [
        (200, 0.0, "yes"),
        (200, 0.045, "yes"),  # clear of zero, yet below 5 % of the prior sd
        (200, 0.06, "no"),
        (200, -0.06, "no"),
        (4, 0.06, "unclear"),  # above the limit, but within two errors
        (4, 0.0, "unclear"),  # nothing seen, but little to see it with
        (1, 0.0, "unclear"),
    ],
)
def test_bias(make_estimates, n, bias, answer):
    row = only(verdict(calibrated_estimates(make_estimates, n, bias=bias)))
    assert row["unbiased"] == answer
    if answer == "no":
        assert f"biased {'up' if bias > 0 else 'down'}" in row["sentence"]


@pytest.mark.parametrize(
    ("n", "sd", "answer"),
    [(200, 0.25, "yes"), (200, 0.3, "unclear"), (200, 0.4, "no"), (5, 0.25, "unclear")],
)
def test_precision_against_the_target(make_estimates, n, sd, answer):
    row = only(verdict(calibrated_estimates(make_estimates, n, sd=sd), Limits(precision=0.3)))
    assert row["precise"] == answer
    stricter = only(verdict(calibrated_estimates(make_estimates, n, sd=sd), Limits(precision=0.01)))
    assert stricter["precise"] == "no"


def test_all_failed(make_estimates):
    row = only(verdict(make_estimates(np.zeros(12), np.full(12, np.nan), code="timeout")))
    assert row["n"] == 0
    assert row[list(QUESTIONS)].tolist() == ["unclear"] * 4
    assert row["sentence"] == "No posterior to judge: 12 of 12 fits failed."


def test_failed_gates_are_named_with_what_changes_without_them(make_estimates):
    good = calibrated_estimates(make_estimates, 100)
    bad = make_estimates(np.zeros(30), np.full(30, 3.0), code="not_converged")
    lost = make_estimates(np.zeros(2), np.full(2, np.nan), code="numeric_failure")
    bad["dataset"] += 100
    lost["dataset"] += 130
    row = only(verdict(pd.concat([good, bad, lost])))
    assert row["n"] == 130
    assert row["calibrated"] == "no"
    assert row["sentence"].endswith(
        "32 of 132 fits failed the gates, 2 without a posterior; without them calibrated no "
        "becomes yes, unbiased no becomes yes, precise no becomes yes."
    )
    row = only(verdict(pd.concat([good, bad[:1].assign(mean=0.0)])))
    assert row["sentence"].endswith(
        "1 of 101 fits failed the gates; without them the answers are the same."
    )


def test_a_misspecified_fit_and_a_fixed_truth_are_said(make_estimates):
    estimates = make_estimates(np.full(6, 0.5), np.linspace(0.4, 0.6, 6), generator="angle")
    row = only(verdict(estimates.assign(matched=False)))
    assert row["sentence"].startswith("The data came from angle, not ddm, so v need not mean")
    assert "All datasets share the truth 0.5; others are untested." in row["sentence"]


def test_a_prior_without_variance(make_estimates):
    estimates = calibrated_estimates(make_estimates, 200).assign(
        prior_sd=np.nan, contraction=np.nan
    )
    row = only(verdict(estimates))
    assert row[["identified", "precise"]].tolist() == ["unclear", "unclear"]
    assert row["unbiased"] == "yes"
    assert "no finite variance" in row["sentence"]


def test_parameters_without_a_truth_get_no_verdict(make_estimates):
    known = calibrated_estimates(make_estimates, 20)
    unknown = known.assign(parameter="theta", truth=np.nan)
    table = verdict(pd.concat([known, unknown]))
    assert table["parameter"].tolist() == ["v"]
    empty = verdict(unknown)
    assert list(empty) == list(VERDICT_TYPES)
    assert len(empty) == 0


@pytest.mark.parametrize(
    ("bias", "spread", "words"),
    [(0.5, 0.1, "+0.50 (± 0.13)"), (-3.0, 40.0, "-3 (± 52)"), (0.25, 0.0, "+0.250 (± 0.000)")],
)
def test_a_bias_is_written_to_the_precision_of_its_error(make_estimates, bias, spread, words):
    error = bias + spread * np.array([-1.0, 0.0, 0.0, 1.0])
    row = only(verdict(make_estimates(np.zeros(4), error)))
    assert words in row["sentence"]


def test_participants_are_told_as_participants(make_estimates):
    crowd = calibrated_estimates(make_estimates, 200).assign(
        parameter="a (participant)", level="participant", dataset=np.arange(200) % 20
    )
    unknown = crowd.assign(prior_sd=np.nan, contraction=np.nan)
    row = only(verdict(unknown))
    assert (row["level"], row["n"]) == ("participant", 200)
    assert "in 180 of 200 participants in 20 datasets" in row["sentence"]
    assert "Behind its link the prior's variance is not at hand" in row["sentence"]
    failed = unknown.assign(code=np.where(unknown["dataset"] < 2, "not_converged", "ok"))
    assert "2 of 20 fits failed the gates" in only(verdict(failed))["sentence"]


def test_one_dataset_of_participants_settles_nothing(make_estimates):
    crowd = calibrated_estimates(make_estimates, 20).assign(
        parameter="v (participant)", level="participant", dataset=0
    )
    row = only(verdict(crowd))
    assert row[["calibrated", "unbiased", "precise"]].tolist() == ["unclear"] * 3
    assert "participants in 1 dataset (" in row["sentence"]


def test_deviations_get_no_verdict(make_estimates):
    table = calibrated_estimates(make_estimates, 20).assign(level="deviation")
    assert len(verdict(table)) == 0


def test_approximations_are_called_so_and_not_failures(make_estimates):
    row = only(verdict(calibrated_estimates(make_estimates, 40, code="approximate")))
    assert row["sentence"].endswith("The posteriors are approximate: no gate was asked of them.")
    lost = make_estimates(np.zeros(2), np.full(2, np.nan), code="numeric_failure", dataset=[40, 41])
    made = calibrated_estimates(make_estimates, 40, code="approximate")
    row = only(verdict(pd.concat([made, lost])))
    assert row["sentence"].endswith("no gate was asked of them, and 2 of 42 fits failed.")


def test_a_mode_has_no_contraction(make_estimates):
    table = calibrated_estimates(make_estimates, 40, code="approximate")
    ends = [name for name in table if name.startswith(("lower", "upper"))]
    table = table.assign(sd=0.0, z_score=np.nan, contraction=np.nan)
    table[ends] = table[["mean"] * len(ends)].to_numpy()
    row = only(verdict(table))
    assert row[list(QUESTIONS)].tolist() == ["no", "unclear", "yes", "yes"]
    assert "A mode has no width, so contraction says nothing." in row["sentence"]

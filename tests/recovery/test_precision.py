"""A normal mean with a normal prior: posterior sd, error and contraction in closed form."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmill.recovery.precision import PRECISION_TYPES, precision
from driftmill.recovery.sample_size import (
    SAMPLE_SIZES_TYPES,
    PrecisionTargets,
    reaches,
    sample_sizes,
)
from driftmill.recovery.sizes import Size

pytestmark = pytest.mark.filterwarnings("error")
#: Variance of a trial in prior variances: contraction is N / (N + NOISE).
NOISE = 25.0
TRIALS = (50, 100, 200, 400)


def posteriors(n, datasets, rng, cell, spread=0.2, **columns):
    """Estimates of a mean with prior N(0, 1) from n trials; the trials' noise varies."""
    noise = NOISE * rng.gamma(1 / spread**2, spread**2, datasets)
    truth = rng.normal(size=datasets)
    variance = noise / (n + noise)
    mean = rng.normal(truth, np.sqrt(noise / n)) * (1 - variance)
    half = stats.norm.ppf(0.95) * np.sqrt(variance)
    row = {
        "cell": cell,
        "fit": "f",
        "parameter": "m",
        "level": "dataset",
        "matched": True,
        "dataset": np.arange(datasets),
        "truth": truth,
        "mean": mean,
        "sd": np.sqrt(variance),
        "prior_sd": 1.0,
        "contraction": 1 - variance,
        "code": "ok",
    }
    for percent in (50, 80, 90, 94, 95):
        row |= {f"lower_{percent}": mean - half, f"upper_{percent}": mean + half}
    return pd.DataFrame(row | columns)


SIZES = {f"n{n}": Size("n", n, 1) for n in TRIALS}
SEEDS = {cell: np.random.SeedSequence([7, size.trials]) for cell, size in SIZES.items()}


@pytest.fixture(scope="module")
def estimates():
    rng = np.random.default_rng(11)
    return pd.concat([posteriors(n, 200, rng, f"n{n}") for n in TRIALS], ignore_index=True)


def test_numbers_are_those_of_the_closed_form_within_their_errors(estimates):
    table = precision(estimates, SIZES)
    assert list(table) == list(PRECISION_TYPES)
    table = table[table["subset"] == "all"]
    assert table["trials"].tolist() == list(TRIALS)
    assert (table["n"] == 200).all()
    # The mean over the noise of v = s / (n + s), by quadrature of its Gamma.
    noise = NOISE * stats.gamma(25, scale=1 / 25).ppf((np.arange(4000) + 0.5) / 4000)
    variance = np.array([np.mean(noise / (n + noise)) for n in TRIALS])
    sd = np.array([np.mean(np.sqrt(noise / (n + noise))) for n in TRIALS])
    expected = {
        "contraction": 1 - variance,
        "sd_posterior": sd,
        "width_90": 2 * stats.norm.ppf(0.95) * sd,
        "rmse": np.sqrt(variance),
    }
    for name, value in expected.items():
        error = table[f"{name}_mcse"].to_numpy()
        assert (error > 0).all()
        assert (np.abs(table[name].to_numpy() - value) < 4 * error).all(), name
    assert table["coverage_90"].between(0.83, 0.97).all()
    assert (table["lower"] < table["coverage_90"]).all()


def test_errors_of_the_means_are_those_over_repeated_studies():
    rng = np.random.default_rng(5)
    found = [precision(posteriors(100, 30, rng, "n100"), SIZES).iloc[0] for _ in range(80)]
    for name in ("rmse", "contraction", "width_90"):
        spread = np.std([row[name] for row in found])
        told = np.mean([row[f"{name}_mcse"] for row in found])
        # The sd of a sd of 80 is 8 %, and means of 30 skewed values have errors of their own.
        assert told == pytest.approx(spread, rel=0.35)


def needed(estimates, seeds=SEEDS, sizes=SIZES, **targets):
    table = sample_sizes(estimates, sizes, PrecisionTargets(**targets), seeds)
    assert list(table) == list(SAMPLE_SIZES_TYPES)
    return table[table["subset"] == "all"]


@pytest.mark.parametrize(
    ("criterion", "target", "closed"),
    [
        ("contraction", 0.9, 9 * NOISE),
        # Variance .08 is reached at N = 11.5 NOISE.
        ("rmse", 0.08**0.5, 11.5 * NOISE),
        ("width", 2 * stats.norm.ppf(0.95) * 0.08**0.5, 11.5 * NOISE),
    ],
)
def test_the_number_needed_is_that_of_the_closed_form(estimates, criterion, target, closed):
    (row,) = needed(estimates, **{"contraction": None, criterion: target}).to_dict("records")
    assert (row["criterion"], row["axis"], row["held"]) == (criterion, "trials", 1)
    assert (row["status"], row["smallest"], row["largest"]) == ("reached", 50, 400)
    assert row["needed_lower"] < row["needed"] < row["needed_upper"]
    width = row["needed_upper"] - row["needed_lower"]
    assert abs(row["needed"] - closed) < width
    assert width < 0.9 * closed


def test_the_interval_holds_the_number_needed_as_often_as_it_says():
    rng = np.random.default_rng(3)
    held = []
    for _ in range(60):
        cells = [posteriors(n, 25, rng, f"n{n}", spread=0.5) for n in (100, 400)]
        sizes = {cell: SIZES[cell] for cell in ("n100", "n400")}
        (row,) = needed(pd.concat(cells), sizes=sizes).to_dict("records")
        held.append(row)
    # The truth of these two cells, by quadrature: straight in logit between their means.
    noise = NOISE * stats.gamma(4, scale=1 / 4).ppf((np.arange(4000) + 0.5) / 4000)
    ratio = [np.mean(noise / (n + noise)) for n in (100, 400)]
    curve = np.log(ratio) - np.log1p(np.negative(ratio))
    truth = reaches(np.array([100.0, 400.0]), curve, np.log(0.1 / 0.9), "contraction", True)
    inside = sum(row["needed_lower"] <= truth <= row["needed_upper"] for row in held)
    # 95 % of 60, less four standard errors of a binomial.
    assert inside >= 50


def test_what_is_reached_at_once_and_what_is_not(estimates):
    (row,) = needed(estimates, contraction=0.5).to_dict("records")
    assert (row["status"], row["needed"]) == ("smallest", 50)
    (row,) = needed(estimates, contraction=0.97).to_dict("records")
    assert row["status"] == "extrapolated"
    assert row["needed"] == pytest.approx(0.97 / 0.03 * NOISE, rel=0.1)
    assert row["needed_lower"] > 400
    (row,) = needed(estimates, contraction=0.999).to_dict("records")
    assert row["status"] == "beyond"
    assert np.isnan(row["needed"])
    assert np.isnan(row["needed_upper"])
    assert row["at_largest"] == pytest.approx(400 / (400 + NOISE), rel=0.02)


def test_noise_that_makes_a_curve_rise_is_averaged():
    n = np.array([10.0, 20.0, 40.0])
    assert reaches(n, np.array([0.0, -2.0, -1.0]), -1.5, "width", True) == pytest.approx(20)
    expected = np.exp(np.log(10) + np.log(2) * 2 / 3)
    assert reaches(n, np.array([0.0, -2.0, -1.0]), -1.0, "width", True) == pytest.approx(expected)


def hierarchy(estimates):
    sd = estimates.assign(parameter="m_1|participant_id_sigma", level="sd")
    own = estimates.assign(parameter="m (participant)", level="participant")
    return pd.concat([estimates.assign(level="group"), sd, own])


def test_group_levels_are_not_continued_along_trials(estimates):
    table = needed(hierarchy(estimates), contraction=0.97).set_index("level")
    assert table["status"].to_dict() == {
        "group": "beyond",
        "sd": "beyond",
        "participant": "extrapolated",
    }


def test_participants_own_values_are_not_asked_for_more_participants(estimates):
    sizes = {cell: Size("n", 100, size.trials) for cell, size in SIZES.items()}
    table = needed(hierarchy(estimates), sizes=sizes)
    assert table["level"].tolist() == ["group", "sd"]
    assert table["axis"].tolist() == ["participants"] * 2
    assert table["held"].tolist() == [100, 100]


def test_one_dataset_a_cell_has_no_interval(estimates):
    (row,) = needed(estimates[estimates["dataset"] == 0]).to_dict("records")
    assert np.isfinite(row["needed"])
    assert np.isnan([row["needed_lower"], row["needed_upper"]]).all()


def test_what_has_no_prior_sd_fits_of_other_models_and_other_cells_have_no_number(estimates):
    assert needed(estimates.assign(prior_sd=np.nan, contraction=np.nan)).empty
    assert needed(estimates.assign(matched=False)).empty
    assert precision(estimates.assign(cell="x"), SIZES).empty


def test_failed_fits_are_left_out_of_the_subset_that_passed(estimates):
    spoilt = estimates.copy()
    bad = spoilt["dataset"] >= 150
    spoilt.loc[bad, "code"] = "not_converged"
    table = precision(spoilt, SIZES)
    assert table[table["subset"] == "passed"]["n"].tolist() == [150] * 4
    kept = precision(estimates[~bad], SIZES)
    passed = table[table["subset"] == "passed"]["rmse"].to_numpy()
    np.testing.assert_allclose(passed, kept[kept["subset"] == "all"]["rmse"])

"""Participants predicted by refits without them, against a quadrature over all parameters."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from scipy import stats
from tests.comparison.hierarchies import NORMAL, SOFTMAX, deviations

from driftmill.comparison import integrals as integrals_module
from driftmill.comparison.folds import FoldPrediction, assign_folds, score_fold
from driftmill.comparison.integrals import ENOUGH, Integrals, IntegratedLikelihood
from driftmill.comparison.participant_remedies import ParticipantScores
from driftmill.comparison.refit_tables import fold_elpd_table, folds_table
from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.regression.columns import Shape
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.lifter import Lifter
from driftmill.sampling.batch import fit_batch
from driftmill.sampling.settings import SamplingSettings

#: Choices of the first option, out of so many, of each participant; the last is unlike the others.
CHOSEN, TRIALS = np.array([12, 15, 11, 14, 2]), 20
PEOPLE = [f"p{k}" for k in range(len(CHOSEN))]
SEED = np.random.SeedSequence([3, 1])
SETTINGS = SamplingSettings(draws=500)


def spec():
    """A logit with an intercept for each participant, of sd HalfNormal(0.7)."""
    priors = {"Intercept": NORMAL, "1|participant_id": deviations(0.7)}
    regression = Regression("logit1", "1 + (1 | participant_id)", Link("identity"), priors)
    return FitSpec("choice", SOFTMAX, fixed={"beta": 1.0}, regressions={"logit1": regression})


@pytest.fixture(scope="module")
def columns():
    response = [np.where(np.arange(TRIALS) < chosen, 1, -1) for chosen in CHOSEN]
    return {
        "response": np.concatenate(response),
        "participant_id": np.repeat(PEOPLE, TRIALS).astype(object),
    }


@pytest.fixture(scope="module")
def posterior(columns):
    shape = Shape(len(columns["response"]))
    tree = fit_batch(spec(), {0: columns}, SETTINGS, {0: SEED}, shape, lambda line: None)
    return tree["posterior"].to_dataset()


@pytest.fixture
def predict(compiled, monkeypatch):
    """Integrals at fewer draws: they take the time, and their errors are told."""
    monkeypatch.setattr(integrals_module, "DRAWS", 200)
    return compiled


@pytest.fixture(scope="module")
def compiled():
    return FoldPrediction(spec(), SETTINGS, Shape(TRIALS * len(PEOPLE)))


def exact(folds):
    """Log predictive density of each participant without the fold, on a grid of mean and sd."""
    mu, sd = np.linspace(-3.5, 3.5, 141)[:, None, None], np.linspace(0.005, 3.5, 120)[:, None]
    z = np.linspace(-7, 7, 141)
    eta = mu + sd * z
    each = []
    for chosen in CHOSEN:
        total = -chosen * np.logaddexp(0, -eta) - (TRIALS - chosen) * np.logaddexp(0, eta)
        each.append(
            np.logaddexp.reduce(total + stats.norm.logpdf(z), axis=-1) + np.log(z[1] - z[0])
        )
    prior = stats.norm.logpdf(mu[..., 0]) + stats.halfnorm(scale=0.7).logpdf(sd[:, 0])
    found = []
    for k, person in enumerate(PEOPLE):
        others = [each[j] for j, other in enumerate(PEOPLE) if folds[other] != folds[person]]
        without = prior + sum(others)
        found.append(
            np.logaddexp.reduce(without + each[k], axis=None)
            - np.logaddexp.reduce(without, axis=None)
        )
    return np.array(found)


@pytest.mark.parametrize("n_folds", [pytest.param(None, marks=pytest.mark.long), 2])
def test_folds_predict_as_refits_by_quadrature(columns, posterior, predict, n_folds):
    folds = assign_folds(PEOPLE, n_folds, SEED)
    found = predict(columns, columns["participant_id"], folds, posterior, 0, SEED)
    assert list(found) == list(range(n_folds or len(PEOPLE)))
    table = folds_table(found, 0).set_index("participant_id").loc[PEOPLE]
    assert table["fold"].to_dict() == folds
    assert table["code"].isin({"ok", "retried_ok"}).all()
    assert (table["n_trials"] == TRIALS).all()
    assert (table["ess"] >= ENOUGH).all()
    away = table["elpd"].to_numpy() - exact(folds)
    assert np.all(np.abs(away) < 4.5 * table["mcse"].to_numpy())
    assert table["mcse"].drop("p4").max() < 0.15
    (row,) = fold_elpd_table([(0, list(found.values()))]).to_dict("records")
    assert row["elpd"] == pytest.approx(exact(folds).sum(), abs=4.5 * row["mcse"])
    assert (row["n_folds"], row["n_participants"], row["n_failed"]) == (len(found), 5, 0)


def test_folds_are_the_same_whatever_the_order_and_balanced():
    people = [f"s{k}" for k in range(11)]
    folds = assign_folds(people, 4, SEED)
    assert folds == assign_folds(people[::-1], 4, SEED)
    sizes = np.bincount(list(folds.values()), minlength=4)
    assert sorted(sizes) == [2, 3, 3, 3]
    others = [assign_folds(people, 4, np.random.SeedSequence(k)) for k in range(5)]
    assert sum(folds == other for other in others) == 0
    # Who is in whose fold is chance: over seeds each pair meets as often as any other.
    met = [assign_folds(["a", "b", "c", "d"], 2, np.random.SeedSequence(k)) for k in range(600)]
    share = np.mean([each["a"] == each["b"] for each in met])
    assert share == pytest.approx(1 / 3, abs=4 * np.sqrt(2 / 9 / 600))


def test_one_fold_for_each_participant_needs_no_chance():
    assert assign_folds(["s10", "s2"], None, SEED) == {"s2": 0, "s10": 1}


@pytest.mark.parametrize(("people", "n_folds"), [("ab", 3), ("abc", 1), ("a", None)])
def test_folds_that_cannot_be_are_refused(people, n_folds):
    with pytest.raises(ValueError, match="folds of"):
        assign_folds(list(people), n_folds, SEED)


def integrals(values):
    shared = np.random.default_rng(1).standard_normal((*values.shape[:2], 1))
    names = tuple(f"p{k}" for k in range(values.shape[2]))
    effective = np.full(values.shape, 20.0)
    return Integrals(names, np.full(len(names), 30), values, values, effective, shared)


def test_monte_carlo_errors_are_those_of_repetitions():
    found = []
    for seed in range(200):
        shared = np.random.default_rng(seed).standard_normal((4, 250, 1))
        found.append(score_fold(integrals(-20 + 0.4 * shared * [0.5, 1.5]), "ok"))
    elpd = np.array([each.elpd for each in found])
    # A sd of 200 values has a relative error of 5 %.
    told = np.mean([each.mcse for each in found], axis=0)
    np.testing.assert_allclose(told, elpd.std(axis=0), rtol=0.25)
    total = np.mean([each.total_mcse for each in found])
    assert total == pytest.approx(elpd.sum(axis=1).std(), rel=0.25)


def test_failed_refits_are_recorded_and_counted():
    values = np.random.default_rng(2).normal(-20, 0.1, (4, 50, 2))
    folds = {
        0: score_fold(integrals(values), "ok"),
        1: score_fold(integrals(values), "not_converged"),
        2: score_fold(integrals(np.full_like(values, np.nan)), "numeric_failure"),
    }
    assert folds_table(folds, 7)["code"].tolist() == [
        *("ok", "ok", "not_converged", "not_converged", "numeric_failure", "numeric_failure")
    ]
    table = fold_elpd_table([(7, list(folds.values())), (8, [folds[0], folds[1]])])
    assert table["code"].tolist() == ["numeric_failure", "not_converged"]
    assert table["n_failed"].tolist() == [2, 1]
    assert table["elpd"].isna().tolist() == [True, False]
    assert table["n_bad_integrals"].isna().tolist() == [True, False]
    expected = folds[0].elpd.sum() + folds[1].elpd.sum()
    assert table["elpd"][1] == pytest.approx(expected)


def test_a_refit_without_draws_leaves_no_elpd(columns, posterior, predict, monkeypatch):
    """Nor does it stop the other folds; a posterior of all that failed stops none."""
    refits = predict._refits
    inner = refits._sample

    def failing(programs, data, seed, watch):
        found = inner(programs, data, seed, watch)
        alone = data.columns["counted"][: 2 * TRIALS].sum() == 0
        return replace(found, draws=None, code="numeric_failure") if alone else found

    monkeypatch.setattr(refits, "_sample", failing)
    folds = {person: int(k > 1) for k, person in enumerate(PEOPLE)}
    gone = xr.full_like(posterior, np.nan)
    found = predict(columns, columns["participant_id"], folds, gone, 0, SEED)
    assert np.isnan(found[0].elpd).all()
    assert found[0].code == "numeric_failure"
    assert np.isfinite(found[1].elpd).all()
    assert found[1].elpd == pytest.approx(exact(folds)[2:], abs=4.5 * found[1].mcse.max())


def test_without_effects_a_participant_is_the_sum_of_the_trials(columns):
    """At draws of a refit, of those left out alone."""
    plain = FitSpec("plain", SOFTMAX, fixed={"beta": 1.0})
    given = {"response": columns["response"]}
    lifter = Lifter(plain, Shape(len(given["response"])))
    held = np.isin(columns["participant_id"], ["p1", "p4"])
    out = lifter.without(given, held)
    draws = np.random.default_rng(5).normal(0.3, 0.2, (2, 30, 1))
    posterior = xr.Dataset(
        {"logit1": (("chain", "draw", "dataset"), draws)}, coords={"dataset": [0]}
    )
    people = columns["participant_id"]
    found = IntegratedLikelihood(lifter).left_out(out, draws, given, people, posterior, 0, SEED)
    assert found.participants == ("p1", "p4")
    for k, chosen in enumerate(CHOSEN[[1, 4]]):
        sums = -chosen * np.logaddexp(0, -draws) - (TRIALS - chosen) * np.logaddexp(0, draws)
        np.testing.assert_allclose(found.log_mean[..., k], sums[..., 0], rtol=1e-9)
    fold = score_fold(found, "ok")
    expected = np.logaddexp.reduce(found.log_mean.reshape(-1, 2)) - np.log(60)
    np.testing.assert_allclose(fold.elpd, expected)
    assert np.isnan(fold.effective).all()
    assert fold_elpd_table([(0, [fold])])["n_bad_integrals"].tolist() == [0]


def test_whoever_has_a_bad_k_is_left_out_by_a_refit(columns, posterior, predict, monkeypatch):
    """Up to a number of them, and where posterior and refit pass their gates."""
    shape = Shape(TRIALS * len(PEOPLE))

    def scored(refits, code="ok"):
        score = ParticipantScores(spec(), SETTINGS, shape, refits)
        monkeypatch.setattr(score, "_predict", predict)
        return score(columns, columns["participant_id"], posterior, 0, code, SEED)

    as_it_is, found = scored(0), scored(1)
    assert as_it_is.loo.pareto_k[4] > as_it_is.loo.k_limit
    assert found.refitted.tolist() == [False] * 4 + [True]
    assert found.loo.n_bad_k == 0
    away = found.loo.elpd - exact({person: k for k, person in enumerate(PEOPLE)})
    assert np.all(np.abs(away) < 4.5 * found.mcse)
    np.testing.assert_array_equal(found.loo.elpd[:4], as_it_is.loo.elpd[:4])
    assert not scored(1, code="not_converged").refitted.any()
    assert not as_it_is.refitted.any()


def test_integrals_count_by_what_they_give_to_the_mean():
    """Those with few effective draws matter where the likelihood is, not where there is none."""
    values = np.full((4, 100, 3), -20.0)
    values[:, :10] = -60.0
    values[..., 2] = -np.inf
    made = integrals(values)
    made.effective[:, :10, 0] = 2.0  # a tenth of the draws, none of the mean
    made.effective[:, 10:20, 1] = 3.0  # a ninth of the mean
    fold = score_fold(made, "ok")
    assert fold.effective[:2].tolist() == [20.0, 3.0]
    assert np.isnan(fold.effective[2])
    assert fold.elpd[2] == -np.inf
    table = fold_elpd_table([(0, [fold])])
    assert table["n_bad_integrals"].tolist() == [1]
    assert table["elpd"].tolist() == [-np.inf]

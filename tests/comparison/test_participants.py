"""Tables of participants left out, and how precise the numbers in them are."""

import numpy as np
import pytest

from driftmill.comparison.compare import compare
from driftmill.comparison.integrals import ENOUGH, Integrals
from driftmill.comparison.participants import (
    Refitted,
    loo_participants,
    participant_elpd_table,
    participants_table,
)

PEOPLE = 5


def integrals(seed=0, level=-20.0, sd=0.3, effective=20.0, people=PEOPLE):
    """Likelihoods of participants that depend on one shared parameter."""
    rng = np.random.default_rng(seed)
    shared = rng.standard_normal((4, 250, 1))
    share = np.linspace(0.5, 1.5, people)
    values = level + sd * share * shared + 0.05 * rng.standard_normal((4, 250, people))
    return Integrals(
        tuple(f"p{k}" for k in range(people)),
        np.full(people, 30),
        values,
        values,
        np.full(values.shape, effective),
        shared,
    )


def test_rows_are_participants():
    table = participants_table(loo_participants(integrals()), 3)
    assert table["dataset"].tolist() == [3] * PEOPLE
    assert table["participant_id"].tolist() == ["p0", "p1", "p2", "p3", "p4"]
    assert table["n_trials"].tolist() == [30] * PEOPLE
    assert table["ess"].tolist() == [20.0] * PEOPLE


def test_a_dataset_sums_its_participants():
    found = loo_participants(integrals())
    (row,) = participant_elpd_table([(3, "ok", found)]).to_dict("records")
    elpd = found.loo.elpd
    assert row["elpd"] == pytest.approx(elpd.sum())
    assert row["se"] == pytest.approx(np.sqrt(PEOPLE) * elpd.std(ddof=1), rel=1e-9)
    assert (row["n_participants"], row["n_bad_k"], row["n_bad_integrals"]) == (PEOPLE, 0, 0)


def test_a_participant_of_constant_likelihood_counts():
    found = integrals()
    found.log_likelihood[..., 0] = found.log_mean[..., 0] = -7.0
    loo = loo_participants(found)
    (row,) = participant_elpd_table([(3, "ok", loo)]).to_dict("records")
    assert loo.loo.elpd[0] == pytest.approx(-7.0)
    assert row["elpd"] == pytest.approx(loo.loo.elpd.sum())


def test_monte_carlo_errors_are_those_of_repetitions():
    """The spread of elpd over repetitions, of each participant and of all together."""
    found = [loo_participants(integrals(seed)) for seed in range(200)]
    elpd = np.array([each.loo.elpd for each in found])
    told = np.array([each.mcse for each in found]).mean(axis=0)
    # A sd of 200 values has a relative error of 5 %.
    np.testing.assert_allclose(told, elpd.std(axis=0), rtol=0.25)
    total = np.mean([each.total_mcse for each in found])
    assert total == pytest.approx(elpd.sum(axis=1).std(), rel=0.25)
    # The participants' errors are those of the same draws: they add up, not their squares.
    assert total > 1.5 * np.sqrt((told**2).sum())


def test_integrals_with_few_effective_draws_are_counted():
    few = integrals()
    few.effective[:, :20, 1] = ENOUGH - 1  # 8 % of the draws
    few.effective[:, :10, 2] = ENOUGH - 1  # 4 %
    found = loo_participants(few)
    assert found.n_bad_integrals == 1
    assert participants_table(found, 0)["ess"].lt(ENOUGH).tolist() == [False, True] + 3 * [False]


def test_a_failed_fit_keeps_its_row():
    values = np.full((4, 100, PEOPLE), np.nan)
    names = tuple("abcde")
    failed = Integrals(names, np.full(PEOPLE, 9), values, values, values, values[..., :1])
    table = participant_elpd_table(
        [(0, "numeric_failure", loo_participants(failed)), (1, "ok", loo_participants(integrals()))]
    )
    numbers = ["elpd", "se", "p_loo", "n_bad_k", "mcse", "n_bad_integrals"]
    assert table.loc[0, numbers].isna().all()
    assert table.loc[1, numbers].notna().all()
    assert table["n_participants"].tolist() == [PEOPLE, PEOPLE]


def test_an_impossible_participant_has_no_elpd():
    made = integrals()
    made.log_likelihood[0, 3, 2] = -np.inf
    found = loo_participants(made)
    assert found.loo.elpd[2] == -np.inf
    assert np.isfinite(found.loo.elpd[[0, 1, 3, 4]]).all()
    assert np.isnan(found.mcse[2])
    assert participant_elpd_table([(0, "ok", found)])["n_bad_k"].tolist() == [1]


def test_fits_are_compared_by_participants():
    """elpd_diff and dse are those of a sum over J participants: sqrt(J) times the sd."""
    found = {"a": loo_participants(integrals()), "b": loo_participants(integrals(1, sd=0.6))}
    tables = {fit: participants_table(each, 0) for fit, each in found.items()}
    elpd = {fit: participant_elpd_table([(0, "ok", each)]) for fit, each in found.items()}
    comparison, pairs = compare("c", tables, elpd, np.random.SeedSequence(1))
    difference = found["a"].loo.elpd - found["b"].loo.elpd
    assert pairs["elpd_diff"].item() == pytest.approx(difference.sum())
    assert pairs["dse"].item() == pytest.approx(np.sqrt(PEOPLE) * difference.std())
    assert comparison["weight_stacking"].sum() == pytest.approx(1.0)
    tables["b"] = tables["b"].iloc[1:]
    with pytest.raises(ValueError, match=r"a \(5 participants\) and b \(4 participants\)"):
        compare("c", tables, elpd, np.random.SeedSequence(1))


def test_who_is_left_out_by_a_refit_has_its_numbers():
    made = integrals()
    plain, found = (
        loo_participants(made, refits) for refits in (None, {"p3": Refitted(-21.5, 0.4, 15.0)})
    )
    before, table = participants_table(plain, 0), participants_table(found, 0)
    assert table["method"].tolist() == [*["psis"] * 3, "refit", "psis"]
    assert table.loc[3, ["elpd", "mcse", "ess"]].tolist() == [-21.5, 0.4, 15.0]
    assert np.isnan(table["pareto_k"][3])
    others = [0, 1, 2, 4]
    for name in ("elpd", "pareto_k", "mcse"):
        np.testing.assert_array_equal(table[name][others], before[name][others])
    (row,) = participant_elpd_table([(0, "ok", found)]).to_dict("records")
    assert row["n_refitted"] == 1
    assert row["elpd"] == pytest.approx(plain.loo.elpd[others].sum() - 21.5)
    lppd = plain.loo.p_loo + plain.loo.elpd
    np.testing.assert_allclose(found.loo.p_loo, lppd - found.loo.elpd)
    # The refit's error is its own; those of the others, here of one sign, add up.
    rest = loo_participants(made, {"p3": Refitted(-21.5, 0.0, 15.0)}).total_mcse
    assert found.total_mcse == pytest.approx(np.hypot(rest, 0.4))
    assert rest < plain.total_mcse

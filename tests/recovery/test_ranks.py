"""Ranks of truths: thinning, ties, few draws, one participant a dataset, datasets without data."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from tests.recovery.conftest import make_tree, make_truth

from driftmill.recovery.batch import Labels
from driftmill.recovery.quantities import Quantity, quantities
from driftmill.recovery.rank_tests import p_value
from driftmill.recovery.ranks import HIGHEST, NOT_SIMULATED, rank, ranked, ranks_table, thinned
from driftmill.recovery.roles import Role
from driftmill.recovery.truths import Truths
from driftmill.simulation.seeds import Purpose, seed_sequence

LABELS = Labels("c", "f", "ddm", "ddm")


def seeds(numbers):
    return {n: seed_sequence(1, "c", n, Purpose.RANKS) for n in numbers}


@pytest.mark.parametrize(
    ("ess", "kept"), [(4000.0, 99), (198.0, 99), (100.0, 50), (1.0, 1), (np.nan, 99)]
)
def test_draws_are_thinned_to_half_the_effective_sample(ess, kept):
    found = thinned(4000, ess)
    assert len(found) == kept
    assert found[0] >= 0
    assert found[-1] < 4000
    spaces = np.diff(found)
    assert kept == 1 or spaces.min() >= 4000 // kept
    assert len(thinned(20, 1e4)) == 20


def test_the_rank_counts_the_draws_below():
    rng = np.random.default_rng(1)
    draws = rng.permutation(np.arange(float(HIGHEST)))
    assert [rank(draws, t, rng) for t in (-1.0, 9.5, 98.5)] == [0, 10, 99]


@pytest.mark.parametrize("kept", [1, 7, 40, HIGHEST])
def test_ranks_among_few_draws_are_uniform_on_the_scale_of_many(kept):
    rng = np.random.default_rng(2)
    found = [rank(rng.normal(size=kept), rng.normal(), rng) for _ in range(3000)]
    counts = np.bincount(found, minlength=HIGHEST + 1)
    assert len(counts) == HIGHEST + 1
    assert stats.chisquare(counts).pvalue > 1e-3


def test_ties_are_broken_evenly():
    rng = np.random.default_rng(3)
    draws = np.full(HIGHEST, 2.0)
    counts = np.bincount([rank(draws, 2.0, rng) for _ in range(3000)], minlength=HIGHEST + 1)
    assert stats.chisquare(counts).pvalue > 1e-3


def autocorrelated(rng, rho, n):
    """Return n chains of 1,000 draws each from a stationary AR(1) process, sd 1."""
    found = np.empty((n, 1000))
    found[:, 0] = rng.normal(size=n)
    for k in range(1, 1000):
        found[:, k] = rho * found[:, k - 1] + np.sqrt(1 - rho**2) * rng.normal(size=n)
    return found


def test_draws_that_depend_on_each_other_give_uniform_ranks_once_thinned():
    """Of five effective draws two are kept; 99 of them would not do."""
    rng, rho, n = np.random.default_rng(4), 0.99, 1000
    draws, truth = autocorrelated(rng, rho, n), rng.normal(size=n)
    kept = thinned(1000, 1000 * (1 - rho) / (1 + rho))
    found = np.array([rank(d[kept], t, rng) for d, t in zip(draws, truth, strict=True)])
    assert p_value(found, HIGHEST) > 1e-3
    every = thinned(1000, np.nan)
    raw = np.array([rank(d[every], t, rng) for d, t in zip(draws, truth, strict=True)])
    assert p_value(raw, HIGHEST) < 1e-3


@pytest.fixture
def batch():
    """Return four planned datasets, of which the second has no data and the third no posterior."""
    rng = np.random.default_rng(5)
    numbers = [0, 2, 3]
    draws = rng.normal(size=(2, 500, 3))
    draws[:, :, 1] = np.nan
    tree = make_tree({"v": draws}, ["ok", "numeric_failure", "not_converged"], numbers)
    return tree, make_truth({"v": np.array([0.3, 9.0, 0.1, -9.0])})


def tabled(tree, truth, planned=range(4)):
    roles = {"v": Role("dataset", 1.0)}
    fitted = tree["posterior"]["dataset"].to_numpy()
    found = ranked(quantities(tree, roles), Truths(truth, fitted), {}, fitted.tolist())
    return ranks_table(found, [], tree, LABELS, seeds(planned))


def test_every_planned_dataset_has_a_row(batch):
    table = tabled(*batch)
    assert table["dataset"].tolist() == [0, 1, 2, 3]
    assert table["code"].tolist() == ["ok", NOT_SIMULATED, "numeric_failure", "not_converged"]
    assert table["rank"].notna().tolist() == [True, False, False, True]
    assert table["rank"].iloc[3] == 0
    tree = batch[0]
    share = float((tree["posterior"]["v"].sel(dataset=0) < 0.3).mean())
    assert table["rank"].iloc[0] / HIGHEST == pytest.approx(share, abs=4 * 0.05)


def test_a_dataset_has_the_same_rank_in_any_batch(batch):
    tree, truth = batch
    alone = tabled(tree.isel(dataset=[2]), truth, [3])
    pd.testing.assert_frame_equal(alone, tabled(tree, truth).iloc[[3]].reset_index(drop=True))


def test_one_participant_of_each_dataset_is_ranked():
    """In natural order 2, 9, 10: that of dataset 0 is 2, that of dataset 4 is 9."""
    numbers = np.array([0, 4])
    told = {name: np.full(2, 900.0) for name in ("r_hat", "ess_bulk", "ess_tail", "mcse_ratio")}
    found = ranked(
        [
            Quantity("v (participant)", "participant", who, np.full((2, 50), x), np.nan, told)
            for who, x in (("10", 10.0), ("2", 2.0), ("9", 9.0))
        ],
        Truths(
            make_truth({"v (participant)": np.array([2.5, 8.5])}, numbers).assign(
                participant_id=["2", "9"]
            ),
            numbers,
        ),
        {0: ("10", "2", "9"), 4: ("10", "9", "2")},
        numbers.tolist(),
    )
    (of,) = found
    assert of.people == ("2", "9")
    assert of.draws[:, 0].tolist() == [2.0, 9.0]
    assert of.truth.tolist() == [2.5, 8.5]


def test_deviations_are_not_ranked():
    told = {name: np.full(1, 900.0) for name in ("r_hat", "ess_bulk", "ess_tail", "mcse_ratio")}
    quantity = Quantity("v_1|p", "deviation", "1", np.zeros((1, 9)), np.nan, told)
    assert ranked([quantity], Truths(make_truth({"v": np.zeros(1)}), np.zeros(1)), {}, [0]) == []

import arviz as az
import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.special import softmax

from driftmill.comparison.stacking import pseudo_bma_weights, stacking_weights

pytestmark = pytest.mark.filterwarnings("error")


def elpd_data(elpd_i):
    """ArviZ's LOO object with the given pointwise elpd."""
    rng = np.random.default_rng(0)
    log_likelihood = np.broadcast_to(elpd_i, (2, 100, len(elpd_i)))
    log_likelihood = log_likelihood + 1e-9 * rng.standard_normal(log_likelihood.shape)
    tree = az.from_dict(
        {
            "posterior": {"mu": rng.standard_normal((2, 100))},
            "log_likelihood": {"y": log_likelihood},
        }
    )
    return az.loo(tree, pointwise=True)


def excess(elpd, weights):
    """How far the weights are from the optimum: 0 by the Karush-Kuhn-Tucker conditions."""
    relative = np.exp(elpd - elpd.max(axis=1, keepdims=True))
    return (relative / (relative @ weights)[:, None]).mean(axis=0).max() - 1


def by_root(elpd):
    """Two fits: the root of the log score's derivative in the first one's weight."""
    ratio = np.expm1(elpd[:, 0] - elpd[:, 1])

    def slope(w):
        return np.sum(ratio / (1 + w * ratio))

    if slope(0.0) <= 0:
        return 0.0
    return 1.0 if slope(1.0) >= 0 else brentq(slope, 0.0, 1.0, xtol=1e-14)


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("sd", [0.01, 0.3, 3.0])
def test_two_fits_against_a_root_search(seed, sd):
    rng = np.random.default_rng(seed)
    elpd = rng.normal(-1, 0.5, (200, 1)) + rng.normal(0, sd, (200, 2))
    assert stacking_weights(elpd)[0] == pytest.approx(by_root(elpd), abs=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_four_fits_against_an_unconstrained_search(seed):
    rng = np.random.default_rng(seed)
    elpd = rng.normal(-1, 0.5, (300, 4))

    def loss(x):
        weights = softmax(x)
        scaled = np.exp(elpd) / (np.exp(elpd) @ weights)[:, None]
        gradient = -weights * (scaled.mean(axis=0) - 1.0)
        return -np.log(np.exp(elpd) @ weights).mean(), gradient

    found = minimize(loss, np.zeros(4), jac=True, method="BFGS", options={"gtol": 1e-9})
    np.testing.assert_allclose(stacking_weights(elpd), softmax(found.x), rtol=0, atol=1e-6)


@pytest.mark.parametrize("seed", range(60))
def test_optimality_conditions_hold_on_hard_problems(seed):
    """Heavy tails, one fit far ahead but for a few trials, duplicates, tiny differences."""
    rng = np.random.default_rng([1, seed])
    n, n_fits = int(rng.choice([1, 3, 50, 2000])), int(rng.integers(2, 11))
    elpd = (
        rng.choice([-1.0, -900.0])
        + 10 ** rng.uniform(-4, 2.5) * rng.standard_normal((n, 1))
        + 10 ** rng.uniform(-4, 2.5) * rng.standard_t(rng.choice([1, 3, 30]), (n, n_fits))
        + 10 ** rng.uniform(-3, 2) * rng.standard_normal(n_fits)
    )
    if seed % 4 == 0:
        elpd[:, 1] = elpd[:, 0]
    if seed % 5 == 0:
        elpd[rng.random(elpd.shape) < 0.05] = -np.inf
        elpd[np.isinf(elpd).all(axis=1), 0] = -1.0
    weights = stacking_weights(elpd)
    assert weights.sum() == pytest.approx(1.0, abs=1e-12)
    assert (weights >= 0).all()
    assert excess(elpd, weights) < 1e-8


def test_agrees_with_arviz_where_arviz_does_not_underflow():
    rng = np.random.default_rng(4)
    elpd = rng.normal(-1, 0.5, (200, 3))
    table = az.compare({k: elpd_data(elpd[:, i]) for i, k in enumerate("abc")}, round_to="none")
    np.testing.assert_allclose(stacking_weights(elpd), table.loc[list("abc"), "weight"], atol=1e-4)


def test_rows_near_minus_900_give_the_weights_of_the_same_rows_near_zero():
    rng = np.random.default_rng(5)
    elpd = rng.normal(-1, 0.5, (100, 3))
    shift = -900 + rng.normal(0, 1, (100, 1))
    np.testing.assert_allclose(stacking_weights(elpd + shift), stacking_weights(elpd), atol=1e-6)


def test_a_gap_of_60_takes_all_the_weight():
    rng = np.random.default_rng(6)
    base = rng.normal(-900, 5, 14)
    elpd = np.column_stack([base, base - 60 / 14])
    np.testing.assert_allclose(stacking_weights(elpd), [1, 0], atol=1e-12)
    np.testing.assert_allclose(stacking_weights(elpd[:, ::-1]), [0, 1], atol=1e-12)


def test_equal_fits_share_equally_and_one_fit_takes_all():
    elpd = np.random.default_rng(7).normal(-1, 1, (50, 1))
    np.testing.assert_allclose(stacking_weights(np.repeat(elpd, 4, axis=1)), 0.25, atol=1e-12)
    np.testing.assert_array_equal(stacking_weights(elpd), [1.0])


def test_each_fit_right_on_its_own_trials_gets_its_share():
    elpd = np.full((10, 2), -1000.0)
    elpd[:7, 0] = elpd[7:, 1] = -1.0
    np.testing.assert_allclose(stacking_weights(elpd), [0.7, 0.3], atol=1e-12)


def test_pseudo_bma_agrees_with_arviz_within_the_bootstraps_error():
    rng = np.random.default_rng(8)
    base = rng.normal(-1, 0.5, (150, 1))
    elpd = base + rng.normal(0, 0.1, (150, 3))
    table = az.compare(
        {k: elpd_data(elpd[:, i]) for i, k in enumerate("abc")},
        method="BB-pseudo-BMA",
        round_to="none",
    )
    ours = pseudo_bma_weights(elpd, np.random.SeedSequence(1))
    # A weight lies in [0, 1], so its sd is at most 1/2: error of the mean of 1,000, twice.
    bound = 5 * np.sqrt(2) * 0.5 / np.sqrt(1000)
    np.testing.assert_allclose(ours, table.loc[list("abc"), "weight"], atol=bound)


def test_pseudo_bma_of_two_fits_is_the_mean_logistic_of_a_normal():
    """Over the bootstrap the difference is nearly normal with variance n var(diff_i)."""
    rng = np.random.default_rng(9)
    diff = rng.normal(0.005, 0.1, 400)
    elpd = np.column_stack([diff, np.zeros(400)])
    nodes, node_weights = np.polynomial.hermite_e.hermegauss(60)
    totals = diff.sum() + np.sqrt(len(diff)) * diff.std() * nodes
    expected = np.sum(node_weights / (1 + np.exp(-totals))) / node_weights.sum()
    weight = pseudo_bma_weights(elpd, np.random.SeedSequence(2), replicates=4000)[0]
    assert weight == pytest.approx(expected, abs=5 * 0.5 / np.sqrt(4000))


def test_pseudo_bma_depends_on_its_seed_only():
    elpd = np.random.default_rng(10).normal(-900, 0.5, (60, 2))
    first = pseudo_bma_weights(elpd, np.random.SeedSequence(3))
    np.testing.assert_array_equal(first, pseudo_bma_weights(elpd, np.random.SeedSequence(3)))
    assert first.sum() == pytest.approx(1.0)
    assert not np.array_equal(first, pseudo_bma_weights(elpd, np.random.SeedSequence(4)))


def test_an_impossible_trial_rules_the_fit_out():
    elpd = np.full((5, 2), -1.0)
    elpd[2, 1] = -np.inf
    np.testing.assert_array_equal(pseudo_bma_weights(elpd, np.random.SeedSequence(1)), [1.0, 0.0])


@pytest.mark.parametrize("weigh", [stacking_weights, lambda e: pseudo_bma_weights(e, None)])
def test_errors(weigh):
    with pytest.raises(ValueError, match="leave failed fits out"):
        weigh(np.array([[-1.0, np.nan]]))
    with pytest.raises(ValueError, match="nothing to weigh"):
        weigh(np.full((3, 2), -np.inf))
    with pytest.raises(ValueError, match=r"\(trials, fits\)"):
        weigh(np.zeros(3))

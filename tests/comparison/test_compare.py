import arviz as az
import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from scipy import stats

from driftmill.comparison.compare import COMPARISON_TYPES, PAIRS_TYPES, Thresholds, compare
from driftmill.comparison.stacking import stacking_weights

pytestmark = pytest.mark.filterwarnings("error")
SEED = np.random.SeedSequence([1, 2])


def compare_two(fit_tables, first, second, **options):
    """Verdicts of two fits from their elpd of shape (datasets, trials)."""
    a, b = fit_tables(first), fit_tables(second)
    return compare("cell", {"a": a[0], "b": b[0]}, {"a": a[1], "b": b[1]}, SEED, **options)


def arviz_table(values, dataset):
    """ArviZ's comparison of the fits on one dataset."""
    rng = np.random.default_rng(0)
    results = {}
    for fit, elpd in values.items():
        noise = 1e-9 * rng.standard_normal((2, 100, elpd.shape[1]))
        tree = az.from_dict(
            {
                "posterior": {"mu": rng.standard_normal((2, 100))},
                "log_likelihood": {"y": elpd[dataset] + noise},
            }
        )
        results[fit] = az.loo(tree, pointwise=True)
    return az.compare(results, round_to="none")


def test_numbers_are_arvizs(three_fits):
    pointwise, elpd, values = three_fits
    comparison, pairs = compare("c1", pointwise, elpd, SEED)
    for dataset in range(5):
        expected = arviz_table(values, dataset)
        ours = comparison[comparison["dataset"] == dataset].set_index("fit").loc[expected.index]
        assert ours["rank"].tolist() == expected["rank"].tolist()
        np.testing.assert_allclose(ours["elpd"], expected["elpd"], atol=1e-6)
        np.testing.assert_allclose(ours["se"], expected["se"], atol=1e-6)
        np.testing.assert_allclose(ours["elpd_diff"], -expected["elpd_diff"], atol=1e-6)
        np.testing.assert_allclose(ours["dse"], expected["dse"], atol=1e-6)
        np.testing.assert_allclose(ours["weight_stacking"], expected["weight"], atol=1e-3)
        best = expected.index[0]
        for fit in expected.index[1:]:
            pair = pairs[(pairs["dataset"] == dataset)].set_index(["fit_1", "fit_2"])
            worse = (
                pair.loc[(best, fit), "p_worse"]
                if (best, fit) in pair.index
                else 1 - pair.loc[(fit, best), "p_worse"]
            )
            assert worse == pytest.approx(expected.loc[fit, "p_worse"], abs=1e-6)


def test_rows_and_columns(three_fits):
    pointwise, elpd, _ = three_fits
    comparison, pairs = compare("c1", pointwise, elpd, SEED)
    assert list(comparison) == list(COMPARISON_TYPES)
    assert list(pairs) == list(PAIRS_TYPES)
    assert comparison["rank"].tolist() == [0, 1, 2] * 5
    assert (comparison.groupby("dataset")["elpd"].diff().dropna() <= 0).all()
    assert comparison.groupby("dataset")["verdict"].agg(set).map(len).eq(1).all()
    assert comparison.loc[comparison["rank"] == 0, ["elpd_diff", "dse"]].eq(0).all(axis=None)
    assert pairs[["fit_1", "fit_2"]].drop_duplicates().to_numpy().tolist() == [
        ["a", "b"],
        ["a", "c"],
        ["b", "c"],
    ]


def test_pairs_against_a_loop(three_fits):
    pointwise, elpd, values = three_fits
    _, pairs = compare("c1", pointwise, elpd, SEED)
    for row in pairs.itertuples():
        diff = values[row.fit_1][row.dataset] - values[row.fit_2][row.dataset]
        dse = np.sqrt(len(diff) * np.mean((diff - diff.mean()) ** 2))
        assert row.elpd_diff == pytest.approx(diff.sum(), abs=1e-10)
        assert row.dse == pytest.approx(dse, abs=1e-10)
        assert row.p_worse == pytest.approx(stats.norm.cdf(diff.sum() / dse), abs=1e-9)


def test_weights_are_those_of_the_dataset_alone(three_fits):
    pointwise, elpd, values = three_fits
    comparison, _ = compare("c1", pointwise, elpd, SEED)
    for dataset, table in comparison.groupby("dataset"):
        expected = stacking_weights(np.column_stack([values[f][dataset] for f in table["fit"]]))
        np.testing.assert_allclose(table["weight_stacking"], expected, atol=1e-9)
        assert table["weight_bma"].sum() == pytest.approx(1.0)


def test_rows_do_not_depend_on_the_datasets_beside_them(three_fits):
    pointwise, elpd, _ = three_fits
    whole = compare("c1", pointwise, elpd, SEED)
    parts = [
        compare(
            "c1",
            {f: t[t["dataset"].isin(part)] for f, t in pointwise.items()},
            {f: t[t["dataset"].isin(part)] for f, t in elpd.items()},
            SEED,
        )
        for part in ([0], [1, 2, 3], [4])
    ]
    for i in range(2):
        joined = pd.concat([part[i] for part in parts], ignore_index=True)
        assert_frame_equal(whole[i], joined, check_exact=True)


def test_rows_do_not_depend_on_the_order_of_the_input(three_fits):
    pointwise, elpd, _ = three_fits
    shuffled = {f: t.sample(frac=1, random_state=3) for f, t in pointwise.items()}
    for ours, theirs in zip(
        compare("c1", pointwise, elpd, SEED), compare("c1", shuffled, elpd, SEED), strict=True
    ):
        assert_frame_equal(ours, theirs, check_exact=True)


@pytest.mark.parametrize(
    ("lead", "spread", "verdict"),
    [
        (3.9, 0.0, "undecided"),
        (4.1, 0.0, "a"),
        (-4.1, 0.0, "b"),
        (10.0, 5.1, "undecided"),
        (10.0, 4.9, "a"),
    ],
)
def test_a_lead_counts_from_four_nats_and_two_standard_errors(fit_tables, lead, spread, verdict):
    n = 100
    wiggle = np.where(np.arange(n) % 2, 1.0, -1.0) * spread / np.sqrt(n)
    comparison, _ = compare_two(fit_tables, (lead / n + wiggle)[None], np.zeros((1, n)))
    assert comparison["dse"].iloc[1] == pytest.approx(spread)
    assert comparison["verdict"].tolist() == [verdict] * 2


def test_thresholds_are_the_callers(fit_tables):
    lead = np.full((1, 100), 0.02)
    loose = compare_two(
        fit_tables, lead, np.zeros((1, 100)), thresholds=Thresholds(min_elpd_diff=1.0)
    )
    assert loose[0]["verdict"].tolist() == ["a", "a"]


def test_a_failed_fit_is_last_and_makes_the_dataset_failed(three_fits):
    pointwise, elpd, values = three_fits
    lost = pointwise["a"]["dataset"] == 2
    pointwise["a"].loc[lost, ["elpd", "pareto_k"]] = np.nan
    row = elpd["a"]["dataset"] == 2
    elpd["a"].loc[row, ["elpd", "se", "p_loo", "pareto_k_max"]] = np.nan
    elpd["a"].loc[row, "n_bad_k"] = pd.NA
    elpd["a"].loc[row, "code"] = "timeout"
    comparison, pairs = compare("c1", pointwise, elpd, SEED)
    table = comparison[comparison["dataset"] == 2]
    assert table["fit"].tolist() == ["b", "c", "a"]
    assert table["verdict"].tolist() == ["failed"] * 3
    assert table["code"].tolist() == ["ok", "ok", "timeout"]
    numbers = ["elpd", "elpd_diff", "dse", "weight_stacking", "weight_bma"]
    assert table[numbers].iloc[2].isna().all()
    assert table[numbers].iloc[:2].notna().all(axis=None)
    assert table["weight_stacking"].iloc[:2].sum() == pytest.approx(1.0)
    expected = (values["b"][2] - values["c"][2]).sum()
    assert table["elpd_diff"].iloc[1] == pytest.approx(expected)
    affected = pairs[pairs["dataset"] == 2].set_index(["fit_1", "fit_2"])["p_worse"]
    assert affected.isna().tolist() == [True, True, False]
    assert not comparison.loc[comparison["dataset"] != 2, "verdict"].eq("failed").any()


def test_all_fits_failed(fit_tables):
    comparison, pairs = compare_two(fit_tables, np.full((1, 9), np.nan), np.full((1, 9), np.nan))
    assert comparison["verdict"].tolist() == ["failed"] * 2
    assert comparison[["weight_stacking", "weight_bma", "elpd_diff"]].isna().all(axis=None)
    assert pairs["p_worse"].isna().all()


def test_an_elpd_of_minus_infinity_is_no_elpd(fit_tables):
    first = np.full((1, 9), -1.0)
    second = first.copy()
    second[0, 4] = -np.inf
    with np.errstate(invalid="ignore"):
        comparison, _ = compare_two(fit_tables, first, second)
    assert comparison["verdict"].tolist() == ["failed"] * 2
    assert comparison["fit"].tolist() == ["a", "b"]


def test_one_fit_wins_alone(fit_tables):
    pointwise, elpd = fit_tables(np.full((2, 9), -1.0))
    comparison, pairs = compare("c1", {"a": pointwise}, {"a": elpd}, SEED)
    assert comparison["verdict"].tolist() == ["a", "a"]
    assert comparison["weight_stacking"].tolist() == [1.0, 1.0]
    assert list(pairs) == list(PAIRS_TYPES)
    assert len(pairs) == 0


def test_no_dataset_gives_empty_tables(fit_tables):
    tables = fit_tables(np.zeros((0, 5)), datasets=np.zeros(0, dtype=np.int64))
    comparison, pairs = compare("c1", {"a": tables[0]}, {"a": tables[1]}, SEED)
    assert list(comparison) == list(COMPARISON_TYPES)
    assert len(comparison) == len(pairs) == 0


def test_identical_fits_are_undecided_with_even_odds(fit_tables):
    values = np.random.default_rng(2).normal(-1, 1, (1, 50))
    comparison, pairs = compare_two(fit_tables, values, values)
    assert comparison["verdict"].tolist() == ["undecided"] * 2
    assert pairs["p_worse"].tolist() == [0.5]
    np.testing.assert_allclose(comparison["weight_stacking"], 0.5)


def test_fits_on_other_trials_are_refused(fit_tables):
    a, b = fit_tables(np.zeros((2, 5))), fit_tables(np.zeros((2, 4)))
    with pytest.raises(ValueError, match=r"a \(10 trials\) and b \(8 trials\)"):
        compare("c1", {"a": a[0], "b": b[0]}, {"a": a[1], "b": b[1]}, SEED)
    c = fit_tables(np.zeros((2, 5)))
    moved = c[0].assign(trial_id=c[0]["trial_id"] + 1)
    with pytest.raises(ValueError, match="not scored on the same trials"):
        compare("c1", {"a": a[0], "c": moved}, {"a": a[1], "c": c[1]}, SEED)
    with pytest.raises(ValueError, match="more than one row for a trial"):
        compare("c1", {"a": pd.concat([a[0], a[0]])}, {"a": a[1]}, SEED)


def test_an_elpd_table_of_other_datasets_is_refused(fit_tables):
    a = fit_tables(np.zeros((2, 5)))
    with pytest.raises(ValueError, match="does not list the datasets"):
        compare("c1", {"a": a[0]}, {"a": a[1][:1]}, SEED)
    with pytest.raises(ValueError, match="no elpd table"):
        compare("c1", {"a": a[0]}, {}, SEED)
    with pytest.raises(ValueError, match="no fits"):
        compare("c1", {}, {}, SEED)


def test_trials_without_a_participant_are_matched(fit_tables):
    a, b = fit_tables(np.zeros((2, 5))), fit_tables(np.ones((2, 5)))
    pointwise = {"a": a[0].assign(participant_id=None), "b": b[0].assign(participant_id=None)}
    comparison, _ = compare("c1", pointwise, {"a": a[1], "b": b[1]}, SEED)
    assert comparison["fit"].tolist() == ["b", "a"] * 2

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmill.comparison.confusion import (
    CONFUSION_TYPES,
    INVERSION_TYPES,
    confusion,
    inversion,
)

pytestmark = pytest.mark.filterwarnings("error")
SEED = np.random.SeedSequence(4)
GENERATORS = {"easy": "ddm", "collapse": "angle"}


def rows(cell, verdicts, codes=None):
    """Comparison rows of fits ddm_fit and angle_fit, one verdict a dataset."""
    return pd.DataFrame(
        [
            {"cell": cell, "dataset": i, "fit": fit, "code": code, "verdict": verdict}
            for i, verdict in enumerate(verdicts)
            for fit, code in zip(
                ("ddm_fit", "angle_fit"),
                ("ok", "ok") if codes is None else codes[i],
                strict=True,
            )
        ]
    )


@pytest.fixture
def comparison():
    easy = rows("easy", ["ddm_fit"] * 6 + ["undecided"] * 3 + ["angle_fit"])
    codes = [("ok", "retried_ok")] * 4 + [("ok", "not_converged")]
    collapse = rows("collapse", ["angle_fit"] * 4 + ["ddm_fit"], codes)
    observed = rows("people", ["ddm_fit"] * 3)
    return pd.concat([easy, collapse, observed], ignore_index=True)


def cell_of(table, **keys):
    for column, value in keys.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_counts_and_intervals(comparison):
    table = confusion(comparison, GENERATORS, ["ddm_fit", "angle_fit"])
    assert list(table) == list(CONFUSION_TYPES)
    row = cell_of(table, subset="all", cell="easy", verdict="ddm_fit")
    assert row[["generator", "n", "total", "proportion"]].tolist() == ["ddm", 6, 10, 0.6]
    assert row["lower"] == pytest.approx(stats.beta(6.5, 4.5).ppf(0.025))
    assert row["upper"] == pytest.approx(stats.beta(6.5, 4.5).ppf(0.975))
    assert cell_of(table, subset="all", cell="easy", verdict="undecided")["n"] == 3
    assert cell_of(table, subset="all", cell="collapse", verdict="undecided")["n"] == 0
    assert (table.groupby(["subset", "cell"])["proportion"].sum().round(12) == 1).all()


def test_observed_cells_are_left_out(comparison):
    assert "people" not in set(confusion(comparison, GENERATORS, ["ddm_fit", "angle_fit"])["cell"])


def test_passed_counts_datasets_on_which_all_fits_passed(comparison):
    table = confusion(comparison, GENERATORS, ["ddm_fit", "angle_fit"])
    row = cell_of(table, subset="passed", cell="collapse", verdict="angle_fit")
    assert row[["n", "total"]].tolist() == [4, 4]
    assert cell_of(table, subset="passed", cell="collapse", verdict="ddm_fit")["n"] == 0
    assert cell_of(table, subset="all", cell="collapse", verdict="ddm_fit")["n"] == 1


def test_rows_follow_the_given_order(comparison):
    table = confusion(comparison, GENERATORS, ["ddm_fit", "angle_fit"])
    assert table["verdict"].tolist() == ["ddm_fit", "angle_fit", "undecided"] * 4
    assert table["cell"].tolist()[::3] == ["easy", "collapse"] * 2


def test_failed_datasets_are_counted():
    codes = [("ok", "ok")] * 3 + [("ok", "timeout")]
    table = confusion(
        rows("easy", ["ddm_fit"] * 3 + ["failed"], codes), GENERATORS, ["ddm_fit", "angle_fit"]
    )
    assert cell_of(table, subset="all", verdict="failed")[["n", "total"]].tolist() == [1, 4]
    assert cell_of(table, subset="passed", verdict="failed")[["n", "total"]].tolist() == [0, 3]


def test_inversion_is_bayes_rule(comparison):
    table = inversion(confusion(comparison, GENERATORS, ["ddm_fit", "angle_fit"]), SEED)
    assert list(table) == list(INVERSION_TYPES)
    row = cell_of(table, subset="all", cell="easy", verdict="ddm_fit")
    assert row["probability"] == pytest.approx(0.6 / (0.6 + 0.2))
    assert row["n"] == 6
    row = cell_of(table, subset="all", cell="collapse", verdict="angle_fit")
    assert row["probability"] == pytest.approx(0.8 / (0.8 + 0.1))
    sums = table.groupby(["subset", "verdict"])["probability"].sum(min_count=1)
    assert sums["passed"].round(12).eq(1).all()
    assert table["verdict"].tolist() == ["ddm_fit"] * 2 + ["angle_fit"] * 2 + ["undecided"] * 2 + (
        ["ddm_fit"] * 2 + ["angle_fit"] * 2 + ["undecided"] * 2
    )


def test_inversion_of_a_verdict_never_given_is_unknown():
    table = inversion(
        confusion(rows("easy", ["ddm_fit"] * 4), GENERATORS, ["ddm_fit", "angle_fit"]), SEED
    )
    assert np.isnan(cell_of(table, subset="all", verdict="undecided")["probability"])
    assert cell_of(table, subset="all", verdict="ddm_fit")["probability"] == 1.0


def test_a_generator_with_two_cells_has_no_more_prior_than_one_with_one():
    comparison = pd.concat(
        [
            rows("ddm_100", ["ddm_fit"] * 2 + ["undecided"] * 2),
            rows("ddm_500", ["ddm_fit"] * 4),
            rows("collapse", ["ddm_fit"] + ["angle_fit"] * 3),
        ]
    )
    generators = {"ddm_100": "ddm", "ddm_500": "ddm", "collapse": "angle"}
    table = inversion(confusion(comparison, generators, ["ddm_fit", "angle_fit"]), SEED)
    wins = table[(table["subset"] == "all") & (table["verdict"] == "ddm_fit")]
    by_generator = wins.groupby("generator")["probability"].sum()
    likelihood = {"ddm": (0.5 + 1.0) / 2, "angle": 0.25}
    for generator, value in likelihood.items():
        expected = value / sum(likelihood.values())
        assert by_generator[generator] == pytest.approx(expected)


def test_a_cell_whose_datasets_all_failed_their_gates():
    codes = [("ok", "not_converged")] * 2
    table = confusion(rows("easy", ["ddm_fit"] * 2, codes), GENERATORS, ["ddm_fit", "angle_fit"])
    passed = table[table["subset"] == "passed"]
    assert passed["total"].tolist() == [0, 0, 0]
    assert passed[["proportion", "lower", "upper"]].isna().all(axis=None)
    assert inversion(table, SEED).query("subset == 'passed'")["probability"].isna().all()


def test_nothing_simulated_gives_empty_tables(comparison):
    table = confusion(comparison, {}, ["ddm_fit", "angle_fit"])
    assert list(table) == list(CONFUSION_TYPES)
    assert len(table) == 0
    assert list(inversion(table, SEED)) == list(INVERSION_TYPES)


def test_approximations_did_not_pass_and_are_counted_apart():
    table = rows("easy", ["ddm_fit"] * 3, [("approximate", "approximate")] * 3)
    counts = confusion(table, GENERATORS, ["ddm_fit", "angle_fit"])
    named = counts[counts["verdict"] == "ddm_fit"].set_index("subset")["n"]
    assert named.to_dict() == {"all": 3, "passed": 0, "approximate": 3}


def test_a_fit_that_is_not_applied_to_a_cell_has_no_row_there(comparison):
    third = rows("easy", ["ddm_fit"] * 4).replace({"fit": {"ddm_fit": "third"}})
    known = pd.concat([comparison[comparison["cell"] == "collapse"], third])
    table = confusion(known, GENERATORS, ["ddm_fit", "angle_fit", "third"])
    own = table[table["subset"] == "all"].groupby("cell", sort=False)["verdict"].agg(list)
    assert own["easy"] == ["angle_fit", "third", "undecided"]
    assert own["collapse"] == ["ddm_fit", "angle_fit", "undecided"]
    assert inversion(table, SEED).query("verdict == 'third'")["cell"].tolist() == ["easy"] * 2


def test_intervals_of_the_inversion_are_those_of_the_beta_posteriors(comparison):
    table = inversion(confusion(comparison, GENERATORS, ["ddm_fit", "angle_fit"]), SEED)
    row = cell_of(table, subset="all", cell="easy", verdict="ddm_fit")
    # 6 of 10 against 1 of 5: the ratio p / (p + q) by quadrature over both Beta posteriors.
    nodes = (np.arange(2000) + 0.5) / 2000
    p, q = stats.beta(6.5, 4.5).ppf(nodes)[:, None], stats.beta(1.5, 4.5).ppf(nodes)[None, :]
    expected = np.quantile(p / (p + q), [0.025, 0.975])
    # The sd of a 2.5 % quantile of 4,000 draws is about 0.01 here.
    np.testing.assert_allclose([row["lower"], row["upper"]], expected, atol=0.03)
    assert row["lower"] < row["probability"] < row["upper"]


def test_criteria_are_inverted_each_by_its_own(comparison):
    known = comparison[comparison["cell"] != "people"]
    turned = known.assign(verdict=known["verdict"].replace({"undecided": "ddm_fit"}))
    tables = [
        confusion(known, GENERATORS, ["ddm_fit", "angle_fit"]),
        confusion(turned, GENERATORS, ["ddm_fit", "angle_fit"], "stacking"),
    ]
    table = inversion(pd.concat(tables), SEED)
    rows_of = table[(table["verdict"] == "ddm_fit") & (table["cell"] == "easy")]
    by = rows_of[rows_of["subset"] == "all"].set_index("criterion")["probability"]
    assert by["elpd_diff"] == pytest.approx(0.6 / 0.8)
    assert by["stacking"] == pytest.approx(0.9 / 1.1)

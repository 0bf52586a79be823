import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from driftmill.recovery.batch import Labels
from driftmill.recovery.estimates import ESTIMATES_TYPES, estimates
from driftmill.recovery.participants import own_values
from driftmill.recovery.quantities import DIAGNOSTICS, Quantity, quantities
from driftmill.recovery.roles import roles_of

pytestmark = pytest.mark.filterwarnings("error")
LABELS = Labels(cell="c1", fit="f1", model="ddm", generator="ddm")


@pytest.fixture
def two_parameters(make_tree, make_truth):
    rng = np.random.default_rng(1)
    draws = {
        "a": rng.gamma(9.0, 0.2, (4, 100, 7)),
        "v": rng.normal(0.5, 0.2, (4, 100, 7)),
    }
    truth = {"v": rng.normal(0.5, 0.2, 7), "a": rng.gamma(9.0, 0.2, 7), "t": np.full(7, 0.3)}
    return make_tree(draws), make_truth(truth), draws, truth


def test_numbers_against_a_loop(two_parameters, plain):
    tree, truth, draws, values = two_parameters
    table = estimates(tree, truth, LABELS, plain(tree, {"a": 2.0, "v": 1.0}))
    assert list(table) == list(ESTIMATES_TYPES)
    assert len(table) == 14
    for row in table.itertuples():
        flat = draws[row.parameter][:, :, row.dataset].ravel()
        expected = values[row.parameter][row.dataset]
        assert row.truth == expected
        assert row.mean == pytest.approx(flat.mean(), rel=1e-12)
        assert row.sd == pytest.approx(flat.std(ddof=1), rel=1e-12)
        assert row.median == pytest.approx(np.median(flat), rel=1e-12)
        for level in (50, 80, 90, 94, 95):
            tail = (100 - level) / 2
            low, high = np.percentile(flat, [tail, 100 - tail])
            assert getattr(row, f"lower_{level}") == pytest.approx(low, rel=1e-12)
            assert getattr(row, f"upper_{level}") == pytest.approx(high, rel=1e-12)
        assert row.truth_quantile == np.mean([d < expected for d in flat])
        assert row.z_score == pytest.approx((flat.mean() - expected) / flat.std(ddof=1))
        prior = {"a": 2.0, "v": 1.0}[row.parameter]
        assert row.contraction == pytest.approx(1 - flat.var(ddof=1) / prior**2)


def test_rows_are_labelled(two_parameters, plain):
    tree, truth, _, _ = two_parameters
    table = estimates(tree, truth, LABELS, plain(tree, {"a": 2.0, "v": 1.0}))
    assert table["matched"].all()
    assert table["participant_id"].isna().all()
    assert table[["dataset", "parameter"]].to_numpy().tolist() == [
        [d, p] for d in range(7) for p in ("a", "v")
    ]
    assert table["r_hat"].eq(1.001).all()
    assert table["ess_tail"].eq(800).all()
    people = {d: (f"p{d}",) for d in range(7)}
    named = estimates(tree, truth, LABELS, plain(tree, {"a": 2.0, "v": 1.0}), people)
    assert named["participant_id"].tolist() == [f"p{d}" for d in range(7) for _ in range(2)]


@pytest.mark.parametrize("parts", [[[0], [1, 2], [3, 4, 5, 6]], [[d] for d in range(7)]])
def test_rows_do_not_depend_on_the_batch(two_parameters, parts, plain):
    tree, truth, _, _ = two_parameters
    prior_sd = {"a": 2.0, "v": 1.0}
    whole = estimates(tree, truth, LABELS, plain(tree, prior_sd))
    split = []
    for part in parts:
        batch = tree.map_over_datasets(lambda d, part=part: d.sel(dataset=part) if d.dims else d)
        known = truth[truth["dataset"].isin(part)]
        split.append(estimates(batch, known, LABELS, plain(batch, prior_sd)))
    assert_frame_equal(whole, pd.concat(split, ignore_index=True), check_exact=True)


def test_datasets_are_matched_by_number_not_by_place(make_tree, make_truth, plain):
    rng = np.random.default_rng(2)
    tree = make_tree({"v": rng.normal(size=(2, 50, 3))}, datasets=[12, 10, 11])
    truth = make_truth({"v": np.array([0.1, 0.2, 0.3])}, datasets=[10, 11, 12])
    table = estimates(tree, truth, LABELS, plain(tree, {"v": 1.0}))
    assert table[["dataset", "truth"]].to_numpy().tolist() == [[10, 0.1], [11, 0.2], [12, 0.3]]
    assert table["mean"].iloc[2] == pytest.approx(float(tree["posterior"]["v"][:, :, 0].mean()))


def test_a_failed_fit_keeps_its_rows_and_its_code(make_tree, make_truth, plain):
    draws = np.random.default_rng(3).normal(size=(2, 50, 2))
    draws[..., 1] = np.nan
    tree = make_tree({"v": draws}, codes=["retried_ok", "numeric_failure"])
    table = estimates(tree, make_truth({"v": np.zeros(2)}), LABELS, plain(tree, {"v": 1.0}))
    assert table["code"].tolist() == ["retried_ok", "numeric_failure"]
    numbers = ["mean", "sd", "median", "lower_90", "truth_quantile", "z_score", "contraction"]
    assert table[numbers].iloc[0].notna().all()
    assert table[numbers].iloc[1].isna().all()
    assert table["truth"].tolist() == [0.0, 0.0]


def test_observed_data_have_no_truth(make_tree, make_truth, plain):
    tree = make_tree({"v": np.random.default_rng(4).normal(size=(2, 50, 2))})
    empty = make_truth({"v": np.zeros(0)})
    table = estimates(tree, empty, Labels("people", "f1", "ddm"), plain(tree, {"v": 1.0}))
    assert table[["generator", "truth", "z_score", "truth_quantile"]].isna().all(axis=None)
    assert not table["matched"].any()
    assert table[["mean", "contraction"]].notna().all(axis=None)


def test_a_misspecified_fit_is_flagged_and_compared_where_it_can_be(make_tree, make_truth, plain):
    rng = np.random.default_rng(5)
    tree = make_tree({"theta": rng.random((2, 50, 2)), "v": rng.normal(size=(2, 50, 2))})
    table = estimates(
        tree,
        make_truth({"v": np.zeros(2), "sv": np.ones(2)}),
        Labels("c", "f", model="angle", generator="ddm_sdv"),
        plain(tree, {"theta": 1.0, "v": 1.0}),
    )
    assert not table["matched"].any()
    assert table["truth"].notna().tolist() == [False, True] * 2


def test_a_prior_without_variance_leaves_contraction_null(make_tree, make_truth, plain):
    tree = make_tree({"v": np.random.default_rng(6).normal(size=(2, 50, 2))})
    table = estimates(tree, make_truth({"v": np.zeros(2)}), LABELS, plain(tree, {"v": np.inf}))
    assert table[["prior_sd", "contraction"]].isna().all(axis=None)


def test_a_participants_own_truth_is_not_the_datasets(make_tree, make_truth, plain):
    tree = make_tree({"v": np.random.default_rng(7).normal(size=(2, 50, 1))})
    truth = make_truth({"v": np.zeros(1)}).assign(participant_id="p1")
    assert estimates(tree, truth, LABELS, plain(tree, {"v": 1.0}))["truth"].isna().all()


def test_draws_that_do_not_vary_do_not_break(make_tree, make_truth, plain):
    tree = make_tree({"v": np.full((2, 50, 2), 0.5)})
    table = estimates(
        tree, make_truth({"v": np.array([0.5, 0.4])}), LABELS, plain(tree, {"v": 1.0})
    )
    assert table["sd"].tolist() == [0.0, 0.0]
    assert table["contraction"].isna().all()
    assert not np.isfinite(table["z_score"]).any()


def test_two_truths_are_an_error(make_tree, make_truth, plain):
    tree = make_tree({"v": np.random.default_rng(8).normal(size=(2, 50, 1))})
    twice = pd.concat([make_truth({"v": np.zeros(1)})] * 2)
    with pytest.raises(ValueError, match="cell c1: a parameter has two truths"):
        estimates(tree, twice, LABELS, plain(tree, {"v": 1.0}))


@pytest.fixture
def hierarchical(hierarchy):
    """Estimates of a hierarchical fit whose generator is plain in t."""
    truth = pd.DataFrame(
        [
            (4, None, "v_Intercept", 0.3),
            (5, None, "v_Intercept", 0.4),
            (4, None, "v_c[z]", -0.1),
            (4, None, "v_1|participant_id_sigma", 0.2),
            (4, "s2", "v_1|participant_id", 0.05),
            (4, "s2", "a (participant)", 1.5),
            (6, "s3", "a (participant)", 1.6),
            (4, None, "t_Intercept", 0.3),
        ],
        columns=["dataset", "participant_id", "parameter", "value"],
    )
    spec = hierarchy.spec
    found = [
        *quantities(hierarchy.tree, roles_of(spec)),
        *own_values(hierarchy.tree, spec),
    ]
    return estimates(hierarchy.tree, truth, LABELS, found, hierarchy.members)


def test_truths_of_every_level_are_found(hierarchical):
    known = hierarchical.dropna(subset=["truth"])
    assert known[["dataset", "participant_id", "parameter", "level", "truth"]].fillna(
        ""
    ).to_numpy().tolist() == [
        [4, "", "v_Intercept", "group", 0.3],
        [4, "", "v_c[z]", "group", -0.1],
        [4, "", "v_1|participant_id_sigma", "sd", 0.2],
        [4, "s2", "v_1|participant_id", "deviation", 0.05],
        [4, "s2", "a (participant)", "participant", 1.5],
        [5, "", "v_Intercept", "group", 0.4],
        [6, "s3", "a (participant)", "participant", 1.6],
    ]


def test_participants_are_in_natural_order(make_tree):
    draws = np.random.default_rng(2).normal(size=(2, 20, 2))
    diagnostics = {name: np.full(2, np.nan) for name in DIAGNOSTICS}
    found = [
        Quantity(name, "participant", person, draws.transpose(2, 0, 1).reshape(2, -1), 1.0,
                 diagnostics)
        for name in ("v (participant)", "a (participant)")
        for person in ("0", "1", "10", "2")
    ]  # fmt: skip
    no_truth = pd.DataFrame(columns=["dataset", "participant_id", "parameter", "value"])
    table = estimates(make_tree({"v": draws}), no_truth, LABELS, found)
    assert table["participant_id"].tolist() == ["0", "1", "2", "10"] * 4
    assert table["parameter"].tolist() == (["v (participant)"] * 4 + ["a (participant)"] * 4) * 2
    assert table["dataset"].tolist() == [0] * 8 + [1] * 8


def test_a_participant_has_rows_where_the_dataset_has_the_participant(hierarchical):
    own = hierarchical[hierarchical["parameter"] == "a (participant)"]
    assert own[["dataset", "participant_id"]].to_numpy().tolist() == [
        [4, "s1"],
        [4, "s2"],
        [4, "s3"],
        [5, "s1"],
        [5, "s2"],
        [6, "s2"],
        [6, "s3"],
    ]
    # The third dataset's fit failed: it has rows, and no numbers.
    assert own["mean"].notna().tolist() == [True] * 5 + [False] * 2
    shared = hierarchical[hierarchical["level"] == "sd"]
    assert shared["dataset"].value_counts().to_dict() == {4: 3, 5: 3, 6: 3}
    assert shared["participant_id"].isna().all()

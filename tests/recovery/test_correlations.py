import math

import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from driftmill.recovery.batch import Labels
from driftmill.recovery.correlations import CORRELATIONS_TYPES, correlations
from driftmill.recovery.quantities import quantities
from driftmill.recovery.roles import Role

pytestmark = pytest.mark.filterwarnings("error")
LABELS = Labels("c1", "f1", "ddm", "ddm")


@pytest.fixture
def of(plain):
    """The correlations of a tree."""
    return lambda tree: correlations(tree, LABELS, plain(tree, dict.fromkeys("atv", 1.0)))


def test_agrees_with_numpys_corrcoef(make_tree, of):
    rng = np.random.default_rng(1)
    draws = {name: rng.normal(size=(4, 60, 5)) for name in ("a", "t", "v")}
    draws["v"] += 0.8 * draws["a"] - 0.3 * draws["t"]
    table = of(make_tree(draws))
    assert list(table) == list(CORRELATIONS_TYPES)
    assert len(table) == 15
    for row in table.itertuples():
        pair = [draws[p][:, :, row.dataset].ravel() for p in (row.parameter_1, row.parameter_2)]
        assert row.r == pytest.approx(np.corrcoef(pair)[0, 1], abs=1e-12)


def test_rows_do_not_depend_on_the_batch(make_tree, of):
    rng = np.random.default_rng(2)
    draws = {name: rng.normal(size=(4, 60, 5)) for name in ("a", "v")}
    whole = of(make_tree(draws))
    parts = [
        of(make_tree({k: v[..., [d]] for k, v in draws.items()}, datasets=[d])) for d in range(5)
    ]
    assert_frame_equal(whole, pd.concat(parts, ignore_index=True), check_exact=True)


def test_failed_fits_and_still_draws_are_null(make_tree, of):
    draws = {name: np.random.default_rng(3).normal(size=(2, 30, 3)) for name in ("a", "v")}
    draws["a"][..., 0] = draws["v"][..., 0] = np.nan
    draws["a"][..., 1] = 0.5
    assert of(make_tree(draws))["r"].isna().tolist() == [True, True, False]


def test_one_parameter_has_no_pairs(make_tree, of):
    table = of(make_tree({"v": np.zeros((2, 30, 3))}))
    assert list(table) == list(CORRELATIONS_TYPES)
    assert len(table) == 0


def test_contractions_of_logarithms_in_closed_form(make_tree):
    """Log a and log b are normal with a known sum: draws by quantiles, variances exact."""
    rng = np.random.default_rng(4)
    total = 0.1 * rng.normal(size=(2, 400, 3))
    apart = 0.7 * rng.normal(size=(2, 400, 3))
    logs = {"a": (total + apart) / 2, "b": (total - apart) / 2}
    tree = make_tree({name: np.exp(x) for name, x in logs.items()} | {"v": apart})
    prior = {"a": 0.5, "b": 1.2, "v": math.nan}
    roles = {name: Role("dataset", 1.0, log_prior_sd=sd) for name, sd in prior.items()}
    table = correlations(tree, LABELS, quantities(tree, roles))
    both = table[(table["parameter_1"] == "a") & (table["parameter_2"] == "b")]
    assert len(both) == 3
    for row in both.itertuples():
        d = row.dataset
        expected = {
            "log_1": 1 - logs["a"][..., d].var() / 0.25,
            "log_2": 1 - logs["b"][..., d].var() / 1.44,
            "log_product": 1 - total[..., d].var() / 1.69,
            "log_ratio": 1 - apart[..., d].var() / 1.69,
        }
        for name, value in expected.items():
            assert getattr(row, name) == pytest.approx(value, abs=1e-10), name
    assert table.loc[table["parameter_2"] == "v", "log_product"].isna().all()


def test_a_draw_of_zero_leaves_no_logarithm(make_tree):
    rng = np.random.default_rng(6)
    draws = {name: rng.gamma(2.0, size=(2, 30, 2)) for name in ("a", "b")}
    draws["a"][0, 0, 1] = 0.0
    tree = make_tree(draws)
    roles = dict.fromkeys("ab", Role("dataset", 1.0, log_prior_sd=1.0))
    table = correlations(tree, LABELS, quantities(tree, roles))
    assert table["log_product"].isna().tolist() == [False, True]
    assert table["r"].notna().all()

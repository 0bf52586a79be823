import numpy as np
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from driftmill.recovery.batch import Labels
from driftmill.recovery.correlations import CORRELATIONS_TYPES, correlations

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

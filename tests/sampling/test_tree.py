"""A batch's tree: variables with labels, and datasets that have different ones."""

import numpy as np

from driftmill.regression.variables import Variable
from driftmill.sampling.posterior import Posterior, judge
from driftmill.sampling.settings import SamplingSettings
from driftmill.sampling.tree import assemble

DIM = "participant_id__factor_dim"


def posterior(labels, seed, failed=False):
    variables = (
        Variable("a", (), ()),
        Variable("v_1|participant_id_offset", (len(labels),), (DIM,)),
        Variable("v_Intercept", (), ()),
    )
    found = Posterior(variables, {DIM: labels}, None, {}, None, "numeric_failure", 0, "nothing")
    if failed:
        return found
    rng = np.random.default_rng(seed)
    stats = {
        "diverging": np.zeros((2, 50), dtype=bool),
        "n_steps": np.full((2, 50), 7),
        "energy": rng.normal(size=(2, 50)),
    }
    draws = rng.normal(size=(2, 50, 2 + len(labels)))
    found = Posterior(variables, {DIM: labels}, draws, stats, None, "ok", 0, "")
    return judge(found, SamplingSettings())


ORDER = ("v_Intercept", "v_1|participant_id_offset", "a")


def test_labels_of_all_datasets_are_joined():
    one, two = posterior(("p1", "p3"), 0), posterior(("p2", "p3"), 1)
    tree = assemble({4: one, 7: two}, ORDER, 2, 50)
    values = tree["posterior"]["v_1|participant_id_offset"]
    assert values.dims == ("chain", "draw", "dataset", DIM)
    assert sorted(values[DIM].values) == ["p1", "p2", "p3"]
    assert list(tree["posterior"].data_vars) == list(ORDER)
    np.testing.assert_array_equal(values.sel({"dataset": 4, DIM: "p3"}), one.draws[:, :, 2])
    np.testing.assert_array_equal(values.sel({"dataset": 7, DIM: "p2"}), two.draws[:, :, 1])
    assert np.isnan(values.sel({"dataset": 4, DIM: "p2"})).all()
    r_hat = tree["diagnostics"]["r_hat"]
    label = "v_1|participant_id_offset[p2]"
    assert np.isnan(r_hat.sel(parameter=label, dataset=4))
    assert float(r_hat.sel(parameter=label, dataset=7)) == two.diagnostics.r_hat[1]


def test_a_failed_posterior_is_nan_and_keeps_its_code():
    tree = assemble({0: posterior(("p1",), 0), 1: posterior(("p1",), 1, failed=True)}, ORDER, 2, 50)
    failed = tree["posterior"].to_dataset().sel(dataset=1)
    assert all(np.isnan(failed[name]).all() for name in ORDER)
    assert tree["result"]["code"].sel(dataset=1).item() == "numeric_failure"
    assert tree["result"]["message"].sel(dataset=1).item() == "nothing"
    assert tree["sample_stats"]["n_steps"].sel(dataset=1).sum() == 0

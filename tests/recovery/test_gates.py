import numpy as np
import pytest

from driftmill.recovery.batch import Labels
from driftmill.recovery.gates import GATES_TYPES, gates

pytestmark = pytest.mark.filterwarnings("error")
LABELS = Labels("c1", "f1", "ddm", "ddm")


def test_worst_diagnostics_of_every_posterior(make_tree):
    draws = np.zeros((2, 30, 3))
    r_hat = np.array([[1.001, 1.003], [1.2, 1.0], [np.nan, np.nan]])
    tree = make_tree(
        {"a": draws, "v": draws}, ["ok", "not_converged", "timeout"], [4, 5, 6], r_hat=r_hat
    )
    tree["diagnostics"]["ess_bulk"][:] = [[900, 500], [30, 40], [np.nan, np.nan]]
    tree["result"]["divergences"][:] = [0, 12, np.nan]
    tree["result"]["rung"][:] = [0, 2, 2]
    tree["result"]["message"][:] = ["", "r_hat of a is 1.2", "no draws within 60 s"]
    table = gates(tree, LABELS)
    assert list(table) == list(GATES_TYPES)
    assert table["dataset"].tolist() == [4, 5, 6]
    assert table["code"].tolist() == ["ok", "not_converged", "timeout"]
    assert table["r_hat"].tolist()[:2] == [1.003, 1.2]
    assert table["ess_bulk"].tolist()[:2] == [500, 30]
    assert table["divergences"].tolist()[:2] == [0, 12]
    assert table["divergences"].isna().tolist() == [False, False, True]
    assert table["r_hat"].isna().tolist() == [False, False, True]
    assert table["rung"].tolist() == [0, 2, 2]
    assert table["message"].tolist()[2] == "no draws within 60 s"
    assert table["cell"].eq("c1").all()


def test_one_parameter_without_diagnostics_is_not_passed_over(make_tree):
    draws = np.zeros((2, 30, 1))
    tree = make_tree({"a": draws, "v": draws}, r_hat=np.array([[1.0, np.nan]]))
    assert gates(tree, LABELS)["r_hat"].isna().all()


def test_a_participant_whom_a_dataset_lacks_fails_no_gate(hierarchy):
    table = gates(hierarchy.tree, LABELS).set_index("dataset")
    diagnostics = hierarchy.tree["diagnostics"].to_dataset()
    assert table.loc[5, "r_hat"] == diagnostics["r_hat"].sel(dataset=5).max(skipna=True)
    assert table.loc[5, "ess_tail"] == diagnostics["ess_tail"].sel(dataset=5).min(skipna=True)
    assert table.loc[6, ["r_hat", "ess_bulk", "ess_tail", "mcse_ratio"]].isna().all()

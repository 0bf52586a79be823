import numpy as np
import pandas as pd

from driftmill.recovery.subsets import Group, groups, with_truth


def test_every_group_comes_twice_in_the_order_of_the_rows(make_estimates):
    table = pd.concat(
        [
            make_estimates([0.0, 0.1], [0.0, 0.1], parameter="v"),
            make_estimates([1.0, 1.1], [1.0, 1.1], parameter="a", code=["ok", "not_converged"]),
        ]
    )
    found = [(group, len(members)) for group, members in groups(table)]
    assert found == [
        (Group("c1", "f1", "v", "all"), 2),
        (Group("c1", "f1", "v", "passed"), 2),
        (Group("c1", "f1", "a", "all"), 2),
        (Group("c1", "f1", "a", "passed"), 1),
    ]


def test_a_retried_fit_passed_and_a_fit_without_posterior_has_no_row(make_estimates):
    table = make_estimates(
        np.zeros(3), [0.0, 0.1, np.nan], code=["ok", "retried_ok", "numeric_failure"]
    )
    assert [len(members) for _, members in groups(table)] == [2, 2]


def test_with_truth_drops_what_cannot_be_recovered(make_estimates):
    table = make_estimates([0.0, np.nan], [0.0, 0.1])
    assert with_truth(table)["dataset"].tolist() == [0]

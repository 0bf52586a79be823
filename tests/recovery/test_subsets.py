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
        (Group("c1", "f1", "v", "dataset", "all"), 2),
        (Group("c1", "f1", "v", "dataset", "passed"), 2),
        (Group("c1", "f1", "a", "dataset", "all"), 2),
        (Group("c1", "f1", "a", "dataset", "passed"), 1),
    ]


def test_a_retried_fit_passed_and_a_fit_without_posterior_has_no_row(make_estimates):
    table = make_estimates(
        np.zeros(3), [0.0, 0.1, np.nan], code=["ok", "retried_ok", "numeric_failure"]
    )
    assert [len(members) for _, members in groups(table)] == [2, 2]


def test_approximations_did_not_pass_and_have_rows_of_their_own(make_estimates):
    table = make_estimates(np.zeros(2), [0.0, np.nan], code=["approximate", "numeric_failure"])
    assert [(group.subset, len(members)) for group, members in groups(table)] == [
        ("all", 1),
        ("passed", 0),
        ("approximate", 1),
    ]


def test_with_truth_drops_what_cannot_be_recovered(make_estimates):
    table = make_estimates([0.0, np.nan], [0.0, 0.1])
    assert with_truth(table)["dataset"].tolist() == [0]


def test_deviations_are_left_out(make_estimates):
    table = pd.concat(
        [
            make_estimates([0.0], [0.1], parameter="v_1|participant_id", level="deviation"),
            make_estimates([0.0], [0.1], parameter="v (participant)", level="participant"),
        ]
    )
    assert [group.parameter for group, _ in groups(table)] == ["v (participant)"] * 2

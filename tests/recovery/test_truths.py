import numpy as np
import pandas as pd
import pytest

from driftmill.formulas.links import Link
from driftmill.formulas.regression import Regression
from driftmill.recovery.truths import Truths, comparable

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture
def table():
    rows = [
        (0, None, "v_Intercept", 1.0),
        (1, None, "v_Intercept", 2.0),
        (0, "p1", "v (participant)", 3.0),
        (0, "p2", "v (participant)", 4.0),
        (0, None, "a_Intercept", 0.5),
        (0, "p1", "a_1|participant_id", 0.1),
        (0, "p1", "a (participant)", 1.1),
        (0, None, "t", 0.3),
    ]
    return pd.DataFrame(rows, columns=["dataset", "participant_id", "parameter", "value"])


def test_truths_are_found_by_name_participant_and_dataset(table):
    truths = Truths(table, np.array([1, 0]))
    assert truths.of("v_Intercept").tolist() == [2.0, 1.0]
    np.testing.assert_array_equal(truths.of("v (participant)", "p2"), [np.nan, 4.0])
    assert np.isnan(truths.of("v (participant)")).all()
    assert np.isnan(truths.of("v_Intercept", "p1")).all()
    assert np.isnan(truths.of("nothing")).all()


def test_two_truths_of_one_participant_are_an_error(table):
    twice = pd.concat([table, table[table["parameter"] == "v (participant)"][:1]])
    with pytest.raises(ValueError, match="two truths"):
        Truths(twice, np.array([0]))


def formulas(**given):
    return {name: Regression(name, text, link) for name, (text, link) in given.items()}


LOG, IDENTITY = Link("log", 0.0), Link("identity")


def test_coefficients_of_another_scale_have_no_truth(table):
    made = formulas(v=("1 + x", IDENTITY), a=("1 + (1 | participant_id)", LOG))
    same = formulas(v=("1 + x + y", IDENTITY), a=("1 + (1 | participant_id)", LOG))
    assert comparable(table, same, made).equals(table)
    other = formulas(v=("1 + x", IDENTITY), a=("1 + (1 | participant_id)", IDENTITY))
    left = set(comparable(table, other, made)["parameter"])
    # What a participant's boundary is does not depend on the link.
    assert left == {"v_Intercept", "v (participant)", "a (participant)", "t"}


def test_coefficients_of_cell_means_are_not_contrasts(table):
    made = formulas(v=("1 + c", IDENTITY))
    left = comparable(table, formulas(v=("0 + c", IDENTITY)), made)
    assert "v_Intercept" not in set(left["parameter"])
    assert "a_Intercept" in set(left["parameter"])


def test_a_parameter_without_a_formula_keeps_its_truth(table):
    assert comparable(table, {}, formulas(v=("1", IDENTITY))).equals(table)

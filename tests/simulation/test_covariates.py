import numpy as np
import pandas as pd
import pytest
from scipy import stats

from driftmill.models import Prior
from driftmill.simulation.covariates import (
    Drawn,
    Given,
    Levels,
    check_covariate,
    covariate_table,
)
from driftmill.simulation.parameters import SimulationError

NORMAL = Prior("Normal", {"mu": 2.0, "sigma": 3.0})


def table(covariates, participants=3, trials=10, seed=1):
    return covariate_table(covariates, participants, trials, np.random.SeedSequence(seed))


def test_there_are_participants_and_trial_numbers_without_any_covariate():
    made = table({}, participants=2, trials=3)
    assert made["participant_id"].tolist() == ["0", "0", "0", "1", "1", "1"]
    assert made["trial_id"].tolist() == [0, 1, 2, 0, 1, 2]
    assert [str(t) for t in made.dtypes] == ["str", "int64"]


def test_a_distribution_is_drawn_for_every_trial_or_participant():
    made = table({"x": Drawn(NORMAL), "age": Drawn(NORMAL, "participant")}, 300, 4)
    assert made["x"].nunique() == 1200
    ages = made["age"].to_numpy().reshape(300, 4)
    assert (ages == ages[:, :1]).all()
    ages = ages[:, 0]
    assert len(np.unique(ages)) == 300
    for values in (made["x"].to_numpy(), ages):
        assert stats.kstest(values, stats.norm(2.0, 3.0).cdf).pvalue > 1e-3


def test_levels_are_balanced_within_participants_and_shuffled():
    made = table({"c": Levels(("hc", "lc", "mc"))}, participants=20, trials=30)
    counts = made.groupby("participant_id")["c"].value_counts()
    assert (counts == 10).all()
    orders = made["c"].to_numpy().reshape(20, 30)
    assert len({tuple(order) for order in orders}) == 20
    assert str(made["c"].dtype) == "str"


def test_levels_that_do_not_divide_the_trials_differ_by_one():
    counts = table({"c": Levels(("a", "b"))}, 5, 7).groupby("participant_id")["c"].value_counts()
    assert sorted(counts.unique()) == [3, 4]


def test_levels_over_participants_go_round():
    made = table({"group": Levels(("p", "c"), "participant")}, participants=5, trials=2)
    assert made["group"].tolist() == ["p", "p", "c", "c", "p", "p", "c", "c", "p", "p"]


def test_numbers_as_levels_stay_numbers():
    made = table({"k": Levels((0.0, 0.5))})
    assert str(made["k"].dtype) == "float64"
    assert made.groupby("participant_id")["k"].sum().tolist() == [2.5] * 3


@pytest.mark.parametrize("text", [True, False])
def test_given_values_are_taken_in_order(text):
    values = np.arange(50).astype("str" if text else float)
    made = table({"x": Given(values)})
    assert made["x"].tolist() == list(values[:30])
    assert str(made["x"].dtype) == ("str" if text else "float64")


def test_streams_are_the_covariates_and_participants_own():
    x, c = Drawn(NORMAL), Levels(("a", "b"))
    alone = table({"x": x})
    more = table({"c": c, "x": x, "w": x}, participants=9)
    pd.testing.assert_series_equal(alone["x"], more["x"][:30])
    assert not np.isin(more["x"], more["w"]).any()
    longer = table({"x": x}, trials=12)["x"].to_numpy().reshape(3, 12)
    np.testing.assert_array_equal(alone["x"].to_numpy().reshape(3, 10), longer[:, :10])
    assert not np.isin(alone["x"], table({"x": x}, seed=2)["x"]).any()


@pytest.mark.parametrize(
    ("name", "covariate", "words"),
    [
        ("rt", Drawn(NORMAL), "rt has the name of a column of ours"),
        ("x", Drawn(Prior("Normal", {"mu": 0.0})), "x cannot be drawn: Normal takes"),
        ("x", Given(np.zeros(29)), "x has 29 values; 3 x 10 are needed"),
        ("c", Levels(("a",)), "2 or more different ones"),
        ("c", Levels(("a", "a")), "2 or more different ones"),
        ("c", Levels(tuple("abcdefghijk")), "no more than the 10 trials"),
        ("c", Levels(tuple("abcd"), "participant"), "no more than the 3 participants"),
    ],
)
def test_what_cannot_be_made_is_told(name, covariate, words):
    with pytest.raises(SimulationError, match=words):
        check_covariate(name, covariate, 3, 10)

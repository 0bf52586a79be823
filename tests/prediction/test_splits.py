import numpy as np
import pandas as pd

from driftmill.prediction.extent import spread
from driftmill.prediction.splits import splits_of, trials_of
from driftmill.regression.fit_spec import FitSpec


def frame(people, order=None):
    n = len(people)
    trial = range(n) if order is None else order
    table = pd.DataFrame({"participant_id": people, "trial_id": trial, "dataset": 0})
    return table.astype({"participant_id": "str"})


def test_trials_know_their_place(ddm):
    found = trials_of(ddm, frame(["s10", "s2", "s10", "s2", "s2"], [5, 9, 1, 7, 8]), 0)
    assert found.labels == ("s2", "s10")
    assert found.participant.tolist() == [1, 0, 1, 0, 0]
    assert found.position.tolist() == [1, 2, 0, 0, 1]
    assert found.counts.tolist() == [2, 3, 2, 3, 3]


def test_trials_of_nobody_are_one_participants(ddm):
    found = trials_of(ddm, frame([None, None, None]), 0)
    assert found.labels == ("",)
    assert found.position.tolist() == [0, 1, 2]


def test_covariates_make_conditions_and_participants_groups(ddm, trials):
    columns = trials([f"s{k}" for k in range(30)], each=9)
    here = trials_of(ddm, pd.DataFrame(columns).assign(dataset=0), 0)
    every, c, x, people = splits_of(ddm, columns, here, True)
    assert (every.scope, every.labels) == ("all", ("all trials",))
    assert (x.factor, len(x.labels)) == ("x", 3)
    assert np.bincount(x.index).tolist() == [90, 90, 90]
    assert columns["x"][x.index == 0].max() <= columns["x"][x.index == 1].min()
    assert c.labels == ("hc", "lc", "mc")
    assert people.labels == tuple(f"s{k}" for k in (0, 2, 5, 7, 10, 12, 15, 17, 20, 22, 25, 27))
    assert (np.bincount(people.index[people.index >= 0]) == 9).all()
    assert (people.index == -1).sum() == 18 * 9
    assert len(splits_of(ddm, columns, here, False)) == 1


def test_one_participant_is_no_group(trials, softmax):
    columns = trials(["s1"])
    here = trials_of(softmax, pd.DataFrame(columns).assign(dataset=0), 0)
    alone = FitSpec("f", softmax.model)
    assert [s.scope for s in splits_of(alone, columns, here, True)] == ["all"]


def test_spread_is_even_and_bounded():
    assert spread(5, 60) == [0, 1, 2, 3, 4]
    assert spread(14, 7) == list(range(0, 14, 2))
    assert spread(13, 12) == list(range(12))
    assert len(set(spread(1_000, 60))) == 60
    assert spread(0, 4) == []

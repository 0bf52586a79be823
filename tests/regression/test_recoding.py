"""A model's codes for the data's responses, there and back."""

import numpy as np
import pandas as pd
import pytest

from driftmill.models import get_model
from driftmill.regression.columns import datasets_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.recoding import recoded, told_by_data


def test_codes_are_replaced_all_at_once():
    swapped = recoded(np.array([-1, 1, 1, 3]), {-1: 1, 1: -1})
    assert swapped.tolist() == [1, -1, -1, 3]


def test_missing_responses_stay_missing():
    found = recoded(np.array([np.nan, 0.0, 1.0]), {0: -1})
    np.testing.assert_array_equal(found, [np.nan, -1.0, 1.0])
    whole = recoded(pd.array([None, 0, 1], dtype="Int64").to_numpy(), {0: -1})
    assert whole.tolist()[1:] == [-1, 1]
    assert pd.isna(whole[0])


@pytest.mark.parametrize("kind", ["int64", "Int64"])
def test_predictions_are_told_in_the_codes_of_the_data(kind):
    table = pd.DataFrame({"response": pd.array([0, 1, 0], dtype=kind), "share": [0.1, 0.2, 0.3]})
    told = told_by_data(table, {-1: 0})
    assert told["response"].tolist() == [-1, 1, -1]
    assert told["response"].dtype == table["response"].dtype


def test_a_fit_sees_its_models_codes():
    race = FitSpec("race", get_model("lba2"), recode={-1: 0})
    trials = pd.DataFrame({"dataset": 3, "rt": [0.5, 0.7, 0.6], "response": [-1, 1, 1]})
    (columns,) = datasets_of(trials, race).values()
    assert columns["response"].tolist() == [0, 1, 1]
    assert trials["response"].tolist() == [-1, 1, 1]

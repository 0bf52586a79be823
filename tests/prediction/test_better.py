import numpy as np

from driftmill.models import get_model
from driftmill.prediction.better import better_choice

SOFTMAX = get_model("softmax_inv_temperature_2")


def test_the_better_choice_is_that_which_paid_more_in_its_group():
    first, second = SOFTMAX.choices
    response = np.array([first, second, first, second, first, first, second, second, np.nan])
    paid = np.array([0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, np.nan, np.nan])
    group = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    found = better_choice(SOFTMAX, response, paid, group)
    assert found.tolist() == [1, 1, 1, 1, 0, 0, 0, 0, 0]


def test_nobody_knows_of_options_that_were_not_tried_or_paid_alike():
    first, second = SOFTMAX.choices
    response = np.array([first, first, first, second])
    paid = np.array([1.0, 0.0, 1.0, 1.0])
    found = better_choice(SOFTMAX, response, paid, np.array([0, 0, 1, 1]))
    assert found.tolist() == [-1, -1, -1, -1]

import random

import pytest

from driftmill.natural_order import natural_order, natural_ranks


@pytest.mark.parametrize(
    "names",
    [
        ["0", "1", "2", "10", "11", "100"],
        ["-1.5", "0.25", "3", "1e1"],
        ["s1", "s2", "s10"],
        ["2", "10", "a", "b2x10", "b10x2"],
        ["007", "8"],
        ["p1a", "p1b", "p2"],
    ],
)
def test_numbers_count_as_numbers(names):
    mixed = random.Random(1).sample(names, len(names))
    assert natural_order(mixed) == names


def test_repeats_are_left_out_and_share_a_rank():
    names = ["s10", "s2", "s10", "s1"]
    assert natural_order(names) == ["s1", "s2", "s10"]
    assert natural_ranks(names) == [2, 1, 2, 0]


def test_names_of_one_number_keep_one_order():
    assert natural_order(["01", "1"]) == natural_order(["1", "01"])

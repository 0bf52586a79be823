"""One network serves the races of a family, and no other model."""

import pytest

from driftmill.families import family_of, serves


@pytest.mark.parametrize(
    ("network_of", "model", "expected"),
    [
        ("race_no_bias_angle", "race_no_bias_angle_3", True),
        ("race_no_bias_angle_2", "race_no_bias_angle_2", True),
        ("race_no_bias_angle_2", "race_no_bias_angle_3", False),
        ("softmax_inv_temperature", "softmax_inv_temperature_2", False),
        ("levy", "levy", True),
        ("weibull", "ornstein", False),
    ],
)
def test_a_network_serves_its_model_or_family(network_of, model, expected):
    assert serves(network_of, model) is expected


def test_a_model_of_no_family_is_its_own():
    assert family_of("race_no_bias_angle_4") == "race_no_bias_angle"
    assert family_of("ddm") == "ddm"
    assert family_of("race_no_bias_angle_slow") == "race_no_bias_angle_slow"

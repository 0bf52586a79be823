import numpy as np
import pandas as pd
import pytest

from driftmill.report.formatting import (
    count,
    duration,
    fixed,
    listed,
    number,
    percent,
    percent_interval,
    plural,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.5, "0.500"),
        (0.99961, "1.00"),
        (12.345, "12.3"),
        (-912.44, "−912"),
        (999.7, "1\u202f000"),
        (123456.7, "123\u202f457"),
        (0.001234, "0.00123"),
        (-0.0000123, "−1.23 × 10⁻⁵"),
        (9.9996e-6, "1.00 × 10⁻⁵"),
        (0, "0"),
        (np.float64(2), "2.00"),
        (np.int64(7), "7.00"),
        (np.inf, "∞"),
        (-np.inf, "−∞"),
        (np.nan, "–"),
        (None, "–"),
        (pd.NA, "–"),
        ("word", "–"),
    ],
)
def test_number(value, text):
    assert number(value) == text


@pytest.mark.parametrize("value", np.geomspace(1e-8, 1e8, 60))
def test_number_keeps_three_digits(value):
    text = number(value).replace("\u202f", "")
    if "×" in text:
        mantissa, power = text.split(" × 10")
        digits = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
        read = float(mantissa) * 10.0 ** int(power.translate(digits))
    else:
        read = float(text)
    assert read == pytest.approx(value, rel=0.005)


def test_other_writings():
    assert count(12345) == "12\u202f345"
    assert count(pd.NA) == "–"
    assert percent(0.917) == "92\u202f%"
    assert percent(np.nan) == "–"
    assert percent_interval(0.39, 0.876) == "[39, 88]"
    assert percent_interval(np.nan, np.nan) == "[–, –]"
    assert fixed(1.00349, 3) == "1.003"
    assert fixed(-0.5, 2) == "−0.50"
    assert [duration(s) for s in (0.5, 75, 7320)] == ["0.500 s", "1 min 15 s", "2 h 2 min"]
    assert plural(1, "dataset") == "1 dataset"
    assert plural(1200, "dataset") == "1\u202f200 datasets"
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"

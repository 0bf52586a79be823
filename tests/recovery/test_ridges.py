import math

import numpy as np
import pandas as pd
import pytest

from driftmill.recovery.ridges import ridges

LOGS = ("log_1", "log_2", "log_product", "log_ratio")


def table(**pairs):
    """Rows of pairs called by two letters, from lists of correlations."""
    rows = [
        {"parameter_1": pair[0], "parameter_2": pair[1], "dataset": k, "r": r}
        | dict.fromkeys(LOGS, math.nan)
        for pair, values in pairs.items()
        for k, r in enumerate(values)
    ]
    return pd.DataFrame(rows)


def test_pairs_that_are_strong_on_half_the_datasets_are_found_strongest_first():
    found = ridges(
        table(av=[0.96, 0.97, 0.5, 0.94], at=[-0.99] * 4, vt=[0.97, 0.9, 0.9, 0.9], zt=[0.1] * 4)
    )
    assert [(ridge.first, ridge.second, ridge.strong, ridge.n) for ridge in found] == [
        ("a", "t", 4, 4),
        ("a", "v", 2, 4),
    ]
    assert (found[1].lowest, found[1].highest) == (0.5, 0.97)
    assert found[1].r == pytest.approx(0.8425)
    assert found[0].together is None


@pytest.mark.parametrize(
    ("logs", "together"),
    [
        ((0.3, 0.5, 0.95, 0.2), "product"),
        ((0.3, 0.5, 0.2, 0.95), "ratio"),
        # Two thirds of what was left of the better factor must go.
        ((0.3, 0.5, 0.84, 0.2), "product"),
        ((0.3, 0.5, 0.82, 0.2), None),
        # Where a factor is well told, its product cannot be told much better.
        ((0.3, 0.9, 0.99, 0.2), None),
        ((0.3, 0.5, np.nan, 0.2), None),
    ],
)
def test_a_product_must_be_told_much_better_than_its_factors(logs, together):
    rows = table(av=[-0.7] * 3).assign(**dict(zip(LOGS, logs, strict=True)))
    found = ridges(rows)
    assert [ridge.together for ridge in found] == ([together] if together else [])
    if together:
        assert found[0].contraction == pytest.approx(max(logs[2:]))
        assert found[0].factors == pytest.approx(logs[:2])


def test_failed_fits_are_left_out():
    assert ridges(table(av=[math.nan, math.nan])) == []
    (ridge,) = ridges(table(av=[math.nan, 0.99]))
    assert ridge.n == 1

"""What the page says of curves and of LOO-PIT: figures, tables, and which way a misfit goes."""

import numpy as np
import pandas as pd
import pytest

from driftmill.report.blocks import FigureBlock, TableBlock, flattened
from driftmill.report.figures.curves import inside_share, strips_of
from driftmill.report.sections.pit import summary
from driftmill.report.sections.prediction import prediction
from driftmill.report.style import figure_style


@pytest.fixture(scope="module")
def blocks(make):
    return list(flattened(prediction(make("observed_hierarchy")).blocks))


def figures(blocks, kind):
    return [b for b in blocks if isinstance(b, FigureBlock) and b.stem.startswith(f"{kind}.")]


def test_every_kind_of_curve_has_a_figure_that_is_drawn(blocks):
    for kind in ("quantile_probability", "defective_cdf", "conditional_accuracy", "pit"):
        found = figures(blocks, kind)
        assert found, kind
        for block in found:
            assert "Good:" in block.caption
            assert block.table in ("curves", "pit")
            with figure_style():
                assert block.draw().axes


def test_conditions_and_participants_are_folded_figures_of_one_dataset(blocks):
    found = figures(blocks, "curves")
    assert [b.title.split(":")[0] for b in found] == ["By c", "Defective CDFs by participant"]
    assert all(b.folded for b in found)
    with figure_style():
        by_condition = found[0].draw()
        titles = [ax.get_title(loc="left") for ax in by_condition.axes]
    assert titles[:3] == ["c a", "c b", "c z"]


def test_tables_say_what_lies_inside(blocks):
    tables = {b.title: b for b in blocks if isinstance(b, TableBlock)}
    curves = tables["Curves inside their bands"]
    named = [row[2].text for row in curves.rows]
    assert named[0] == "all trials"
    assert {"c a", "c b", "c z"} <= set(named)
    first = tables["LOO-PIT in numbers"].rows[0]
    # The second dataset is slower than predicted, and stands first.
    assert any(cell.text == "slower than predicted" for cell in first) or any(
        cell.text == "larger codes than predicted" for cell in first
    )


def curve(values, quantity="rt"):
    bins = np.clip((np.asarray(values) * 50).astype(int), 0, 49)
    below = np.bincount(bins, minlength=50).cumsum()[:-1]
    table = pd.DataFrame({"place": np.arange(1, 50), "below": below, "n": len(values)})
    keys = {"cell": "c", "fit": "f", "dataset": 0, "scope": "all", "factor": "", "group": "all"}
    return table.assign(quantity=quantity, n_bad_k=0, **keys)


@pytest.mark.parametrize(
    ("values", "quantity", "reading"),
    [
        (np.linspace(0, 1, 400) ** 0.5, "rt", "slower than predicted"),
        (np.linspace(0, 1, 400) ** 2, "rt", "faster than predicted"),
        (np.linspace(0, 1, 400) ** 2, "response", "smaller codes than predicted"),
        (np.linspace(0.2, 0.8, 400), "rt", "less extreme than predicted"),
        (0.5 + 0.5 * np.cos(np.linspace(0, np.pi, 400)), "rt", "more extreme than predicted"),
        (np.linspace(0, 1, 400), "rt", ""),
    ],
)
def test_curves_are_read_in_words(values, quantity, reading):
    (row,) = summary(curve(values, quantity)).to_dict("records")
    assert row["reading"] == reading
    assert (row["p"] < 0.05) == bool(reading)
    assert row["mean"] == pytest.approx(np.mean(values), abs=0.02)


def test_p_values_are_small_one_time_in_twenty():
    rng = np.random.default_rng(2)
    tables = [curve(rng.random(100)).assign(dataset=k) for k in range(100)]
    low = (summary(pd.concat(tables))["p"] < 0.05).mean()
    # Values are discrete, so that the band may hold a little more; three standard errors above.
    assert low < 0.05 + 3 * np.sqrt(0.05 * 0.95 / 100)


def test_the_better_option_stands_for_all_choices_where_it_is_known():
    rows = pd.DataFrame(
        {
            "curve": "course",
            "quantity": ["probability", "better", "median_rt"],
            "observed": [0.5, 0.7, 0.9],
        }
    )
    assert [s.quantity for s in strips_of(rows, "course")] == ["better", "median_rt"]
    unknown = rows.assign(observed=[0.5, np.nan, 0.9])
    assert [s.quantity for s in strips_of(unknown, "course")] == ["probability", "median_rt"]
    assert strips_of(rows, "defective_cdf") == []


def test_the_share_inside_leaves_out_what_is_not_known():
    rows = pd.DataFrame(
        {
            "observed": [0.5, 0.9, np.nan],
            "lower": [0.4, 0.4, 0.4],
            "upper": [0.6, 0.6, 0.6],
        }
    )
    assert inside_share(rows) == 0.5
    assert np.isnan(inside_share(rows.iloc[2:]))

"""Densities in place of thousands of points."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from driftmill.report.figures.density import MOST_POINTS, SHADES, hexagons
from driftmill.report.figures.point import PARTS, crowded, recovery_scatter
from driftmill.report.style import BLUE, COLUMNS, column_width, figure_style, figure_svg

RNG = np.random.default_rng(8)


def estimates(count):
    truth = RNG.normal(size=count)
    mean = truth + RNG.normal(0.0, 0.1, count)
    codes = np.where(np.arange(count) % 100 == 7, "not_converged", "ok")
    bounds = {"lower_90": mean - 0.2, "upper_90": mean + 0.2}
    return pd.DataFrame({"parameter": "v", "truth": truth, "mean": mean, "code": codes, **bounds})


def test_darker_hexagons_hold_more_points():
    ax = Figure().subplots()
    heavy = np.full(90, 0.25)
    x = np.concatenate([heavy, [np.nan], np.linspace(0, 1, 30)])
    hexagons(ax, x, x, BLUE)
    shades = {patch.get_alpha(): patch.get_path() for patch in ax.patches}
    assert set(shades) <= {opacity for _, opacity in SHADES}
    darkest, lightest = shades[max(shades)], shades[min(shades)]
    assert darkest.get_extents().contains(0.25, 0.25)
    assert lightest.get_extents().width > 0.8
    assert len(darkest.vertices) < len(lightest.vertices)
    assert len(ax.collections) == 0


def test_nothing_finite_draws_nothing():
    ax = Figure().subplots()
    hexagons(ax, [np.nan], [1.0], BLUE)
    assert len(ax.patches) == 0


def test_many_posteriors_are_shades_and_means_and_failures_stay_points():
    rows = estimates(5 * MOST_POINTS)
    assert crowded(rows)
    with figure_style():
        fig = recovery_scatter(rows, {})
    ax = fig.axes[0]
    assert len(ax.patches) > 1
    means, lost = (line for line in ax.lines if line.get_marker() in ("o", "^"))
    assert len(means.get_xdata()) == PARTS
    passed = rows[rows["code"] == "ok"].sort_values("truth")
    first = passed.head(len(passed) // PARTS)
    assert means.get_xdata()[0] == pytest.approx(first["truth"].mean(), abs=0.02)
    assert means.get_ydata()[0] == pytest.approx(first["mean"].mean(), abs=0.02)
    assert len(lost.get_xdata()) == (rows["code"] == "not_converged").sum()
    assert len(figure_svg(fig, "x")) < 60_000


def test_few_posteriors_are_points():
    rows = estimates(MOST_POINTS)
    assert not crowded(rows)
    with figure_style():
        fig = recovery_scatter(rows, {})
    assert len(fig.axes[0].patches) == 0


@pytest.mark.parametrize(
    ("natural", "column"), [(2.2, 3.35), (3.6, 3.35), (3.8, 5.1), (5.5, 5.1), (5.8, 7.0), (12, 7.0)]
)
def test_a_figure_takes_the_narrowest_column_into_which_it_fits(natural, column):
    assert column_width(natural) == column
    assert column in COLUMNS

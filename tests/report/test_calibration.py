"""The section on calibration: figures, tables, what is said of what failed, what is not SBC."""

import re

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import FillBetweenPolyCollection

from driftmill.recovery.uniformity import bands, below
from driftmill.report.blocks import FigureBlock, Note, TableBlock, flattened
from driftmill.report.figures.calibration import ecdf_differences
from driftmill.report.sections.calibration import calibration
from driftmill.report.sections.verdict import verdict
from driftmill.report.style import figure_style

QUANTITIES = ["v", "a", "z", "t", "log likelihood"]


@pytest.fixture(scope="module")
def section(make):
    return calibration(make("calibrated"))


def words(blocks, kind):
    return [str(block.html) for block in flattened(blocks) if isinstance(block, kind)]


def test_every_quantity_has_a_panel_and_a_row(section):
    (figure,) = [block for block in section.blocks if isinstance(block, FigureBlock)]
    assert figure.stem == "sbc.ddm.ddm"
    with figure_style():
        drawn = figure.draw()
    titles = [re.split(r",|\n", ax.get_title(loc="left"))[0] for ax in drawn.axes]
    assert titles == QUANTITIES
    (table,) = [block for block in section.blocks if isinstance(block, TableBlock)]
    place = [column.key for column in table.columns].index("quantity")
    assert [row[place].text for row in table.rows] == QUANTITIES


def test_what_failed_and_what_has_no_data_is_counted(section):
    first, grid = words(section.blocks, Note)
    assert "Of 130 datasets of ddm (fit ddm) 2 posteriors did not pass" in first
    assert "6 datasets could not be simulated" in first
    assert "Nothing is drawn anew" in first
    assert grid.startswith("Not SBC: the truths of angle were chosen by the study")


def test_the_strip_is_filled_from_ranks(make):
    data = make("calibrated")
    blocks = list(flattened(verdict(data).blocks))
    strip = next(b for b in blocks if isinstance(b, TableBlock) and "recovered" in b.title)
    keys = [column.key for column in strip.columns]
    told = {row[keys.index("parameter")].text: row[keys.index("calibrated")] for row in strip.rows}
    assert told["z"].sort == "no"
    assert "adjusted p" in told["z"].note
    assert told["v"].sort in ("yes", "unclear")
    warned = words(blocks, Note)
    assert any("joint log likelihood of fit ddm on cell ddm is not calibrated" in w for w in warned)


def test_studies_that_choose_their_truths_are_not_sbc(make):
    (note,) = calibration(make("recovery_only")).blocks
    assert "Not SBC" in str(note.html)


def test_observed_data_have_no_such_section(make):
    assert calibration(make("observed_only")).blocks == ()


def drawn(ranks, planned, priors=()):
    found = {"v": pd.Series(ranks, dtype="int64")}
    with figure_style():
        return ecdf_differences(found, {"v": pd.Series(priors, dtype="int64")}, 99, planned, {})


def test_the_line_is_the_difference_of_shares():
    ranks = np.random.default_rng(2).integers(0, 100, 80)
    (ax,) = drawn(ranks, 80).axes
    line = max(ax.lines, key=lambda each: len(each.get_xdata()))
    x, y = line.get_data()
    assert y[[0, -1]].tolist() == [0.0, 0.0]
    expected = [np.mean(ranks < k) - k / 100 for k in range(1, 100)]
    np.testing.assert_allclose(y[1:-1], expected, atol=1e-12)
    np.testing.assert_allclose(x[1:-1], np.arange(1, 100) / 100)


def test_the_bands_are_those_of_so_many_ranks():
    (ax,) = drawn(np.arange(100), 100).axes
    band = [c for c in ax.collections if isinstance(c, FillBetweenPolyCollection)][-1]
    heights = band.get_paths()[0].vertices[:, 1]
    lower, upper = bands(100, 99)
    assert heights.max() == pytest.approx((upper / 100 - np.arange(1, 100) / 100).max())
    assert heights.min() == pytest.approx((lower / 100 - np.arange(1, 100) / 100).min())


def test_unknown_ranks_are_drawn_at_both_extremes():
    ranks = np.random.default_rng(3).integers(0, 100, 90)
    (ax,) = drawn(ranks, 100).axes
    dashed = [line.get_ydata() for line in ax.lines if line.get_linestyle() == "--"]
    counts, uniform = below(ranks, 99), np.arange(1, 100) / 100
    np.testing.assert_allclose(dashed[0][1:-1], counts / 100 - uniform)
    np.testing.assert_allclose(dashed[1][1:-1], (counts + 10) / 100 - uniform)


def test_nothing_ranked_is_drawn_without_a_line():
    (ax,) = drawn([], 10).axes
    assert [len(line.get_xdata()) for line in ax.lines].count(101) == 2

"""Figures as they are laid out: nothing is cut, and legends name what is drawn."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from driftmill.comparison.compare import Thresholds
from driftmill.report.context import draw_figure, report_context
from driftmill.report.figures.comparison import elpd_forest, weights
from driftmill.report.figures.covariates import covariate_panels
from driftmill.report.figures.estimates import estimates_forest, participants_forest
from driftmill.report.figures.model_recovery import matrix
from driftmill.report.figures.point import recovery_scatter
from driftmill.report.figures.posteriors import densities, pairs
from driftmill.report.figures.prediction import prior_panels
from driftmill.report.figures.uncertainty import correlation_map
from driftmill.report.style import COLUMNS, add_legend, figure_style, panels, to_column, wrapped

LONG = "v_congruency|participant_id_sigma[incongruent]"


def legend(fig):
    return [text.get_text() for found in fig.legends for text in found.get_texts()]


def room(fig):
    """Inches that what is drawn keeps from the figure's left, lower, right and upper end."""
    fig.draw_without_rendering()
    drawn = fig.get_tightbbox()
    width, height = fig.get_size_inches()
    return drawn.x0, drawn.y0, width - drawn.x1, height - drawn.y1


def colliding(fig):
    """Pairs of panel titles that run into each other."""
    titles = [t for ax in fig.axes for t in (ax.title, ax._left_title) if t.get_text()]
    boxes = [(title.get_text(), title.get_window_extent()) for title in titles]
    return [(a, b) for (a, one), (b, two) in combinations(boxes, 2) if one.overlaps(two)]


@pytest.mark.parametrize(
    "study", ["long_names", "hierarchy", pytest.param("ridge", marks=pytest.mark.long)]
)
def test_no_figure_cuts_what_it_says(make, study):
    for block in report_context(make(study)).figures:
        with figure_style():
            fig = draw_figure(block)
            assert min(room(fig)) > -0.03, block.stem
            assert fig.get_figwidth() in COLUMNS, block.stem
            assert colliding(fig) == [], block.stem


def overlapping(texts):
    """Pairs of texts that are shown and lie on each other."""
    shown = [text for text in texts if text.get_text() and text.get_visible()]
    boxes = [(text.get_text(), text.get_window_extent()) for text in shown]
    return [(a, b) for (a, one), (b, two) in combinations(boxes, 2) if one.overlaps(two)]


def test_names_around_a_matrix_keep_apart():
    names = ["bandit (rescorla_wagner+softmax_inv_temperature_2)", "race_no_bias_angle_4 (ddm)"]
    notes = [["1 of 2\n[3, 4]"] * 2] * 2
    with figure_style():
        fig = matrix(
            np.eye(2), names, names, notes=notes, right=[], row_label="is", column_label="named"
        )
        to_column(fig)
        assert min(room(fig)) > -0.03
        (ax,) = fig.axes
        assert not overlapping([*ax.get_xticklabels(), *ax.get_yticklabels()])


def test_numbers_below_small_panels_keep_apart():
    rng = np.random.default_rng(3)
    shape = ("chain", "draw")
    posterior = {
        f"v_{k}": (shape, 0.02 * rng.standard_normal((2, 60)) * 10.0 ** (k % 3)) for k in range(6)
    }
    stats = {"diverging": (shape, np.zeros((2, 60), dtype=bool))}
    tree = xr.DataTree.from_dict(
        {"posterior": xr.Dataset(posterior), "sample_stats": xr.Dataset(stats)}
    )
    for draw in (pairs, densities):
        with figure_style():
            fig = draw(tree, {})
            to_column(fig)
            fig.draw_without_rendering()
            for ax in fig.axes:
                low, high = ax.get_xlim()
                within = [t for t in ax.get_xticklabels() if low <= t.get_position()[0] <= high]
                assert not ax.axison or not overlapping(within), draw


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("v_x", ["v_x"]),
        ("v_1|participant_id_sigma", ["v_1|participant_id_", "sigma"]),
        ("v_c[b] (participant) of all", ["v_c[b] (participant)", "of all"]),
        ("a" * 30, ["a" * 30]),
        ("", [""]),
    ],
)
def test_long_names_are_broken_after_signs(name, lines):
    assert wrapped(name).split("\n") == lines


def test_a_legend_takes_the_columns_that_fit():
    handles = [Line2D([], [], label=f"a fit with a name of its own {k}") for k in range(4)]
    with figure_style():
        narrow = panels(1, width=2.0)[0]
        add_legend(narrow, handles)
        assert min(room(narrow)) > -0.01
        wide = Figure(figsize=(20, 2), layout="constrained")
        add_legend(wide, handles)
        empty = Figure()
        add_legend(empty, [])
    assert narrow.legends[0]._ncols == 1
    assert wide.legends[0]._ncols == 2
    assert wide.get_figwidth() == COLUMNS[-1]
    assert empty.legends == []


@pytest.mark.parametrize("names", [(LONG, LONG.replace("in", "")), ("a", "t"), ("t", LONG)])
def test_the_cells_of_a_map_keep_their_size(names):
    rows = pd.DataFrame({"parameter_1": [names[0]] * 2, "parameter_2": [names[1]] * 2})
    with figure_style():
        fig = correlation_map(rows.assign(r=[0.5, 0.6]))
        assert min(room(fig)) > -0.01
        extent = fig.axes[0].get_window_extent().transformed(fig.dpi_scale_trans.inverted())
    assert extent.width == pytest.approx(0.66)
    assert extent.height == pytest.approx(0.66)


def estimates(codes):
    rows = [
        {"parameter": "v", "truth": k, "mean": k, "lower_90": k - 1, "upper_90": k + 1, "code": c}
        for k, c in enumerate(codes)
    ]
    return pd.DataFrame(rows)


@pytest.mark.parametrize(
    ("codes", "shown"),
    [
        (["ok", "retried_ok"], ["passed the gates"]),
        (["ok", "timeout"], ["passed the gates", "failed"]),
        (["not_converged"] * 2, ["failed"]),
        (["approximate"] * 2, ["approximate"]),
    ],
)
def test_the_legend_of_a_scatter_names_what_occurs(codes, shown):
    with figure_style():
        assert legend(recovery_scatter(estimates(codes), {})) == [*shown, "identity"]


def test_the_legend_of_differences_names_what_occurs():
    pairs = pd.DataFrame({"fit_1": "f", "fit_2": "g", "elpd_diff": [30.0, 1.0], "dse": [2.0, 2.0]})
    with figure_style():
        fig = elpd_forest(pairs, ["0", "1"], Thresholds(), "dbs")
    assert legend(fig) == ["f better", "undecided"]
    assert fig.axes[0].get_ylabel() == "dbs"


def forest_rows(**columns):
    rows = pd.DataFrame(columns).assign(parameter="v", fit="f", mean=0.0, truth=float("nan"))
    ends = {f"{end}_{level}": 0.0 for end in ("lower", "upper") for level in (50, 90)}
    return rows.assign(**ends)


def test_participants_are_drawn_in_natural_order():
    rows = forest_rows(participant_id=["0", "1", "10", "11", "2"])
    with figure_style():
        ax = participants_forest(rows).axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["0", "1", "2", "10", "11"]


def test_datasets_are_drawn_in_the_order_of_their_labels():
    rows = forest_rows(dataset=[0, 1, 2]).assign(mean=[0.0, 1.0, 2.0])
    names = {1: "s1", 2: "s2", 0: "s10"}
    with figure_style():
        ax = estimates_forest(rows, names, "participant_id").axes[0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["s1", "s2", "s10"]
    (means,) = [line for line in ax.lines if len(line.get_xdata()) == 3]
    assert dict(zip(means.get_ydata(), means.get_xdata(), strict=True)) == {0: 1, 1: 2, 2: 0}
    assert ax.get_ylabel() == "participant_id"


def test_weights_stand_above_their_labels():
    table = pd.DataFrame({"dataset": [0, 1], "fit": "f", "weight_stacking": [0.2, 0.8]})
    with figure_style():
        fig = weights(table.assign(weight_bma=0.5), ["f"], {1: "0", 0: "1"}, "dbs")
    assert [bar.get_height() for bar in fig.axes[0].patches] == [0.8, 0.2]
    assert [label.get_text() for label in fig.axes[1].get_xticklabels()] == ["0", "1"]
    assert fig.axes[1].get_xlabel() == "dbs"


def test_of_response_times_the_median_is_named():
    row = {"dataset": 3, "bin": 0, "label": "a", "centre": None, "quantity": "median_rt"}
    row |= {"covariate": "c", "response": None, "observed": 1.0, "predicted": 1.1}
    row |= dict.fromkeys(("observed_lower", "lower"), 0.9)
    row |= dict.fromkeys(("observed_upper", "upper"), 1.2)
    with figure_style():
        ax = covariate_panels(pd.DataFrame([row]), {3: "dataset dbs 0"}).axes[0]
    assert ax.get_ylabel() == "median rt (s)"
    assert ax.get_title("left") == "dataset dbs 0"


def test_choices_alone_have_a_whole_legend():
    shares = pd.DataFrame({"response": [0, 1], "observed": 0.5, "predicted": 0.5})
    shares = shares.assign(quantity="response_share", lower=0.1, upper=0.9, probability=None)
    with figure_style():
        fig = prior_panels(shares)
        assert min(room(fig)) > -0.01
    assert legend(fig) == ["under the priors, 90 %", "in the data"]

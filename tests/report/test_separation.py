import pandas as pd
import pytest

from driftmill.comparison.compare import Thresholds
from driftmill.report.data import CellSummary, FitSummary
from driftmill.report.separation import oriented, separation, tally

FITS = (FitSummary("wide", "angle"), FitSummary("plain", "ddm"))
COLUMNS = ["cell", "dataset", "fit_1", "fit_2", "elpd_diff", "dse", "p_worse"]


def table(differences, cell="c", dse=1.0):
    rows = [(cell, i, "wide", "plain", d, dse, 0.5) for i, d in enumerate(differences)]
    return pd.DataFrame(rows, columns=COLUMNS)


def test_orientation_turns_the_sign():
    turned = oriented(table([3.0, -5.0]), "plain", "wide")
    assert list(turned["elpd_diff"]) == [-3.0, 5.0]
    assert set(turned["fit_1"]) == {"plain"}


def test_tally_counts_clear_leads_only():
    rows = table([10.0, 3.9, -4.0, -1.0, None])
    counts = tally(rows, Thresholds())
    assert (counts["n"], counts["first"], counts["undecided"], counts["second"]) == (4, 1, 2, 1)
    assert counts["elpd_diff"] == pytest.approx(8.9)
    assert counts["dse"] == pytest.approx(2.0)
    # Ten ahead with an error of six is no lead.
    assert tally(table([10.0], dse=6.0), Thresholds())["undecided"] == 1


@pytest.mark.parametrize(
    ("right", "n", "apart"),
    [(20, 20, "yes"), (3, 20, "no"), (17, 20, "unclear"), (0, 0, "unclear")],
)
def test_verdict_needs_its_interval_on_one_side(right, n, apart):
    cell = CellSummary("c", "angle", {}, 1, 100, 20)
    rows = table([9.0] * right + [0.0] * (n - right))
    (row,) = separation(rows, (cell,), FITS, Thresholds()).to_dict("records")
    assert (row["fit"], row["rival"], row["generator"]) == ("wide", "plain", "angle")
    assert (row["right"], row["undecided"], row["wrong"]) == (right, n - right, 0)
    assert row["apart"] == apart


def test_observed_cells_have_no_right_answer():
    cell = CellSummary("c", None, {}, 1, None, 3)
    assert separation(table([9.0]), (cell,), FITS, Thresholds()).empty


def test_a_rival_is_applied_to_the_same_cell():
    cell = CellSummary("c", "angle", {}, 1, 100, 20)
    elsewhere = (FITS[0], FitSummary("plain", "ddm", cells=("d",)))
    assert separation(table([9.0]), (cell,), elsewhere, Thresholds()).empty

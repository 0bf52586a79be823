"""Matrices of which fit is named on whose data."""

from types import SimpleNamespace

import pandas as pd
import pytest

from driftmill.report.data import CellSummary, FitSummary
from driftmill.report.formatting import percent
from driftmill.report.sections.matrices import CONFUSION, matrices


@pytest.fixture
def data():
    """Two cells of one model, of which each has fits of its own."""
    cells = (CellSummary("one", "ddm", {}, 1, 100, 20), CellSummary("two", "ddm", {}, 8, 100, 20))
    fits = (
        FitSummary("plain", "ddm", cells=("one",)),
        FitSummary("by_group", "ddm", cells=("two",)),
    )
    rows = [
        ("one", "plain", 18, 0.9),
        ("one", "undecided", 2, 0.1),
        ("two", "by_group", 15, 0.75),
        ("two", "undecided", 5, 0.25),
    ]
    table = pd.DataFrame(rows, columns=["cell", "verdict", "n", "proportion"]).assign(
        criterion="elpd_diff", subset="all", total=20, lower=0.1, upper=0.9
    )
    by_name = {cell.name: cell for cell in cells}
    study = SimpleNamespace(cells=cells, fits=fits, cell=by_name.__getitem__)
    return SimpleNamespace(study=study, table=lambda _: table)


def test_a_fit_is_right_only_where_it_was_applied(data):
    (block,) = matrices(data, CONFUSION)
    said = block.alt.partition(": ")[2].split(", ")
    assert said == [f"one named plain in {percent(0.9)}", f"two named by_group in {percent(0.75)}"]
    assert block.draw.keywords["right"] == [(0, 0), (1, 1)]

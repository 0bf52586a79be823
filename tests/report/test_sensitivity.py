from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from driftmill.recovery.power_scaling import CONFLICT, NONE, STRONG
from driftmill.report.blocks import FigureBlock, TableBlock
from driftmill.report.sections.methods import methods_text
from driftmill.report.sections.sensitivity import sensitivity
from driftmill.report.style import figure_style


@pytest.fixture(scope="module")
def data(make):
    """Return a study of one fit; a conflict of v on two posteriors of three, t without data."""
    full = make("single")
    cell, fit = full.study.cells[0], full.study.fits[0]
    rows = [
        ("v", 0, 0.3, 0.4, CONFLICT, "ok"),
        ("v", 1, 0.2, 0.4, CONFLICT, "ok"),
        ("v", 2, 0.01, 0.4, NONE, "ok"),
        ("v", 3, 9.0, 9.0, CONFLICT, "not_converged"),
        ("t", 0, 0.2, 0.01, STRONG, "ok"),
        ("t", 1, np.nan, np.nan, "", "numeric_failure"),
        ("a", 0, 0.0, 0.4, NONE, "ok"),
    ]
    names = ["parameter", "dataset", "prior", "likelihood", "diagnosis", "code"]
    table = pd.DataFrame(rows, columns=names).assign(cell=cell.name, fit=fit.name)
    table = table.assign(level="dataset", participant_id=None)
    return replace(full, tables={**full.tables, "sensitivity": table})


def test_the_section_says_whose_prior_matters(data):
    section = sensitivity(data)
    text = " ".join(str(b.html) for b in section.blocks if b.kind == "prose")
    assert "Prior-data conflict in most posteriors of v (one, ddm)." in text
    assert "Strong prior or weak likelihood in most posteriors of t (one, ddm)." in text


def test_failed_posteriors_do_not_count(data):
    (table,) = [b for b in sensitivity(data).blocks if isinstance(b, TableBlock)]
    keys = [column.key for column in table.columns]
    (v,) = [row for row in table.rows if row[2].text == "v"]
    told = dict(zip(keys, v, strict=True))
    assert told["n"].text == "3"
    assert float(told["prior"].sort) == pytest.approx(0.2)
    assert float(told["conflict"].sort) == pytest.approx(2 / 3)


def test_the_plane_has_a_place_for_sensitivities_of_zero(data):
    (block,) = [b for b in sensitivity(data).blocks if isinstance(b, FigureBlock)]
    assert "Good:" in block.caption
    with figure_style():
        (ax,) = block.draw().axes
    places = np.concatenate([line.get_xydata() for line in ax.lines if line.get_marker() != "None"])
    assert len(places) == 5
    assert places.min() == pytest.approx(1e-3)


def test_nothing_is_said_where_nothing_was_measured(make, data):
    without = make("single")
    assert sensitivity(without).blocks == ()
    assert "Kallioinen" not in methods_text(without)
    assert "Kallioinen et al. 2024. Detecting" in methods_text(data)

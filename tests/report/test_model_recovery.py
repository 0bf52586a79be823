import numpy as np
import pytest

from driftmill.report.blocks import TableBlock, flattened
from driftmill.report.sections.model_recovery import model_recovery


def test_the_lead_stands_with_its_errors_over_and_within_datasets(make):
    data = make("full")
    found = [b for b in flattened(model_recovery(data).blocks) if isinstance(b, TableBlock)]
    (table,) = [block for block in found if block.title.startswith("Lead and weight")]
    place = {column.key: k for k, column in enumerate(table.columns)}
    (row,) = [cells for cells in table.rows if cells[place["cell"]].text == "angle"]
    pairs = data.table("pairs").query("cell == 'angle'").dropna(subset=["dse"])
    # Signed so that a plus speaks for the generator's fit, which is the second of its pair.
    lead = -pairs["elpd_diff"].to_numpy(float)
    assert set(pairs["fit_2"]) == {"angle"}
    told = {key: float(row[place[key]].sort) for key in ("n", "lead", "lead_se", "dse")}
    assert told["n"] == len(lead) == 10
    assert told["lead"] == pytest.approx(lead.mean())
    assert told["lead_se"] == pytest.approx(lead.std(ddof=1) / np.sqrt(10))
    assert told["dse"] == pytest.approx(pairs["dse"].mean())

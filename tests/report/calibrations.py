"""Made-up ranks for studies whose truths are drawn from a fit's priors."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from driftmill.recovery.calibration import calibration
from driftmill.recovery.ranks import HIGHEST, NOT_SIMULATED, RANKS_TYPES
from driftmill.recovery.verdict import verdict
from driftmill.report.data import ReportData

#: Powers of uniform numbers that make ranks: 1 are uniform, below truths lie above the draws.
SKEW = {"v": 1.0, "a": 1.0, "z": 0.4, "t": 1.0, "log_likelihood": 0.4}


def with_ranks(data: ReportData, lost: int = 0) -> ReportData:
    """Return a study with ranks of its first cell, of which some datasets have no data."""
    rng = np.random.default_rng(1)
    gates = data.table("gates")
    cell, fit = data.study.cells[0].name, data.study.fits[0].name
    codes = gates[(gates["cell"] == cell) & (gates["fit"] == fit)]["code"].tolist()
    codes += [NOT_SIMULATED] * lost
    parts = []
    for name, power in SKEW.items():
        joint = name == "log_likelihood"
        ranks = (rng.random(len(codes)) ** power * (HIGHEST + 1)).astype(int)
        known = [code in ("ok", "retried_ok", "not_converged") for code in codes]
        parts.append(
            pd.DataFrame(
                {
                    "cell": cell,
                    "fit": fit,
                    "dataset": np.arange(len(codes)),
                    "parameter": name,
                    "level": "joint" if joint else "dataset",
                    "rank": pd.array(np.where(known, ranks, -1), dtype="Int64"),
                    "prior_rank": rng.integers(0, HIGHEST + 1, len(codes)),
                    "highest": HIGHEST,
                    "code": codes,
                }
            ).assign(prior_rank=lambda x, j=joint: None if j else x["prior_rank"])
        )
    table = pd.concat(parts).reindex(columns=list(RANKS_TYPES)).astype(RANKS_TYPES)
    table["rank"] = table["rank"].where(table["rank"] >= 0)
    tests = calibration(table)
    tables = {
        **data.tables,
        "ranks": table,
        "calibration": tests,
        "verdict": verdict(data.table("estimates"), calibration=tests),
    }
    first, *others = data.study.cells
    study = replace(data.study, cells=(replace(first, prior_of=fit), *others))
    return replace(data, study=study, tables=tables)

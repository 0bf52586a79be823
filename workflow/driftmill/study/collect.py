"""Everything that a report is made from, read from a study's artifacts."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pandas as pd
import xarray as xr

from driftmill.report.data import Description, PosteriorKey, ReportData, select_dataset
from driftmill.store.tables import read_table, read_tables
from driftmill.store.trees import read_tree
from driftmill.study.artifacts import RECOVERY_TABLES, SIZE_TABLES, artifacts
from driftmill.study.expand import SCORES, Plan
from driftmill.study.summarise import summarise

#: Tables that have one file a cell and fit, or one a batch or a cell.
_JOINED = (
    *("datasets", "estimates", "ranks", "gates", "correlations", "comparison", "pairs"),
    *("participant_comparison", "participant_pairs", "selection", "participant_selection"),
    *("fold_comparison", "fold_pairs", "fold_selection"),
    *("future_comparison", "future_pairs", "future_selection"),
    *("quantiles", "covariate", "curves", "pit", "prior_quantiles", "sensitivity"),
    "edges",
)
_STUDY = (*RECOVERY_TABLES, *SIZE_TABLES, "confusion", "inversion", "published", "sketches")


def _labelled(
    plan: Plan, path: Callable[[str, str, str], str], kind: str, cells: Sequence[str]
) -> pd.DataFrame:
    """Return the tables of all batches that do not say their cell and fit, with both."""
    tables = [
        read_table(path(cell, fit, label), kind).assign(cell=cell, fit=fit)
        for cell, fit in plan.pairs
        if cell in cells
        for label in plan.labels(cell)
    ]
    return pd.concat(tables, ignore_index=True)


def _drawn(plan: Plan) -> dict[PosteriorKey, xr.DataTree]:
    """Return the posteriors of the datasets that the study wants drawn one by one."""
    found = {}
    wanted = set(plan.study.report.datasets)
    for batch in plan.batches:
        for fit in plan.fits_of(batch.cell):
            here = [number for number in batch.datasets if number in wanted]
            if here:
                path = plan.paths.posterior(batch.cell, fit, batch.label)
                tree = read_tree(path, ("posterior", "sample_stats"))
                fitted = tree["posterior"]["dataset"].to_numpy().tolist()
                for number in (n for n in here if n in fitted):
                    key = PosteriorKey(batch.cell, fit, number)
                    found[key] = select_dataset(tree, number)
    return found


def _described(plan: Plan) -> dict[tuple[str, str], Description]:
    """Return every fit on every cell in words and as a graph."""
    paths = plan.paths
    return {
        pair: Description(
            Path(paths.model_summary(*pair)).read_text(encoding="utf-8"),
            Path(paths.model_graph(*pair)).read_text(encoding="utf-8"),
        )
        for pair in plan.pairs
    }


def collect(plan: Plan, study_text: str, provenance_file: Path | str) -> ReportData:
    """Read everything that the report of a study is made from.

    Parameters
    ----------
    plan
        The study, expanded.
    study_text
        The study file as the user wrote it, shown on the page.
    provenance_file
        What ``provenance.json`` says is shown on the page.
    """
    by_kind: dict[str, list[str]] = {}
    for path, kind in artifacts(plan).items():
        by_kind.setdefault(kind, []).append(path)
    wanted: Iterable[str] = (kind for kind in (*_JOINED, *_STUDY) if kind in by_kind)
    tables = {kind: read_tables(by_kind[kind], kind) for kind in wanted}
    if plan.compared:
        for kind in ("elpd", "pointwise"):
            tables[kind] = _labelled(plan, getattr(plan.paths, kind), kind, plan.compared)
    for unit, cells in plan.units.items():
        for kind in SCORES[unit] if cells else ():
            tables[kind] = _labelled(plan, getattr(plan.paths, kind), kind, cells)
    return ReportData(
        summarise(plan, study_text),
        tables,
        _drawn(plan),
        json.loads(Path(provenance_file).read_text(encoding="utf-8")),
        _described(plan),
    )

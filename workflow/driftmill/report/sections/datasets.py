"""A few posteriors drawn one by one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import xarray as xr
from markupsafe import Markup
from matplotlib.figure import Figure

from driftmill.report.blocks import Block, FigureBlock, Group, Note, Prose, Section
from driftmill.report.data import PosteriorKey, ReportData, select
from driftmill.report.figures import posteriors as draw
from driftmill.report.formatting import listed

TITLE = "Single datasets"


def datasets(data: ReportData) -> Section:
    """Draw trace, ranks, densities, pairs and forest of the datasets of choice."""
    usable = {key: tree for key, tree in data.posteriors.items() if _has_draws(tree)}
    lost = [
        f"{key.fit} on {key.cell} {key.dataset}" for key in data.posteriors if key not in usable
    ]
    blocks: list[Block] = []
    if usable:
        intro = Markup(
            "The datasets that the study file asks for (<code>report: datasets</code>), drawn by "
            "ArviZ; dashed lines and crosses mark the true values where the fit is of the model "
            "that generated the data."
        )
        blocks.append(Prose(intro))
    else:
        blocks.append(Note(Markup("No posterior with draws was chosen to be drawn.")))
    if lost:
        text = Markup("Without draws, since sampling failed: {}.").format(listed(lost))
        blocks.append(Note(text, "warning"))
    chosen = list(dict.fromkeys((key.cell, key.dataset) for key in usable))
    for cell, dataset in chosen[: data.figure_limit]:
        trees = {
            fit.name: usable[key]
            for fit in data.study.fits
            if (key := PosteriorKey(cell, fit.name, dataset)) in usable
        }
        blocks.append(_group(data, cell, dataset, trees))
    if len(chosen) > data.figure_limit:
        text = Markup("{} more datasets are not drawn.")
        blocks.append(Note(text.format(len(chosen) - data.figure_limit)))
    return Section("datasets", TITLE, tuple(blocks))


def _has_draws(tree: xr.DataTree) -> bool:
    posterior = tree["posterior"].to_dataset()
    return all(bool(np.isfinite(draws.to_numpy()).all()) for draws in posterior.values())


def _group(data: ReportData, cell: str, dataset: int, trees: dict[str, xr.DataTree]) -> Group:
    label = data.dataset_label(cell, dataset)
    known = {fit: _truth(data, cell, fit, dataset) for fit in trees}
    truth = {name: value for values in known.values() for name, value in values.items()}
    forest = FigureBlock(
        f"forest.{cell}.{dataset}",
        f"All fits side by side: {cell}, dataset {label}",
        Markup(
            "Posterior means with 50 % (thick) and 90 % (thin) intervals of every fit; dashed: the "
            "true values. Good: intervals of the generating model's fit that reach the dashed line."
        ),
        f"Forest of the parameters of {', '.join(trees)} on dataset {label}",
        partial(draw.forest, trees, truth),
        "estimates",
    )
    drawn = [forest]
    for fit, tree in trees.items():
        drawn += _posterior(cell, fit, dataset, label, tree, known[fit])
    return Group(f"dataset.{cell}.{dataset}", f"Cell {cell}, dataset {label}", tuple(drawn))


def _posterior(
    cell: str, fit: str, dataset: int, label: str, tree: xr.DataTree, truth: dict[str, float]
) -> list[FigureBlock]:
    def block(
        kind: str, title: str, caption: str, drawing: Callable[[], Figure], folded: bool
    ) -> FigureBlock:
        return FigureBlock(
            f"{kind}.{cell}.{fit}.{dataset}",
            f"{title}: {cell}, fit {fit}, dataset {label}",
            Markup(caption),
            f"{title} of the posterior of fit {fit} on dataset {label} of {cell}",
            drawing,
            "estimates" if kind == "posterior" else "gates",
            folded,
        )

    return [
        block(
            "posterior",
            "Posterior",
            "Density, mean (dot) and central 90 % interval (bar); dashed: the true value. Good: "
            "the true value under the curve's bulk in most datasets, not in every one.",
            partial(draw.densities, tree, truth),
            False,
        ),
        block(
            "pair",
            "Pairs",
            "Some draws of every two parameters; the cross is the truth, orange is a divergence. "
            "A narrow diagonal cloud is a trade-off; divergences in one place show where the "
            "sampler cannot go.",
            partial(draw.pairs, tree, truth),
            True,
        ),
        block(
            "trace",
            "Trace",
            "Every chain's draws in order, a colour a chain; ticks below are divergences. Good: "
            "bands of one height and width, without trends or flat stretches.",
            partial(draw.trace, tree),
            True,
        ),
        block(
            "rank",
            "Ranks",
            "How far the ranks of each chain's draws are from uniform, with a test that all chains "
            "are alike (p below α would be suspicious). Good: lines that wander around zero.",
            partial(draw.ranks, tree),
            True,
        ),
    ]


def _truth(data: ReportData, cell: str, fit: str, dataset: int) -> dict[str, float]:
    if data.study.fit(fit).model != data.study.cell(cell).model:
        return {}
    rows = select(data.table("estimates"), cell=cell, fit=fit, dataset=dataset)
    if rows.empty:
        return {}
    known = rows.dropna(subset=["truth"])
    return {str(k): float(v) for k, v in zip(known["parameter"], known["truth"], strict=True)}

"""A few posteriors drawn one by one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import xarray as xr
from markupsafe import Markup, escape
from matplotlib.figure import Figure

from driftmill.report.blocks import Block, FigureBlock, Group, Note, Prose, Section
from driftmill.report.data import PosteriorKey, ReportData, select
from driftmill.report.explorer import explorer
from driftmill.report.figures import posteriors as draw
from driftmill.report.formatting import fixed, listed
from driftmill.report.levels import shared
from driftmill.report.posterior import first, has_draws, scalars
from driftmill.report.sections.participants import participants
from driftmill.report.sections.products import stands_for
from driftmill.report.sections.ridges import in_short

TITLE = "Single datasets"
#: Parameters drawn at most: in a forest, a panel each, and against each other.
MOST_ROWS, MOST_PANELS, MOST_PAIRED = 60, 24, 6


def datasets(data: ReportData) -> Section:
    """Draw trace, ranks, densities, pairs and forest of the datasets of choice."""
    if data.study.sampling.sampler == "map":
        none = Markup("A posterior's mode has no width that could be drawn.")
        return Section("datasets", TITLE, (Note(none),))
    trees = {key: scalars(tree) for key, tree in data.posteriors.items()}
    usable = {key: tree for key, tree in trees.items() if has_draws(tree)}
    lost = [
        f"{key.fit} on {key.cell}, dataset {data.dataset_label(key.cell, key.dataset)}"
        for key in data.posteriors
        if key not in usable
    ]
    picked = explorer(data)
    blocks: list[Block] = [] if picked is None else [picked]
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
        here = {
            fit.name: usable[key]
            for fit in data.study.fits
            if (key := PosteriorKey(cell, fit.name, dataset)) in usable
        }
        blocks.append(_group(data, cell, dataset, here))
    if len(chosen) > data.figure_limit:
        text = Markup("{} more datasets are not drawn.")
        blocks.append(Note(text.format(len(chosen) - data.figure_limit)))
    return Section("datasets", TITLE, tuple(blocks))


def _group(data: ReportData, cell: str, dataset: int, trees: dict[str, xr.DataTree]) -> Group:
    label = data.dataset_label(cell, dataset)
    known = {fit: _truth(data, cell, fit, dataset) for fit in trees}
    levels = _levels(data, cell)
    truth = {name: value for values in known.values() for name, value in values.items()}
    forest = FigureBlock(
        f"forest.{cell}.{dataset}",
        f"All fits side by side: {cell}, dataset {label}",
        Markup(
            "Posterior means with 50 % (thick) and 90 % (thin) intervals of every fit, in the "
            "legend's order from the top; dashed: the true values. Good: intervals of the "
            "generating model's fit that reach the dashed line."
        ),
        f"Forest of the parameters of {', '.join(trees)} on dataset {label}",
        partial(draw.forest, {fit: first(t, MOST_ROWS, levels) for fit, t in trees.items()}, truth),
        "estimates",
    )
    drawn = [forest]
    if not data.study.cell(cell).observed:
        drawn += participants(data, cell, dataset)
    for fit, tree in trees.items():
        drawn += _ridges(data, cell, fit, dataset, tree, known[fit])
        drawn += _posterior(data, cell, fit, dataset, tree, known[fit])
    return Group(f"dataset.{cell}.{dataset}", f"Cell {cell}, dataset {label}", tuple(drawn))


def _levels(data: ReportData, cell: str) -> dict[str, str]:
    """Return the level of every parameter of a cell's fits."""
    rows = select(data.table("estimates"), cell=cell)
    if rows.empty:
        return {}
    known = rows[["parameter", "level"]].drop_duplicates()
    return dict(zip(known["parameter"], known["level"], strict=True))


def _ridges(
    data: ReportData, cell: str, fit: str, dataset: int, tree: xr.DataTree, truth: dict[str, float]
) -> list[FigureBlock]:
    """Draw the factors of every product that alone is identified, against each other."""
    names = [str(name) for name in tree["posterior"].data_vars]
    drawn = []
    for product in data.study.fit(fit).products:
        pair = [stands_for(parameter, names) for parameter in product[:2]]
        if None in pair:
            continue
        across, below = map(str, pair)
        plain = (across, below) == product
        curve = " The dashed curve has the product's posterior mean everywhere." if plain else ""
        r = draw.correlation(tree, across, below)
        drawn.append(
            FigureBlock(
                f"ridge.{cell}.{fit}.{dataset}.{product[0]}.{product[1]}",
                f"{product[0]} and {product[1]}: {cell}, fit {fit}, dataset "
                f"{data.dataset_label(cell, dataset)}",
                Markup(
                    "Joint draws of {} and {}; posterior correlation {}. Only the product {} is "
                    "identified: the draws lie along a ridge on which the data do not tell one "
                    "value from another. Good would be a round cloud.{}"
                ).format(across, below, fixed(r, 2), " × ".join(product), curve),
                f"Draws of {across} against {below}, correlation {r:.2f}",
                partial(draw.ridge, tree, across, below, truth, plain),
                "correlations",
            )
        )
    return drawn


def _posterior(
    data: ReportData, cell: str, fit: str, dataset: int, tree: xr.DataTree, truth: dict[str, float]
) -> list[FigureBlock]:
    label, levels = data.dataset_label(cell, dataset), _levels(data, cell)
    beyond = len(tree["posterior"].data_vars) - MOST_PANELS
    cut = f" The first {MOST_PANELS}; {beyond} more are in the table." if beyond > 0 else ""
    paired = len(tree["posterior"].data_vars) - MOST_PAIRED
    some = f" The first {MOST_PAIRED} parameters are drawn." if paired > 0 else ""
    pairs = first(tree, MOST_PAIRED, levels)
    rows = select(data.table("correlations"), cell=cell, fit=fit, dataset=dataset)
    ridge = in_short(data.study.fit(fit), rows)
    tree = first(tree, MOST_PANELS, levels)

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

    drawn = [
        block(
            "posterior",
            "Posterior",
            "Density, mean (dot) and central 90 % interval (bar); dashed: the true value. Good: "
            f"the true value under the curve's bulk in most datasets, not in every one.{cut}",
            partial(draw.densities, tree, truth),
            False,
        )
    ]
    if len(pairs["posterior"].data_vars) > 1:
        drawn.append(
            block(
                "pair",
                "Pairs",
                "Some draws of every two parameters; the cross is the truth, orange is a "
                "divergence. Good: round clouds. Bad: a narrow diagonal cloud, a trade-off; "
                "divergences in one place, which show where the sampler cannot go."
                f"{some}{escape(ridge)}",
                partial(draw.pairs, pairs, truth),
                True,
            )
        )
    drawn.append(
        block(
            "trace",
            "Trace",
            "Every chain's draws in order, a colour a chain; ticks below are divergences. Good: "
            f"bands of one height and width, without trends or flat stretches.{cut}",
            partial(draw.trace, tree),
            True,
        )
    )
    drawn.append(
        block(
            "rank",
            "Ranks",
            "How far the ranks of each chain's draws are from uniform, with a test that all chains "
            f"are alike (p below α would be suspicious). Good: lines that wander around zero.{cut}",
            partial(draw.ranks, tree),
            True,
        )
    )
    return drawn


def _truth(data: ReportData, cell: str, fit: str, dataset: int) -> dict[str, float]:
    if data.study.fit(fit).model != data.study.cell(cell).model:
        return {}
    rows = select(data.table("estimates"), cell=cell, fit=fit, dataset=dataset)
    if rows.empty:
        return {}
    known = shared(rows).dropna(subset=["truth"])
    return {str(k): float(v) for k, v in zip(known["parameter"], known["truth"], strict=True)}

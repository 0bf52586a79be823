"""The report put together: its sections, and the figures and tables that belong to it."""

from __future__ import annotations

import multiprocessing
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property

from matplotlib.figure import Figure

from driftmill.report.approximate import marked
from driftmill.report.blocks import FigureBlock, Picture, Section, TableBlock, flattened
from driftmill.report.data import ReportData, StudySummary
from driftmill.report.latex import latex_table
from driftmill.report.networks import noted
from driftmill.report.sections import SECTIONS
from driftmill.report.style import Drawing, figure_style, save_figure, to_column

#: Tables that lie beside the page as CSV; those with a row a trial stay Parquet alone.
CSV_TABLES = (
    "datasets",
    "verdict",
    "gates",
    "estimates",
    "published",
    "point",
    "coverage",
    "uncertainty",
    "calibration",
    "ranks",
    "precision",
    "sample_sizes",
    "correlations",
    "sensitivity",
    "edges",
    "confusion",
    "inversion",
    "comparison",
    "pairs",
    "elpd",
    "participant_comparison",
    "participant_pairs",
    "participant_elpd",
    "selection",
    "participant_selection",
    "participants",
    "fold_comparison",
    "fold_pairs",
    "fold_elpd",
    "fold_selection",
    "folds",
    "future_comparison",
    "future_pairs",
    "future_elpd",
    "future_selection",
    "future",
    "quantiles",
    "covariate",
    "curves",
    "pit",
    "prior_quantiles",
)
#: What is numbered as a figure.
DRAWN = (FigureBlock, Picture)


@dataclass(frozen=True)
class ReportContext:
    """What the page's template is given.

    Parameters
    ----------
    title
        The page's title.
    study
        The study in plain words.
    sections
        In the order of the page; figures in them are not drawn yet.
    tables
        Names of the CSV tables that lie beside the page.
    """

    title: str
    study: StudySummary
    sections: tuple[Section, ...]
    tables: frozenset[str]

    @property
    def figures(self) -> tuple[FigureBlock, ...]:
        """All figures in reading order."""
        blocks = (block for section in self.sections for block in flattened(section.blocks))
        return tuple(block for block in blocks if isinstance(block, FigureBlock))

    @cached_property
    def latex_names(self) -> dict[int, str]:
        """Names of the tables as LaTeX by identity: the CSV file's, numbered where several."""
        names: dict[int, str] = {}
        used: Counter[str] = Counter()
        for section in self.sections:
            for block in flattened(section.blocks):
                if isinstance(block, TableBlock):
                    stem = block.table or re.sub(r"\W+", "_", block.title.lower())
                    used[stem] += 1
                    names[id(block)] = stem if used[stem] == 1 else f"{stem}-{used[stem]}"
        return names

    @property
    def numbers(self) -> dict[int, int]:
        """Figures and tables, each counted from one in reading order, by identity."""
        counted: dict[int, int] = {}
        for kinds in (DRAWN, (TableBlock,)):
            blocks = (block for section in self.sections for block in flattened(section.blocks))
            found = (block for block in blocks if isinstance(block, kinds))
            counted |= {id(block): place for place, block in enumerate(found, start=1)}
        return counted


def report_context(data: ReportData) -> ReportContext:
    """Put the sections of a report together."""
    made = [section(data) for section in SECTIONS]
    return ReportContext(
        title=data.study.title or data.study.name,
        study=data.study,
        sections=tuple(
            marked(noted(section, data.study), data.study) for section in made if section.blocks
        ),
        tables=frozenset(name for name in CSV_TABLES if data.has(name)),
    )


def draw_figures(context: ReportContext, workers: int = 1) -> Iterator[tuple[str, Drawing]]:
    """Draw the figures; yields their names and what to write to files, in reading order.

    Parameters
    ----------
    context
        The report.
    workers
        Processes that draw. They are forked, since figures hold whole tables; where the system
        does not fork safely, this process draws all.
    """
    blocks = context.figures
    names = [block.stem for block in blocks]
    if workers < 2 or sys.platform != "linux":
        yield from zip(names, map(_drawing, blocks), strict=True)
        return
    forked = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(workers, forked, _take, (blocks,)) as pool:
        yield from zip(names, pool.map(_taken, range(len(blocks))), strict=True)


#: Figures that a forked process may be asked for.
_figures: list[FigureBlock] = []


def _take(blocks: Sequence[FigureBlock]) -> None:
    _figures[:] = blocks


def _taken(place: int) -> Drawing:
    return _drawing(_figures[place])


def _drawing(block: FigureBlock) -> Drawing:
    return save_figure(draw_figure(block), block.stem)


def draw_figure(block: FigureBlock) -> Figure:
    """Draw one figure in the report's look, as wide as a column of a journal."""
    with figure_style():
        fig = block.draw()
        to_column(fig)
        return fig


def latex_tables(context: ReportContext) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every table of the page as LaTeX."""
    for section in context.sections:
        for block in flattened(section.blocks):
            if isinstance(block, TableBlock):
                name = context.latex_names[id(block)]
                yield name, latex_table(block, name)


def csv_tables(data: ReportData) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every CSV table that the page links to."""
    for name in CSV_TABLES:
        if data.has(name):
            yield name, data.table(name).to_csv(index=False)

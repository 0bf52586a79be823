"""What a report is made from: the study in plain words, its tables, a few posteriors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

import pandas as pd
import xarray as xr

from driftmill.comparison.compare import Thresholds
from driftmill.comparison.limits import Horizon
from driftmill.natural_order import natural_key
from driftmill.report.networks import NetworkSummary
from driftmill.sampling.settings import FAILED, SamplingSettings


class PosteriorKey(NamedTuple):
    """One posterior: a fit on one dataset of a cell."""

    cell: str
    fit: str
    dataset: int


@dataclass(frozen=True)
class CellSummary:
    """One cell as the page speaks of it.

    Parameters
    ----------
    name
        The cell's name.
    model
        The model the data were simulated from; None for observed data.
    truth
        How each parameter's true value was chosen, in words (``Normal(mu=0, sigma=1)``).
    participants, trials
        Participants a dataset, and trials a participant; None where they vary.
    datasets
        Datasets planned.
    lapse
        Share of lapse trials that were simulated; None for observed data.
    source
        Where observed data came from; None for simulated data.
    prior_of
        The fit from whose priors the truths were drawn; None: the study chose them otherwise.
    formulas
        The generator's formulas as they are written, by parameter.
    """

    name: str
    model: str | None
    truth: Mapping[str, str]
    participants: int | None
    trials: int | None
    datasets: int
    lapse: float | None = None
    source: str | None = None
    prior_of: str | None = None
    formulas: Mapping[str, str] = field(default_factory=dict)

    @property
    def observed(self) -> bool:
        """Whether the data were observed rather than simulated."""
        return self.model is None


@dataclass(frozen=True)
class FitSummary:
    """One fit as the page speaks of it.

    Parameters
    ----------
    name, model, likelihood
        The fit's name, its model and the kind of its likelihood.
    fixed
        Parameters held at a number.
    priors
        In words (``Normal(mu=0, sigma=1)``), by parameter, and by coefficient of the formulas:
        ``v_x``, ``v_1|participant_id``.
    p_outlier
        What it assumes of lapses, in words.
    fixed_columns
        Parameters held at one number a trial, with the columns that hold it.
    formulas
        As they are written (``v ~ 1 + x``), by parameter.
    links
        In words, by parameter with a formula.
    centered
        Parameters whose groups are sampled themselves, not as multiples of their sd.
    products
        Groups of its free parameters of which only the product is identified.
    cells
        Names of the cells that it is applied to; None: all.
    learns
        Whether a learning process is in front of its decisions.
    varies
        Whether it lets participants differ.
    reference
        Where its model comes from.
    network
        The network whose likelihood it has; empty: none.
    """

    name: str
    model: str
    likelihood: str = "analytical"
    fixed: Mapping[str, float] = field(default_factory=dict)
    priors: Mapping[str, str] = field(default_factory=dict)
    p_outlier: str = "0"
    fixed_columns: Mapping[str, str] = field(default_factory=dict)
    formulas: Mapping[str, str] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)
    centered: tuple[str, ...] = ()
    products: tuple[tuple[str, ...], ...] = ()
    cells: tuple[str, ...] | None = None
    learns: bool = False
    varies: bool = False
    reference: str = ""
    network: str = ""

    def applies_to(self, cell: str) -> bool:
        """Tell whether the fit is applied to the cell called ``cell``."""
        return self.cells is None or cell in self.cells


@dataclass(frozen=True)
class Description:
    """A fit as it is applied to one cell: in words, and its graph as an SVG element."""

    text: str
    graph: str


@dataclass(frozen=True)
class StudySummary:
    """The study as the page speaks of it.

    Parameters
    ----------
    name, hash, seed
        The study's name, the hash of its file and its seed.
    text
        The study file as the user wrote it.
    cells, fits
        In the order of the study file.
    sampling
        Sampler settings and gates.
    thresholds
        When a lead in elpd counts.
    min_weight, min_exceedance
        Stacking weight, and protected exceedance probability, from which a fit is named.
    targets
        What the verdict asks of a parameter, in words (``contraction: at least 0.5``).
    title
        The page's title; None: the study's name.
    compare, recover
        Whether fits are compared, and estimates held against truths.
    participants
        Whether fits are compared by new participants too.
    folds
        Into how many folds participants are split for refits without them; ``participants``: one
        for each; None: fits are not compared so.
    future
        How fits are compared by later trials; None: not.
    predictive
        Which cells are checked against posterior predictions.
    sbc_level
        The adjusted p-value below which ranks are not uniform.
    networks
        The networks whose likelihoods fits have.
    """

    name: str
    hash: str
    seed: int
    text: str
    cells: tuple[CellSummary, ...]
    fits: tuple[FitSummary, ...]
    sampling: SamplingSettings = field(default_factory=SamplingSettings)
    thresholds: Thresholds = field(default_factory=Thresholds)
    min_weight: float = 0.75
    min_exceedance: float = 0.95
    targets: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    compare: bool = True
    recover: bool = True
    participants: bool = False
    folds: int | str | None = None
    future: Horizon | None = None
    predictive: Literal["observed", "all", "none"] = "all"
    sbc_level: float = 0.05
    networks: tuple[NetworkSummary, ...] = ()

    def cell(self, name: str) -> CellSummary:
        """Return the cell called ``name``; KeyError when there is none."""
        return {cell.name: cell for cell in self.cells}[name]

    def fit(self, name: str) -> FitSummary:
        """Return the fit called ``name``; KeyError when there is none."""
        return {fit.name: fit for fit in self.fits}[name]

    def fits_of(self, cell: str) -> tuple[FitSummary, ...]:
        """Return the fits that are applied to a cell."""
        return tuple(fit for fit in self.fits if fit.applies_to(cell))

    @property
    def rivals(self) -> bool:
        """Whether any cell has two fits or more."""
        return any(len(self.fits_of(cell.name)) > 1 for cell in self.cells)


@dataclass(frozen=True)
class ReportData:
    """All that a report is made from.

    Parameters
    ----------
    study
        The study in plain words.
    tables
        By name (``gates``, ``estimates``, ``point``, ...), all cells and fits in one frame.
        A table may be absent or empty; the page then says what is missing and why.
    posteriors
        The posteriors to draw one by one: groups ``posterior`` and ``sample_stats``, with
        dimensions chain and draw.
    provenance
        Versions, commit, hardware and costs, as ``provenance.json`` has them.
    descriptions
        Every fit in words and as a graph, by the names of cell and fit.
    figure_limit
        How many figures of one kind the page draws; the tables have the rest.
    """

    study: StudySummary
    tables: Mapping[str, pd.DataFrame]
    posteriors: Mapping[PosteriorKey, xr.DataTree] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    descriptions: Mapping[tuple[str, str], Description] = field(default_factory=dict)
    figure_limit: int = 12

    def table(self, name: str) -> pd.DataFrame:
        """Return the table called ``name``, or an empty frame without columns."""
        return self.tables.get(name, pd.DataFrame())

    def has(self, name: str) -> bool:
        """Tell whether the table called ``name`` has rows."""
        return not self.table(name).empty

    @property
    def pairs(self) -> list[tuple[CellSummary, FitSummary]]:
        """Every cell with every fit that is applied to it, in the order of the study file."""
        study = self.study
        return [(cell, fit) for cell in study.cells for fit in study.fits_of(cell.name)]

    @property
    def matched(self) -> list[tuple[CellSummary, FitSummary]]:
        """The cells with the fits of the model that generated their data."""
        return [(cell, fit) for cell, fit in self.pairs if cell.model == fit.model]

    def matched_rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of fits of the model that generated their cell's data."""
        if table.empty:
            return table
        pairs = {(cell.name, fit.name) for cell, fit in self.matched}
        own = [pair in pairs for pair in zip(table["cell"], table["fit"], strict=True)]
        return table[own]

    @property
    def failed(self) -> int:
        """How many posteriors did not pass their gates."""
        gates = self.table("gates")
        return 0 if gates.empty else int(gates["code"].isin(FAILED).sum())

    @property
    def simulated(self) -> bool:
        """Whether any cell was simulated."""
        return any(not cell.observed for cell in self.study.cells)

    @property
    def observed(self) -> bool:
        """Whether any cell was observed."""
        return any(cell.observed for cell in self.study.cells)

    def dataset_label(self, cell: str, dataset: int) -> str:
        """Name a dataset by the grouping column and its value there, else by its number."""
        found = self._names.get((cell, dataset))
        return str(dataset) if found is None else f"{found[0]} {found[1]}"

    def dataset_value(self, cell: str, dataset: int) -> str:
        """Name a dataset by its value alone, where `dataset_axis` says of what."""
        found = self._names.get((cell, dataset))
        return str(dataset) if found is None else found[1]

    def dataset_axis(self, cell: str) -> str:
        """Say what a cell's datasets differ in: the grouping column, else ``dataset``."""
        columns = [column for (name, _), (column, _) in self._names.items() if name == cell]
        return columns[0] if columns else "dataset"

    def datasets_in_order(self, cell: str, datasets: Iterable[int]) -> list[int]:
        """Return datasets without repeats in the natural order of their values."""
        found = sorted({int(dataset) for dataset in datasets})
        return sorted(found, key=lambda dataset: natural_key(self.dataset_value(cell, dataset)))

    def with_labels(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with ``cell`` and ``dataset`` with the column ``label`` beside."""
        pairs = zip(rows["cell"], rows["dataset"], strict=True)
        return rows.assign(label=[self.dataset_label(cell, int(number)) for cell, number in pairs])

    @cached_property
    def _names(self) -> dict[tuple[str, int], tuple[str, str]]:
        """The grouping column and its value, by cell and dataset."""
        return {
            (str(row["cell"]), int(row["dataset"])): (str(row["column"]), str(row["value"]))
            for row in self.table("datasets").to_dict("records")
        }


def select(frame: pd.DataFrame, **values: object) -> pd.DataFrame:
    """Return the rows whose columns equal the given values; an empty frame stays empty."""
    for column, value in values.items():
        if frame.empty:
            return frame
        frame = frame[frame[column] == value]
    return frame


def select_dataset(tree: xr.DataTree, dataset: int) -> xr.DataTree:
    """Take one dataset's posterior and sampler statistics out of a batch's tree."""
    groups = {
        name: tree[name].to_dataset().sel(dataset=dataset, drop=True)
        for name in ("posterior", "sample_stats")
    }
    return xr.DataTree.from_dict(groups)

"""From a study to its cells, fits and batches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from driftmill.store.paths import Paths
from driftmill.study.prior_truths import calibrated_pairs
from driftmill.study.published import Published
from driftmill.study.sizes import sizes_of
from driftmill.study.types import ObservedCell, SimulatedCell, Study

#: Tables of scores of a batch, by what begins the tables that compare them.
SCORES = {
    "participant": ("participants", "participant_elpd"),
    "fold": ("folds", "fold_elpd"),
    "future": ("future", "future_elpd"),
}


@dataclass(frozen=True)
class Batch:
    """Datasets of one cell that one job handles.

    Parameters
    ----------
    cell
        The cell's name.
    label
        The batch's number as it stands in file names, e.g. ``0003``.
    datasets
        Numbers of its datasets in the cell.
    """

    cell: str
    label: str
    datasets: range


@dataclass(frozen=True)
class Plan:
    """What a study will make.

    Parameters
    ----------
    study
        The study.
    paths
        Where its artifacts lie.
    batches
        All batches, cell after cell.
    """

    study: Study
    paths: Paths
    batches: tuple[Batch, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """Names of the cells."""
        return tuple(cell.name for cell in self.study.data)

    @property
    def simulated(self) -> tuple[str, ...]:
        """Names of the cells that are simulated."""
        return tuple(c.name for c in self.study.data if not isinstance(c, ObservedCell))

    @property
    def observed(self) -> tuple[str, ...]:
        """Names of the cells that are read from a file."""
        return tuple(c.name for c in self.study.data if isinstance(c, ObservedCell))

    @property
    def fits(self) -> tuple[str, ...]:
        """Names of the fits."""
        return tuple(fit.name for fit in self.study.fits)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every cell with every fit that is applied to it."""
        return tuple((cell, fit) for cell in self.cells for fit in self.fits_of(cell))

    @property
    def compared(self) -> tuple[str, ...]:
        """Cells of which the fits are compared."""
        return self.cells if self.study.compare.enabled else ()

    @property
    def by_participant(self) -> tuple[str, ...]:
        """Cells of which the fits are compared by new participants too."""
        return self._several if self.study.compare.participants else ()

    @property
    def by_fold(self) -> tuple[str, ...]:
        """Cells of which the fits are compared by new participants with refits."""
        return self._several if self.study.compare.folds else ()

    @property
    def by_future(self) -> tuple[str, ...]:
        """Cells of which the fits are compared by later trials."""
        future = self.study.compare.future
        if future is None:
            return ()
        return tuple(cell for cell in self.compared if future.applies_to(cell))

    @property
    def _several(self) -> tuple[str, ...]:
        """Compared cells of several participants."""
        return tuple(cell for cell in self.compared if several_participants(self.study.cell(cell)))

    @property
    def units(self) -> dict[str, tuple[str, ...]]:
        """Cells that are compared by something else than new trials, by what begins the tables."""
        cells = (self.by_participant, self.by_fold, self.by_future)
        return dict(zip(SCORES, cells, strict=True))

    @property
    def confused(self) -> tuple[str, ...]:
        """Cells that tell which fit wins on whose data: simulated ones with two fits or more."""
        several = [cell for cell in self.compared if len(self.fits_of(cell)) > 1]
        return tuple(cell for cell in several if cell in self.simulated)

    @property
    def selections(self) -> tuple[tuple[str, str], ...]:
        """Selections over the participants of the confused cells: path and kind of each.

        By new participants where the study asks for them, with refits if it asks for those.
        """
        return tuple(
            (self.paths.fold_selection(cell), "fold_selection")
            if cell in self.by_fold
            else (self.paths.participant_selection(cell), "participant_selection")
            if cell in self.by_participant
            else (self.paths.selection(cell), "selection")
            for cell in self.confused
        )

    @property
    def recovered(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits of which the recovery is told."""
        known = self.simulated if self.study.recover.enabled else ()
        return tuple(pair for pair in self.pairs if pair[0] in known)

    @property
    def calibrated(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits of which truths are ranked: drawn from the fit's own priors."""
        return calibrated_pairs(self.study) if self.study.recover.enabled else ()

    @property
    def sized(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits of which the precision is held against the cells' sizes.

        Fits of the generating model that are applied to two cells of a sweep or more.
        """
        sizes, study = sizes_of(self.study), self.study
        own = [
            (cell, fit)
            for cell, fit in self.recovered
            if cell in sizes and _model_of(study.cell(cell)) == study.fit(fit).model
        ]
        sweeps = [(sizes[cell].sweep, fit) for cell, fit in own]
        return tuple(p for p, sweep in zip(own, sweeps, strict=True) if sweeps.count(sweep) > 1)

    @property
    def predicted(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits that get posterior predictive checks."""
        which = self.study.report.predictive.data
        if which == "none":
            return ()
        return tuple(p for p in self.pairs if which == "all" or p[0] not in self.simulated)

    @property
    def transformed(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits of which trials are held against what all others predict for them."""
        return self.predicted if self.study.report.predictive.pit else ()

    @property
    def scaled(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits whose priors are made stronger and weaker; modes have no draws."""
        asked = self.study.report.prior_sensitivity and self.study.sampling.sampler != "map"
        return self.pairs if asked else ()

    @property
    def foreseen(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits that get prior predictive checks."""
        return self.pairs if self.study.report.predictive.prior else ()

    def fits_of(self, cell: str) -> tuple[str, ...]:
        """Names of the fits that are applied to a cell."""
        return tuple(fit.name for fit in self.study.fits if fit.applies_to(cell))

    def cells_of(self, fit: str) -> tuple[str, ...]:
        """Names of the cells that a fit is applied to."""
        return tuple(cell for cell in self.cells if self.study.fit(fit).applies_to(cell))

    @cached_property
    def explored(self) -> dict[str, tuple[int, ...]]:
        """Datasets of each cell that can be picked on the page: evenly spaced, and those drawn."""
        report = self.study.report
        if not report.explore:
            return {}
        total = sum(len(batch.datasets) for batch in self.batches)
        step = -(-total // report.explore)
        wanted = set(report.datasets)
        return {
            cell: tuple(
                number
                for batch in self.batches_of(cell)
                for number in batch.datasets
                if number % step == 0 or number in wanted
            )
            for cell in self.cells
        }

    def explored_in(self, batch: Batch) -> list[int]:
        """Datasets of a batch that can be picked on the page."""
        return [n for n in self.explored.get(batch.cell, ()) if n in batch.datasets]

    @property
    def sketched(self) -> bool:
        """Whether posteriors are made small for the page; modes have no draws."""
        return bool(self.explored) and self.study.sampling.sampler != "map"

    @property
    def published(self) -> tuple[tuple[Published, Batch], ...]:
        """Entries of published numbers, each with the batch that has its dataset."""
        found = []
        for entry in self.study.report.published:
            cell = entry.cell or self.cells_of(entry.fit)[0]
            here = [b for b in self.batches if b.cell == cell and entry.dataset in b.datasets]
            found.append((entry, here[0]))
        return tuple(found)

    def sources(self, cell: str) -> list[str]:
        """Files of the user's that a cell's data are made from."""
        found = self.study.cell(cell)
        if isinstance(found, ObservedCell):
            return [found.path]
        return [found.covariates_from.path] if found.covariates_from else []

    def labels(self, cell: str) -> tuple[str, ...]:
        """Labels of a cell's batches."""
        return tuple(batch.label for batch in self.batches_of(cell))

    def batches_of(self, cell: str) -> tuple[Batch, ...]:
        """Batches of a cell."""
        return tuple(batch for batch in self.batches if batch.cell == cell)

    def total(self, cell: str) -> int:
        """Return how many datasets a cell has."""
        return sum(len(batch.datasets) for batch in self.batches_of(cell))

    def datasets(self, cell: str, label: str) -> range:
        """Numbers of the datasets of one batch."""
        return next(b.datasets for b in self.batches if (b.cell, b.label) == (cell, label))


def _model_of(cell: SimulatedCell | ObservedCell) -> object:
    return None if isinstance(cell, ObservedCell) else cell.model


def several_participants(cell: SimulatedCell | ObservedCell) -> bool:
    """Tell whether the datasets of a cell are of several participants, as far as it says."""
    if not isinstance(cell, ObservedCell):
        return cell.participants > 1
    own = cell.columns.participant_id
    return own is not None and cell.dataset_by not in (own, "participant_id")


def count_datasets(study: Study, cell: str) -> int:
    """Return how many datasets a cell has; reads the file of observed data if it must."""
    found = study.cell(cell)
    if not isinstance(found, ObservedCell):
        return found.datasets
    if found.dataset_by is None:
        return 1
    from driftmill.study.observed import count_datasets as count

    return count(found)


def split(cell: str, datasets: int, batch_size: int) -> tuple[Batch, ...]:
    """Cut a cell's datasets into batches of at most ``batch_size``."""
    starts = range(0, datasets, batch_size)
    width = max(4, len(str(len(starts) - 1)))
    return tuple(
        Batch(cell, f"{i:0{width}d}", range(start, min(start + batch_size, datasets)))
        for i, start in enumerate(starts)
    )


def expand(study: Study, results: str = "results") -> Plan:
    """Return the plan of a study whose artifacts will lie under ``results``."""
    batches = tuple(
        batch
        for cell in study.data
        for batch in split(cell.name, count_datasets(study, cell.name), study.batch_size)
    )
    return Plan(study, Paths(study.study, results), batches)

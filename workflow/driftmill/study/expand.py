"""From a study to its cells, fits and batches."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from driftmill.store.paths import Paths
from driftmill.study.batches import Batch, batches_of
from driftmill.study.networks import NetworkUse, network_of, used_networks
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

    @cached_property
    def cells(self) -> tuple[str, ...]:
        """Names of the cells."""
        return tuple(cell.name for cell in self.study.data)

    @cached_property
    def simulated(self) -> tuple[str, ...]:
        """Names of the cells that are simulated."""
        return tuple(c.name for c in self.study.data if not isinstance(c, ObservedCell))

    @cached_property
    def observed(self) -> tuple[str, ...]:
        """Names of the cells that are read from a file."""
        return tuple(c.name for c in self.study.data if isinstance(c, ObservedCell))

    @cached_property
    def fits(self) -> tuple[str, ...]:
        """Names of the fits."""
        return tuple(fit.name for fit in self.study.fits)

    @cached_property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every cell with every fit that is applied to it."""
        return tuple((cell, fit) for cell in self.cells for fit in self.fits_of(cell))

    @cached_property
    def compared(self) -> tuple[str, ...]:
        """Cells of which the fits are compared."""
        return self.cells if self.study.compare.enabled else ()

    @cached_property
    def by_participant(self) -> tuple[str, ...]:
        """Cells of which the fits are compared by new participants too."""
        return self._several if self.study.compare.participants else ()

    @cached_property
    def by_fold(self) -> tuple[str, ...]:
        """Cells of which the fits are compared by new participants with refits."""
        return self._several if self.study.compare.folds else ()

    @cached_property
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

    @cached_property
    def units(self) -> dict[str, tuple[str, ...]]:
        """Cells that are compared by something else than new trials, by what begins the tables."""
        cells = (self.by_participant, self.by_fold, self.by_future)
        return dict(zip(SCORES, cells, strict=True))

    @cached_property
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

    @cached_property
    def recovered(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits of which the recovery is told."""
        known = self.simulated if self.study.recover.enabled else ()
        return tuple(pair for pair in self.pairs if pair[0] in known)

    @cached_property
    def calibrated(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits of which truths are ranked: drawn from the fit's own priors."""
        return calibrated_pairs(self.study) if self.study.recover.enabled else ()

    @cached_property
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

    @cached_property
    def predicted(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits that get posterior predictive checks."""
        which = self.study.report.predictive.data
        if which == "none":
            return ()
        return tuple(p for p in self.pairs if which == "all" or p[0] not in self.simulated)

    @cached_property
    def transformed(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits of which trials are held against what all others predict for them."""
        return self.predicted if self.study.report.predictive.pit else ()

    @cached_property
    def scaled(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits whose priors are made stronger and weaker; modes have no draws."""
        asked = self.study.report.prior_sensitivity and self.study.sampling.sampler != "map"
        return self.pairs if asked else ()

    @cached_property
    def foreseen(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits that get prior predictive checks."""
        return self.pairs if self.study.report.predictive.prior else ()

    @cached_property
    def networks(self) -> dict[str, NetworkUse]:
        """The networks of the fits that the workflow makes, by the names of their folders."""
        return {use.label: use for use in used_networks(self.study) if use.made}

    @cached_property
    def networked(self) -> tuple[tuple[str, str], ...]:
        """Cells and fits whose likelihood is a network's."""
        fits = {fit.name for fit in self.study.fits if network_of(self.study, fit) is not None}
        return tuple(pair for pair in self.pairs if pair[1] in fits)

    @cached_property
    def _fits_by_cell(self) -> dict[str, tuple[str, ...]]:
        fits = self.study.fits
        return {c: tuple(fit.name for fit in fits if fit.applies_to(c)) for c in self.cells}

    def fits_of(self, cell: str) -> tuple[str, ...]:
        """Names of the fits that are applied to a cell."""
        return self._fits_by_cell[cell]

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
                n for batch in batches for n in batch.datasets if not n % step or n in wanted
            )
            for cell, batches in self._by_cell.items()
        }

    def explored_in(self, batch: Batch) -> list[int]:
        """Datasets of a batch that can be picked on the page."""
        found, datasets = self.explored.get(batch.cell, ()), batch.datasets
        return list(found[bisect_left(found, datasets.start) : bisect_left(found, datasets.stop)])

    @property
    def sketched(self) -> bool:
        """Whether posteriors are made small for the page; modes have no draws."""
        return bool(self.explored) and self.study.sampling.sampler != "map"

    @cached_property
    def published(self) -> tuple[tuple[Published, Batch], ...]:
        """Entries of published numbers, each with the batch that has its dataset."""
        found = []
        for entry in self.study.report.published:
            cell = entry.cell or self.cells_of(entry.fit)[0]
            here = [b for b in self.batches_of(cell) if entry.dataset in b.datasets]
            found.append((entry, here[0]))
        return tuple(found)

    def sources(self, cell: str) -> list[str]:
        """Files of the user's that a cell's data are made from."""
        found = self.study.cell(cell)
        if isinstance(found, ObservedCell):
            return [found.path]
        return [found.covariates_from.path] if found.covariates_from else []

    @cached_property
    def _by_cell(self) -> dict[str, tuple[Batch, ...]]:
        found: dict[str, list[Batch]] = {cell: [] for cell in self.cells}
        for batch in self.batches:
            found[batch.cell].append(batch)
        return {cell: tuple(batches) for cell, batches in found.items()}

    @cached_property
    def _by_label(self) -> dict[tuple[str, str], Batch]:
        return {(batch.cell, batch.label): batch for batch in self.batches}

    @cached_property
    def _labels(self) -> dict[str, tuple[str, ...]]:
        return {cell: tuple(b.label for b in found) for cell, found in self._by_cell.items()}

    def labels(self, cell: str) -> tuple[str, ...]:
        """Labels of a cell's batches."""
        return self._labels[cell]

    def batches_of(self, cell: str) -> tuple[Batch, ...]:
        """Batches of a cell."""
        return self._by_cell[cell]

    def total(self, cell: str) -> int:
        """Return how many datasets a cell has."""
        return sum(len(batch.datasets) for batch in self.batches_of(cell))

    def datasets(self, cell: str, label: str) -> range:
        """Numbers of the datasets of one batch."""
        return self._by_label[cell, label].datasets


def _model_of(cell: SimulatedCell | ObservedCell) -> object:
    return None if isinstance(cell, ObservedCell) else cell.model


def several_participants(cell: SimulatedCell | ObservedCell) -> bool:
    """Tell whether the datasets of a cell are of several participants, as far as it says."""
    if not isinstance(cell, ObservedCell):
        return cell.participants > 1
    own = cell.columns.participant_id
    return own is not None and cell.dataset_by not in (own, "participant_id")


def expand(study: Study, results: str = "results") -> Plan:
    """Return the plan of a study whose artifacts will lie under ``results``."""
    batches = tuple(batch for cell in study.data for batch in batches_of(study, cell.name))
    return Plan(study, Paths(study.study, results), batches)

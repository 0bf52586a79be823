"""What `driftmill predict` simulates from: draws of a fit, on its own trials or on new ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from driftmill.commands.console import UserError
from driftmill.commands.meetings import check_options, meeting_of
from driftmill.commands.new_trials import new_trials
from driftmill.formulas.terms import FormulaError
from driftmill.models.declaration import DEADLINE, FloatArray
from driftmill.prediction.designs import (
    Designs,
    designs_of,
    finite,
    posterior_draws,
    shapes_of,
)
from driftmill.prediction.learners import Meeting
from driftmill.prediction.new_data import new_own_draws, new_trial_draws
from driftmill.prediction.trial_draws import TrialDraws, trial_draws
from driftmill.regression.columns import datasets_of
from driftmill.regression.fit_spec import FitSpec
from driftmill.regression.prior_draws import prior_draws
from driftmill.regression.scored import seen_by
from driftmill.sampling.settings import FAILED
from driftmill.simulation.parameters import SimulationError
from driftmill.simulation.seeds import Purpose, child, seed_sequence
from driftmill.simulation.simulate import simulate_datasets
from driftmill.store.headers import tree_provenance
from driftmill.store.tables import read_table
from driftmill.store.trees import read_dataset
from driftmill.study.batches import Batch
from driftmill.study.build import design_of, fit_spec_of
from driftmill.study.expand import Plan
from driftmill.study.hash import study_hash
from driftmill.study.observed import read_observed
from driftmill.study.problems import suggest
from driftmill.study.types import ObservedCell

#: Children of a dataset's seed; the workflow's own predictive checks have 0 and 1.
_CHOICE, _RESPONSES, _GROUPS, _PRIOR, _COURSES = 2, 3, 4, 5, 6


@dataclass(frozen=True)
class Request:
    """What is to be predicted.

    Parameters
    ----------
    plan
        The study, expanded.
    study_file
        Where it was read from, as the user says it.
    cell, fit
        Names.
    dataset
        Number of the dataset in the cell.
    new
        A file of new trials, or None for the dataset's own.
    prior
        Whether the draws are of the priors.
    draws
        How many.
    seed
        From which all random numbers follow.
    task
        A file with a task that learners meet anew, or None.
    participants, trials
        With a task, how many new participants, and trials of each; None: as in the dataset.
    """

    plan: Plan
    study_file: str
    cell: str
    fit: str
    dataset: int
    new: Path | None
    prior: bool
    draws: int
    seed: int
    task: Path | None = None
    participants: int | None = None
    trials: int | None = None

    @property
    def batch(self) -> Batch:
        """The batch that has the dataset."""
        batches = [b for b in self.plan.batches if b.cell == self.cell]
        for batch in batches:
            if self.dataset in batch.datasets:
                return batch
        last = batches[-1].datasets.stop - 1
        raise UserError(
            f"cell {self.cell} has no dataset {self.dataset}; it has 0 to {last}"
            if last
            else f"cell {self.cell} has no dataset {self.dataset}; it has dataset 0 alone"
        )

    @property
    def sequence(self) -> np.random.SeedSequence:
        """The seed of this dataset's predictions."""
        purpose = Purpose.PRIOR_PREDICTIVE if self.prior else Purpose.PREDICTIVE
        return seed_sequence(self.seed, self.cell, self.dataset, purpose)


@dataclass(frozen=True)
class Forecast:
    """All that predictive datasets are simulated from.

    Parameters
    ----------
    draws
        The parameters of every trial under every draw.
    numbers
        The draws to simulate from.
    trials
        The trials.
    seed
        Seeds the responses.
    notes
        What the user should know of the draws.
    meeting
        The learners and their task, where there is one; ``draws`` are then of the learning model.
    silent
        The response that is never seen before the deadline of a trial.
    recode
        By response code of the data, that of the fit's model.
    """

    draws: TrialDraws
    numbers: NDArray[np.int64]
    trials: pd.DataFrame
    seed: np.random.SeedSequence
    notes: tuple[str, ...]
    meeting: Meeting | None = None
    silent: int | None = None
    recode: Mapping[int, int] = field(default_factory=dict)


def pick(name: str | None, known: tuple[str, ...], word: str) -> str:
    """Return the cell or fit that is meant; without a name the only one."""
    if name is None and len(known) == 1:
        return known[0]
    if name is None:
        raise UserError(f"say which {word} by --{word}: {', '.join(known)}")
    if name not in known:
        raise UserError(f"the study has no {word} {name!r}: {suggest(name, known, f'{word}s')}")
    return name


def forecast(request: Request) -> Forecast:
    """Gather what predictive datasets are simulated from.

    Raises
    ------
    UserError
        When there is no such dataset, no posterior or none that can be predicted from, or the
        new trials lack columns or have levels that the fit has not seen.
    """
    batch = request.batch
    spec = fit_spec_of(request.plan.study, request.cell, request.fit)
    check_options(spec.model, request.task, request.new is not None, request.participants)
    # Of the posterior first: without it there are often no trials either.
    path = Path(request.plan.paths.posterior(request.cell, request.fit, batch.label))
    if not (request.prior or path.is_file()):
        raise UserError(
            f"the posterior of fit {request.fit} on dataset {request.dataset} of cell "
            f"{request.cell} is not there yet; make it by\n"
            f"    snakemake --cores 2 --config study={request.study_file} -- {path}\n"
            "or predict from the priors by --prior"
        )
    trials = seen_by(spec, _trials(request, batch)).reset_index(drop=True)
    columns = datasets_of(trials, spec)[request.dataset]
    designs = designs_of(spec, columns)
    seed = request.sequence
    notes: tuple[str, ...] = ()
    if request.prior:
        draws = prior_draws(spec, shapes_of(designs), request.draws, child(seed, _PRIOR))
        chosen = np.arange(request.draws)
    else:
        draws, notes = _posterior(request, spec, designs, path)
        possible = np.flatnonzero(finite(draws))
        rng = np.random.default_rng(child(seed, _CHOICE))
        chosen = np.sort(rng.choice(possible, min(request.draws, possible.size), replace=False))
        if chosen.size < request.draws:
            notes += (f"the posterior has {chosen.size} draws, fewer than {request.draws}",)
    if request.task is not None:
        return _anew(request, spec, trials, draws, chosen, notes)
    source = trial_draws(spec, designs, draws, columns, len(trials))
    if request.new is not None:
        trials = new_trials(request.new, spec, columns)
        try:
            source = new_trial_draws(spec, columns, draws, trials, child(seed, _GROUPS))
        except FormulaError as error:
            raise UserError(f"{request.new}: {error}") from error
    if not spec.deadlines:
        trials = trials.drop(columns=DEADLINE, errors="ignore")
    responses = child(seed, _RESPONSES)
    codes = spec.recode
    return Forecast(source, chosen, trials, responses, notes, silent=spec.silent, recode=codes)


def _anew(
    request: Request,
    spec: FitSpec,
    trials: pd.DataFrame,
    draws: Mapping[str, FloatArray],
    chosen: NDArray[np.int64],
    notes: tuple[str, ...],
) -> Forecast:
    """Gather what learners who meet a task are simulated from."""
    assert request.task is not None
    columns = datasets_of(trials, spec)[request.dataset]
    counts = request.participants, request.trials
    shown = child(request.sequence, _COURSES)
    meeting = meeting_of(spec, request.task, trials, columns, request.new, *counts, shown)
    groups = child(request.sequence, _GROUPS)
    try:
        source = new_own_draws(spec, columns, draws, meeting.trials, groups)
    except FormulaError as error:
        where = request.new or "the trials of new participants"
        remedy = "" if request.new else "; give them with their columns by --data"
        raise UserError(f"{where}: {error}{remedy}") from error
    responses = child(request.sequence, _RESPONSES)
    return Forecast(source, chosen, meeting.trials, responses, notes, meeting)


def _trials(request: Request, batch: Batch) -> pd.DataFrame:
    """Return the dataset's trials: those of the results, else made anew."""
    path = Path(request.plan.paths.trials(request.cell, batch.label))
    cell = request.plan.study.cell(request.cell)
    if path.is_file():
        trials = read_table(path, "trials")
    elif isinstance(cell, ObservedCell):
        trials = read_observed(cell)
    else:
        design = design_of(request.plan.study, request.cell)
        try:
            trials, _ = simulate_datasets(design, [request.dataset])
        except SimulationError as error:
            raise UserError(str(error)) from error
    return trials[trials["dataset"] == request.dataset].reset_index(drop=True)


def _posterior(
    request: Request, spec: FitSpec, designs: Designs, path: Path
) -> tuple[dict[str, FloatArray], tuple[str, ...]]:
    """Return the draws of the dataset's posterior, and what is to be said of them."""
    tree = read_dataset(path, request.dataset)
    known = tree["result"].to_dataset().isel(dataset=0)
    code, message = str(known["code"].item()), str(known["message"].item())
    of = f"the posterior of fit {request.fit} on dataset {request.dataset} of cell {request.cell}"
    try:
        found = posterior_draws(spec, designs, tree["posterior"].to_dataset(), request.dataset)
    except KeyError as error:
        raise UserError(
            f"{of} has no {error}: the study has changed since {path} was made; run snakemake again"
        ) from error
    if not finite(found).any():
        raise UserError(f"{of} failed ({code}: {message}): it has no draws to predict from")
    notes = []
    if code in FAILED:
        notes.append(f"{of} did not pass its gates ({code}: {message})")
    if tree_provenance(path, "posterior")["study_hash"] != study_hash(request.plan.study):
        notes.append(f"the study file has changed since {path} was made")
    return found, tuple(notes)

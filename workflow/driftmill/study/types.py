"""What a study file may say: data, fits, and the options with their defaults."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from driftmill.formulas.names import LinkSettings, PriorSet
from driftmill.study.covariates import (
    CovariateFile,
    CovariateSpec,
    GeneratorEntry,
    LevelsCovariate,
)
from driftmill.study.distribution import PriorSpec
from driftmill.study.include import Entry, Held, Lapse, Noncentered
from driftmill.study.learning import ModelSpec, TaskSpec
from driftmill.study.network_types import NetworkSection
from driftmill.study.options import Compare, Recover, Report, Sampling
from driftmill.study.values import (
    Count,
    Name,
    Number,
    Positive,
    Probability,
    Section,
    Seed,
    not_a_folder,
)


class GridSpec(Section):
    """Values that the datasets of a cell walk through, e.g. ``{grid: [0.5, 1, 2]}``."""

    grid: Annotated[tuple[Number, ...], Field(min_length=1)]
    """The values. Several grids in one cell: dataset after dataset takes the next combination."""


def _truth_kind(value: Any) -> str:
    """Tell by its keys whether a truth is a number, a grid or a distribution."""
    if isinstance(value, GridSpec) or (isinstance(value, dict) and "grid" in value):
        return "grid"
    return "distribution" if isinstance(value, PriorSpec | dict) else "number"


def _deadline_kind(value: Any) -> str:
    return "<covariate>" if isinstance(value, PriorSpec | LevelsCovariate | dict) else "<number>"


DeadlineSpec = Annotated[
    Annotated[Positive, Tag("<number>")] | Annotated[CovariateSpec, Tag("<covariate>")],
    Discriminator(_deadline_kind),
]
TruthSpec = Annotated[
    Annotated[Number, Tag("number")]
    | Annotated[GridSpec, Tag("grid")]
    | Annotated[PriorSpec, Tag("distribution")],
    Discriminator(_truth_kind),
]


class PriorTruth(Section):
    """Truths that are drawn from the priors of a fit, ``{prior: FIT}``, or ``prior``."""

    prior: Name | None = None
    """The fit whose priors they are; null: the only one that is applied to the cell."""


def _truths_kind(value: Any) -> str:
    """Tell truths by parameter from those that are drawn from a fit's priors."""
    named = isinstance(value, dict) and isinstance(value.get("prior"), str)
    return "<prior>" if isinstance(value, PriorTruth | str) or named else "<truths>"


def _truths_of_word(value: Any) -> Any:
    """Take the word ``prior`` for truths from the priors of the only fit."""
    return {} if value == "prior" else value


TruthsSpec = Annotated[
    Annotated[
        PriorTruth,
        BeforeValidator(_truths_of_word, json_schema_input_type=PriorTruth | Literal["prior"]),
        Tag("<prior>"),
    ]
    | Annotated[dict[str, TruthSpec], Tag("<truths>")],
    Discriminator(_truths_kind),
]


class SimulatedCell(Section):
    """Data to simulate: a model, its true parameters, and how much of it."""

    name: Name
    """The cell's name: letters, digits, _ and -."""
    model: ModelSpec
    """The model that generates the data, `driftmill models` lists them; or a learning process and
    the decision model that it drives ({learning: rescorla_wagner, decision: ddm})."""
    task: TaskSpec | None = None
    """What participants learn from, where the model has a learning process: `bandit` or
    `inputs`."""
    formulas: tuple[GeneratorEntry, ...] = ()
    """Parameters given by a formula, e.g. `v ~ 1 + x + (1 + x | participant_id)`, or mappings of
    formula and link."""
    link_settings: LinkSettings = "log_logit"
    """Links of parameters with a formula: `log_logit` by their support, so that no trial leaves
    it; `identity`: none."""
    covariates: dict[str, CovariateSpec] = Field(default_factory=dict)
    """Covariates of the trials: a distribution ({name: Normal, mu: 0, sigma: 1}) or values in
    equal shares ({levels: [hc, lc]}), for every trial or `per: participant`."""
    covariates_from: CovariateFile | None = None
    """Covariates that are read from a file instead."""
    truth: TruthsSpec
    """A number, a grid ({grid: [0.5, 1]}) or a distribution ({name: Normal, mu: 0, sigma: 1}) for
    each parameter of the model; those that it holds at a value may be left out. A parameter with a
    formula has its coefficients in its place (v_Intercept, v_x, v_c[b]) and the sds of its groups
    (v_1|participant_id_sigma). Values outside a parameter's support are not drawn. Or `prior`, or
    {prior: FIT}: all truths, the formulas among them, are those of a fit's priors, for
    simulation-based calibration."""
    participants: Count = 1
    """Participants in each dataset; they share its parameters, but for what a formula lets vary
    over participant_id."""
    trials: Count
    """Trials of each participant."""
    datasets: Count
    """How many datasets (replicates) to simulate."""
    lapse: Probability = 0.0
    """Share of trials that are lapses: a random response at a random time within 20 s."""
    deadline: DeadlineSpec | None = None
    """Seconds after which no response counts: a number for all trials, a distribution or levels
    as of a covariate. A trial without a response until then has neither rt nor response."""
    silent: int | None = None
    """The response that is never seen but inferred from silence until the deadline, as in go/no-go
    tasks: a trial that ends in it has neither rt nor response."""

    @property
    def truths(self) -> dict[str, TruthSpec]:
        """The truths by name; none where they are drawn from a fit's priors."""
        return {} if isinstance(self.truth, PriorTruth) else self.truth


class Columns(Section):
    """Which columns of the file hold what driftmill needs; all others are kept as covariates."""

    rt: str | None = "rt"
    """Column of the response times; null when the data hold choices alone."""
    response: str = "response"
    """Column of the responses."""
    participant_id: str | None = None
    """Column that says whose trial it is; null when all trials are one participant's."""
    trial_id: str | None = None
    """Column that numbers a participant's trials; null: numbered in the order of the rows."""
    deadline: str | None = None
    """Column of the time after which no response counts, in the unit of rt; null: none, or see the
    cell's `deadline`."""


class ObservedCell(Section):
    """Data to read from a CSV, TSV or Parquet file."""

    name: Name
    """The cell's name: letters, digits, _ and -."""
    path: Annotated[str, AfterValidator(os.path.expanduser)]
    """The file; a relative path starts at the folder in which snakemake runs."""
    columns: Columns = Columns()
    """The names of the file's columns."""
    response_codes: dict[int | float | str, int] | None = None
    """From the file's codes to the model's, e.g. {0: -1, 1: 1}; null: they are the same."""
    dataset_by: str | None = None
    """`participant_id` or a column of the file: each of its values becomes a dataset of its own;
    null: the file is one dataset."""
    rt_min: Number | None = None
    """Trials with an rt (in seconds) below this are left out, or see `outside`."""
    rt_max: Number | None = None
    """Trials with an rt (in seconds) above this are left out, or see `outside`."""
    outside: Literal["drop", "keep"] = "drop"
    """What to do about trials outside rt_min and rt_max: `drop` leaves them out; `keep` lets them
    stay in their place, where no fit scores them and learning models learn from them."""
    missing: Literal["error", "drop", "keep"] = "error"
    """What to do about trials without a response, or an rt: `drop` leaves them out; `keep` lets
    them stay in their place, where no fit scores them and learning models live through them. Of
    omissions, trials without either that have a deadline, it says nothing."""
    deadline: Positive | None = None
    """Seconds after which no response counts, on all trials; or name a column under `columns`. A
    trial that has neither rt nor response until then is an omission, which fits score."""
    silent: int | None = None
    """The response, in the model's codes, that is never seen but inferred from silence until the
    deadline, as in go/no-go tasks."""
    rt_unit: Literal["s", "ms"] = "s"
    """The unit of the file's rt."""
    duplicates: Literal["error", "keep"] = "error"
    """What to do about repeated rows: with a trial_id column, two rows of one participant with
    one trial_id; without, rows that are equal in every column. `keep` when they are real trials."""


def _cell_kind(value: Any) -> str | None:
    """Tell a simulated cell (it has a model) from an observed one (it has a path)."""
    if isinstance(value, SimulatedCell):
        return "simulated"
    if isinstance(value, ObservedCell):
        return "observed"
    if not isinstance(value, dict) or ("path" in value) == ("model" in value):
        return None
    return "observed" if "path" in value else "simulated"


Cell = Annotated[
    Annotated[SimulatedCell, Tag("simulated")] | Annotated[ObservedCell, Tag("observed")],
    Discriminator(
        _cell_kind,
        custom_error_type="cell_kind",
        custom_error_message="says neither that it is simulated nor that it is observed, or both",
    ),
]


def _batch_size_kind(value: Any) -> str:
    return "<word>" if isinstance(value, str) else "<number>"


BatchSizeSpec = Annotated[
    Annotated[Count, Tag("<number>")] | Annotated[Literal["auto"], Tag("<word>")],
    Discriminator(_batch_size_kind),
]


def has_deadlines(cell: SimulatedCell | ObservedCell) -> bool:
    """Tell whether trials of a cell may lack a response because it would have come too late."""
    named = isinstance(cell, ObservedCell) and cell.columns.deadline is not None
    return named or cell.deadline is not None


class Fit(Section):
    """One model specification that is fitted to every dataset of its cells, by default of all."""

    name: Name
    """The fit's name: letters, digits, _ and -."""
    model: ModelSpec
    """The model, `driftmill models` lists them; or a learning process and the decision model that
    it drives ({learning: rescorla_wagner, decision: ddm})."""
    free: tuple[str, ...] = ()
    """Parameters that the model holds (as `driftmill models` says) and this fit estimates, with
    their default prior."""
    include: tuple[Entry, ...] = ()
    """What is said of single parameters, as HSSM has it: formulas such as
    `v ~ 1 + x + (1 + x | participant_id)`, or mappings of name, formula, prior and link."""
    global_formula: str | None = None
    """A formula for every parameter of which nothing else is said, e.g.
    `y ~ 1 + (1 | participant_id)`; its left side is any word."""
    link_settings: LinkSettings = "log_logit"
    """Links of parameters with a formula: `log_logit` by their support, so that no trial leaves
    it; `identity`: none."""
    prior_set: PriorSet = "default"
    """Priors of the terms of formulas when nothing is said: `default`, or those of `hssm`."""
    noncentered: Noncentered = True
    """Whether groups are sampled as multiples of their sd; for single parameters: {v: false}."""
    fixed: dict[str, Held] = Field(default_factory=dict)
    """Parameters held at a number, or at one number a trial: the name of a column."""
    priors: dict[str, PriorSpec] = Field(default_factory=dict)
    """Priors of parameters without a formula, e.g. v: {name: Normal, mu: 0, sigma: 2}; the others
    have their model's default prior."""
    p_outlier: Lapse | None = None
    """Share of lapses: a number, a distribution, or a formula; null: the cell's own `lapse` for
    simulated data, 0.05 for observed data."""
    omissions: Literal["score", "ignore"] = "score"
    """What becomes of trials without a response up to their deadline: `score` takes them by the
    probability of that; `ignore` leaves them out, which biases what is estimated."""
    likelihood: str | None = None
    """Kind of likelihood; null: the model's own, see `driftmill models`. `approx_differentiable` is
    that of a network."""
    network: Name | None = None
    """The network whose likelihood is taken; null: where the likelihood is `approx_differentiable`
    the study's only network of the model, else the one that driftmill brings along."""
    accept_unchecked: bool = False
    """Whether a network may be used that was not checked, or did not pass its gates."""
    recode: dict[int, int] = Field(default_factory=dict)
    """Response codes of the data that the model has others for: {-1: 0} gives a race, which has
    0 and 1, the data of a diffusion. Other codes stay."""
    cells: Annotated[tuple[Name, ...], Field(min_length=1)] | None = None
    """The cells that it is applied to; null: all."""

    def applies_to(self, cell: str) -> bool:
        """Tell whether the fit is applied to the cell called ``cell``."""
        return self.cells is None or cell in self.cells


class Study(Section):
    """A study: which data, which fits, and what to report."""

    study: Annotated[Name, AfterValidator(not_a_folder)] = "study"
    """The study's name, and its folder under results/; when left out, the file's name."""
    seed: Seed = 1
    """Every random number of the study follows from this."""
    models: tuple[Annotated[str, AfterValidator(os.path.expanduser)], ...] = ()
    """Python files that register models, processes and couplings of the user's own; a relative
    path starts at the folder in which snakemake runs."""
    data: Annotated[tuple[Cell, ...], Field(min_length=1)]
    """The cells: simulated ones (with `model`) and observed ones (with `path`)."""
    networks: tuple[NetworkSection, ...] = ()
    """Networks in the place of likelihoods: to be trained, or of a file (with `file`), or of a
    folder (with `folder`). One is made when a fit uses it."""
    networks_from: Annotated[str, AfterValidator(os.path.expanduser)] | None = None
    """A YAML file with more `networks`, which studies share; a relative path starts at the folder
    in which snakemake runs."""
    fits: Annotated[tuple[Fit, ...], Field(min_length=1)]
    """The fits; each is applied to every dataset of every cell, or of those that it names."""
    batch_size: BatchSizeSpec = "auto"
    """Datasets handled by one job, or `auto`: by the estimated cost of a cell's fits, see
    `driftmill plan`. A matter of cost alone: results do not depend on it."""
    sampling: Sampling = Sampling()
    """How posteriors are sampled, and when one counts as converged."""
    compare: Compare = Compare()
    """The comparison of the fits by LOO."""
    recover: Recover = Recover()
    """The recovery of the truths of simulated data."""
    report: Report = Report()
    """The page."""

    def cell(self, name: str) -> SimulatedCell | ObservedCell:
        """Return the cell called ``name``; KeyError when there is none."""
        return {cell.name: cell for cell in self.data}[name]

    def fit(self, name: str) -> Fit:
        """Return the fit called ``name``; KeyError when there is none."""
        return {fit.name: fit for fit in self.fits}[name]

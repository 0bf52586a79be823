"""The options of a study that have defaults: sampling, comparison, recovery, report."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from driftmill.sampling.settings import Platform, Sampler
from driftmill.study.published import Published
from driftmill.study.values import Count, Number, Section, not_bool

Acceptance = Annotated[float, BeforeValidator(not_bool), Field(gt=0, lt=1)]
Positive = Annotated[float, BeforeValidator(not_bool), Field(gt=0, allow_inf_nan=False)]
NotNegative = Annotated[float, BeforeValidator(not_bool), Field(ge=0, allow_inf_nan=False)]
Allowed = Annotated[int, BeforeValidator(not_bool), Field(ge=0)]


class GateOptions(Section):
    """What a posterior must pass to count as converged (Vehtari et al. 2021)."""

    r_hat: Annotated[Number, Field(gt=1)] = 1.01
    """Largest rank-normalised split r_hat of any parameter."""
    ess_bulk: Positive = 400.0
    """Smallest bulk effective sample size of any parameter."""
    ess_tail: Positive = 400.0
    """Smallest tail effective sample size of any parameter."""
    divergences: Allowed = 0
    """Most divergent transitions, over all chains."""
    saturated: Allowed = 0
    """Most trajectories that reached the greatest tree depth, over all chains."""
    e_bfmi: NotNegative = 0.3
    """Smallest energy Bayesian fraction of missing information of any chain."""
    mcse_ratio: Positive = 0.05
    """Largest Monte-Carlo error of a posterior mean, in posterior standard deviations."""


class RungOptions(Section):
    """One retry of a posterior that failed its gates."""

    warmup: Count
    """Iterations of adaptation."""
    target_accept: Acceptance
    """Acceptance probability that the step size is adapted to."""
    start: Literal["mode", "prior"] = "mode"
    """Where chains start: around the posterior's mode, or at draws of the prior."""


class Sampling(Section):
    """How posteriors are sampled, and when one counts as converged."""

    sampler: Sampler = "nuts"
    """nuts: one compiled program for a batch; on a GPU as hmc. hmc: all datasets of a batch side by
    side, with numbers of leapfrog steps fixed beforehand; for GPUs. pymc, numpyro, nutpie,
    blackjax: the NUTS of these through pm.sample, compiled anew for each dataset. demetropolisz,
    slice: without gradients, which black boxes need, slow. laplace, advi, map: approximations,
    quick looks without gates that every table and figure labels `approximate`."""
    platform: Platform = "cpu"
    """What posteriors are sampled on. cpu; gpu: each job that samples asks for a GPU, and fails
    where JAX sees none; auto: on a GPU where the run offers any (`--resources gpu=N`, or the
    profile's) and JAX sees it, else on the CPU. Finished posteriors stay when this changes, as long
    as batches do: with `batch_size: auto` those of gpu are larger."""
    chains: Annotated[Count, Field(ge=2)] = 4
    """Chains of each posterior."""
    draws: Annotated[Count, Field(ge=10)] = 1000
    """Draws kept of each chain."""
    warmup: Count | None = None
    """Iterations of adaptation of the first try; null: 300, or 500 for fits with groups
    or of which only a product of parameters is identified."""
    target_accept: Acceptance | None = None
    """Acceptance probability that the first try's step size is adapted to; null: 0.8, or 0.9
    for fits with groups, or 0.95 where only a product of parameters is identified."""
    max_tree_depth: Annotated[Count, Field(le=20)] = 10
    """Doublings of a NUTS trajectory at most; those of hmc have fewer steps than its longest."""
    timeout: Positive | None = None
    """Seconds that a posterior may take over all its tries; null: no limit. With a limit the
    results may depend on the machine's speed."""
    gates: GateOptions = GateOptions()
    """What a posterior must pass."""
    ladder: tuple[RungOptions, ...] = (
        RungOptions(warmup=1000, target_accept=0.9, start="mode"),
        RungOptions(warmup=2000, target_accept=0.98, start="prior"),
    )
    """Retries for a posterior that fails its gates, tried in order."""


def _folds_kind(value: Any) -> str:
    return "<word>" if isinstance(value, str) else "<number>"


Folds = Annotated[
    Annotated[int, BeforeValidator(not_bool), Field(ge=2), Tag("<number>")]
    | Annotated[Literal["participants"], Tag("<word>")],
    Discriminator(_folds_kind),
]


class Future(Section):
    """The comparison of the fits by later trials, predicted from the trials before them alone."""

    first: Count
    """Trials of each participant that are known before anything is predicted."""
    ahead: Count = 1
    """Trials of each participant that are predicted together, before they are known too."""
    refits: Count = 20
    """Posteriors of each fit on each dataset at most, the one of the first trials among them. In
    between trials are added by importance weights; where these cannot be trusted and no refits are
    left, their Pareto k is counted."""
    cells: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    """Names of the cells that are compared so; null: all."""

    def applies_to(self, cell: str) -> bool:
        """Tell whether the fits are compared so on a cell."""
        return self.cells is None or cell in self.cells


class Compare(Section):
    """The comparison of the fits by LOO."""

    enabled: bool = True
    """Whether to compare the fits."""
    moment_match: Allowed = 50
    """Trials of a posterior whose Pareto k is above its limit are scored by draws that are moved to
    where the posterior without the trial is, if they are so many at most. 0: none."""
    refits: Allowed = 10
    """Those whose k is bad still are scored by refits without them, sampled like the fit itself, if
    they are so many at most; each takes about as long as the posterior did. So are participants
    whose k is bad, where participants are left out. 0: none."""
    participants: bool = False
    """Whether to compare them too by how well they predict a participant of whom nothing was seen,
    the likelihood being integrated over what participants have of their own; for fits that vary
    over participant_id, and best for those that learn, whose trials depend on each other."""
    folds: Folds | None = None
    """Whether to compare them by new participants exactly, by K-fold cross-validation: the
    participants are split into so many folds, and each fit is refitted without each of them;
    `participants`: one fold for each participant. Costs as many fits as folds. null: not."""
    future: Future | None = None
    """Whether to compare them by later trials, predicted from the trials before them alone
    (leave-future-out), e.g. {first: 100, ahead: 10}; for fits that learn, or where trials are in
    an order that matters. null: not."""
    min_elpd_diff: NotNegative = 4.0
    """A best fit leads by at least this much elpd, or the verdict is `undecided`."""
    min_dse_ratio: NotNegative = 2.0
    """A best fit leads by at least this many standard errors of the difference."""
    min_weight: Acceptance = 0.75
    """The stacking weight from which a fit is named by its weight, or the verdict is
    `undecided`."""
    min_exceedance: Acceptance = 0.95
    """The protected exceedance probability from which a fit is named by random-effects selection
    over participants."""


class Targets(Section):
    """Where the verdict strip's yes ends and its no begins, for every parameter."""

    coverage_margin: Acceptance = 0.1
    """Calibrated: the coverage of 90 % intervals surely falls short by no more than this."""
    sbc_level: Acceptance = 0.05
    """With truths from the fit's priors (`truth: prior`): the probability of calling any of a fit's
    quantities not calibrated although all are."""
    sbc_datasets: Count = 100
    """And how many ranked datasets are needed to call one calibrated."""
    contraction_yes: Acceptance = 0.75
    """Identified: the posterior's variance is smaller than the prior's by at least this share."""
    contraction_no: Acceptance = 0.5
    """Not identified: it is smaller by less than this share."""
    bias_posterior_sd: Positive = 0.25
    """A bias below this many posterior standard deviations does not matter."""
    bias_prior_sd: Positive = 0.05
    """Nor does one below this many prior standard deviations."""
    precision: Positive = 0.3
    """Precise: the root mean squared error is at most this many prior standard deviations."""


class Recover(Section):
    """The recovery of the truths of simulated data."""

    enabled: bool = True
    """Whether to compare estimates with truths (cells of observed data have none)."""
    targets: Targets = Targets()
    """What the verdict strip asks of every parameter."""


class Predictive(Section):
    """Predictive checks of response shares, RT quantiles and responses against covariates."""

    data: Literal["observed", "all", "none"] = "observed"
    """Which cells are checked against posterior predictions."""
    prior: bool = True
    """Whether the first dataset of every cell is held against what each fit's priors predict."""
    draws: Count = 200
    """Draws of which data are simulated, of each posterior and of each fit's priors."""
    pit: bool = True
    """Whether every trial of the checked cells is held against what all other trials predict for
    it (LOO-PIT), of up to 60 datasets of each."""


class Precision(Section):
    """What estimates must reach where cells differ in their numbers of trials or participants.

    The page says how many are needed. A target that is null is not asked about.
    """

    contraction: Acceptance | None = 0.9
    """Mean contraction, 1 - posterior variance / prior variance, at least."""
    rmse: Positive | None = None
    """Root mean squared error in prior standard deviations, at most."""
    width: Positive | None = None
    """Mean width of the 90 % interval in prior standard deviations, at most."""


class Report(Section):
    """The page."""

    title: str | None = None
    """The page's title; null: the study's name."""
    datasets: tuple[Allowed, ...] = (0,)
    """Datasets of each cell whose posteriors are drawn: trace, rank, pair and forest plots."""
    explore: Allowed = 1000
    """Datasets that can be picked on the page, over all cells; where there are more, evenly spaced
    ones. 0: none."""
    predictive: Predictive = Predictive()
    """Predictive checks."""
    prior_sensitivity: bool = False
    """Whether to measure how much every posterior would change with a stronger or a weaker prior,
    by power-scaling."""
    precision: Precision = Precision()
    """Targets for the numbers of trials and participants."""
    published: tuple[Published, ...] = ()
    """Published numbers that the page shows beside those of the fits."""

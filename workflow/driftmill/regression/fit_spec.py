"""One candidate model as a study names it: what is fixed, free, or given by a formula."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from driftmill.formulas.participants import PARTICIPANT
from driftmill.formulas.regression import Regression
from driftmill.models.declaration import DEADLINE, LogDensity, Model, Parameter, Prior
from driftmill.models.priors import Distribution
from driftmill.models.sound import NUMPY_KINDS
from driftmill.regression.black_box import called_back

#: The share of lapses as a parameter, where a fit estimates it.
P_OUTLIER = Parameter(
    "p_outlier", 0.0, 1.0, Prior("Beta", {"alpha": 1.0, "beta": 20.0}), "share of lapses"
)


@dataclass(frozen=True)
class FitSpec:
    """A fit: a model with its fixed values, priors, formulas, lapse and kind of likelihood.

    Parameters
    ----------
    name
        The fit's name in the study.
    model
        The model of the catalogue that is fitted.
    fixed
        Parameters held at a number, or at one number a trial: the name of a column. Those that
        the model itself holds are added, unless they are freed, have a prior or a formula.
    priors
        Priors that replace the model's defaults for parameters without a formula; they are
        truncated to the support.
    regressions
        Parameters given by a formula, with a prior for each of its terms.
    p_outlier
        Probability that a trial is a lapse: uniform over response times and choices. A number,
        a prior, or a formula.
    likelihood
        Which of the model's log densities is used; empty: the first.
    freed
        Parameters that the model itself holds and this fit estimates, with their default prior.
    deadlines
        Whether trials without a response are scored, by the probability of none before their
        ``deadline``.
    silent
        The response that is never seen but inferred from silence, as in go/no-go tasks.
    recode
        By response code of the data, the code that the model has for it; other codes stay.
    omission_kinds
        For how many different omissions a program has room; 0 until it is known.
    """

    name: str
    model: Model
    fixed: Mapping[str, float | str] = field(default_factory=dict)
    priors: Mapping[str, Prior] = field(default_factory=dict)
    regressions: Mapping[str, Regression] = field(default_factory=dict)
    p_outlier: float | Prior | Regression = 0.0
    likelihood: str = ""
    freed: tuple[str, ...] = ()
    deadlines: bool = False
    silent: int | None = None
    recode: Mapping[int, int] = field(default_factory=dict)
    omission_kinds: int = 0

    def __post_init__(self) -> None:
        """Hold what the model holds and the fit does not speak of."""
        spoken = {*self.freed, *self.fixed, *self.priors, *self.regressions}
        held = {
            p.name: p.held
            for p in self.model.parameters
            if p.held is not None and p.name not in spoken
        }
        object.__setattr__(self, "fixed", {**self.fixed, **held})
        if not self.likelihood:
            object.__setattr__(self, "likelihood", next(iter(self.model.likelihoods)))

    @property
    def estimates_lapse(self) -> bool:
        """Whether the share of lapses is estimated."""
        return isinstance(self.p_outlier, Prior | Regression)

    @property
    def lapses(self) -> bool:
        """Whether a trial may be a lapse, so that no response is impossible."""
        return self.estimates_lapse or self.p_outlier != 0.0

    @property
    def parameters(self) -> tuple[Parameter, ...]:
        """The model's parameters, then ``p_outlier`` where it is estimated."""
        return (*self.model.parameters, *((P_OUTLIER,) if self.estimates_lapse else ()))

    def parameter(self, name: str) -> Parameter:
        """Return a parameter of the model, or ``p_outlier``."""
        return P_OUTLIER if name == P_OUTLIER.name else self.model.parameter(name)

    @property
    def free_parameters(self) -> tuple[str, ...]:
        """Names of the parameters that are not fixed, by formula or plain, in order."""
        return tuple(p.name for p in self.parameters if p.name not in self.fixed)

    @property
    def formulas(self) -> Mapping[str, Regression]:
        """The parameters given by a formula, ``p_outlier`` among them, in order."""
        lapse = {"p_outlier": self.p_outlier} if isinstance(self.p_outlier, Regression) else {}
        known = {**self.regressions, **lapse}
        return {name: known[name] for name in self.free_parameters if name in known}

    @property
    def varies(self) -> bool:
        """Whether some of its groups are participants, or parts of one participant each."""
        factors = (f for regression in self.formulas.values() for f in regression.terms.factors)
        return any(PARTICIPANT in factor.split(":") for factor in factors)

    @property
    def plain_parameters(self) -> tuple[str, ...]:
        """Names of the free parameters that have one value for all trials of a dataset."""
        return tuple(name for name in self.free_parameters if name not in self.formulas)

    @property
    def fixed_columns(self) -> Mapping[str, str]:
        """Parameters held at one number a trial, with the columns that hold it."""
        return {name: value for name, value in self.fixed.items() if isinstance(value, str)}

    @property
    def fixed_numbers(self) -> Mapping[str, float]:
        """Parameters held at one number."""
        return {n: value for n, value in self.fixed.items() if not isinstance(value, str)}

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the trials that the fit needs: responses, covariates, groups, fixed ones.

        A learning process adds those that it learns from, and whose trials they are in which
        order.
        """
        needed = [c for regression in self.formulas.values() for c in regression.terms.columns]
        learning = () if self.model.learning is None else self.model.learning.needed_columns
        held = self.fixed_columns.values()
        until = (DEADLINE,) if self.deadlines else ()
        columns = (*self.model.response_columns, *until, *learning, *needed, *held)
        return tuple(dict.fromkeys(columns))

    @property
    def log_density(self) -> LogDensity:
        """The log density of a trial that this fit uses, callable from compiled programs."""
        density = self.model.likelihoods[self.likelihood]
        return called_back(density) if self.black_box else density

    @property
    def black_box(self) -> bool:
        """Whether the log density is a plain function without a gradient."""
        return self.likelihood in NUMPY_KINDS

    def named_prior(self, parameter: str) -> Prior:
        """Return the prior of a plain parameter as it is named, before truncation."""
        if parameter == P_OUTLIER.name and isinstance(self.p_outlier, Prior):
            return self.p_outlier
        return self.priors.get(parameter, self.parameter(parameter).prior)

    def prior_of(self, parameter: str) -> Distribution:
        """Return the prior of a plain parameter, truncated to its support."""
        declared = self.parameter(parameter)
        return Distribution(self.named_prior(parameter), declared.lower, declared.upper)

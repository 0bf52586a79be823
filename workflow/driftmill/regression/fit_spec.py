"""One candidate model as a study names it: what is fixed, what is free, under which priors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from driftmill.models.declaration import LogDensity, Model, Prior
from driftmill.models.priors import Distribution


@dataclass(frozen=True)
class FitSpec:
    """A fit: a model with its fixed values, priors, lapse and kind of likelihood.

    Parameters
    ----------
    name
        The fit's name in the study.
    model
        The model of the catalogue that is fitted.
    fixed
        Parameters held at a number.
    priors
        Priors that replace the model's defaults; they are truncated to the support.
    p_outlier
        Probability that a trial is a lapse: uniform over response times and choices.
    likelihood
        Which of the model's log densities is used.
    """

    name: str
    model: Model
    fixed: Mapping[str, float] = field(default_factory=dict)
    priors: Mapping[str, Prior] = field(default_factory=dict)
    p_outlier: float = 0.0
    likelihood: str = "analytical"

    @property
    def free_parameters(self) -> tuple[str, ...]:
        """Names of the parameters that are estimated, in the model's order."""
        return tuple(name for name in self.model.parameter_names if name not in self.fixed)

    @property
    def log_density(self) -> LogDensity:
        """The log density of a trial that this fit uses."""
        return self.model.likelihoods[self.likelihood]

    def named_prior(self, parameter: str) -> Prior:
        """Return the prior of a free parameter as it is named, before truncation."""
        return self.priors.get(parameter, self.model.parameter(parameter).prior)

    def prior_of(self, parameter: str) -> Distribution:
        """Return the prior of a free parameter, truncated to its support."""
        declared = self.model.parameter(parameter)
        return Distribution(self.named_prior(parameter), declared.lower, declared.upper)

"""What a study may say of learning: a composed model, and the task that simulated data are of."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from driftmill.study.values import Count, Number, Section, not_bool

_Positive = Annotated[float, BeforeValidator(not_bool), Field(gt=0, allow_inf_nan=False)]
_NotNegative = Annotated[float, BeforeValidator(not_bool), Field(ge=0, allow_inf_nan=False)]
_Share = Annotated[float, BeforeValidator(not_bool), Field(ge=0, le=1)]


class LearningModel(Section):
    """A learning process in front of a decision model."""

    learning: str
    """The learning process; `driftmill models` lists them."""
    decision: str
    """The decision model that it drives; `driftmill models` lists them."""
    coupling: str | None = None
    """How the process drives the decision model; null: by the coupling that fits."""
    columns: dict[str, str] = Field(default_factory=dict)
    """The trial columns that hold the process's inputs, e.g. {feedback: reward}; an input that is
    not named has its own name."""
    cue: str | None = None
    """Column that says which cue or bandit a trial is about; values are kept for each. null:
    there is one."""
    block: str | None = None
    """Column whose every new value starts the process anew. null: it never starts anew."""
    elapsed: str | None = None
    """Column of the time since the trial before. null: 1."""


def _model_kind(value: Any) -> str:
    return "<composed>" if isinstance(value, LearningModel | dict) else "<model>"


ModelSpec = Annotated[
    Annotated[str, Tag("<model>")] | Annotated[LearningModel, Tag("<composed>")],
    Discriminator(_model_kind),
]


def _means_kind(value: Any) -> str:
    """Tell a row for each cue from the row of the only one."""
    several = isinstance(value, list | tuple) and any(isinstance(x, list | tuple) for x in value)
    return "<rows>" if several else "<row>"


_Row = Annotated[tuple[Number, ...], Field(min_length=1)]
_Means = Annotated[
    Annotated[_Row, Tag("<row>")] | Annotated[tuple[_Row, ...], Tag("<rows>")],
    Discriminator(_means_kind),
]


class BanditSpec(Section):
    """A bandit: the payoff of each option of each cue, and how it changes."""

    means: _Means
    """The mean payoff of each option, e.g. [0.8, 0.2]; where there are several cues, a row for
    each ([[0.8, 0.2], [0.7, 0.3]]). Cues come equally often in random order; the column `cue`
    says which."""
    payoff: Literal["bernoulli", "gaussian"] = "bernoulli"
    """`bernoulli`: 1 with the mean as its probability, else 0. `gaussian`: around the mean."""
    sd: _Positive = 1.0
    """The sd of a Gaussian payoff around its mean."""
    drift: _NotNegative = 0.0
    """The sd of the step that a mean takes from trial to trial; 0: it stays. Means of Bernoulli
    payoffs are reflected into [0, 1]."""
    reverse_every: Count | None = None
    """The means of a cue's options change places every so many trials of it; null: never."""
    blocks: Count = 1
    """Equal blocks of trials; each starts task and process anew. The column `block` counts
    them."""

    @property
    def rows(self) -> tuple[tuple[float, ...], ...]:
        """The means, a row a cue."""
        rows = tuple(row for row in self.means if isinstance(row, tuple))
        return rows or (tuple(mean for mean in self.means if not isinstance(mean, tuple)),)


class InputsSpec(Section):
    """Inputs that do not depend on the responses; one of `values`, `schedule` and `walk`."""

    values: Annotated[tuple[Number, ...], Field(min_length=1)] | None = None
    """The input of every trial, the same for all participants."""
    schedule: Annotated[tuple[tuple[_Share, Count], ...], Field(min_length=1)] | None = None
    """Segments of binary inputs: the probability of a 1, and for how many trials, e.g.
    [[0.8, 40], [0.2, 40]]; drawn anew for each participant."""
    walk: _Positive | None = None
    """The sd of the steps of a Gaussian random walk that starts at 0, drawn anew for each
    participant."""


class TaskSpec(Section):
    """What the participants of simulated data learn from; one of `bandit` and `inputs`."""

    bandit: BanditSpec | None = None
    """Options that pay off: feedback depends on what is chosen."""
    inputs: InputsSpec | None = None
    """Inputs that are seen, whatever is chosen."""

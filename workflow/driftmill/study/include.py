"""What a fit may say of one parameter: a number, a column, a prior, a formula."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Field, Tag

from driftmill.formulas.names import LinkName
from driftmill.study.distribution import PriorSpec
from driftmill.study.values import Number, Probability, Section


def is_distribution(value: Any) -> bool:
    """Tell a distribution from a mapping of distributions by the names of terms."""
    named = isinstance(value, dict) and isinstance(value.get("name"), str)
    return named or isinstance(value, PriorSpec)


def _held_kind(value: Any) -> str:
    return "<column>" if isinstance(value, str) else "<number>"


def _said_kind(value: Any) -> str:
    if is_distribution(value):
        return "<distribution>"
    return "<terms>" if isinstance(value, dict) else _held_kind(value)


def _entry_kind(value: Any) -> str:
    return "<formula>" if isinstance(value, str) else "<entry>"


def _lapse_kind(value: Any) -> str:
    if isinstance(value, LapseSpec) or (isinstance(value, dict) and "formula" in value):
        return "<lapse>"
    if isinstance(value, PriorSpec | dict):
        return "<distribution>"
    return "<formula>" if isinstance(value, str) else "<share>"


def _parametrisation_kind(value: Any) -> str:
    return "<parameters>" if isinstance(value, dict) else "<switch>"


#: What a parameter is held at: a number, or the name of a column with one number a trial.
Held = Annotated[
    Annotated[Number, Tag("<number>")] | Annotated[str, Tag("<column>")],
    Discriminator(_held_kind),
]
Said = Annotated[
    Annotated[Number, Tag("<number>")]
    | Annotated[str, Tag("<column>")]
    | Annotated[PriorSpec, Tag("<distribution>")]
    | Annotated[dict[str, PriorSpec], Tag("<terms>")],
    Discriminator(_said_kind),
]


class IncludeSpec(Section):
    """What a fit says of one parameter, as HSSM has it."""

    name: str | None = None
    """The parameter; null: the left side of the formula."""
    formula: str | None = None
    """E.g. `v ~ 1 + x + (1 + x | participant_id)`; the left side may be left out."""
    prior: Said | None = None
    """With a formula a distribution for each term ({Intercept: {name: Normal, mu: 0, sigma: 1}});
    without one a distribution, a number, or the name of a column with one number a trial."""
    link: LinkName | None = None
    """The link from the parameter to the formula; null: by `link_settings`."""


Entry = Annotated[
    Annotated[str, Tag("<formula>")] | Annotated[IncludeSpec, Tag("<entry>")],
    Discriminator(_entry_kind),
]


class LapseSpec(Section):
    """A share of lapses that depends on covariates or participants."""

    formula: str
    """E.g. `1 + (1 | participant_id)`."""
    prior: dict[str, PriorSpec] = Field(default_factory=dict)
    """A distribution for each term; the others have their defaults."""
    link: LinkName | None = None
    """The link from the share to the formula; null: by `link_settings`."""


Lapse = Annotated[
    Annotated[Probability, Tag("<share>")]
    | Annotated[PriorSpec, Tag("<distribution>")]
    | Annotated[str, Tag("<formula>")]
    | Annotated[LapseSpec, Tag("<lapse>")],
    Discriminator(_lapse_kind),
]
#: Whether groups are sampled as multiples of their sd: for all parameters, or by parameter.
Noncentered = Annotated[
    Annotated[bool, Tag("<switch>")] | Annotated[dict[str, bool], Tag("<parameters>")],
    Discriminator(_parametrisation_kind),
]

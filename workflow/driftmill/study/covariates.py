"""What a simulated cell may say of formulas and covariates."""

from __future__ import annotations

import os
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from driftmill.formulas.names import LinkName
from driftmill.study.distribution import PriorSpec
from driftmill.study.values import Number, Section

Per = Literal["trial", "participant"]


def _formula_kind(value: Any) -> str:
    return "<formula>" if isinstance(value, str) else "<generator>"


def _covariate_kind(value: Any) -> str:
    """Tell levels from a distribution."""
    levels = isinstance(value, LevelsCovariate) or (isinstance(value, dict) and "levels" in value)
    return "<levels>" if levels else "<drawn>"


def _level_kind(value: Any) -> str:
    return "<text>" if isinstance(value, str) else "<number>"


class GeneratorFormula(Section):
    """A formula of the generator with a link of its own."""

    formula: str
    """E.g. `v ~ 1 + x + (1 + x | participant_id)`."""
    link: LinkName | None = None
    """The link from the parameter to the formula; null: by `link_settings`."""


GeneratorEntry = Annotated[
    Annotated[str, Tag("<formula>")] | Annotated[GeneratorFormula, Tag("<generator>")],
    Discriminator(_formula_kind),
]
Level = Annotated[
    Annotated[Number, Tag("<number>")] | Annotated[str, Tag("<text>")], Discriminator(_level_kind)
]


class DrawnCovariate(PriorSpec):
    """A covariate drawn from a distribution, e.g. ``{name: Normal, mu: 0, sigma: 1}``."""

    per: Per = "trial"
    """`trial`: a value for every trial; `participant`: one for each participant."""


class LevelsCovariate(Section):
    """A covariate that takes each of some values equally often, e.g. ``{levels: [hc, lc]}``."""

    levels: tuple[Level, ...]
    """The values; text makes a categorical covariate, numbers a numeric one."""
    per: Per = "trial"
    """`trial`: balanced within each participant, the order shuffled; `participant`: each
    participant has one, in turn."""


CovariateSpec = Annotated[
    Annotated[LevelsCovariate, Tag("<levels>")] | Annotated[DrawnCovariate, Tag("<drawn>")],
    Discriminator(_covariate_kind),
]


class CovariateFile(Section):
    """Covariates read from a CSV, TSV or Parquet file."""

    path: Annotated[str, AfterValidator(os.path.expanduser)]
    """The file; a relative path starts at the folder in which snakemake runs."""
    columns: Annotated[tuple[str, ...], Field(min_length=1)]
    """The columns that become covariates. The first participants x trials rows are used, all
    trials of the first participant first; every dataset has the same."""

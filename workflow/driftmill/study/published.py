"""Published numbers that a study shows beside its own."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field

from driftmill.recovery.asked import Asked, Statistic
from driftmill.study.values import Name, Number, Section, not_bool

#: People are called by text, which YAML reads as a number where it looks like one.
Person = Annotated[int | str, BeforeValidator(not_bool)]


class Published(Section):
    """One published number, and which number of a fit stands beside it."""

    label: Annotated[str, Field(min_length=1)]
    """What it is, e.g. `group 2a`."""
    fit: Name
    """The fit whose number stands beside it."""
    cell: Name | None = None
    """The cell; may be left out where the fit is applied to one alone."""
    dataset: Annotated[int, BeforeValidator(not_bool), Field(ge=0)] = 0
    """Number of the dataset in its cell."""
    statistic: Statistic = "mean"
    """mean and sd of the posterior; p_positive and p_negative: the share of draws above and below
    0; elpd_diff: by how much elpd the fit is ahead of `minus_fit`."""
    of: str | None = None
    """Name of what it is of: a parameter (`a`), a coefficient (`v_x`, `v_stim[LL]`), an sd
    (`a_1|participant_id_sigma`), or what participants have of their own (`a (participant)`)."""
    minus: str | None = None
    """Name of what is subtracted from it."""
    participant: Person | None = None
    """Whose, where participants have one each; null: their mean."""
    natural: bool = False
    """Whether intercepts go through the inverse link first."""
    minus_fit: Name | None = None
    """The fit whose elpd is subtracted, for elpd_diff."""
    scale: Number = 1.0
    """By what ours is multiplied, e.g. 2 beside a boundary of HDDM."""
    published: Number
    """The published number."""
    published_sd: Annotated[float, BeforeValidator(not_bool), Field(gt=0)] | None = None
    """Its posterior standard deviation."""
    source: str = ""
    """Where it was published."""
    note: str = ""
    """What explains a difference."""


def asked_of(entry: Published) -> Asked:
    """Return an entry that passed its checks as the type of the recovery."""
    of = entry.minus_fit if entry.statistic == "elpd_diff" else entry.of
    return Asked(
        label=entry.label,
        statistic=entry.statistic,
        published=entry.published,
        of=of or "",
        minus=entry.minus,
        participant=None if entry.participant is None else str(entry.participant),
        natural=entry.natural,
        scale=entry.scale,
        published_sd=entry.published_sd,
        source=entry.source,
        note=entry.note,
    )

"""What a formula says, read without data: its terms, its groups, the columns that it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import formulae
from formulae.categorical import ENCODINGS

from driftmill.formulas.functions import TRANSFORMS, refused_call

#: Name of the intercept among the terms of a formula.
INTERCEPT = "Intercept"


class FormulaError(ValueError):
    """A formula that cannot be read; the message says why."""


@dataclass(frozen=True)
class GroupTerm:
    """A term that varies over groups, ``expr | factor``.

    Parameters
    ----------
    expr
        What varies: ``1`` for the intercept, else a term's name.
    factor
        Over what: usually ``participant_id``.
    """

    expr: str
    factor: str

    @property
    def name(self) -> str:
        """The term's name as formulae and Bambi have it, e.g. ``x|participant_id``."""
        return f"{self.expr}|{self.factor}"

    @property
    def common(self) -> str:
        """Name of the common term that this one varies around."""
        return INTERCEPT if self.expr == "1" else self.expr


@dataclass(frozen=True)
class Terms:
    """The terms of a formula, in its order.

    Parameters
    ----------
    common
        Names of the terms that all groups share, ``Intercept`` included, offsets excluded.
    groups
        Terms that vary over groups.
    columns
        Columns of the data that the formula needs, sorted.
    """

    common: tuple[str, ...]
    groups: tuple[GroupTerm, ...]
    columns: tuple[str, ...]

    @property
    def factors(self) -> tuple[str, ...]:
        """The columns (or interactions of columns) that form groups, sorted."""
        return tuple(sorted({term.factor for term in self.groups}))

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all terms."""
        return (*self.common, *(term.name for term in self.groups))


def split_formula(text: str) -> tuple[str | None, str]:
    """Split ``v ~ 1 + x`` into the parameter and the right-hand side; the first may be missing."""
    left, tilde, right = text.partition("~")
    if not tilde:
        return None, text.strip()
    return left.strip() or None, right.strip()


def terms_of(right_hand_side: str) -> Terms:
    """Read the right-hand side of a formula.

    Raises
    ------
    FormulaError
        When it cannot be parsed.
    """
    if not right_hand_side.strip():
        raise FormulaError("the formula is empty: write at least `1`")
    try:
        refused = refused_call(right_hand_side)
        found: Any = (
            None if refused else formulae.model_description(f"response ~ {right_hand_side}")
        )
    except Exception as error:  # formulae raises bare exceptions of many kinds
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise FormulaError(f"the formula {right_hand_side!r} cannot be read: {first}") from error
    if refused is not None:
        raise FormulaError(
            f"the formula {right_hand_side!r} {refused}, which formulas may not: they call "
            f"{', '.join(TRANSFORMS)} and arithmetic of numpy alone, e.g. np.log(x)"
        )
    columns: set[str] = set()
    for term in (*found.common_terms, *found.group_terms):
        columns |= set(term.var_names)
    groups = []
    for term in found.group_terms:
        expr, _, factor = term.name.partition("|")
        groups.append(GroupTerm(expr, factor))
    common = [term.name for term in found.common_terms if not term.name.startswith("offset(")]
    # formulae takes the coding in C(x, Sum) for a column.
    return Terms(tuple(common), tuple(groups), tuple(sorted(columns - {"", *ENCODINGS})))

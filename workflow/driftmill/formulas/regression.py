"""A parameter given by a formula: link, priors of its terms, parametrisation of its groups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from driftmill.formulas.links import Link
from driftmill.formulas.terms import Terms, terms_of
from driftmill.models.declaration import Prior


@dataclass(frozen=True)
class Regression:
    """The linear predictor of one parameter.

    Parameters
    ----------
    parameter
        The parameter's name.
    formula
        Right-hand side, e.g. ``1 + x + (1 + x | participant_id)``.
    link
        From the parameter's support to the linear predictor.
    priors
        Priors by term (``Intercept``, ``x``, ``1|participant_id``) on the scale of the linear
        predictor; complete for a fit, empty for a generator. The prior of a term that varies
        over groups holds the prior of their sd: ``Normal(mu=0, sigma=HalfNormal(...))``.
    noncentered
        Whether groups are sampled as multiples of their sd.
    """

    parameter: str
    formula: str
    link: Link
    priors: Mapping[str, Prior] = field(default_factory=dict)
    noncentered: bool = True

    @cached_property
    def terms(self) -> Terms:
        """The terms of the formula."""
        return terms_of(self.formula)

    def variable(self, term: str) -> str:
        """Return the name of a term's coefficients, e.g. ``v_x`` or ``v_1|participant_id``."""
        return f"{self.parameter}_{term}"

    def __str__(self) -> str:
        """Return the formula as it is written, e.g. ``v ~ 1 + x``."""
        return f"{self.parameter} ~ {self.formula}"

"""Distributions of a study file as the catalogue's type."""

from __future__ import annotations

from driftmill.models import Prior
from driftmill.study.distribution import PriorSpec


def prior_of(spec: PriorSpec) -> Prior:
    """Return a distribution as the catalogue's type."""
    return Prior(
        spec.name,
        {k: prior_of(x) if isinstance(x, PriorSpec) else x for k, x in spec.args.items()},
    )

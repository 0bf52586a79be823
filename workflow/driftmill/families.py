"""Families of models that differ in their number of accumulators alone: one network serves all."""

from __future__ import annotations

#: Of which a network gives a single accumulator, so that it serves any number of them.
FAMILIES = ("race_no_bias_angle",)


def family_of(model: str) -> str:
    """Return the name of a model's family; its own where it is of none."""
    family, _, accumulators = model.rpartition("_")
    return family if family in FAMILIES and accumulators.isdigit() else model


def serves(network_of: str, model: str) -> bool:
    """Tell whether a network of a model, or of a family, serves a model."""
    return network_of in (model, family_of(model))

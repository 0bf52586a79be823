"""Distributions as a study file writes them."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Tag

from driftmill.study.values import Number


def _argument_kind(value: Any) -> str:
    """Tell whether an argument is a distribution itself."""
    return "<distribution>" if isinstance(value, PriorSpec | dict) else "<number>"


class PriorSpec(BaseModel):
    """A distribution by PyMC's name and arguments, e.g. ``{name: Normal, mu: 0, sigma: 1}``."""

    model_config = ConfigDict(extra="allow", frozen=True, use_attribute_docstrings=True)
    __pydantic_extra__: dict[
        str,
        Annotated[
            Annotated[Number, Tag("<number>")] | Annotated[PriorSpec, Tag("<distribution>")],
            Discriminator(_argument_kind),
        ],
    ]

    name: str
    """The distribution's name in PyMC: Normal, HalfNormal, Uniform, Gamma, Beta, ..."""

    @property
    def args(self) -> dict[str, float | PriorSpec]:
        """The distribution's arguments by PyMC's names; a prior's own prior among them."""
        return dict(self.__pydantic_extra__ or {})

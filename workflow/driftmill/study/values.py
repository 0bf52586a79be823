"""The kinds of value a study file holds: sections, names, numbers, shares and counts."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

#: Words that the comparison uses for its own verdicts.
RESERVED_NAMES = ("undecided", "failed", "all", "passed")
#: Folders beside those of the studies, whose names no study may have.
FOLDERS = ("networks",)


def not_bool(value: Any) -> Any:
    """Refuse YAML's yes/no where a number is meant (pydantic would read 1 and 0)."""
    if isinstance(value, bool):
        raise PydanticCustomError("float_type", "Input should be a number, not true or false")
    return value


def not_reserved(name: str) -> str:
    """Refuse a name that a verdict could be mistaken for."""
    if name in RESERVED_NAMES:
        raise PydanticCustomError(
            "reserved_name", "is a word that driftmill's own tables use", {"reserved": name}
        )
    return name


def not_a_folder(name: str) -> str:
    """Refuse a study whose folder of results would be that of something else."""
    if name in FOLDERS:
        raise PydanticCustomError(
            "reserved_name", "is a folder of its own beside those of the studies", {}
        )
    return name


Number = Annotated[float, BeforeValidator(not_bool), Field(allow_inf_nan=False)]
Positive = Annotated[float, BeforeValidator(not_bool), Field(gt=0, allow_inf_nan=False)]
Probability = Annotated[float, BeforeValidator(not_bool), Field(ge=0, lt=1)]
Count = Annotated[int, BeforeValidator(not_bool), Field(ge=1)]
Seed = Annotated[int, BeforeValidator(not_bool), Field(ge=0, lt=2**32)]
#: A name becomes a folder and a wildcard of Snakemake.
Name = Annotated[
    str,
    Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$", max_length=60),
    AfterValidator(not_reserved),
]


class Section(BaseModel):
    """A part of the study file: unknown keys are errors, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)

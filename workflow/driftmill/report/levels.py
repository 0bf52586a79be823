"""The levels that a study's numbers lie on, apart: parameters, means, slopes, sds, participants."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

#: Levels of the estimates that belong to the dataset as a whole.
SHARED = ("dataset", "group", "sd")


@dataclass(frozen=True)
class Layer:
    """One level as the page shows it.

    Parameters
    ----------
    key
        For file names and anchors.
    title
        Its heading.
    one, many
        What a row of a table, and several, are of.
    about
        What its numbers are, where their scale is not that of the parameter.
    """

    key: str
    title: str
    one: str
    many: str
    about: str = ""


PARAMETERS = Layer("parameters", "Parameters", "parameter", "parameters")
MEANS = Layer(
    "means",
    "Group means (intercepts)",
    "group mean",
    "group means",
    "Intercepts are on the scale of the linear predictor: what a formula says at covariates 0 "
    "and reference levels, of the mean participant where participants deviate.",
)
SLOPES = Layer(
    "slopes",
    "Slopes and contrasts",
    "slope",
    "slopes",
    "Slopes and contrasts are on the scale of the linear predictor.",
)
SDS = Layer(
    "sds",
    "Group sds",
    "group sd",
    "group sds",
    "Standard deviations of participants (or other groups) about the common coefficient, on the "
    "scale of the linear predictor.",
)
PARTICIPANTS = Layer(
    "participants",
    "Participants",
    "participant",
    "participants",
    "Each participant's own value: a parameter at covariates 0 on its natural scale, a "
    "coefficient on the scale of the linear predictor. Participants of all datasets are pooled; "
    "standard errors take those of one dataset as dependent on each other.",
)
#: In the order of the page.
LAYERS = (PARAMETERS, MEANS, SLOPES, SDS, PARTICIPANTS)
_BY_LEVEL = {"dataset": PARAMETERS, "sd": SDS, "participant": PARTICIPANTS}


def layer_of(level: str, parameter: str) -> Layer | None:
    """Return where a number belongs; None for deviations, which the page does not show."""
    if level == "group":
        return MEANS if parameter.endswith("_Intercept") else SLOPES
    return _BY_LEVEL.get(level)


def layered(rows: pd.DataFrame) -> list[tuple[Layer, pd.DataFrame]]:
    """Part rows with ``level`` and ``parameter`` by layer; those without rows are left out."""
    found = [] if rows.empty else _layers(rows)
    return [(layer, rows[[each is layer for each in found]]) for layer in LAYERS if layer in found]


def shared(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of what belongs to the dataset as a whole."""
    return rows if rows.empty else rows[rows["level"].isin(SHARED)]


def in_layers(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows layer after layer, with their ``layer`` in words where there is more than one."""
    parts = layered(rows) if not rows.empty else []
    if len(parts) < 2:
        return parts[0][1] if parts else rows
    return pd.concat([part.assign(layer=layer.one) for layer, part in parts])


def _layers(rows: pd.DataFrame) -> list[Layer | None]:
    pairs = zip(rows["level"], rows["parameter"], strict=True)
    return [layer_of(str(level), str(parameter)) for level, parameter in pairs]

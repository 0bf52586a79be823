"""Choices by the softmax rule: ``softmax_inv_temperature_2``, ``_3`` and ``_4``."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods import softmax
from driftmill.models import start
from driftmill.models.declaration import (
    Columns,
    FloatArray,
    Model,
    Parameter,
    Prior,
    Sampler,
    Start,
)

_START_BETA = 2.0
_REFERENCE = "Luce (1959), Individual Choice Behavior; Sutton & Barto (2018), section 2.8"
_IDENTIFIABILITY = (
    "choices tell the odds of the options, so beta and the values one by one by their priors alone."
)

BETA = Parameter(
    "beta",
    0.0,
    math.inf,
    Prior("Gamma", {"alpha": 2.0, "beta": 0.5}),
    "inverse temperature",
)


def _logit(option: int) -> Parameter:
    return Parameter(
        f"logit{option}",
        -math.inf,
        math.inf,
        Prior("Normal", {"mu": 0.0, "sigma": 1.0}),
        f"value of option {option} relative to the reference option",
    )


def _sampler(choices: tuple[int, ...]) -> Sampler:
    """Return a sampler of choices by the Gumbel-max method."""

    def sample(
        rng: np.random.Generator, parameters: Mapping[str, FloatArray]
    ) -> dict[str, NDArray[np.generic]]:
        beta = np.asarray(parameters["beta"], dtype=np.float64)
        utilities = np.zeros((len(choices), beta.size))
        for option in range(1, len(choices)):
            utilities[option] = beta * parameters[f"logit{option}"]
        winner = np.argmax(utilities + rng.gumbel(size=utilities.shape), axis=0)
        return {"response": np.asarray(choices, dtype=np.int64)[winner]}

    return sample


def _start(choices: tuple[int, ...]) -> Start:
    def values(columns: Columns) -> dict[str, float]:
        logits = start.utilities(columns, choices, _START_BETA)
        return {"beta": _START_BETA} | {f"logit{k}": x for k, x in enumerate(logits, start=1)}

    return values


SOFTMAX_2 = Model(
    name="softmax_inv_temperature_2",
    parameters=(BETA, _logit(1)),
    response_columns=("response",),
    choices=(-1, 1),
    likelihoods={"analytical": softmax.softmax_2},
    simulator=_sampler((-1, 1)),
    start=_start((-1, 1)),
    title="Softmax choice between two options",
    equation="P = softmax(beta [0, logit1]); the option with logit1 is coded 1",
    reference=_REFERENCE,
    identifiability=_IDENTIFIABILITY,
    products=(("beta", "logit1"),),
)

SOFTMAX_3 = Model(
    name="softmax_inv_temperature_3",
    parameters=(BETA, _logit(1), _logit(2)),
    response_columns=("response",),
    choices=(0, 1, 2),
    likelihoods={"analytical": softmax.softmax_3},
    simulator=_sampler((0, 1, 2)),
    start=_start((0, 1, 2)),
    title="Softmax choice among three options",
    equation="P = softmax(beta [0, logit1, logit2])",
    reference=_REFERENCE,
    identifiability=_IDENTIFIABILITY,
    products=(("beta", "logit1"), ("beta", "logit2")),
)

SOFTMAX_4 = Model(
    name="softmax_inv_temperature_4",
    parameters=(BETA, _logit(1), _logit(2), _logit(3)),
    response_columns=("response",),
    choices=(0, 1, 2, 3),
    likelihoods={"analytical": softmax.softmax_4},
    simulator=_sampler((0, 1, 2, 3)),
    start=_start((0, 1, 2, 3)),
    title="Softmax choice among four options",
    equation="P = softmax(beta [0, logit1, logit2, logit3])",
    reference=_REFERENCE,
    identifiability=_IDENTIFIABILITY,
    products=(("beta", "logit1"), ("beta", "logit2"), ("beta", "logit3")),
)

MODELS = (SOFTMAX_2, SOFTMAX_3, SOFTMAX_4)

"""Two diffusions in sequence: ``ddm_seq2_no_bias``."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from driftmill.likelihoods import first_passage, sequential
from driftmill.likelihoods.time_quadrature import cumulative_of, survivor_of
from driftmill.models.declaration import Columns, FloatArray, Model
from driftmill.models.diffusion import A, T, V
from driftmill.models.passages import Passages
from driftmill.models.start import without_outliers

_DDM = Passages(first_passage.ddm, ("v", "a", "z", "t"))
_A = (0.3, 3.0)
_DRIFT = 4.0


def _sample(
    rng: np.random.Generator, parameters: Mapping[str, FloatArray]
) -> dict[str, NDArray[np.generic]]:
    """Draw the first stage, then the second with the drift that the first one led to."""
    p = parameters
    stage = {"a": p["a"], "z": np.full(p["a"].size, 0.5)}
    first, early = _DDM.draw(rng, stage | {"v": p["vh"]})
    second, late = _DDM.draw(rng, stage | {"v": np.where(first > 0, p["vl2"], p["vl1"])})
    return {"rt": p["t"] + early + late, "response": (first + 1) + (second + 1) // 2}


def _start(columns: Columns) -> dict[str, float]:
    """Take a from the variance of undrifted decisions, the drifts from the shares of responses."""
    rt = np.asarray(columns["rt"], dtype=np.float64)
    response = np.asarray(columns["response"], dtype=np.int64)
    kept = without_outliers(rt)
    a = float(np.clip((0.75 * np.var(kept)) ** 0.25, *_A))
    counts = np.array([np.count_nonzero(response == k) + 0.5 for k in range(4)])
    odds = {
        "vh": (counts[2] + counts[3]) / (counts[0] + counts[1]),
        "vl1": counts[1] / counts[0],
        "vl2": counts[3] / counts[2],
    }
    drifts = {n: float(np.clip(math.log(x) / (2 * a), -_DRIFT, _DRIFT)) for n, x in odds.items()}
    fastest = max(float(rt.min()), 1e-6)
    t = min(max(float(kept.mean()) - 2.0 * a * a, 0.1 * fastest), 0.9 * fastest)
    return drifts | {"a": a, "t": t}


DDM_SEQ2_NO_BIAS = Model(
    name="ddm_seq2_no_bias",
    parameters=(
        replace(V, name="vh", description="drift rate of the first stage, upwards"),
        replace(V, name="vl1", description="drift rate of the second stage after a lower end"),
        replace(V, name="vl2", description="drift rate of the second stage after an upper end"),
        A,
        T,
    ),
    response_columns=("rt", "response"),
    choices=(0, 1, 2, 3),
    likelihoods={"analytical": sequential.ddm_seq2_no_bias},
    simulator=_sample,
    start=_start,
    title="Two drift diffusions in sequence, without bias",
    equation=(
        "two stages as ddm with z = 0.5, rt = t + both first passages; response 2 h + l, where h "
        "and l are 1 for the upper bound of the first and second stage, the second's drift is "
        "vl1 where h = 0 and vl2 where h = 1"
    ),
    reference="Solway & Botvinick (2015), Proc. Natl. Acad. Sci. 112, 11708-11713",
    identifiability=(
        "all five from some 200 trials; the drift of a second stage only from trials that reach it."
    ),
    shift="t",
    log_survivor=survivor_of(sequential.ddm_seq2_no_bias, (0, 1, 2, 3), shift=4),
    log_cumulative=cumulative_of(sequential.ddm_seq2_no_bias, shift=4),
)

MODELS = (DDM_SEQ2_NO_BIAS,)

"""The columns of tables that compare fits, and of held-out scores that come from refits."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from driftmill.store.fields import (
    N_BAD_K,
    PARTICIPANT,
    bools,
    floats,
    ints,
    maybe_ints,
    texts,
)

#: What begins the names of the tables that compare fits: by new trials, by new participants left
#: out one by one or fold by fold, by later trials.
UNITS = ("", "participant_", "fold_", "future_")

#: Fits of one dataset against each other, by whatever they predict.
_COMPARISON = pa.schema(
    [
        *texts("cell"),
        *ints("dataset"),
        *texts("fit"),
        *ints("rank"),
        *floats("elpd", "se", "p_loo", "elpd_diff", "dse", "weight_stacking", "weight_bma"),
        N_BAD_K,
        *texts("code", "verdict"),
    ]
)
#: How frequent each fit's model is among participants; null where nobody has an elpd.
_SELECTION = pa.schema(
    [
        *texts("cell", "scope"),
        *maybe_ints("dataset"),
        *texts("fit"),
        *ints("n", "n_left_out"),
        *floats("alpha", "frequency", "frequency_sd", "lower", "upper"),
        *floats("exceedance", "protected_exceedance", "omnibus_risk"),
        *texts("verdict"),
    ]
)
_PAIRS = pa.schema(
    [
        *texts("cell"),
        *ints("dataset"),
        *texts("fit_1", "fit_2"),
        *floats("elpd_diff", "dse", "p_worse"),
    ]
)

SCORES: Mapping[str, pa.Schema] = {
    **{f"{unit}comparison": _COMPARISON for unit in UNITS},
    **{f"{unit}pairs": _PAIRS for unit in UNITS},
    **{f"{unit}selection": _SELECTION for unit in UNITS},
    # Effective draws of integrals: null where nothing varies over participants.
    "folds": pa.schema(
        [
            *ints("dataset"),
            *texts("participant_id"),
            *ints("fold", "n_trials"),
            *floats("elpd", "mcse", "ess"),
            *texts("code"),
        ]
    ),
    # K-fold has neither p_loo nor k.
    "fold_elpd": pa.schema(
        [
            *ints("dataset"),
            *texts("code"),
            *floats("elpd", "se", "p_loo"),
            N_BAD_K,
            *ints("n_participants", "n_folds", "n_failed"),
            *floats("mcse"),
            *maybe_ints("n_bad_integrals"),
        ]
    ),
    # A k is null where there are no weights to take.
    "future": pa.schema(
        [
            *ints("dataset"),
            PARTICIPANT,
            *ints("trial_id", "n_trials", "n_known", "refitted_at"),
            *floats("elpd", "pareto_k"),
            *texts("code"),
        ]
    ),
    "future_elpd": pa.schema(
        [
            *ints("dataset"),
            *texts("code"),
            *floats("elpd", "se", "p_loo", "pareto_k_max"),
            N_BAD_K,
            *floats("k_limit"),
            *ints("n_blocks", "n_trials", "n_refits", "n_failed"),
            *bools("limit_reached"),
        ]
    ),
}

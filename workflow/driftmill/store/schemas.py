"""The columns of every table, declared once."""

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
from driftmill.store.predictive_schemas import PREDICTIVE
from driftmill.store.score_schemas import SCORES

_TRIAL = [*ints("dataset"), PARTICIPANT, *ints("trial_id")]
_GENERATOR = pa.field("generator", pa.string())
_INTERVALS = [
    f"{side}_{percent}" for percent in (50, 80, 90, 94, 95) for side in ("lower", "upper")
]
_OVER_STUDY = texts("cell", "fit", "parameter", "level", "subset")

SCHEMAS: Mapping[str, pa.Schema] = {
    # Observed trials may lack rt and response where ``scored`` says that no fit scores them.
    "trials": pa.schema(
        [
            *ints("dataset"),
            PARTICIPANT,
            *ints("trial_id"),
            *floats("rt"),
            *maybe_ints("response"),
        ]
    ),
    "truth": pa.schema(
        [*ints("dataset"), PARTICIPANT, *texts("parameter"), *floats("value")],
    ),
    # Of observed cells; no rows where a cell is one dataset.
    "datasets": pa.schema([*texts("cell"), *ints("dataset"), *texts("column", "value")]),
    "pointwise": pa.schema([*_TRIAL, *floats("elpd", "pareto_k"), *texts("method")]),
    "elpd": pa.schema(
        [
            *ints("dataset"),
            *texts("code"),
            *floats("elpd", "se", "p_loo", "pareto_k_max"),
            N_BAD_K,
            *maybe_ints("n_matched", "n_refitted"),
            *floats("k_limit"),
            *ints("n_trials", "n_constant"),
        ]
    ),
    # Effective draws of integrals: null where nothing varies over participants.
    "participants": pa.schema(
        [
            *ints("dataset"),
            *texts("participant_id"),
            *ints("n_trials"),
            *floats("elpd", "pareto_k", "mcse", "ess"),
            *texts("method"),
        ]
    ),
    "participant_elpd": pa.schema(
        [
            *ints("dataset"),
            *texts("code"),
            *floats("elpd", "se", "p_loo", "pareto_k_max"),
            N_BAD_K,
            *floats("k_limit"),
            *ints("n_participants"),
            *floats("mcse"),
            *maybe_ints("n_bad_integrals"),
            *ints("n_refitted"),
        ]
    ),
    **SCORES,
    "confusion": pa.schema(
        [
            *texts("criterion", "subset", "generator", "cell", "verdict"),
            *ints("n", "total"),
            *floats("proportion", "lower", "upper"),
        ]
    ),
    "inversion": pa.schema(
        [
            *texts("criterion", "subset", "verdict", "cell", "generator"),
            *floats("probability", "lower", "upper"),
            *ints("n"),
        ]
    ),
    "estimates": pa.schema(
        [
            *texts("cell", "fit"),
            _GENERATOR,
            *texts("model"),
            *bools("matched"),
            *ints("dataset"),
            PARTICIPANT,
            *texts("parameter", "level"),
            *floats("truth", "mean", "sd", "median", *_INTERVALS),
            *floats("truth_quantile", "z_score", "prior_sd", "contraction"),
            *floats("r_hat", "ess_bulk", "ess_tail", "mcse_ratio"),
            *texts("code"),
        ]
    ),
    # Rank, its draws and truth are null where there is no posterior.
    "ranks": pa.schema(
        [
            *texts("cell", "fit"),
            *ints("dataset"),
            PARTICIPANT,
            *texts("parameter", "level"),
            *floats("truth"),
            *maybe_ints("rank"),
            *ints("highest"),
            *maybe_ints("draws", "prior_rank"),
            *floats("ess"),
            *texts("code"),
        ]
    ),
    "calibration": pa.schema(
        [
            *texts("cell", "fit", "parameter", "level"),
            *ints("n", "ranked", "failed", "not_simulated", "tests"),
            *floats("p_value", "p_lowest", "p_highest", "p_with_failed", "p_prior"),
            *floats("mean_z", "spread_z"),
            *texts("shape"),
        ]
    ),
    # Null where there are no draws, or all are equal.
    "sensitivity": pa.schema(
        [
            *texts("cell", "fit"),
            *ints("dataset"),
            PARTICIPANT,
            *texts("parameter", "level"),
            *floats("prior", "likelihood"),
            *texts("diagnosis", "code"),
        ]
    ),
    "correlations": pa.schema(
        [
            *texts("cell", "fit"),
            *ints("dataset"),
            *texts("parameter_1", "parameter_2"),
            *floats("r", "log_1", "log_2", "log_product", "log_ratio"),
        ]
    ),
    "gates": pa.schema(
        [
            *texts("cell", "fit"),
            *ints("dataset"),
            *texts("code"),
            *ints("rung"),
            *floats("r_hat", "ess_bulk", "ess_tail"),
            *maybe_ints("divergences", "saturated"),
            *floats("e_bfmi", "mcse_ratio"),
            *texts("message"),
        ]
    ),
    # Where the likelihood is a network's; beyond, a share, is null where there are no draws.
    "edges": pa.schema(
        [
            *texts("cell", "fit"),
            *ints("dataset"),
            *texts("network"),
            *ints("draws"),
            *floats("beyond"),
        ]
    ),
    "point": pa.schema(
        [
            *_OVER_STUDY,
            *ints("n"),
            *floats("r", "r2", "spearman", "bias", "bias_mcse", "rmse", "mae"),
            *floats("rmse_over_prior_sd", "slope", "slope_se"),
        ]
    ),
    "coverage": pa.schema(
        [
            *_OVER_STUDY,
            *floats("interval"),
            *ints("n", "covered"),
            *floats("coverage", "lower", "upper"),
        ]
    ),
    "uncertainty": pa.schema(
        [
            *_OVER_STUDY,
            *ints("n"),
            *floats("mean_z", "sd_z", "mean_contraction", "sd_posterior"),
            *floats("interval_score_90", "rmse_over_sd"),
        ]
    ),
    "precision": pa.schema(
        [
            *texts("sweep"),
            *_OVER_STUDY,
            *ints("trials", "participants", "n"),
            *floats("rmse", "rmse_mcse", "sd_posterior", "sd_posterior_mcse"),
            *floats("width_90", "width_90_mcse", "contraction", "contraction_mcse"),
            *floats("coverage_90", "lower", "upper"),
        ]
    ),
    # Null where no number within ten times the largest is enough.
    "sample_sizes": pa.schema(
        [
            *texts("sweep", "fit", "parameter", "level", "subset", "axis"),
            *ints("held"),
            *texts("criterion"),
            *floats("target"),
            *ints("smallest", "largest"),
            *floats("at_largest", "needed", "needed_lower", "needed_upper"),
            *texts("status"),
        ]
    ),
    "verdict": pa.schema(
        [
            *texts("cell", "fit", "parameter", "level"),
            *texts("calibrated", "identified", "unbiased", "precise"),
            *ints("n"),
            *floats("coverage_90", "coverage_90_lower", "coverage_90_upper", "contraction"),
            *floats("bias", "bias_mcse", "rmse_over_prior_sd"),
            *floats("sbc_p", "sbc_p_lowest", "sbc_p_highest"),
            *texts("sentence"),
        ]
    ),
    **PREDICTIVE,
    # Bytes: some draws between low and high, and the ranks' ECDFs, chain after chain.
    "sketches": pa.schema(
        [
            *texts("cell", "fit"),
            *ints("dataset"),
            *texts("parameter"),
            *floats("low", "high"),
            *ints("chains"),
            *[pa.field(name, pa.binary(), nullable=False) for name in ("draws", "ranks")],
        ]
    ),
    "published": pa.schema(
        [
            *texts("label", "cell", "fit"),
            *ints("dataset"),
            *texts("quantity", "statistic"),
            *floats("ours", "sd", "mcse", "published", "published_sd", "difference"),
            *texts("code", "source", "note", "message"),
        ]
    ),
    "predictions": pa.schema(
        [
            *ints("draw", "row"),
            PARTICIPANT,
            *maybe_ints("trial_id"),
            *floats("rt"),
            *maybe_ints("response"),
        ]
    ),
}
#: Columns that a table may lack (choice-only data have no rt).
OPTIONAL: Mapping[str, frozenset[str]] = {
    "trials": frozenset({"rt"}),
    "predictions": frozenset({"rt"}),
}
#: Tables that may hold further columns: covariates, and what a task made.
OPEN: frozenset[str] = frozenset({"trials", "predictions"})


def mismatch(kind: str, columns: list[str]) -> str | None:
    """Tell how columns differ from the declared ones, or None when they agree."""
    if kind not in SCHEMAS:
        return f"there is no table of kind {kind!r}"
    declared = SCHEMAS[kind].names
    missing = [c for c in declared if c not in columns and c not in OPTIONAL.get(kind, ())]
    extra = [] if kind in OPEN else [c for c in columns if c not in declared]
    sides = (("lacks", missing), ("has", extra))
    told = [f"{verb} the columns {', '.join(names)}" for verb, names in sides if names]
    return f"a table of kind {kind} {' and '.join(told)}" if told else None

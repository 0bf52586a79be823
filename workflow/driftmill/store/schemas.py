"""The columns of every table, declared once."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from driftmill.store.fields import N_BAD_K as _N_BAD_K
from driftmill.store.fields import PARTICIPANT as _PARTICIPANT
from driftmill.store.fields import bools as _bools
from driftmill.store.fields import floats as _floats
from driftmill.store.fields import ints as _ints
from driftmill.store.fields import maybe_ints as _maybe_ints
from driftmill.store.fields import texts as _texts
from driftmill.store.score_schemas import SCORES

_TRIAL = [*_ints("dataset"), _PARTICIPANT, *_ints("trial_id")]
_GENERATOR = pa.field("generator", pa.string())
_INTERVALS = [
    f"{side}_{percent}" for percent in (50, 80, 90, 94, 95) for side in ("lower", "upper")
]
_OVER_STUDY = _texts("cell", "fit", "parameter", "level", "subset")

SCHEMAS: Mapping[str, pa.Schema] = {
    # Observed trials may lack rt and response where ``scored`` says that no fit scores them.
    "trials": pa.schema(
        [
            *_ints("dataset"),
            _PARTICIPANT,
            *_ints("trial_id"),
            *_floats("rt"),
            *_maybe_ints("response"),
        ]
    ),
    "truth": pa.schema(
        [*_ints("dataset"), _PARTICIPANT, *_texts("parameter"), *_floats("value")],
    ),
    # Of observed cells; no rows where a cell is one dataset.
    "datasets": pa.schema([*_texts("cell"), *_ints("dataset"), *_texts("column", "value")]),
    "pointwise": pa.schema([*_TRIAL, *_floats("elpd", "pareto_k"), *_texts("method")]),
    "elpd": pa.schema(
        [
            *_ints("dataset"),
            *_texts("code"),
            *_floats("elpd", "se", "p_loo", "pareto_k_max"),
            _N_BAD_K,
            *_maybe_ints("n_matched", "n_refitted"),
            *_floats("k_limit"),
            *_ints("n_trials", "n_constant"),
        ]
    ),
    # Effective draws of integrals: null where nothing varies over participants.
    "participants": pa.schema(
        [
            *_ints("dataset"),
            *_texts("participant_id"),
            *_ints("n_trials"),
            *_floats("elpd", "pareto_k", "mcse", "ess"),
            *_texts("method"),
        ]
    ),
    "participant_elpd": pa.schema(
        [
            *_ints("dataset"),
            *_texts("code"),
            *_floats("elpd", "se", "p_loo", "pareto_k_max"),
            _N_BAD_K,
            *_floats("k_limit"),
            *_ints("n_participants"),
            *_floats("mcse"),
            *_maybe_ints("n_bad_integrals"),
            *_ints("n_refitted"),
        ]
    ),
    **SCORES,
    "confusion": pa.schema(
        [
            *_texts("criterion", "subset", "generator", "cell", "verdict"),
            *_ints("n", "total"),
            *_floats("proportion", "lower", "upper"),
        ]
    ),
    "inversion": pa.schema(
        [
            *_texts("criterion", "subset", "verdict", "cell", "generator"),
            *_floats("probability", "lower", "upper"),
            *_ints("n"),
        ]
    ),
    "estimates": pa.schema(
        [
            *_texts("cell", "fit"),
            _GENERATOR,
            *_texts("model"),
            *_bools("matched"),
            *_ints("dataset"),
            _PARTICIPANT,
            *_texts("parameter", "level"),
            *_floats("truth", "mean", "sd", "median", *_INTERVALS),
            *_floats("truth_quantile", "z_score", "prior_sd", "contraction"),
            *_floats("r_hat", "ess_bulk", "ess_tail", "mcse_ratio"),
            *_texts("code"),
        ]
    ),
    # Rank, its draws and truth are null where there is no posterior.
    "ranks": pa.schema(
        [
            *_texts("cell", "fit"),
            *_ints("dataset"),
            _PARTICIPANT,
            *_texts("parameter", "level"),
            *_floats("truth"),
            *_maybe_ints("rank"),
            *_ints("highest"),
            *_maybe_ints("draws", "prior_rank"),
            *_floats("ess"),
            *_texts("code"),
        ]
    ),
    "calibration": pa.schema(
        [
            *_texts("cell", "fit", "parameter", "level"),
            *_ints("n", "ranked", "failed", "not_simulated", "tests"),
            *_floats("p_value", "p_lowest", "p_highest", "p_with_failed", "p_prior"),
            *_floats("mean_z", "spread_z"),
            *_texts("shape"),
        ]
    ),
    "correlations": pa.schema(
        [
            *_texts("cell", "fit"),
            *_ints("dataset"),
            *_texts("parameter_1", "parameter_2"),
            *_floats("r", "log_1", "log_2", "log_product", "log_ratio"),
        ]
    ),
    "gates": pa.schema(
        [
            *_texts("cell", "fit"),
            *_ints("dataset"),
            *_texts("code"),
            *_ints("rung"),
            *_floats("r_hat", "ess_bulk", "ess_tail"),
            *_maybe_ints("divergences", "saturated"),
            *_floats("e_bfmi", "mcse_ratio"),
            *_texts("message"),
        ]
    ),
    "point": pa.schema(
        [
            *_OVER_STUDY,
            *_ints("n"),
            *_floats("r", "r2", "spearman", "bias", "bias_mcse", "rmse", "mae"),
            *_floats("rmse_over_prior_sd", "slope", "slope_se"),
        ]
    ),
    "coverage": pa.schema(
        [
            *_OVER_STUDY,
            *_floats("interval"),
            *_ints("n", "covered"),
            *_floats("coverage", "lower", "upper"),
        ]
    ),
    "uncertainty": pa.schema(
        [
            *_OVER_STUDY,
            *_ints("n"),
            *_floats("mean_z", "sd_z", "mean_contraction", "sd_posterior"),
            *_floats("interval_score_90", "rmse_over_sd"),
        ]
    ),
    "precision": pa.schema(
        [
            *_texts("sweep"),
            *_OVER_STUDY,
            *_ints("trials", "participants", "n"),
            *_floats("rmse", "rmse_mcse", "sd_posterior", "sd_posterior_mcse"),
            *_floats("width_90", "width_90_mcse", "contraction", "contraction_mcse"),
            *_floats("coverage_90", "lower", "upper"),
        ]
    ),
    # Null where no number within ten times the largest is enough.
    "sample_sizes": pa.schema(
        [
            *_texts("sweep", "fit", "parameter", "level", "subset", "axis"),
            *_ints("held"),
            *_texts("criterion"),
            *_floats("target"),
            *_ints("smallest", "largest"),
            *_floats("at_largest", "needed", "needed_lower", "needed_upper"),
            *_texts("status"),
        ]
    ),
    "verdict": pa.schema(
        [
            *_texts("cell", "fit", "parameter", "level"),
            *_texts("calibrated", "identified", "unbiased", "precise"),
            *_ints("n"),
            *_floats("coverage_90", "coverage_90_lower", "coverage_90_upper", "contraction"),
            *_floats("bias", "bias_mcse", "rmse_over_prior_sd"),
            *_floats("sbc_p", "sbc_p_lowest", "sbc_p_highest"),
            *_texts("sentence"),
        ]
    ),
    "quantiles": pa.schema(
        [
            *_texts("cell", "fit"),
            *_ints("dataset"),
            *_texts("quantity"),
            *_ints("response"),
            *_floats("probability", "observed", "predicted", "lower", "upper"),
            *_ints("n_observed", "n_draws", "n_unfinished", "n_outside"),
        ]
    ),
    # Rows of ``share_outside`` have a parameter; all others a response and predictions.
    "prior_quantiles": pa.schema(
        [
            *_texts("cell", "fit"),
            *_ints("dataset"),
            *_texts("quantity"),
            pa.field("parameter", pa.string()),
            *_maybe_ints("response"),
            *_floats("probability", "observed", "predicted", "lower", "upper", "share_outside"),
            *_ints("n_observed", "n_draws", "n_unfinished", "n_outside"),
        ]
    ),
    # A median rt is of all responses; categorical bins have no centre.
    "covariate": pa.schema(
        [
            *_texts("cell", "fit"),
            *_ints("dataset"),
            *_texts("covariate"),
            *_ints("bin"),
            *_texts("label"),
            *_floats("centre"),
            *_texts("quantity"),
            *_maybe_ints("response"),
            *_floats("observed", "observed_lower", "observed_upper"),
            *_floats("predicted", "lower", "upper"),
            *_ints("n_observed", "n_draws", "n_outside"),
        ]
    ),
    # Bytes: some draws between low and high, and the ranks' ECDFs, chain after chain.
    "sketches": pa.schema(
        [
            *_texts("cell", "fit"),
            *_ints("dataset"),
            *_texts("parameter"),
            *_floats("low", "high"),
            *_ints("chains"),
            *[pa.field(name, pa.binary(), nullable=False) for name in ("draws", "ranks")],
        ]
    ),
    "published": pa.schema(
        [
            *_texts("label", "cell", "fit"),
            *_ints("dataset"),
            *_texts("quantity", "statistic"),
            *_floats("ours", "sd", "mcse", "published", "published_sd", "difference"),
            *_texts("code", "source", "note", "message"),
        ]
    ),
    "predictions": pa.schema(
        [
            *_ints("draw", "row"),
            _PARTICIPANT,
            *_maybe_ints("trial_id"),
            *_floats("rt"),
            *_maybe_ints("response"),
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

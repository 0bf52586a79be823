"""The columns of every table, declared once."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from driftmill.store.fields import bools as _bools
from driftmill.store.fields import floats as _floats
from driftmill.store.fields import ints as _ints
from driftmill.store.fields import maybe_ints as _maybe_ints
from driftmill.store.fields import texts as _texts
from driftmill.store.predictive_schemas import PREDICTIVE

_INT, _TEXT = pa.int64(), pa.string()


_PARTICIPANT = pa.field("participant_id", _TEXT)
#: Null where the fit failed.
_N_BAD_K = pa.field("n_bad_k", _INT)
_GENERATOR = pa.field("generator", _TEXT)
_INTERVALS = [
    f"{side}_{percent}" for percent in (50, 80, 90, 94, 95) for side in ("lower", "upper")
]
_OVER_STUDY = _texts("cell", "fit", "parameter", "level", "subset")

#: Fits of one dataset against each other, by new trials or by new participants.
_COMPARISON = pa.schema(
    [
        *_texts("cell"),
        *_ints("dataset"),
        *_texts("fit"),
        *_ints("rank"),
        *_floats("elpd", "se", "p_loo", "elpd_diff", "dse", "weight_stacking", "weight_bma"),
        _N_BAD_K,
        *_texts("code", "verdict"),
    ]
)
#: How frequent each fit's model is among participants; null where nobody has an elpd.
_SELECTION = pa.schema(
    [
        *_texts("cell", "scope"),
        *_maybe_ints("dataset"),
        *_texts("fit"),
        *_ints("n", "n_left_out"),
        *_floats("alpha", "frequency", "frequency_sd", "lower", "upper"),
        *_floats("exceedance", "protected_exceedance", "omnibus_risk"),
        *_texts("verdict"),
    ]
)
_PAIRS = pa.schema(
    [
        *_texts("cell"),
        *_ints("dataset"),
        *_texts("fit_1", "fit_2"),
        *_floats("elpd_diff", "dse", "p_worse"),
    ]
)

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
    "pointwise": pa.schema(
        [*_ints("dataset"), _PARTICIPANT, *_ints("trial_id"), *_floats("elpd", "pareto_k")]
    ),
    "elpd": pa.schema(
        [
            *_ints("dataset"),
            *_texts("code"),
            *_floats("elpd", "se", "p_loo", "pareto_k_max"),
            _N_BAD_K,
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
        ]
    ),
    "comparison": _COMPARISON,
    "pairs": _PAIRS,
    "participant_comparison": _COMPARISON,
    "participant_pairs": _PAIRS,
    "selection": _SELECTION,
    "participant_selection": _SELECTION,
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
    # Null where there are no draws, or all are equal.
    "sensitivity": pa.schema(
        [
            *_texts("cell", "fit"),
            *_ints("dataset"),
            _PARTICIPANT,
            *_texts("parameter", "level"),
            *_floats("prior", "likelihood"),
            *_texts("diagnosis", "code"),
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
    **PREDICTIVE,
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

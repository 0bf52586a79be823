"""The columns of the tables of predictive checks."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from driftmill.store.fields import floats, ints, maybe_ints, texts

PREDICTIVE: Mapping[str, pa.Schema] = {
    "quantiles": pa.schema(
        [
            *texts("cell", "fit"),
            *ints("dataset"),
            *texts("quantity"),
            *ints("response"),
            *floats("probability", "observed", "predicted", "lower", "upper"),
            *ints("n_observed", "n_draws", "n_unfinished", "n_outside"),
        ]
    ),
    # Rows of ``share_outside`` have a parameter; all others a response and predictions.
    "prior_quantiles": pa.schema(
        [
            *texts("cell", "fit"),
            *ints("dataset"),
            *texts("quantity"),
            pa.field("parameter", pa.string()),
            *maybe_ints("response"),
            *floats("probability", "observed", "predicted", "lower", "upper", "share_outside"),
            *ints("n_observed", "n_draws", "n_unfinished", "n_outside"),
        ]
    ),
    # A median rt is of all responses; categorical bins have no centre.
    "covariate": pa.schema(
        [
            *texts("cell", "fit"),
            *ints("dataset"),
            *texts("covariate"),
            *ints("bin"),
            *texts("label"),
            *floats("centre"),
            *texts("quantity"),
            *maybe_ints("response"),
            *floats("observed", "observed_lower", "observed_upper"),
            *floats("predicted", "lower", "upper"),
            *ints("n_observed", "n_draws", "n_outside"),
        ]
    ),
    # LOO-PIT values below the ends of 50 equal bins, of groups as those of ``curves``.
    "pit": pa.schema(
        [
            *texts("cell", "fit"),
            *ints("dataset"),
            *texts("quantity", "scope", "factor", "group"),
            *ints("place", "below", "n", "n_bad_k"),
        ]
    ),
    # A group is one of the trials of a factor, a condition's or a participant's.
    "curves": pa.schema(
        [
            *texts("cell", "fit"),
            *ints("dataset"),
            *texts("curve", "scope", "factor", "group", "quantity"),
            *maybe_ints("response"),
            *ints("bin"),
            *floats("x", "observed", "predicted", "lower", "upper"),
            *ints("n_observed", "n_draws"),
        ]
    ),
}

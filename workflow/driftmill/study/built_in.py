"""Names of what driftmill brings along, for what must not import the models to know them."""

from __future__ import annotations

from driftmill.study.learning import LearningModel

MODELS = (
    *(
        "ddm",
        "ddm_sdv",
        "full_ddm",
        "angle",
        "angle_sdv",
        "weibull",
        "ornstein",
        "levy",
        "gamma_drift",
        "gamma_drift_angle",
        "ddm_seq2_no_bias",
    ),
    *(f"lba{accumulators}" for accumulators in (2, 3, 4)),
    *(f"racing_diffusion_{accumulators}" for accumulators in (2, 3, 4)),
    *(f"race_no_bias_angle_{accumulators}" for accumulators in (2, 3, 4)),
    "poisson_race",
    *(f"softmax_inv_temperature_{options}" for options in (2, 3, 4)),
    *("rlssm1", "rlssm2", "hgf_softmax"),
)
#: Models that have no likelihood but a network's.
BY_NETWORK = ("levy", "gamma_drift", "gamma_drift_angle")
PROCESSES = (
    *("rescorla_wagner", "rescorla_wagner_dual"),
    *("hgf_binary", "hgf_binary_3", "hgf_binary_3_standard"),
    *("hgf_continuous", "hgf_continuous_3", "hgf_continuous_3_standard"),
)
COUPLINGS = (
    *("values_to_choice", "values_to_drift", "values_to_drifts"),
    *("prediction_to_choice", "prediction_to_drift"),
)


def is_built_in(spec: str | LearningModel) -> bool:
    """Tell whether a model is made of nothing that a user registered."""
    if isinstance(spec, str):
        return spec in MODELS
    own = spec.coupling is None or spec.coupling in COUPLINGS
    return own and spec.learning in PROCESSES and spec.decision in MODELS

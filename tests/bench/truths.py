"""What every model's 500 trials are simulated from, for the bench of the catalogue."""

from scenarios import Scenario

_DIFFUSION = {"v": 0.8, "a": 1.2, "z": 0.5, "t": 0.3}
_ANGLE = _DIFFUSION | {"theta": 0.3}
_RACE = {"A": 0.5, "b": 1.0, "t": 0.2}
_DRIFTS = (2.0, 1.5, 1.0, 0.5)
_LBA_DRIFTS = (1.0, 0.8, 0.7, 0.6)


def _drifts(values: tuple[float, ...], count: int) -> dict[str, float]:
    return {f"v{k}": value for k, value in enumerate(values[:count])}


#: By model of the catalogue: values of the parameters that are free in a fit by default.
TRUTHS: dict[str, dict[str, float]] = {
    "ddm": _DIFFUSION,
    "ddm_sdv": _DIFFUSION | {"sv": 0.8},
    "full_ddm": _DIFFUSION | {"sz": 0.3, "sv": 0.8, "st": 0.2},
    "angle": _ANGLE,
    "angle_sdv": _ANGLE | {"sv": 0.8},
    "weibull": _DIFFUSION | {"alpha": 2.0, "beta": 2.0},
    "ornstein": _DIFFUSION | {"g": 0.3},
    "ddm_seq2_no_bias": {"vh": 1.0, "vl1": 0.8, "vl2": 1.2, "a": 1.0, "t": 0.3},
    "poisson_race": {"r1": 4.0, "r2": 3.0, "k1": 2.5, "k2": 2.5, "t": 0.2},
    **{f"lba{k}": {"A": 0.5, "b": 0.8} | _drifts(_LBA_DRIFTS, k) for k in (2, 3, 4)},
    **{f"racing_diffusion_{k}": _RACE | _drifts(_DRIFTS, k) for k in (2, 3, 4)},
    **{
        f"race_no_bias_angle_{k}": {"a": 1.2, "z": 0.3, "t": 0.3, "theta": 0.2}
        | _drifts(_DRIFTS, k)
        for k in (2, 3, 4)
    },
    "softmax_inv_temperature_2": {"beta": 2.0, "logit1": 0.5},
    "softmax_inv_temperature_3": {"beta": 2.0, "logit1": 0.5, "logit2": -0.3},
    "softmax_inv_temperature_4": {"beta": 2.0, "logit1": 0.5, "logit2": -0.3, "logit3": 0.2},
}

TRIALS = 500
_ALONE = "-500"


def catalogue_scenario(name: str) -> Scenario:
    """Return the fit of a model to its own trials, by its default priors, without a rival.

    ``name`` is that of the model or of the scenario.
    """
    model = name.removesuffix(_ALONE)
    return Scenario(
        name=f"{model}{_ALONE}",
        title=f"{model}, {TRIALS} trials",
        model=model,
        data={"truth": TRUTHS[model], "trials": TRIALS},
        include=(),
        chains=4,
        tune=None,
        batches=(16,),
        rival="",
    )

"""The networks that driftmill brings along, as they are made."""

from __future__ import annotations

from driftmill.networks.design import NetworkDesign
from driftmill.networks.training import Training

LEVY = NetworkDesign(
    name="levy",
    model="levy",
    box={"v": (-9.0, 9.0), "z": (0.05, 0.95), "alpha": (1.05, 2.0)},
    layers=(80, 80, 80),
    sets=160_000,
    draws=50,
    training=Training(steps=40_000, batch=256, learning_rate=3e-3, every=1_000, patience=40),
)

GAMMA_DRIFT = NetworkDesign(
    name="gamma_drift",
    model="gamma_drift",
    box={
        "v": (-10.0, 10.0),
        "c": (-9.0, 9.0),
        "z": (0.05, 0.95),
        "shape": (2.0, 10.0),
        "log_peak": (-7.0, 5.5),
    },
    layers=(96, 96, 96),
    sets=200_000,
    draws=40,
    training=Training(steps=60_000, batch=200, learning_rate=3e-3, every=2_000, patience=30),
)

GAMMA_DRIFT_ANGLE = NetworkDesign(
    name="gamma_drift_angle",
    model="gamma_drift_angle",
    box={**GAMMA_DRIFT.box, "slope": (-0.35, 1.5)},
    layers=(96, 96, 96),
    sets=200_000,
    draws=40,
    training=Training(steps=60_000, batch=200, learning_rate=3e-3, every=2_000, patience=30),
)

WEIBULL = NetworkDesign(
    name="weibull",
    model="weibull",
    kind="correction",
    box={"z": (0.05, 0.95), "alpha": (0.5, 6.0), "beta": (0.15, 20.0)},
    layers=(32, 32),
    sets=12_288,
    draws=64,
    checks=128,
    training=Training(steps=40_000, batch=1_024, learning_rate=4e-3, every=2_000),
)

ORNSTEIN = NetworkDesign(
    name="ornstein",
    model="ornstein",
    kind="correction",
    box={"v": (-6.0, 6.0), "z": (0.1, 0.9), "g": (-4.0, 4.0)},
    layers=(32, 32, 32),
    sets=16_384,
    draws=48,
    checks=128,
    training=Training(steps=80_000, batch=1_024, learning_rate=4e-3, every=2_000),
)

FULL_DDM = NetworkDesign(
    name="full_ddm",
    model="full_ddm",
    kind="correction",
    box={
        "v": (-6.0, 6.0),
        "z": (0.1, 0.9),
        "spread": (0.0, 0.85),
        "sv": (0.0, 2.5),
        "st": (0.0, 1.0),
    },
    layers=(32, 32),
    sets=16_384,
    draws=48,
    checks=128,
    training=Training(steps=100_000, batch=1_024, learning_rate=4e-3, every=2_000),
)

#: Of an accumulator: it serves races of two, three and four.
RACE_NO_BIAS_ANGLE = NetworkDesign(
    name="race_no_bias_angle",
    model="race_no_bias_angle_3",
    kind="correction",
    box={"v": (0.0, 8.0), "z": (0.0, 0.9), "slope": (-0.1, 2.0)},
    layers=(32, 32, 32),
    sets=16_384,
    draws=64,
    checks=128,
    training=Training(steps=80_000, batch=1_024, learning_rate=4e-3, every=2_000),
)

#: All of them, in the order of the catalogue.
DESIGNS = (
    LEVY,
    GAMMA_DRIFT,
    GAMMA_DRIFT_ANGLE,
    FULL_DDM,
    WEIBULL,
    ORNSTEIN,
    RACE_NO_BIAS_ANGLE,
)

"""Fits of many kinds, data for them, and rough values."""

import numpy as np

from driftmill.formulas.links import Link, link_of
from driftmill.formulas.regression import Regression
from driftmill.models import get_model
from driftmill.models.declaration import Prior
from driftmill.regression.fit_spec import P_OUTLIER, FitSpec
from driftmill.sampling.rough import rough_values

DDM, ANGLE = get_model("ddm"), get_model("angle")
LBA, RACE = get_model("lba2"), get_model("racing_diffusion_3")
SOFTMAX_2 = get_model("softmax_inv_temperature_2")


def normal(sigma, mu=0.0):
    return Prior("Normal", {"mu": mu, "sigma": sigma})


def group(sigma):
    return Prior("Normal", {"mu": 0.0, "sigma": Prior("HalfNormal", {"sigma": sigma})})


def log(model, name):
    return link_of(model.parameter(name), "log")


IDENTITY = Link("identity")
V = Regression(
    "v",
    "1 + x + c + (1 + x | participant_id)",
    IDENTITY,
    {
        "Intercept": normal(2.0),
        "x": normal(1.0),
        "c": normal(1.0),
        "1|participant_id": group(0.7),
        "x|participant_id": group(0.5),
    },
)
A_CENTRED = Regression(
    "a",
    "1 + (1 | participant_id)",
    log(DDM, "a"),
    {"Intercept": normal(0.5), "1|participant_id": group(0.3)},
    noncentered=False,
)
A_BY_X = Regression("a", "1 + x", log(ANGLE, "a"), {"Intercept": normal(0.5), "x": normal(0.3)})
A_IDENTITY = Regression(
    "a",
    "1 + x",
    IDENTITY,
    {"Intercept": Prior("HalfNormal", {"sigma": 2.0}), "x": normal(0.5)},
)
B_BY_X = Regression("b", "1 + x", log(RACE, "b"), {"Intercept": normal(0.5), "x": normal(0.3)})
START_BY_X = Regression(
    "A", "1 + x", log(LBA, "A"), {"Intercept": normal(0.5, -1.0), "x": normal(0.3)}
)
T_BY_X = Regression("t", "1 + x", log(DDM, "t"), {"Intercept": normal(0.7, -1.2), "x": normal(0.3)})
LOGIT = Regression(
    "logit1",
    "0 + c:x + (0 + c | participant_id)",
    IDENTITY,
    {"c:x": normal(1.0), "c|participant_id": group(0.5)},
)
SPLINE = Regression(
    "v", "bs(x, df=4)", IDENTITY, {"Intercept": normal(2.0), "bs(x, df=4)": normal(1.0)}
)
LAPSE = Regression(
    "p_outlier",
    "1 + x",
    Link("logit", 0.0, 1.0),
    {"Intercept": normal(1.0, -3.0), "x": normal(0.5)},
)

SPECS = {
    "ddm": FitSpec("ddm", DDM),
    "ddm, lapse": FitSpec("ddm", DDM, p_outlier=0.05),
    "ddm, lapse estimated": FitSpec("ddm", DDM, p_outlier=P_OUTLIER.prior),
    "ddm, lapse by formula": FitSpec("ddm", DDM, p_outlier=LAPSE),
    "angle": FitSpec("angle", ANGLE),
    "angle, lapse": FitSpec("angle", ANGLE, p_outlier=0.05),
    "angle, z and t fixed": FitSpec("angle", ANGLE, fixed={"z": 0.5, "t": 0.1}),
    "angle, a by formula": FitSpec("angle", ANGLE, regressions={"a": A_BY_X}),
    "ddm_sdv": FitSpec("ddm_sdv", get_model("ddm_sdv")),
    "ddm_sdv, priors past the support": FitSpec(
        "ddm_sdv",
        get_model("ddm_sdv"),
        priors={
            "a": normal(1.0, 1.0),
            "z": normal(0.3, 0.5),
            "t": Prior("Gamma", {"mu": 0.3, "sigma": 0.2}),
        },
        p_outlier=0.1,
    ),
    "lba2": FitSpec("lba2", LBA),
    "lba2, A by formula, lapse": FitSpec(
        "lba2", LBA, regressions={"A": START_BY_X}, p_outlier=0.05, freed=("t",)
    ),
    "race, lapse": FitSpec("race", RACE, p_outlier=0.05),
    "race, b by formula": FitSpec("race", RACE, regressions={"b": B_BY_X}),
    "hierarchy": FitSpec("hierarchy", DDM, regressions={"v": V, "a": A_CENTRED}),
    "identity": FitSpec("identity", DDM, regressions={"a": A_IDENTITY}),
    "t by formula": FitSpec("t", DDM, regressions={"t": T_BY_X}),
    "spline": FitSpec("spline", DDM, regressions={"v": SPLINE}, fixed={"z": 0.5}),
    "t from a column": FitSpec("column", DDM, fixed={"t": "ter", "z": 0.5}),
    "softmax": FitSpec("softmax", get_model("softmax_inv_temperature_3")),
    "softmax hierarchy": FitSpec("softmax", SOFTMAX_2, regressions={"logit1": LOGIT}),
    "one free parameter": FitSpec("beta", SOFTMAX_2, fixed={"logit1": 0.5}),
}


def columns_of(spec, n, seed):
    """Return random data with all columns that a fit needs, four participants in a row."""
    rng = np.random.default_rng(seed)
    columns = {
        "response": rng.choice(spec.model.choices, n),
        "rt": 0.25 + rng.gamma(2.0, 0.3, n),
        "x": rng.uniform(-1.0, 1.0, n),
        "c": rng.permutation(np.array(["a", "b"], dtype=object)[np.arange(n) % 2]),
        "participant_id": np.array([f"p{k}" for k in np.arange(n) // 12], dtype=object),
        "ter": rng.uniform(0.05, 0.2, n),
    }
    return {name: columns[name] for name in spec.columns}


def rough(lifted, data):
    """Return values of the free variables with every coefficient and deviation non-zero."""
    values = rough_values(lifted.spec, data.columns, lifted.free)
    rng = np.random.default_rng(8)
    return {
        name: value + 0.02 * rng.uniform(0.5, 1.0, np.shape(value))
        for name, value in values.items()
    }

"""What is measured, in words that both sides read: study files, whose fits the rivals read too."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Scenario:
    """Data and a fit as a study file has them, and how many draws are made.

    Parameters
    ----------
    name, title
        For files and for the table.
    model, data, include
        The model; a cell's truth, size, formulas and covariates; the fit's words.
    chains, tune
        Chains on both sides; the rival's tuning steps, None for its own number.
    batches
        Numbers of datasets that driftmill fits at a time.
    rival, rival_fits
        Who stands beside it, nobody where empty, and how many datasets it fits, a process each.
    """

    name: str
    title: str
    model: str
    data: dict[str, Any]
    include: tuple[dict[str, Any], ...]
    chains: int
    tune: int | None
    batches: tuple[int, ...]
    rival: str = "hssm"
    rival_fits: int = 1
    draws: int = 1000

    def study(self, datasets: int) -> dict[str, Any]:
        """Return the study of some datasets."""
        cell = {"name": self.name, "model": self.model, "datasets": datasets, **self.data}
        fit = {"name": "fit", "model": self.model, "include": self.include, "p_outlier": 0}
        sampling = {"chains": self.chains, "draws": self.draws}
        return {"study": "bench", "data": [cell], "fits": [fit], "sampling": sampling}


def _prior(name: str, **arguments: Any) -> dict[str, Any]:
    return {"name": name, **arguments}


def _varying(sigma: float) -> dict[str, Any]:
    return _prior("Normal", mu=0, sigma=_prior("HalfNormal", sigma=sigma))


def _by_formula(parameter: str, intercept: dict[str, Any]) -> dict[str, Any]:
    priors = {
        "Intercept": intercept,
        "x": _prior("Normal", mu=0, sigma=1),
        "1|participant_id": _varying(1),
        "x|participant_id": _varying(1),
    }
    return {
        "name": parameter,
        "formula": f"{parameter} ~ 1 + x + (1 + x | participant_id)",
        "prior": priors,
        "link": "identity",
    }


_X = {"x": _prior("Normal", mu=0, sigma=1)}
_V = _prior("Normal", mu=0, sigma=2)
_DIFFUSION = (
    {"name": "a", "prior": _prior("HalfNormal", sigma=2)},
    {"name": "z", "prior": _prior("Uniform", lower=0, upper=1)},
    {"name": "t", "prior": _prior("HalfNormal", sigma=2)},
)

PLAIN = Scenario(
    name="ddm",
    title="DDM, 500 trials",
    model="ddm",
    data={"truth": {"v": 0.5, "a": 1.5, "z": 0.5, "t": 0.5}, "trials": 500},
    include=({"name": "v", "prior": _V}, *_DIFFUSION),
    chains=4,
    tune=None,
    batches=(1, 16, 64),
    rival_fits=4,
)
HIERARCHICAL_DDM = Scenario(
    name="hierarchical-ddm",
    title="hierarchical DDM, 10 participants x 100 trials",
    model="ddm",
    data={
        "formulas": ("v ~ 1 + x + (1 + x | participant_id)",),
        "covariates": _X,
        "truth": {
            "v_Intercept": 1.0,
            "v_x": 0.5,
            "v_1|participant_id_sigma": 0.4,
            "v_x|participant_id_sigma": 0.2,
            "a": 1.2,
            "z": 0.5,
            "t": 0.3,
        },
        "participants": 10,
        "trials": 100,
    },
    include=(_by_formula("v", _V), *_DIFFUSION),
    chains=2,
    tune=1000,
    batches=(1, 16),
)
HIERARCHICAL_SOFTMAX = Scenario(
    name="hierarchical-softmax",
    title="hierarchical softmax, 20 participants x 200 trials",
    model="softmax_inv_temperature_2",
    data={
        "formulas": ("logit1 ~ 1 + x + (1 + x | participant_id)",),
        "covariates": _X,
        "truth": {
            "beta": 2.0,
            "logit1_Intercept": 0.5,
            "logit1_x": 0.5,
            "logit1_1|participant_id_sigma": 0.3,
            "logit1_x|participant_id_sigma": 0.2,
        },
        "participants": 20,
        "trials": 200,
    },
    include=(
        {"name": "beta", "prior": _prior("Gamma", alpha=2, beta=0.5)},
        _by_formula("logit1", _prior("Normal", mu=0, sigma=1)),
    ),
    chains=2,
    tune=1000,
    batches=(1, 16),
)


def _group(
    parameter: str, link: str, intercept: dict[str, Any], sigma: dict[str, Any]
) -> dict[str, Any]:
    deviations = _prior("Normal", mu=0, sigma=sigma)
    return {
        "name": parameter,
        "formula": f"{parameter} ~ 1 + (1 | participant_id)",
        "prior": {"Intercept": intercept, "1|participant_id": deviations},
        "link": link,
    }


_HGF_PRIORS = {
    "omega2": (_prior("Normal", mu=-5, sigma=5), _prior("HalfNormal", sigma=10)),
    "beta": (_prior("Normal", mu=0, sigma=2), _prior("HalfNormal", sigma=2)),
}
HGF = Scenario(
    name="hgf",
    title="group of binary HGFs, 10 participants x 320 inputs",
    model="hgf_softmax",
    data={
        "formulas": ("omega2 ~ 1 + (1 | participant_id)", "beta ~ 1 + (1 | participant_id)"),
        "task": {"inputs": {"schedule": [[p, 40] for p in (0.8, 0.2) * 4]}},
        "truth": {
            "omega2_Intercept": -4.0,
            "omega2_1|participant_id_sigma": 1.0,
            "beta_Intercept": 0.5,
            "beta_1|participant_id_sigma": 0.5,
        },
        "participants": 10,
        "trials": 320,
    },
    include=(
        _group("omega2", "identity", *_HGF_PRIORS["omega2"]),
        _group("beta", "log", *_HGF_PRIORS["beta"]),
    ),
    chains=2,
    tune=1000,
    batches=(1, 16),
    rival="pyhgf",
)
_RLSSM_TRUTH = {
    "rl_alpha": (-1.0, 0.4),
    "rl_alpha_neg": (-1.5, 0.4),
    "scaler": (0.9, 0.2),
    "a": (0.3, 0.15),
    "z": (0.0, 0.2),
    "t": (-1.2, 0.15),
    "theta": (-1.0, 0.3),
}
RLSSM = Scenario(
    name="rlssm2",
    title="rlssm2, 20 participants x 200 trials, all seven parameters hierarchical",
    model="rlssm2",
    data={
        "formulas": tuple(f"{name} ~ 1 + (1 | participant_id)" for name in _RLSSM_TRUTH),
        "task": {"bandit": {"means": [0.3, 0.7]}},
        "truth": {f"{name}_Intercept": mean for name, (mean, _) in _RLSSM_TRUTH.items()}
        | {f"{name}_1|participant_id_sigma": sd for name, (_, sd) in _RLSSM_TRUTH.items()},
        "participants": 20,
        "trials": 200,
    },
    include=tuple(
        {"name": name, "formula": f"{name} ~ 1 + (1 | participant_id)"} for name in _RLSSM_TRUTH
    ),
    chains=2,
    tune=None,
    batches=(1, 4),
    rival="",
)
SCENARIOS = {s.name: s for s in (PLAIN, HIERARCHICAL_DDM, HIERARCHICAL_SOFTMAX, HGF, RLSSM)}

"""What is measured, in plain words that both sides read: study files, whose fits HSSM reads too."""

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
        Chains on both sides; HSSM's tuning steps, None for its own number.
    batches
        Numbers of datasets that driftmill fits at a time.
    hssm_fits
        Datasets that HSSM fits, a process each.
    """

    name: str
    title: str
    model: str
    data: dict[str, Any]
    include: tuple[dict[str, Any], ...]
    chains: int
    tune: int | None
    batches: tuple[int, ...]
    hssm_fits: int
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
    hssm_fits=4,
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
    hssm_fits=1,
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
    hssm_fits=1,
)
SCENARIOS = {s.name: s for s in (PLAIN, HIERARCHICAL_DDM, HIERARCHICAL_SOFTMAX)}

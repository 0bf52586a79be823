"""Entries of a fit with formulas, and the problems of a fit that has them."""

from driftmill.study.check_fit import check_fit
from driftmill.study.types import Fit

HALF = {"name": "HalfNormal", "sigma": 0.5}
NORMAL = {"name": "Normal", "mu": 0, "sigma": 1}
NESTED = {"name": "Normal", "mu": 0, "sigma": HALF}
FORMULA = "1 + x + (1 + x | participant_id)"


def problems(**said):
    """Return the problems of a fit of the diffusion model that says this."""
    fit = Fit.model_validate({"name": "f", "model": "ddm", **said})
    found = check_fit("s.yaml", "fits[0]", fit)
    assert all(p.file == "s.yaml" and p.message and p.remedy for p in found)
    return found


def entry(prior=None, name="v", formula=FORMULA, **more):
    """Return an entry of `include`."""
    return {"name": name, "formula": formula, "prior": prior or {}, **more}

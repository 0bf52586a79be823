"""Checks of fits whose log density is a black box: who can sample them, and with what formulas."""

from __future__ import annotations

from driftmill.formulas.terms import terms_of
from driftmill.models.sound import NUMPY_KINDS
from driftmill.sampling.settings import GRADIENT_FREE
from driftmill.study.models import model_of
from driftmill.study.networks import asks_for_network
from driftmill.study.problems import Problem, show
from driftmill.study.statements import written_of
from driftmill.study.types import Fit, Study


def is_black_box(fit: Fit) -> bool:
    """Tell whether a fit's log density is a plain function without a gradient."""
    if asks_for_network(fit):
        return False
    kind = fit.likelihood or next(iter(model_of(fit.model).likelihoods))
    return kind in NUMPY_KINDS


def check_black_boxes(file: str, study: Study) -> list[Problem]:
    """Return the problems of the fits of black boxes of a study without others.

    Parameters
    ----------
    file
        The study file.
    study
        The study.
    """
    problems = []
    sampler = study.sampling.sampler
    for k, fit in enumerate(study.fits):
        if not is_black_box(fit):
            continue
        if sampler != "nuts" and sampler not in GRADIENT_FREE:
            message = f"needs gradients, which the black box of fit {fit.name!r} has not"
            remedy = (
                f"take {' or '.join(GRADIENT_FREE)}, or nuts, under which black boxes are sampled "
                "without gradients and all other fits by NUTS"
            )
            problems.append(Problem(file, "sampling.sampler", show(sampler), message, remedy))
        model = model_of(fit.model)
        for name, (at, written) in written_of(fit, model).items():
            if terms_of(written.formula).groups:
                message = (
                    f"gives {name} a value for each member of a group, which are too many to be "
                    "sampled without gradients: the chains would not converge"
                )
                remedy = "write the log density in JAX, or fit each participant as a dataset"
                value = f"{name} ~ {written.formula}"
                problems.append(Problem(file, f"fits[{k}].{at}", value, message, remedy))
    return problems

"""Checks of what a study says of the calibration of its networks."""

from __future__ import annotations

from dataclasses import replace

from driftmill.study.check_fit import check_fit
from driftmill.study.check_prior_truths import check_prior_truths
from driftmill.study.network_study import calibration_study
from driftmill.study.network_types import GivenNetwork, TrainedNetwork
from driftmill.study.problems import Problem
from driftmill.study.types import SimulatedCell

_FIT, _CELL = "fits[0]", "data[0]"


def check_calibration(file: str, at: str, section: TrainedNetwork | GivenNetwork) -> list[Problem]:
    """Return the problems of a network's calibration.

    Parameters
    ----------
    file, at
        The file in which the network is written, and where in it.
    section
        The network, which has no other problem.
    """
    if section.sbc is None:
        return []
    study = calibration_study(section)
    (fit,), (cell,) = study.fits, study.data
    assert isinstance(cell, SimulatedCell)
    problems = check_fit(file, _FIT, fit)
    problems = problems or check_prior_truths(file, _CELL, cell, [(_FIT, fit)])
    return [replace(problem, field=_place(at, problem.field)) for problem in problems]


def _place(at: str, field: str) -> str:
    """Return where in the file stands what the study of the calibration has in a field."""
    _, dot, rest = field.partition(".")
    named = rest.split(".")[0] in ("priors", "trials", "datasets")
    return f"{at}.sbc{dot}{rest}" if named else f"{at}.sbc"

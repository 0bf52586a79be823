"""Checks of what the user's files of models register: the protocol that every model keeps."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from driftmill.models import Model
from driftmill.models.learning import Coupling, Process
from driftmill.models.probe import Probe
from driftmill.models.protocol import Fault, model_faults
from driftmill.models.protocol_learning import coupling_faults, process_faults
from driftmill.models.registry import Item, all_models, all_processes
from driftmill.simulation.agreement import simulator_agreement
from driftmill.simulation.parameters import SimulationError
from driftmill.study.model_files import registered
from driftmill.study.problems import Problem

#: Trials that a simulator draws of each of some parameter sets, and how rare is too rare.
_TRIALS, _SETS, _ALPHA = 4000, 2, 1e-6


def check_registered(file: str, thorough: bool = False) -> list[Problem]:
    """Return the problems of what the announced files of models registered.

    Parameters
    ----------
    file
        The study file.
    thorough
        Whether gradients, masses and simulators are checked too, which takes some seconds a
        model; else that everything can be called and returns what it must.
    """
    problems = []
    for k, (path, items) in enumerate(registered().items()):
        for item in items:
            kind = type(item).__name__.lower()
            for fault in _faults(item, thorough):
                message = f"{path}: {kind} {item.name}: {fault.what}"
                problems.append(Problem(file, f"models[{k}]", item.name, message, fault.remedy))
    return problems


def _faults(item: Item, thorough: bool) -> list[Fault]:
    if isinstance(item, Process):
        return process_faults(item, thorough)
    if isinstance(item, Coupling):
        return coupling_faults(item, all_models())
    if item.learning is None:
        return _model_faults(item, thorough)
    # A composition: its parts, unless they are known by themselves.
    parts = item.learning
    found = [] if parts.process in all_processes().values() else process_faults(parts.process)
    if parts.decision not in all_models().values():
        found += _model_faults(parts.decision, thorough)
    return found


def _model_faults(model: Model, thorough: bool) -> list[Fault]:
    found = model_faults(model, thorough)
    if found or not thorough:
        return found
    return list(_simulator_faults(model))


def _simulator_faults(model: Model) -> Iterator[Fault]:
    """Check what a simulator returns, and that it draws from the model's density."""
    probe = Probe(model)
    draws = [p for p in probe.draws(10, margin=0.3, seed=4) if probe.late_mass(p, 18.0) < 1e-6]
    for i, parameters in enumerate(draws[:_SETS]):
        told = ", ".join(f"{name}={value:.3g}" for name, value in parameters.items())
        seed = np.random.SeedSequence([17, i])
        try:
            agreement = simulator_agreement(probe, parameters, _TRIALS, seed)
        except SimulationError as error:
            yield Fault(str(error), "mend the simulator")
            return
        except Exception as error:  # whatever a user's function raises
            first = (str(error) or " ").splitlines()[0]
            remedy = "simulator(rng, parameters) returns a dict of arrays, one value a trial"
            yield Fault(f"its simulator fails: {type(error).__name__}: {first}", remedy)
            return
        if agreement.p_value < _ALPHA:
            what = (
                f"its simulator does not draw from its density, at {told} (chi-square "
                f"{agreement.statistic:.0f} on {agreement.degrees} degrees of freedom, "
                f"{_TRIALS:,} trials)"
            )
            yield Fault(what, "compare shares of choices and mean rt of the two")
            return

"""All that a user's own file of models needs, in one place.

``from driftmill.models.extend import Model, Parameter, Prior, register``; the file is then named
under ``models`` in a study. See config/README.md and config/models/dual_bandit.py.
"""

from __future__ import annotations

from driftmill.models.boundaries import diffusion_between
from driftmill.models.composition import compose
from driftmill.models.declaration import Model, MovingEnd, Parameter, Prior, SsmSimulator
from driftmill.models.learning import Coupling, Process
from driftmill.models.registry import find_coupling, find_model, find_process, register
from driftmill.models.start import from_priors
from driftmill.processes.rule import Rule

__all__ = [
    "Coupling",
    "Model",
    "MovingEnd",
    "Parameter",
    "Prior",
    "Process",
    "Rule",
    "SsmSimulator",
    "compose",
    "diffusion_between",
    "find_coupling",
    "find_model",
    "find_process",
    "from_priors",
    "register",
]

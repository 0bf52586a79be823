"""The learning processes that are built in, and the compositions that have names of their own.

Priors of held parameters serve when a fit frees them. Rates have flat priors on (0, 1), since
published group means lie anywhere between .01 and .9; all others are weakly informative
in the units of binary feedback or binary inputs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from driftmill.models.composition import compose
from driftmill.models.declaration import Model, Parameter, Prior
from driftmill.models.learning import Process
from driftmill.models.linear_bounds import ANGLE
from driftmill.models.softmax import SOFTMAX_2
from driftmill.processes.hgf import Levels, hgf_binary, hgf_continuous
from driftmill.processes.random_walks import Update
from driftmill.processes.rescorla_wagner import rescorla_wagner
from driftmill.processes.rule import Rule

_ARMS = (2, 4)


def _rate(name: str, description: str, typical: float, held: float | None = None) -> Parameter:
    """Return a share, between 0 and 1; the rules are smooth up to both ends."""
    flat = Prior("Uniform", {"lower": 0.0, "upper": 1.0})
    return Parameter(name, 0.0, 1.0, flat, description, margin=1e-6, held=held, typical=typical)


def _real(
    name: str, mu: float, sigma: float, description: str, held: float | None = None
) -> Parameter:
    normal = Prior("Normal", {"mu": mu, "sigma": sigma})
    return Parameter(name, -math.inf, math.inf, normal, description, held=held, typical=mu)


def _positive(name: str, prior: Prior, description: str) -> Parameter:
    """Return a positive parameter held at 1."""
    return Parameter(name, 0.0, math.inf, prior, description, held=1.0, typical=1.0)


_ALPHA = _rate("rl_alpha", "learning rate", 0.3)
_ALPHA_UP = _rate("rl_alpha", "learning rate after outcomes at least as good as expected", 0.3)
_ALPHA_NEG = _rate("rl_alpha_neg", "learning rate after outcomes worse than expected", 0.3)
_RL_HELD = (
    _real("rl_q0", 0.5, 0.5, "initial value of every option, in units of feedback", held=0.5),
    _rate("rl_forget", "share by which options not chosen decay to rl_q0 a trial", 0.1, held=0.0),
    _real("rl_stickiness", 0.0, 0.5, "value added to the option chosen last", held=0.0),
    _rate("rl_alpha_cf", "rate of options not chosen, from 1 - feedback", 0.1, held=0.0),
)
_RW_REFERENCE = "Rescorla & Wagner (1972), Classical Conditioning II, 64-99"

RESCORLA_WAGNER = Process(
    name="rescorla_wagner",
    parameters=(_ALPHA, *_RL_HELD),
    inputs=("feedback",),
    output="values",
    rule=rescorla_wagner,
    title="Rescorla-Wagner learning",
    equation="Q[c] += rl_alpha (feedback - Q[c])",
    reference=_RW_REFERENCE,
    identifiability=(
        "rl_alpha trades off with what its values are multiplied by, beta or scaler: a slow "
        "learner of strong preferences looks like a fast one of weak."
    ),
    options=_ARMS,
)

RESCORLA_WAGNER_DUAL = Process(
    name="rescorla_wagner_dual",
    parameters=(_ALPHA_UP, _ALPHA_NEG, *_RL_HELD),
    inputs=("feedback",),
    output="values",
    rule=partial(rescorla_wagner, dual=True),
    title="Rescorla-Wagner learning with two rates",
    equation="Q[c] += rate (feedback - Q[c]), rate = rl_alpha if feedback >= Q[c], "
    "else rl_alpha_neg",
    reference=f"{_RW_REFERENCE}; Pedersen, Frank & Biele (2017), Psychon. Bull. Rev. 24, 1234-1251",
    identifiability=(
        "as rescorla_wagner; and a rate is told by the errors of its sign alone, of which "
        "a good option gives few that are negative."
    ),
    options=_ARMS,
)

_HGF_REFERENCE = (
    "Mathys et al. (2011), Front. Hum. Neurosci. 5:39; Mathys et al. (2014), "
    "Front. Hum. Neurosci. 8:825"
)
_THIRD_LEVEL = (
    " The volatility above it is hardly identified in designs of some hundred inputs: its "
    "posterior is near its prior."
)
_UPDATE_TITLES = {"ehgf": "enhanced update", "standard": "update of 2011"}
_UPDATE_REFERENCES = {"ehgf": "; Weber et al. (2023), arXiv 2305.10937", "standard": ""}


def _omega(level: int) -> Parameter:
    return _real(
        f"omega{level}", -4.0, 2.0, f"tonic volatility of level {level}: log variance a trial"
    )


def _walk(level: int) -> tuple[Parameter, ...]:
    """Return the held parameters of the random walk at a level."""
    return (
        _real(f"rho{level}", 0.0, 0.1, f"drift of level {level} a trial", held=0.0),
        _rate(f"lam{level}", f"share of level {level} that a trial keeps", 0.9, held=1.0),
        _real(f"mu{level}_start", 0.0, 1.0, f"initial mean of level {level}", held=0.0),
        _positive(
            f"pi{level}_start",
            Prior("LogNormal", {"mu": 0.0, "sigma": 1.0}),
            f"initial precision of level {level}",
        ),
    )


_ALPHA_HGF = _positive(
    "hgf_alpha", Prior("HalfNormal", {"sigma": 1.0}), "weight of the input on the level above it"
)
_KAPPA = _positive(
    "kappa", Prior("HalfNormal", {"sigma": 1.0}), "weight of volatility on the level below it"
)
_INPUT = (
    _positive(
        "pi_in",
        Prior("LogNormal", {"mu": 0.0, "sigma": 1.0}),
        "precision of the input's noise",
    ),
    _real("rho0", 0.0, 0.1, "offset of the input", held=0.0),
)


def _levels(first: int, levels: Levels, leaf: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Return the parameters of a filter whose lowest random walk has number ``first``."""
    if levels == 2:
        return (_omega(first), *_walk(first), *leaf, _ALPHA_HGF)
    walks = (*_walk(first), *_walk(first + 1))
    return (_omega(first), _omega(first + 1), _KAPPA, *walks, *leaf, _ALPHA_HGF)


def _hgf(kind: str, levels: Levels, update: Update = "ehgf") -> Process:
    """Return the declaration of a filter of binary or continuous inputs."""
    binary = kind == "binary"
    first = 2 if binary else 1
    build: Callable[[Levels, Update], Rule] = hgf_binary if binary else hgf_continuous
    above = f"mu{first} walks with log variance omega{first}"
    if levels == 3:
        above += f" + kappa mu{first + 1}, mu{first + 1} with omega{first + 1}"
    name = f"hgf_{kind}{'_3' if levels == 3 else ''}{'_standard' if update == 'standard' else ''}"
    title = f"Hierarchical Gaussian filter of {kind} inputs, {levels} levels"
    return Process(
        name=name,
        parameters=_levels(first, levels, () if binary else _INPUT),
        inputs=("u",),
        output="prediction",
        rule=lambda options: build(levels, update),
        title=title + (f", {_UPDATE_TITLES[update]}" if levels == 3 else ""),
        equation=("P(u = 1) = sigmoid(mu2); " if binary else "u ~ N(mu1, 1/pi_in); ") + above,
        reference=_HGF_REFERENCE + (_UPDATE_REFERENCES[update] if levels == 3 else ""),
        identifiability=(
            f"omega{first} from some hundred inputs a participant, less where responses are noisy."
            + (_THIRD_LEVEL if levels == 3 else "")
        ),
        follows_choice=False,
        binary=binary,
    )


HGF_BINARY = _hgf("binary", 2)
HGF_BINARY_3 = _hgf("binary", 3)
HGF_BINARY_3_STANDARD = _hgf("binary", 3, "standard")
HGF_CONTINUOUS = _hgf("continuous", 2)
HGF_CONTINUOUS_3 = _hgf("continuous", 3)
HGF_CONTINUOUS_3_STANDARD = _hgf("continuous", 3, "standard")

#: All processes that are built in.
PROCESSES: tuple[Process, ...] = (
    RESCORLA_WAGNER,
    RESCORLA_WAGNER_DUAL,
    HGF_BINARY,
    HGF_BINARY_3,
    HGF_BINARY_3_STANDARD,
    HGF_CONTINUOUS,
    HGF_CONTINUOUS_3,
    HGF_CONTINUOUS_3_STANDARD,
)

#: Compositions with names of their own, each by the coupling that fits.
COMPOSITIONS: tuple[Model, ...] = (
    compose(RESCORLA_WAGNER, ANGLE, name="rlssm1"),
    compose(RESCORLA_WAGNER_DUAL, ANGLE, name="rlssm2"),
    compose(HGF_BINARY, SOFTMAX_2, name="hgf_softmax"),
)

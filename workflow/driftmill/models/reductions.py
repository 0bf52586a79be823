"""Exact reductions: how several parameters of a model become fewer inputs of a network.

A change of the units of evidence and time, and a mirror, leave a density what it is. A network
that is told of them need not learn them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from driftmill.likelihoods.logarithm import log
from driftmill.likelihoods.trigonometry import tangent
from driftmill.models.declaration import FloatArray, Model

#: Half the distance between the bounds at which reduced parameters are simulated. Steps of a
#: millisecond are shorter in reduced time the larger it is.
SIMULATED_BOUND = 1.5
#: Non-decision time of simulated trials, in seconds.
SIMULATED_SHIFT = 0.1


class Clock(NamedTuple):
    """A decision time as a network is told it.

    ``log_time`` is the logarithm of the reduced time, ``log_rate`` that of its derivative by the
    decision time; ``over`` tells whether no response can come any more, where both are harmless
    numbers.
    """

    log_time: Any
    log_rate: Any
    over: Any


@dataclass(frozen=True)
class Reduction:
    """What a network of a model is told.

    Parameters
    ----------
    inputs
        Names of the reduced parameters, in order.
    reduce
        Values of the parameters by name, numbers or arrays of JAX, to those of the inputs in order.
    expand
        Values of the inputs by name, arrays of shape (n,), to parameters to simulate with.
    clock
        Takes a positive decision time and the parameters by name.
    mirror
        Where the two responses change places when inputs are mirrored: these inputs and the
        centres about which they are. None: they do not.
    exceeds
        Whether sets inside of the box may expand to parameters outside of their supports, which
        are simulated as they are: the support is one of parameters before the reduction.
    """

    inputs: tuple[str, ...]
    reduce: Callable[[Mapping[str, Any]], tuple[Any, ...]]
    expand: Callable[[Mapping[str, FloatArray]], dict[str, FloatArray]]
    clock: Callable[[Any, Mapping[str, Any]], Clock]
    mirror: Mapping[str, float] | None = None
    exceeds: bool = False


def _levy_rate(parameters: Mapping[str, Any]) -> Any:
    """Return the log of the time in which the noise spreads over the bound, its sign changed."""
    return -parameters["alpha"] * log(parameters["a"])


def _levy(parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    p = parameters
    return p["v"] * jnp.exp((p["alpha"] - 1.0) * log(p["a"])), p["z"], p["alpha"]


def _levy_clock(time: Any, parameters: Mapping[str, Any]) -> Clock:
    rate = _levy_rate(parameters)
    return Clock(log(time) + rate, rate, jnp.zeros_like(time, dtype=bool))


def _expand_levy(inputs: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    v, alpha = inputs["v"], inputs["alpha"]
    a = np.full(v.shape, SIMULATED_BOUND)
    t = np.full(v.shape, SIMULATED_SHIFT)
    return {"v": v * a ** (1 - alpha), "a": a, "z": inputs["z"], "alpha": alpha, "t": t}


#: x to x / a and s to s / a^alpha: v becomes v a^(alpha - 1).
LEVY = Reduction(
    inputs=("v", "z", "alpha"),
    reduce=_levy,
    expand=_expand_levy,
    clock=_levy_clock,
    mirror={"v": 0.0, "z": 0.5},
    exceeds=True,
)


def _gamma(parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    p, a = parameters, parameters["a"]
    peak = log((p["shape"] - 1.0) * p["scale"]) - 2.0 * log(a)
    return p["v"] * a, p["c"] * a, p["z"], p["shape"], peak


def _gamma_clock(time: Any, parameters: Mapping[str, Any]) -> Clock:
    rate = -2.0 * log(parameters["a"])
    return Clock(log(time) + rate, rate, jnp.zeros_like(time, dtype=bool))


def _expand_gamma(inputs: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    a = np.full(inputs["v"].shape, SIMULATED_BOUND)
    return {
        "v": inputs["v"] / a,
        "a": a,
        "z": inputs["z"],
        "t": np.full(a.shape, SIMULATED_SHIFT),
        "shape": inputs["shape"],
        "scale": np.exp(inputs["log_peak"]) * a * a / (inputs["shape"] - 1.0),
        "c": inputs["c"] / a,
    }


#: x to x / a and s to s / a^2. The bump is told by the logarithm of the time of its peak.
GAMMA_DRIFT = Reduction(
    inputs=("v", "c", "z", "shape", "log_peak"),
    reduce=_gamma,
    expand=_expand_gamma,
    clock=_gamma_clock,
    mirror={"v": 0.0, "c": 0.0, "z": 0.5},
    exceeds=True,
)


def _slope(parameters: Mapping[str, Any]) -> Any:
    """Return by how much a bound at 1 comes down in a unit of reduced time."""
    return parameters["a"] * tangent(parameters["theta"])


def _gamma_angle(parameters: Mapping[str, Any]) -> tuple[Any, ...]:
    return *_gamma(parameters), jnp.arctan(_slope(parameters))


def _angle_clock(time: Any, parameters: Mapping[str, Any]) -> Clock:
    """Tell the time on the clock on which bounds that meet do so never, as for `angle`."""
    a = parameters["a"]
    left = 1.0 - _slope(parameters) * time / (a * a)
    over = left <= 0.0
    log_left = log(jnp.where(over, 1.0, left))
    plain = _gamma_clock(time, parameters)
    return Clock(plain.log_time - log_left, plain.log_rate - 2.0 * log_left, over)


def _expand_gamma_angle(inputs: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    values = _expand_gamma(inputs)
    return values | {"theta": np.arctan(np.tan(inputs["slope"]) / values["a"])}


#: As `GAMMA_DRIFT`, with the slope of the bounds in units of both, told by its angle.
GAMMA_DRIFT_ANGLE = Reduction(
    inputs=(*GAMMA_DRIFT.inputs, "slope"),
    reduce=_gamma_angle,
    expand=_expand_gamma_angle,
    clock=_angle_clock,
    mirror=GAMMA_DRIFT.mirror,
    exceeds=True,
)


@dataclass(frozen=True)
class _Plain:
    """The reduction of a model of which nothing is known but its shift."""

    inputs: tuple[str, ...]
    shift: str | None = field(default=None)

    def reduce(self, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(parameters[name] for name in self.inputs)

    def expand(self, inputs: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        like = next(iter(inputs.values()))
        shift = {} if self.shift is None else {self.shift: np.full(like.shape, SIMULATED_SHIFT)}
        return {**inputs, **shift}

    def clock(self, time: Any, parameters: Mapping[str, Any]) -> Clock:
        return Clock(log(time), jnp.zeros_like(time), jnp.zeros_like(time, dtype=bool))


def plain_reduction(model: Model) -> Reduction:
    """Return the reduction of any model: its shift is one, all other parameters are inputs."""
    plain = _Plain(tuple(n for n in model.parameter_names if n != model.shift), model.shift)
    return Reduction(plain.inputs, plain.reduce, plain.expand, plain.clock)


_OWN = {"levy": LEVY, "gamma_drift": GAMMA_DRIFT, "gamma_drift_angle": GAMMA_DRIFT_ANGLE}


def reduction_of(model: Model) -> Reduction:
    """Return the reduction of a model: its own where there is one, else the plain one."""
    return _OWN.get(model.name) or plain_reduction(model)

"""What a model of the catalogue declares: parameters, priors, responses, density, simulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from driftmill.models.learning import Learning

#: Trial column of the time in seconds after which no response counts.
DEADLINE = "deadline"
FloatArray = NDArray[np.float64]
Columns = Mapping[str, NDArray[np.generic]]
#: Trial columns in ``response_columns`` order, then parameters in order, all broadcastable.
LogDensity = Callable[..., object]
#: ``sample(rng, parameters)``: one row a trial; parameters are arrays of shape (n,). An rt of
#: infinity says that there will never be a response.
Sampler = Callable[[np.random.Generator, Mapping[str, FloatArray]], dict[str, NDArray[np.generic]]]
#: ``start(columns)``: rough parameter values from the data alone, inside the support.
Start = Callable[[Columns], dict[str, float]]


@dataclass(frozen=True)
class Prior:
    """A distribution by name and arguments, in PyMC's names and parameterisation.

    An argument may be a distribution itself: ``Normal(mu=0, sigma=HalfNormal(sigma=1))``.
    """

    name: str
    args: Mapping[str, float | Prior] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the prior as it is read aloud, e.g. ``HalfNormal(sigma=2)``."""
        told = [
            f"{k}={v if isinstance(v, Prior) else format(v, 'g')}" for k, v in self.args.items()
        ]
        return f"{self.name}({', '.join(told)})"


@dataclass(frozen=True)
class Parameter:
    """One parameter: its open support and its prior when nothing else is said.

    Parameters
    ----------
    name
        As the literature has it.
    lower, upper
        Ends of the open support.
    prior
        The default prior.
    description
        What it is, with its unit.
    softplus
        Whether a sampler goes by the softplus of a coordinate rather than by its logarithm:
        for what may be near its lower end and trades off linearly with others, as sds over trials.
    margin
        How near to an end of the support the log density is still taken as it is, where a
        formula gives trials values of their own; beyond it is continued.
    held
        The value that it is held at until a fit frees it; None: it is free.
    typical
        A plain value inside the support, where a search starts that knows nothing.
    """

    name: str
    lower: float
    upper: float
    prior: Prior
    description: str
    softplus: bool = False
    margin: float = 1e-3
    held: float | None = None
    typical: float = 0.5

    def supports(self, value: float) -> bool:
        """Tell whether ``value`` lies strictly inside the support."""
        return bool(self.lower < value < self.upper)

    @property
    def support(self) -> str:
        """The support in words, e.g. ``(0, inf)``."""
        return f"({self.lower:g}, {self.upper:g})"


@dataclass(frozen=True)
class SsmSimulator:
    """A simulator of the ssm-simulators package.

    Parameters
    ----------
    name
        The package's name of the model.
    rename
        Our parameter name to theirs, where they differ.
    bound
        Our parameter that holds the bound, which is corrected for the Euler step.
    start
        Our parameter that holds the relative starting point, remapped with the bound.
    stability
        Our parameter that holds the index of alpha-stable noise; None: the noise is Brownian, with
        an sd of 1 a root second.
    """

    name: str
    rename: Mapping[str, str] = field(default_factory=dict)
    bound: str = "a"
    start: str = "z"
    stability: str | None = None


@dataclass(frozen=True)
class MovingEnd:
    """An end of a parameter's support that moves with others and with the slowest trial.

    Parameters
    ----------
    parameter
        The parameter whose support ends there.
    limit
        ``limit(parameters, slowest_rt)`` to the end, in JAX, inside of the parameter's support
        wherever every rt exceeds the shift.
    by
        Where the end depends on other parameters alone, not on the slowest trial: their names.
        Beyond it is no value of the parameter at all, whatever the lapse.
    lower
        Whether it is the lower end, positive, of a support that has no upper one.
    power
        Of a lower end: the power, positive, at which the ratio of the parameter to its end is told
        by data whatever the other parameters are; a function of them.
    midway
        Whether the end is another parameter, both may be any number above 0, and data tell the
        middle between the two better than either.
    """

    parameter: str
    limit: Callable[[Mapping[str, Any], Any], Any]
    by: tuple[str, ...] = ()
    lower: bool = False
    power: Callable[[Mapping[str, Any]], Any] = lambda _: 1.0
    midway: bool = False

    def allows(self, parameters: Mapping[str, Any]) -> Any:
        """Tell whether values of the parameters keep below an end that depends on them alone."""
        return not self.by or parameters[self.parameter] < self.limit(parameters, None)


@dataclass(frozen=True)
class Model:
    """One model of the catalogue.

    Parameters
    ----------
    name
        The name used in study files and tables.
    parameters
        In the order in which the log density takes them.
    response_columns
        The trial columns that the log density takes, ``("rt", "response")`` or ``("response",)``.
    choices
        The codes that ``response`` may hold.
    likelihoods
        Log densities by kind: ``analytical``, ``numerical`` (by a solver),
        ``approx_differentiable`` (by a network), ``blackbox``; the first is the default.
    simulator
        A guarded simulator of ssm-simulators, or a function of our own.
    start
        Data-driven rough values, the start of the search for the mode.
    title, equation, reference
        For the catalogue's listing.
    identifiability
        What is known of how well data tell its parameters, for the catalogue's page.
    error
        Largest error of the default log density that was measured where the density exceeds 1e-4;
        0 where it is that of the arithmetic.
    solved
        Parameters of which every distinct set takes a numerical solution of its own: trials with
        the same set share it.
    shift
        The parameter every ``rt`` must exceed (``t``), or None.
    shift_width
        The parameter that is the full width over which the shift varies over trials, or None:
        every rt must then exceed the shift less half of it, or 0.
    ceiling
        A parameter whose support ends, or begins, where the slowest trial loses its density, or
        ends at another parameter; or None.
    products
        Groups of parameters of which only the product is identified.
    log_survivor
        The log probability of no response up to a time: takes the time in place of the response
        columns, then parameters in order. None: it is not known, and trials without a response
        cannot be scored.
    log_cumulative
        The log probability of one response up to a time: takes what the log density takes. None:
        it is not known, and no response can be inferred from silence.
    beyond
        Of a log density by a network: tells of parameters by name, numbers or arrays, whether they
        lie outside what it was trained for. None: it holds everywhere.
    learning
        The learning process in front of it, where there is one: its log densities, choices and
        simulator are then those of the decision model, whose parameters it leads to.
    """

    name: str
    parameters: tuple[Parameter, ...]
    response_columns: tuple[str, ...]
    choices: tuple[int, ...]
    likelihoods: Mapping[str, LogDensity]
    simulator: SsmSimulator | Sampler
    start: Start
    title: str
    equation: str
    reference: str
    shift: str | None = None
    shift_width: str | None = None
    ceiling: MovingEnd | None = None
    products: tuple[tuple[str, ...], ...] = ()
    identifiability: str = ""
    error: float = 0.0
    solved: tuple[str, ...] = ()
    log_survivor: LogDensity | None = None
    log_cumulative: LogDensity | None = None
    beyond: Callable[[Mapping[str, Any]], Any] | None = None
    learning: Learning | None = None

    @property
    def decision(self) -> Model:
        """The model whose log density and simulator speak of single trials: itself, or a part."""
        return self if self.learning is None else self.learning.decision

    @property
    def parameter_names(self) -> tuple[str, ...]:
        """Names of the parameters in declaration order."""
        return tuple(p.name for p in self.parameters)

    @property
    def has_rt(self) -> bool:
        """Whether the model speaks of response times, not of choices alone."""
        return "rt" in self.response_columns

    def parameter(self, name: str) -> Parameter:
        """Return the parameter called ``name``; KeyError when there is none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(
            f"model {self.name} has no parameter {name!r}; it has {self.parameter_names}"
        )

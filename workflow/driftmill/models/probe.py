"""The log density of a model on its own: compiled, with draws of the priors and quadrature."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np
from numpy.typing import ArrayLike

from driftmill.models.declaration import FloatArray, Model
from driftmill.models.priors import Distribution
from driftmill.models.sound import NUMPY_KINDS

#: Seconds after which no response is looked for.
_LONGEST = 2e4


class Probe:
    """One log density of a model that has no learning process, ready to be asked.

    Parameters
    ----------
    model
        The model.
    kind
        Which of its likelihoods; None: the first.
    """

    def __init__(self, model: Model, kind: str | None = None) -> None:
        self.model = model
        self.kind = next(iter(model.likelihoods)) if kind is None else kind

    @property
    def in_jax(self) -> bool:
        """Whether the density is written in JAX, and so has a gradient."""
        return self.kind not in NUMPY_KINDS

    @functools.cached_property
    def log_density(self) -> Callable[..., Any]:
        """Takes response columns, then parameters in order; compiled where it is in JAX."""
        plain = self.model.likelihoods[self.kind]
        return jax.jit(plain) if self.in_jax else plain

    @functools.cached_property
    def value_and_gradient(self) -> Callable[..., tuple[Any, Any]]:
        """Compiled; takes columns and one value a trial of every parameter, in two lists."""

        def total(parameters: Sequence[Any], columns: Sequence[Any]) -> tuple[Any, Any]:
            values = self.log_density(*columns, *parameters)
            return values.sum(), values

        def both(columns: Sequence[Any], parameters: Sequence[Any]) -> tuple[Any, Any]:
            gradient, values = jax.grad(total, has_aux=True)(parameters, columns)
            return values, gradient

        return jax.jit(both)

    def draws(self, n: int, margin: float, seed: int = 11) -> list[dict[str, float]]:
        """Draw parameter sets from the default priors without ``margin`` of mass on each side."""
        rng = np.random.default_rng(seed)
        priors = [Distribution(p.prior, p.lower, p.upper) for p in self.model.parameters]
        ceiling = self.model.ceiling
        found: list[dict[str, float]] = []
        while len(found) < n:
            quantiles = margin + (1 - 2 * margin) * rng.random((n, len(priors)))
            for row in quantiles:
                values = [float(d.ppf(q)) for d, q in zip(priors, row, strict=True)]
                named = dict(zip(self.model.parameter_names, values, strict=True))
                if ceiling is None or ceiling.allows(named):
                    found.append(named)
        return found[:n]

    def shift(self, parameters: Mapping[str, float]) -> float:
        """Return the time before which there is no response, in seconds."""
        if not self.model.shift:
            return 0.0
        shift, width = parameters[self.model.shift], self._width(parameters)
        return max(shift - 0.5 * width, 0.0) if width else shift

    def _width(self, parameters: Mapping[str, float]) -> float:
        name = self.model.shift_width
        return parameters[name] if name else 0.0

    def log_p(
        self, parameters: Mapping[str, Any], response: ArrayLike, rt: ArrayLike | None = None
    ) -> FloatArray:
        """Return the log density of responses, at times where the model has them."""
        columns = {"rt": rt, "response": response}
        values = [parameters[name] for name in self.model.parameter_names]
        arguments = [columns[name] for name in self.model.response_columns]
        return np.asarray(self.log_density(*arguments, *values))

    def mass_over_time(
        self, parameters: Mapping[str, float], step: float = 0.003
    ) -> tuple[FloatArray, dict[int, FloatArray]]:
        """Return response times, and the mass of each choice up to each of them.

        The trapezoid rule in log time with the first correction for its ends: most densities and
        all their derivatives vanish there, but one may have a heavy tail or begin at infinity.
        """
        # An approximation is not worth a finer grid.
        step = max(step, 0.02) if self.model.error else step
        first, longest = self.shift(parameters), _LONGEST
        width = self._width(parameters)
        if not width:
            return self._mass_from(first, longest, parameters, step)
        # The density turns anew where the slowest shifts begin to be over.
        turn = parameters[str(self.model.shift)] + 0.5 * width
        early, before = self._mass_from(first, turn - first, parameters, step)
        late, after = self._mass_from(turn, longest, parameters, step)
        cumulative = {c: np.append(before[c], before[c][-1] + after[c]) for c in before}
        return np.append(early, late), cumulative

    def _mass_from(
        self, first: float, length: float, parameters: Mapping[str, float], step: float
    ) -> tuple[FloatArray, dict[int, FloatArray]]:
        """Return times from ``first`` on, and the mass of each choice between it and them."""
        # As many points whatever the length, so that one program serves all.
        count = math.ceil(np.log(_LONGEST / 1e-9) / step)
        log_time, step = np.linspace(np.log(1e-9), np.log(length), count, retstep=True)
        time = np.exp(log_time)
        rt = first + time
        cumulative = {}
        for choice in self.model.choices:
            responses = np.full(rt.size, float(choice))
            density = np.exp(self.log_p(parameters, responses, rt)) * time * step
            slope = np.gradient(density)
            trapezoids = np.cumsum(density) - 0.5 * (density + density[0])
            cumulative[choice] = trapezoids - (slope - slope[0]) / 12.0
        return rt, cumulative

    def late_mass(self, parameters: Mapping[str, float], seconds: float) -> float:
        """Return the probability that a response takes longer; 0 for choices alone."""
        if not self.model.has_rt:
            return 0.0
        rt, cumulative = self.mass_over_time(parameters)
        return 1.0 - float(sum(np.interp(seconds, rt, c) for c in cumulative.values()))

    def trials_at(self, parameters: Mapping[str, float]) -> tuple[FloatArray, ...]:
        """Return response columns: all choices, with times from the bulk and both tails."""
        choices = np.array(self.model.choices, dtype=np.float64)
        if not self.model.has_rt:
            return (choices,)
        rt, cumulative = self.mass_over_time(parameters, step=0.02)
        total = np.sum(list(cumulative.values()), axis=0)
        at = np.interp([1e-4, 0.05, 0.5, 0.95, 0.999], total / total[-1], np.arange(rt.size))
        return np.tile(rt[at.astype(int)], choices.size), np.repeat(choices, at.size)

    def differences(
        self,
        columns: Sequence[FloatArray],
        parameters: Mapping[str, float],
        name: str,
    ) -> tuple[FloatArray, FloatArray]:
        """Return the derivative by one parameter by differences of fourth order, and the steps.

        Parameters
        ----------
        columns
            Response columns, each of shape (n,).
        parameters
            A value of every parameter.
        name
            The parameter.

        Returns
        -------
        derivative, step
            Shape (n,).
        """
        parameter, x = self.model.parameter(name), parameters[name]
        step = np.full(
            columns[0].size, min(max(abs(x), 0.1), x - parameter.lower, parameter.upper - x)
        )
        ceiling = self.model.ceiling
        if ceiling is not None and ceiling.by and name in (ceiling.parameter, *ceiling.by):
            end = float(ceiling.limit(parameters, None))
            step = np.minimum(step, abs(end - parameters[ceiling.parameter]))
        if name == self.model.shift:
            # The scale on which the density changes is the trial's own decision time.
            step = np.minimum(columns[0] - self.shift(parameters), x)
        if name == self.model.shift_width:
            step = np.minimum(step, columns[0] - self.shift(parameters))
        step = 5e-4 * step
        at = {}
        for k in (-2, -1, 1, 2):
            moved = {n: np.full(step.size, value) for n, value in parameters.items()}
            moved[name] = x + k * step
            values = [moved[n] for n in self.model.parameter_names]
            at[k] = np.asarray(self.log_density(*columns, *values))
        return (8 * (at[1] - at[-1]) - (at[2] - at[-2])) / (12 * step), step

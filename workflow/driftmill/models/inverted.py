"""Distributions that scipy lacks, or whose quantiles it finds one by one."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import elementwise
from scipy.special import beta as beta_function
from scipy.special import expit, log_expit, logit

from driftmill.models.declaration import FloatArray


class Numeric(ABC):
    """A distribution on a finite interval with the methods of scipy's frozen ones.

    Parameters
    ----------
    lower, upper
        Ends of the interval.
    """

    def __init__(self, lower: float, upper: float) -> None:
        self._ends = (lower, upper)

    @abstractmethod
    def logpdf(self, x: ArrayLike) -> FloatArray:
        """Log density inside the interval, elementwise."""

    @abstractmethod
    def cdf(self, x: ArrayLike) -> FloatArray:
        """Probability of a value up to ``x``, elementwise."""

    @abstractmethod
    def ppf(self, q: ArrayLike) -> FloatArray:
        """Quantile, elementwise."""

    def support(self) -> tuple[float, float]:
        """Return the ends of the interval."""
        return self._ends

    def sf(self, x: ArrayLike) -> FloatArray:
        """Probability of a value above ``x``, elementwise."""
        return np.asarray(1.0 - self.cdf(x))

    def isf(self, q: ArrayLike) -> FloatArray:
        """Quantile of the probability above, elementwise."""
        return self.ppf(1.0 - _numbers(q))

    def mean(self) -> float:
        """Return the expectation."""
        return self._expect(1)

    def std(self) -> float:
        """Return the standard deviation."""
        return math.sqrt(self._expect(2) - self._expect(1) ** 2)

    def _expect(self, power: int) -> float:
        middle = float(self.ppf(0.5))
        parts = [
            quad(lambda x: x**power * math.exp(float(self.logpdf(x))), *ends, epsrel=1e-11)[0]
            for ends in ((self._ends[0], middle), (middle, self._ends[1]))
        ]
        return float(sum(parts))


class Kumaraswamy(Numeric):
    """Density a b x^(a - 1) (1 - x^a)^(b - 1) on (0, 1)."""

    def __init__(self, a: float, b: float) -> None:
        super().__init__(0.0, 1.0)
        self.a, self.b = a, b

    def logpdf(self, x: ArrayLike) -> FloatArray:
        """Log density inside the interval, elementwise."""
        x = _numbers(x)
        rest = (self.b - 1.0) * np.log1p(-(x**self.a))
        return np.asarray(math.log(self.a * self.b) + (self.a - 1.0) * np.log(x) + rest)

    def cdf(self, x: ArrayLike) -> FloatArray:
        """Probability of a value up to ``x``, elementwise."""
        with np.errstate(divide="ignore"):
            return np.asarray(-np.expm1(self.b * np.log1p(-(_numbers(x) ** self.a))))

    def sf(self, x: ArrayLike) -> FloatArray:
        """Probability of a value above ``x``, elementwise."""
        return np.asarray((1.0 - _numbers(x) ** self.a) ** self.b)

    def ppf(self, q: ArrayLike) -> FloatArray:
        """Quantile, elementwise."""
        with np.errstate(divide="ignore"):
            below = -np.expm1(np.log1p(-_numbers(q)) / self.b)
        return np.asarray(below ** (1.0 / self.a))

    def isf(self, q: ArrayLike) -> FloatArray:
        """Quantile of the probability above, elementwise."""
        return np.asarray((1.0 - _numbers(q) ** (1.0 / self.b)) ** (1 / self.a))

    def _expect(self, power: int) -> float:
        return float(self.b * beta_function(1.0 + power / self.a, self.b))


class LogitNormal(Numeric):
    """A number on (0, 1) whose log odds are normal."""

    def __init__(self, mu: float, sigma: float) -> None:
        super().__init__(0.0, 1.0)
        self._odds = stats.norm(mu, sigma)

    def logpdf(self, x: ArrayLike) -> FloatArray:
        """Log density inside the interval, elementwise."""
        odds = logit(_numbers(x))
        return np.asarray(self._odds.logpdf(odds) - log_expit(odds) - log_expit(-odds))

    def cdf(self, x: ArrayLike) -> FloatArray:
        """Probability of a value up to ``x``, elementwise."""
        return np.asarray(self._odds.cdf(logit(_numbers(x))))

    def sf(self, x: ArrayLike) -> FloatArray:
        """Probability of a value above ``x``, elementwise."""
        return np.asarray(self._odds.sf(logit(_numbers(x))))

    def ppf(self, q: ArrayLike) -> FloatArray:
        """Quantile, elementwise."""
        return np.asarray(expit(self._odds.ppf(_numbers(q))), dtype=np.float64)

    def isf(self, q: ArrayLike) -> FloatArray:
        """Quantile of the probability above, elementwise."""
        return np.asarray(expit(self._odds.isf(_numbers(q))), dtype=np.float64)

    def _expect(self, power: int) -> float:
        return float(self._odds.expect(lambda odds: expit(odds) ** power, epsrel=1e-11))


class VonMises(Numeric):
    """The von Mises distribution around ``mu`` on the interval from -pi to pi, as PyMC has it."""

    def __init__(self, mu: float, kappa: float) -> None:
        super().__init__(-math.pi, math.pi)
        self._circle = stats.vonmises(kappa, loc=mu)

    def logpdf(self, x: ArrayLike) -> FloatArray:
        """Log density inside the interval, elementwise."""
        return np.asarray(self._circle.logpdf(_numbers(x)))

    def cdf(self, x: ArrayLike) -> FloatArray:
        """Probability of a value up to ``x``, elementwise."""
        return np.asarray(self._circle.cdf(_numbers(x)) - self._circle.cdf(-math.pi))

    def ppf(self, q: ArrayLike) -> FloatArray:
        """Quantile, elementwise."""
        return _invert(self.cdf, _numbers(q), self._ends)


class Inverted:
    """A frozen distribution of scipy whose quantiles are found all at once."""

    def __init__(self, frozen: Any) -> None:
        self._frozen = frozen

    def __getattr__(self, name: str) -> Any:
        """Return everything else as scipy has it."""
        return getattr(self._frozen, name)

    def ppf(self, q: ArrayLike) -> FloatArray:
        """Quantile, elementwise."""
        return _invert(self._frozen.cdf, _numbers(q), self._reach())

    def isf(self, q: ArrayLike) -> FloatArray:
        """Quantile of the probability above, elementwise."""
        q = _numbers(q)
        return _invert(lambda x: -self._frozen.sf(x), -q, self._reach())

    def _reach(self) -> tuple[float, float]:
        mean, sd = float(self._frozen.mean()), float(self._frozen.std())
        return mean - 100.0 * sd, mean + 1000.0 * sd


def _numbers(x: ArrayLike) -> FloatArray:
    return np.asarray(x, dtype=np.float64)


def _invert(rising: Any, targets: FloatArray, ends: tuple[float, float]) -> FloatArray:
    """Return where a rising function reaches its targets; the ends where it never does."""
    low, high = rising(ends[0]), rising(ends[1])
    inside = (targets > low) & (targets < high)
    safe = np.where(inside, targets, (low + high) / 2.0)
    bracket = (np.full(safe.shape, ends[0]), np.full(safe.shape, ends[1]))
    # The stubs know of functions of one argument only.
    find_root: Any = elementwise.find_root
    found = find_root(lambda x, target: rising(x) - target, bracket, args=(safe,))
    return np.where(inside, found.x, np.where(targets <= low, ends[0], ends[1]))
